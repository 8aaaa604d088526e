"""What reflect is asked about: improve's suggestions, as PR-Agent lists them.

Takes the raw answer to improve, gives the variables of reflect's template. PR-Agent reads the YAML,
drops repeated summaries, empties edits that change nothing or, later, softens labels, and prints each
suggestion as Python does. The answer is a model's: no alias is followed, so it stays as long as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import yaml

from pullsmith.contracts.pr_agent.versions import Version
from pullsmith.errors import AnswerError

Suggestion = Mapping[str, object]

_NEEDED = ("one_sentence_summary", "label", "relevant_file", "existing_code", "improved_code")
_LINES = ("relevant_lines_start", "relevant_lines_end")
_SOFT = "possible issue"


def suggestions_text(answer: str, version: Version, *, only_problems: bool) -> dict[str, object]:
    """The variables; raises AnswerError where PR-Agent could only read the answer by guessing."""
    needed = (*_NEEDED, *_LINES) if version.needs_lines else _NEEDED
    change: Callable[[Suggestion], dict[str, object]] = _emptied
    if version.softens_labels:
        change = _softened if only_problems else dict
    kept = [change(one) for one in _kept(_suggestions(answer), needed)]
    text = "".join(f"suggestion {number}: {one}\n\n" for number, one in enumerate(kept, 1))
    return {
        "suggestion_list": kept,
        "suggestion_str": text,
        "num_code_suggestions": len(kept),
        "prev_suggestions_str": "",
    }


def _suggestions(answer: str) -> Iterable[object]:
    text = answer.strip().removeprefix("```yaml").rstrip().removesuffix("```")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise AnswerError("not_yaml", "an alias, which no answer needs")
        tree = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise AnswerError("not_yaml", str(error)[:120]) from error
    found = tree.get("code_suggestions") if isinstance(tree, dict) else tree
    if not isinstance(found, list):
        raise AnswerError("wrong_type", "code_suggestions: a list expected")
    return found


def _kept(suggestions: Iterable[object], needed: Sequence[str]) -> Iterator[Suggestion]:
    summaries: list[object] = []
    for one in suggestions:
        if not isinstance(one, Mapping) or any(key not in one for key in needed):
            continue
        content = str(one.get("suggestion_content", ""))
        talks_of_const = all(word in content for word in ("const", "instead", "let"))
        if one["one_sentence_summary"] in summaries or talks_of_const:
            continue
        summaries.append(one["one_sentence_summary"])
        yield one


def _emptied(one: Suggestion) -> dict[str, object]:
    same = one["existing_code"] == one["improved_code"]
    return {**one, "existing_code": ""} if same else dict(one)


def _softened(one: Suggestion) -> dict[str, object]:
    critical = "critical" in str(one["label"]).lower()
    return {**one, "label": _SOFT} if critical else dict(one)
