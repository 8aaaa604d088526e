"""What a judge is asked of one pull request: its messages about every pair of a tool, in both orders.

Takes the records of one pull request; gives messages by the id of the verdict they are for. Nobody
is asked here, and no verdict need be there yet.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from pullsmith.contracts.own_tools import tools_of
from pullsmith.errors import StudyError
from pullsmith.judge.ballots import Ballot, ballots
from pullsmith.models.names import MODEL_FREE, parse_model_name
from pullsmith.pairs import Facts, Pair, pair_up
from pullsmith.records import (
    Answer,
    Message,
    Prompt,
    PullRequest,
    Record,
    Result,
    Split,
    standing,
)
from pullsmith.store import JobKey
from pullsmith.study import Study
from pullsmith.study.roles import JudgeRole

R = TypeVar("R", bound=Record)
Trail = Sequence[tuple[JobKey, Record]]


def questions(
    records: Iterable[tuple[JobKey, Record]], study: Study, judge: str, tool: str
) -> Iterator[tuple[str, tuple[Message, ...]]]:
    """The verdict's id and the messages; in place of messages, the rule where one decides the pair.

    Raises StudyError for a judge that the study does not have or that is no language model, and
    where there is no pair of the tool.
    """
    role, tools = _role(study, judge), tools_of(study)
    pairs = [pair for pair in _pairs(list(records), study) if pair.tool == tool]
    if not pairs:
        raise StudyError(
            f"no pair of answers to {tool} on this pull request; respond answers what split has put "
            "on the eval side (see pullsmith show ID)"
        )
    for ballot in ballots(pairs, role, study.seed, tools):
        yield ballot.verdict(Result.UNREADABLE).id, _messages(ballot)


def _messages(ballot: Ballot) -> tuple[Message, ...]:
    ruling = ballot.pair.ruling
    if ruling is None:
        return ballot.request(0).messages
    told = f"nobody is asked: {ruling[0]} by rule ({ruling[1]})"
    return (Message(role="rule", content=told),)


def _role(study: Study, judge: str) -> JudgeRole:
    """The judge, in both orders and each question once: what is drawn hangs on all pull requests."""
    for role in study.judges:
        if role.model == judge:
            if parse_model_name(judge).kind in MODEL_FREE:
                raise StudyError(f"judge {judge}: it is rules, and no words are put to it")
            return role.model_copy(update={"orders": "both"})
    names = [role.model for role in study.judges]
    near = difflib.get_close_matches(judge, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"its judges: {', '.join(names)}"
    raise StudyError(f"--judge: the study has no judge {judge}; {hint}")


def _pairs(trail: Trail, study: Study) -> Iterator[Pair]:
    facts = Facts(
        {record.id: record for record in _of(trail, PullRequest, "split")},
        {p.id: p for p in _of(trail, Prompt, "render") if p.split is Split.EVAL},
    )
    for cell in study.candidate_cells:
        candidates = standing(_of(trail, Answer, "respond", cell))
        for reference in study.reference_cells:
            yield from pair_up(
                candidates, standing(_of(trail, Answer, "respond", reference)), facts
            )[0]


def _of(trail: Trail, record_type: type[R], stage: str, cell: str | None = None) -> list[R]:
    job = JobKey(stage, cell)
    return [r for key, r in trail if key == job and isinstance(r, record_type)]
