"""What people said of pairs, replayed: one more judge, called human, on the pairs they looked at.

Takes pairs and decisions, gives verdicts and what to say of the others. A decision counts only for
the very two answers that were compared; where an answer is invalid a rule decides, and nobody's word
counts. Every person is a repeat of their own, so the mean over them is the judge's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pullsmith.decisions import Decision, Decisions
from pullsmith.pairs import Pair, compared, pair_name
from pullsmith.records import Order, Result, Verdict, verdict_id
from pullsmith.study.judging import HUMAN

PROMPT_VERSION = "people-1"  # what they are shown and asked; another one where that changes
_ORDERS = {order.value: order for order in Order}
_RESULTS = {each.value: each for each in (Result.WIN, Result.LOSS, Result.TIE)}


def people_verdicts(
    pairs: Iterable[Pair], decisions: Decisions
) -> tuple[list[Verdict], tuple[str, ...]]:
    """A verdict for every decision that fits, and why the other ones on these pairs do not count.

    A decision on a pair that is not among these is another cell's and says nothing here.
    """
    known = {pair_name(pair.candidate, pair.reference): pair for pair in pairs}
    said = [one for one in decisions.verdicts() if one.record_id in known]
    persons = {who: at for at, who in enumerate(sorted({one.who for one in said}))}
    found: list[Verdict] = []
    passed_over: list[str] = []
    for one in said:
        pair = known[one.record_id]
        why = _why_not(pair, one)
        if why:
            passed_over.append(f"verdict by {one.who} does not count: {one.record_id} {why}")
        else:
            found.append(_verdict(pair, one, persons))
    return found, tuple(passed_over)


def on_nothing(pairs: Iterable[Pair], decisions: Decisions, entrants: Sequence[str]) -> list[str]:
    """What to say of decisions on answers of ``entrants`` that are not compared any more."""
    known = {pair_name(pair.candidate, pair.reference) for pair in pairs}
    return [
        f"verdict by {one.who} does not count: {one.record_id} is not there any more"
        for one in decisions.verdicts()
        if one.record_id not in known and _entrant_of(one.record_id) in entrants
    ]


def _entrant_of(name: str) -> str:
    """The model part of the candidate's answer id: ``PROMPT~model/phase/…``."""
    return name.partition(" / ")[0].partition("~")[2].partition("/")[0]


def _why_not(pair: Pair, one: Decision) -> str:
    if one.of != compared(pair):
        return "has changed since"
    if pair.ruling is not None:
        return f"is decided by a rule ({pair.ruling[1]})"
    result, _, order = one.text.partition(" ")
    if result not in _RESULTS or order not in _ORDERS:
        known = f"{', '.join(sorted(_RESULTS))}, then {' or '.join(sorted(_ORDERS))}"
        return f"says {one.text!r}, not one of {known}"
    if len(one.scores) not in (0, 2) or any(not 1 <= score <= 10 for score in one.scores):
        return f"gives the scores {list(one.scores)}, not two from 1 to 10"
    return ""


def _verdict(pair: Pair, one: Decision, persons: Mapping[str, int]) -> Verdict:
    result, _, order = one.text.partition(" ")
    candidate, reference = pair.names
    repeat = persons[one.who]
    return Verdict(
        id=verdict_id(
            pair.prompt.id,
            pair=(candidate, reference, HUMAN),
            version=PROMPT_VERSION,
            order=_ORDERS[order],
            repeat=repeat,
        ),
        prompt_id=pair.prompt.id,
        pull_request_id=pair.pull_request.id,
        tool=pair.tool,
        candidate=candidate,
        candidate_answer_id=pair.candidate.id,
        reference=reference,
        reference_answer_id=pair.reference.id,
        judge=HUMAN,
        prompt_version=PROMPT_VERSION,
        order=_ORDERS[order],
        repeat=repeat,
        result=_RESULTS[result],
        why=f"by {one.who}: {one.why}" if one.why else f"by {one.who}",
        candidate_score=float(one.scores[0]) if one.scores else None,
        reference_score=float(one.scores[1]) if one.scores else None,
    )
