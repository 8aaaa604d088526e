"""Pairs of controls: a reference's answers beside answers of known worth that are made from them.

Takes one reference's answers; gives pairs, for a sample of its valid answers of each tool.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pullsmith.contracts.tools import Tools
from pullsmith.controls import Subject, attacked, control_answers, says_something
from pullsmith.diff.shown import ShownDiff
from pullsmith.pairs import Facts, Pair
from pullsmith.records import Answer, digest
from pullsmith.scoring import answer_value


def control_pairs(
    answers: Sequence[Answer], facts: Facts, tools: Tools, *, wanted: int, seed: int
) -> Iterator[Pair]:
    """Pairs on ``wanted`` prompts of each tool at most; those where the reference says something first.

    Beside an answer that reports nothing, nothing can be told to be worse.
    """
    by_tool: dict[str, list[Subject]] = defaultdict(list)
    for answer in answers:
        value = answer_value(answer, tools)
        if value is not None:
            request = facts.pull_requests[answer.pull_request_id]
            shown = ShownDiff.of(request, facts.prompts[answer.prompt_id].coverage)
            subject = Subject(answer, value, request, shown, tools[answer.tool])
            by_tool[answer.tool].append(subject)
    for tool in sorted(by_tool):
        drawn = sorted(
            by_tool[tool],
            key=lambda s: (not says_something(s.value), digest([seed, "control", s.answer.id])),
        )
        for kind, subject, made in control_answers(drawn[:wanted]):
            prompt, request = facts.prompts[subject.answer.prompt_id], subject.pull_request
            seen = attacked(request) if kind == "canary" else request
            yield Pair(seen, prompt, made, subject.answer)
