"""Tables about the judges, and about models beyond their rates.

Takes a Board, gives Tables; those without rows are for the caller to leave out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pullsmith.controls import KINDS, PREFIX
from pullsmith.report.board import Board, Row, Told
from pullsmith.report.figures import DASH, better_text, estimate_text, number_text, told_text
from pullsmith.report.table import Table, entrant_text

_OF_A_JUDGE = {
    "flip_rate": "flips",
    "first_rate": "first shown wins",
    "longer_rate": "longer wins",
    "self_agreement": "agrees with itself",
    "contradiction_rate": "scores contradict",
    "unreadable_rate": "unreadable",
}
_MAIN_SLICES = ("planted", "real")


def judge_tables(board: Board) -> Iterator[Table]:
    """What the judges are like, controls, agreement, length, families, strengths, slices."""
    yield _judges(board)
    yield _controls(board)
    yield _agreement(board)
    yield _lengths(board)
    yield _families(board)
    yield _canaries(board)
    yield _people(board)
    yield _strengths(board)
    yield _slices(board)


def _judges(board: Board) -> Table:
    rows = [
        (
            judge.name,
            judge.family or DASH,
            _day(judge.cutoff),
            _day(judge.retires),
            *(told_text(_told(board, name, judge.name)) for name in _OF_A_JUDGE),
            ", ".join(kind.removeprefix(PREFIX) for kind in judge.failed_controls) or "none",
        )
        for judge in board.judges
        if any(told.judge == judge.name for told in board.statistics)
    ]
    return Table(
        "What the judges are like",
        "Flips: the same pair in the other order got another verdict. First shown and longer wins: "
        "of the verdicts that chose; even is 50 %. Agrees with itself: asked the same again.",
        ("Judge", "Family", "learnt until", "retires", *_OF_A_JUDGE.values(), "failed controls"),
        tuple(rows),
    )


def _day(day: date | None) -> str:
    return DASH if day is None else day.isoformat()


def _controls(board: Board) -> Table:
    judges = [judge.name for judge in board.judges]
    rows = []
    for kind, expected in KINDS.items():
        told = [_told(board, "control_rate", judge, entrant=PREFIX + kind) for judge in judges]
        if any(told):
            rows.append((kind, expected.value, *map(told_text, told)))
    return Table(
        "Controls",
        "Answers whose worth is known, made from the reference's, beside the reference; ties as half.",
        ("Control", "must be", *judges),
        tuple(rows),
    )


def _agreement(board: Board) -> Table:
    pairs = sorted({(t.judge, t.other) for t in board.statistics if t.other})
    rows = [
        (
            f"{one} and {other}",
            told_text(_told(board, "raw_agreement", one, other=other)),
            number_text(_told(board, "kappa", one, other=other)),
            number_text(_told(board, "tau", one, other=other)),
        )
        for one, other in pairs
    ]
    if alpha := _told(board, "alpha", "all"):
        rows.append(("all, Krippendorff's alpha", DASH, number_text(alpha), DASH))
    return Table(
        "Do the judges agree?",
        "On single verdicts: the share that is the same, and kappa, which is 0 for chance and 1 for "
        "always. On the order of the models: Kendall's tau, from -1 to 1.",
        ("Judges", "same verdict", "kappa", "tau of the models' order"),
        tuple(rows),
    )


def _lengths(board: Board) -> Table:
    rows = [
        (
            row.entrant,
            told.judge,
            better_text(row.judges.get(told.judge) if told.judge != "all" else row.rate),
            told_text(told),
            number_text(_told(board, "length_effect", told.judge, entrant=row.entrant)),
        )
        for row in board.models
        for told in board.statistics
        if told.name == "length_controlled_rate"
        and (told.entrant, told.reference) == (row.entrant, row.reference)
    ]
    return Table(
        "Length",
        "The better rate had both answers been equally long, and the effect of length in logits.",
        ("Model", "Judge", "better", "length-controlled", "effect"),
        tuple(rows),
    )


def _families(board: Board) -> Table:
    rows = [
        (told.judge, told.entrant, told_text(told))
        for told in board.statistics
        if told.name == "family_rate"
    ]
    return Table(
        "Families of judges and models",
        "The better rate that judges of one family gave models of another, or of their own.",
        ("Judges of", "models of", "better"),
        tuple(rows),
    )


def _canaries(board: Board) -> Table:
    rows = []
    for row in board.models:
        told = row.metrics.get("all", {}).get("obedience_rate")
        if told is not None:
            rows.append((entrant_text(row), estimate_text(told), str(told.count)))
    return Table(
        "Canaries",
        "Pull requests whose own description tells the reviewer what to answer: how many answers did "
        "as they were told. Judges are attacked in the control named canary.",
        ("Model", "obeyed", "answers"),
        tuple(rows),
    )


def _people(board: Board) -> Table:
    rows = [
        (
            told.entrant,
            told.reference,
            told_text(told),
            told_text(_told(board, "judges_minus_human", told.judge, entrant=told.entrant)),
            str(told.count),
        )
        for told in board.statistics
        if told.name == "human_rate"
    ]
    return Table(
        "What people would say",
        "The better rate people would give on all pull requests, from what they said of some and what "
        "the judges said of all (PPI++), and how much kinder the judges are.",
        ("Model", "Reference", "people", "judges minus people", "judged by people"),
        tuple(rows),
    )


def _strengths(board: Board) -> Table:
    told = [one for one in board.statistics if one.name == "strength"]
    rows = [
        (one.entrant, number_text(one)) for one in sorted(told, key=lambda t: -(t.value or 0.0))
    ]
    return Table(
        "Strengths",
        "Bradley-Terry over all comparisons, a tie as half a win, in logits with mean 0: a lead of "
        "1 is a win in 73 of 100.",
        ("Model", "strength"),
        tuple(rows),
    )


def _slices(board: Board) -> Table:
    students = [row for row in board.models if row.phase == "after"]
    names = dict.fromkeys(
        name for row in students for name in row.slices if name not in _MAIN_SLICES
    )
    rows = [(name, _size(students, name), *_rates(students, name)) for name in names]
    return Table(
        "Slices",
        "Better rates on parts of the evaluation set; a part of fewer than ten is not told.",
        ("Slice", "n", *(entrant_text(row) for row in students)),
        tuple(rows),
    )


def _size(rows: list[Row], name: str) -> str:
    return str(max(row.slices[name].pull_requests for row in rows if name in row.slices))


def _rates(rows: list[Row], name: str) -> tuple[str, ...]:
    return tuple(better_text(row.slices.get(name)) for row in rows)


def _told(
    board: Board, name: str, judge: str, *, other: str = "", entrant: str = ""
) -> Told | None:
    wanted = (name, judge, other, entrant)
    found = (t for t in board.statistics if (t.name, t.judge, t.other, t.entrant) == wanted)
    return next(found, None)
