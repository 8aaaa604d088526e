"""What a reader of a pull request would see where it took several prompts: one answer out of the parts'."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pullsmith.cli.shown_records import Cut, Lines, line, long_text
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.merging import merged
from pullsmith.contracts.tools import Tools
from pullsmith.records import Answer, Phase, standing
from pullsmith.scoring import answer_value

_Key = tuple[str, str, str, Phase, str]


def whole_answers(job: str, answers: Iterable[Answer], tools: Tools, cut: Cut) -> Lines:
    """The answers of every model to all parts, merged; nothing where there is only one part."""
    groups: dict[_Key, list[Answer]] = {}
    for each in standing(answers):
        key = (each.tool, each.contract, each.model, each.phase, each.checkpoint)
        groups.setdefault(key, []).append(each)
    for key, parts in groups.items():
        if len(parts) > 1:
            yield from _whole(job, key, parts, tools, cut)


def _whole(job: str, key: _Key, parts: Sequence[Answer], tools: Tools, cut: Cut) -> Lines:
    valid = [each for each in parts if answer_value(each, tools) is not None]
    values = [value for each in valid if (value := answer_value(each, tools)) is not None]
    value = merged(values, [each.suggestion_scores for each in valid]) if values else None
    if value is None:
        return
    of = f"{len(valid)} of {len(parts)} parts" if len(valid) < len(parts) else f"{len(parts)} parts"
    tool, contract, model, phase, _ = key
    name = model if phase is Phase.NONE else f"{model}@{phase}"
    yield line(f"── {job}: {tool} of {name} in {contract}, merged from {of}", "bold", depth=0)
    yield from long_text(canonical_yaml(value), cut, depth=1)
