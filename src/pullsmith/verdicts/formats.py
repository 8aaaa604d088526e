"""Verdicts in the files of AlpacaEval, of Arena-Hard, and in the form published in 2024; both ways.

Takes Verdicts, gives text, and the other way round. What a format has no place for is lost on the
way out (scores, reasons) and marked as unknown on the way in. The ids of our own prompts come back as
they were, so that several tools on one pull request are not taken for several facts.

    alpaca-eval   JSON list: instruction, output_1, generator_1, output_2, generator_2, annotator,
                  preference (1 the first, 2 the second, 1.5 even); the second is the candidate; our
                  own have the order as well
    arena-hard    JSON lines: uid, model, judge, baseline, games; in the first game the baseline is A
    published     YAML list: id, command, model1_score, model2_score, why; the first is the candidate
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

import yaml

from pullsmith.errors import StudyError
from pullsmith.records import Order, Result, Verdict, digest, prompt_id, verdict_id

J = TypeVar("J", list[Any], dict[str, Any])
TOOL = "answer"  # of what comes from elsewhere and names no tool
_PREFERENCE = {Result.LOSS: 1.0, Result.TIE: 1.5, Result.WIN: 2.0}
_LABEL = {Result.LOSS: "A>B", Result.TIE: "A=B", Result.WIN: "B>A"}  # the baseline is A
_TURNED = {Result.WIN: Result.LOSS, Result.LOSS: Result.WIN}
_EVEN = 1.5
# Ids by the grammar of ``pullsmith.records``.
_PROMPT = re.compile(r"(?P<request>[^\s#]+)#(?P<tool>[^\s/#~]+)/[^\s/#~]+/\d+")
_VERDICT = re.compile(
    rf"(?P<prompt>[^\s~]+)~(?P<names>[^\s/:]+:[^\s/:]+:[^\s/:]+)/[^\s/]+/(?P<order>{'|'.join(Order)})/\d+"
)


@dataclass(frozen=True)
class Names:
    """Who a file speaks of, where it does not say so itself; empty where it must."""

    candidate: str = ""
    reference: str = ""
    judge: str = ""


def write_alpaca_eval(verdicts: Iterable[Verdict], texts: Mapping[str, str]) -> str:
    """The annotations of all verdicts that can be read; ``texts`` are answers by id."""
    rows = [
        {
            "instruction": verdict.prompt_id,
            "output_1": texts.get(verdict.reference_answer_id, ""),
            "generator_1": verdict.reference,
            "output_2": texts.get(verdict.candidate_answer_id, ""),
            "generator_2": verdict.candidate,
            "dataset": verdict.tool,
            "annotator": verdict.judge,
            "preference": _PREFERENCE[verdict.result],
            "order": verdict.order.value,
        }
        for verdict in verdicts
        if fits("alpaca-eval", verdict)
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def read_alpaca_eval(text: str, names: Names) -> list[Verdict]:
    """Verdicts of annotations; a preference of null is unreadable, 0 and 1.5 are ties."""
    found = []
    for number, row in enumerate(_parsed(text, list, "a JSON list")):
        where = f"annotation {number + 1}"
        instruction = str(_field(row, "instruction", where))
        preference = row.get("preference")
        order = row.get("order", Order.REFERENCE_FIRST.value)
        if order not in list(Order):
            raise StudyError(f"{where}: order is {order!r}, not one of {', '.join(Order)}")
        known = instruction if _PROMPT.fullmatch(instruction) else digest(instruction)
        found.append(
            _verdict(
                f"alpaca-eval:{known}",
                Names(
                    str(_field(row, "generator_2", where)),
                    str(_field(row, "generator_1", where)),
                    str(row.get("annotator") or names.judge),
                ),
                _preferred(preference, where),
                tool=str(row.get("dataset") or TOOL),
                order=Order(order),
            )
        )
    return found


def write_arena_hard(verdicts: Iterable[Verdict]) -> str:
    """One line a prompt, entrant and judge, with both games; a game that was not played is null."""
    games: dict[tuple[str, str, str, str], dict[Order, Verdict]] = defaultdict(dict)
    for verdict in verdicts:
        if fits("arena-hard", verdict):
            key = (verdict.prompt_id, verdict.candidate, verdict.reference, verdict.judge)
            games[key][verdict.order] = verdict
    lines = []
    for (uid, model, baseline, judge), played in sorted(games.items()):
        one, other = played.get(Order.REFERENCE_FIRST), played.get(Order.CANDIDATE_FIRST)
        row = {
            "uid": uid,
            "category": next(iter(played.values())).tool,
            "judge": judge,
            "model": model,
            "baseline": baseline,
            "games": [one and _game(one, turned=False), other and _game(other, turned=True)],
        }
        lines.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(lines) + "\n" if lines else ""


def read_arena_hard(text: str, names: Names) -> list[Verdict]:
    """Verdicts of judgments; a much better counts as better, a score of null is unreadable."""
    found = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines()))):
        where = f"line {number + 1}"
        row: dict[str, Any] = _parsed(line, dict, f"{where} to be a JSON object")
        uid = str(row.get("uid") or row.get("question_id") or "")
        if not uid:
            raise StudyError(f"{where}: no uid and no question_id; it is no judgment of Arena-Hard")
        who = Names(
            str(_field(row, "model", where)),
            str(row.get("baseline") or names.reference),
            str(row.get("judge") or names.judge),
        )
        orders = (Order.REFERENCE_FIRST, Order.CANDIDATE_FIRST)
        for order, game in zip(orders, _field(row, "games", where), strict=False):
            if game is not None:
                made = _labelled(game.get("score"), order, where)
                tool = str(row.get("category") or TOOL)
                found.append(_verdict(f"arena-hard:{uid}", who, made, tool=tool, order=order))
    return found


def write_published(verdicts: Iterable[Verdict]) -> str:
    """The verdicts that have scores, in the published fields and an id."""
    rows = [
        {
            "id": verdict.id,
            "command": verdict.tool,
            "model1_score": verdict.candidate_score,
            "model2_score": verdict.reference_score,
            "why": verdict.why,
        }
        for verdict in verdicts
        if fits("published", verdict)
    ]
    return yaml.safe_dump(rows, sort_keys=False, allow_unicode=True)


def read_published(text: str, names: Names) -> list[Verdict]:
    """Verdicts by their scores: the higher wins, equal is a tie. Raises StudyError without names."""
    rows = yaml.safe_load(text) or []
    if not isinstance(rows, list):
        raise StudyError("published verdicts: expected a list of command, model1_score, …")
    found = []
    for number, row in enumerate(rows):
        where = f"verdict {number + 1}"
        mine, theirs = (float(_field(row, f"model{n}_score", where)) for n in (1, 2))
        result = Result.TIE if mine == theirs else Result.WIN if mine > theirs else Result.LOSS
        request, who, order = _told(str(row.get("id") or digest([number, row])), names)
        tool = str(_field(row, "command", where)).strip("/")
        made = _verdict(f"published:{request}", who, result, tool=tool, order=order)
        scores = {
            "candidate_score": mine,
            "reference_score": theirs,
            "why": str(row.get("why", "")),
        }
        found.append(made.model_copy(update=scores))
    return found


def fits(target: str, verdict: Verdict) -> bool:
    """Whether a format has a place for the verdict: none has one for what was asked once more."""
    if verdict.repeat:
        return False
    if target == "alpaca-eval":
        return verdict.result in _PREFERENCE
    return target == "arena-hard" or verdict.candidate_score is not None


Reader = Callable[[str, Names], list[Verdict]]
READERS: Mapping[str, Reader] = {
    "alpaca-eval": read_alpaca_eval,
    "arena-hard": read_arena_hard,
    "published": read_published,
}


def _verdict(
    request: str,
    who: Names,
    result: Result,
    *,
    tool: str = TOOL,
    order: Order = Order.REFERENCE_FIRST,
) -> Verdict:
    for role in ("candidate", "reference", "judge"):
        if not getattr(who, role):
            raise StudyError(f"{request}: the file names no {role}; give one with --{role}")
    own = _PROMPT.fullmatch(request.partition(":")[2])
    if own:  # a prompt of ours
        asked, request, tool = own[0], own["request"], unquote(own["tool"])
    else:
        asked = prompt_id(request, tool=tool, contract="imported")
    names = (who.candidate, who.reference, who.judge)
    return Verdict(
        id=verdict_id(asked, pair=names, version="imported", order=order, repeat=0),
        prompt_id=asked,
        pull_request_id=request,
        tool=tool,
        candidate=who.candidate,
        candidate_answer_id=f"{asked}~{who.candidate}",
        reference=who.reference,
        reference_answer_id=f"{asked}~{who.reference}",
        judge=who.judge,
        prompt_version="imported",
        order=order,
        result=result,
    )


def _told(name: str, names: Names) -> tuple[str, Names, Order]:
    """What the id of a verdict of ours says of prompt, names and order; any other is only a name."""
    own = _VERDICT.fullmatch(name)
    if not own:
        return name, names, Order.REFERENCE_FIRST
    candidate, reference, judge = map(unquote, own["names"].split(":"))
    who = Names(names.candidate or candidate, names.reference or reference, names.judge or judge)
    return own["prompt"], who, Order(own["order"])


def _preferred(preference: object, where: str) -> Result:
    if preference is None:
        return Result.UNREADABLE
    if not isinstance(preference, int | float) or not (preference == 0 or 1 <= preference <= 2):
        raise StudyError(f"{where}: preference is {preference!r}, not 0 or a number from 1 to 2")
    if preference in (0, _EVEN):
        return Result.TIE
    return Result.WIN if preference > _EVEN else Result.LOSS


def _game(verdict: Verdict, *, turned: bool) -> dict[str, str | None]:
    result = _TURNED.get(verdict.result, verdict.result) if turned else verdict.result
    return {"score": _LABEL.get(result), "judgment": verdict.why}


def _labelled(label: object, order: Order, where: str) -> Result:
    """The result of a label of who is better, A or B; A is the baseline in the first game."""
    if label is None:
        return Result.UNREADABLE
    known = {"A>B": 1, "A>>B": 1, "B<A": 1, "B<<A": 1, "B>A": 2, "B>>A": 2, "A<B": 2, "A<<B": 2}
    known |= {"A=B": 0, "B=A": 0}
    if label not in known:
        raise StudyError(f"{where}: score is {label!r}, not one of {', '.join(known)}")
    better = known[str(label)]
    if not better:
        return Result.TIE
    candidate_is_a = order is Order.CANDIDATE_FIRST
    return Result.WIN if (better == 1) is candidate_is_a else Result.LOSS


def _parsed(text: str, kind: type[J], expected: str) -> J:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise StudyError(f"expected {expected}: {error}") from error
    if not isinstance(found, kind):
        raise StudyError(f"expected {expected}, found a {type(found).__name__}")
    return found


def _field(row: Mapping[str, Any], name: str, where: str) -> Any:  # noqa: ANN401 - parsed JSON
    if row.get(name) is None:
        raise StudyError(f"{where}: no {name}")
    return row[name]
