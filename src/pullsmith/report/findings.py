"""What a study found, in plain sentences: each claim with its estimate, its interval, and how sure.

Takes a Board and what is known of its students; gives sentences. Where an interval holds 0, or
there are too few models or pull requests, the sentence says that this study cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pullsmith.report.board import Board, Difference, Rate, Row, Told, tiers
from pullsmith.report.claims import BEYOND, between, claims, confounding, p_words
from pullsmith.report.figures import better_text, estimate_text, number_text, points_text
from pullsmith.report.words import MAIN_SLICES, is_headline, listed
from pullsmith.study.facts import StudentFacts, models_of

FEWEST_ORDERED = 3  # models, before an order of them says anything
_CLASSES = (("up to 10 billion weights", False), ("more than 10 billion weights", True))


def findings(board: Board, facts: Sequence[StudentFacts]) -> tuple[str, ...]:
    """Each student's numbers, then every claim about groups of them; nothing without a student."""
    after = [row for row in board.models if row.phase == "after"]
    lines = [line for row in after for line in _of_model(board, row)]
    lines += claims(board.groups, board.references[0] if board.references else "")
    models = models_of(facts)
    for words, large in _CLASSES:
        labels = {one.label for one in models if one.large is large}
        mine = [row for row in after if row.model in labels and row.better_rate is not None]
        lines += _size_class(board, mine, words)
        lines += _best_of_kinds(board, mine, models, words)
    lines += confounding(board.groups, facts)
    lines += _judges(board) if after else ()
    return tuple(lines)


def _of_model(board: Board, row: Row) -> Iterator[str]:
    if row.rate is not None and row.reference is not None:
        yield from _better(row, row.rate)
    plain = {other.entrant for other in board.models if other.role != "student"}
    recall = [
        d
        for d in board.differences
        if (d.name, d.entrant) == ("planted_recall", row.entrant)
        and d.other in plain | {f"{row.model}@before"}
    ]
    if recall:
        found = row.planted.get("review", {}).get("planted_recall")
        yield f"Its reviews found {estimate_text(found)} of the planted defects, kind and line."
    for difference in recall:
        yield f"Against {difference.other}: {points_text(difference)}, {_resolution(difference)}."


def _better(row: Row, whole: Rate) -> Iterator[str]:
    """How often it is better, over all and apart; that nobody can say where no verdict could be read."""
    if whole.better_rate is None:
        yield (
            f"{row.model} after fine-tuning: no verdict on it against {row.reference} could be read, so "
            "this study cannot tell how often it is better."
        )
        return
    yield f"{row.model} after fine-tuning is better than {row.reference} on {better_text(whole)}."
    for name, rate in row.slices.items():
        if name in MAIN_SLICES and rate.better_rate is not None:
            yield f"On {name} pull requests alone: {better_text(rate)} (n = {rate.pull_requests})."


def _size_class(board: Board, rows: Sequence[Row], words: str) -> Iterator[str]:
    """The best of a size class with all that cannot be told from it, and how far the class spreads."""
    if len(rows) < 2:
        return
    rates = {row.entrant: row.better_rate or 0.0 for row in rows}
    names = {row.entrant: row.model for row in rows}
    pairs = {(d.entrant, d.other): d for d in _headline(board, rows)}
    tier = tiers(rates, pairs)
    best, *_, last = sorted(rates, key=lambda name: (-rates[name], name))
    tied = [names[name] for name in rates if tier[name] == 1 and name != best]
    beside = (
        f"cannot be told from {listed(sorted(tied))}, which share its tier"
        if tied
        else "has a tier of its own"
    )
    yield f"Best of {len(rows)} models of {words}: {names[best]}, which {beside}."
    difference = between(best, last, pairs)
    if difference is None:
        return
    sure = difference.adjusted_p is not None and difference.adjusted_p < BEYOND
    yield (
        f"Models of {words} spread from {better_text(_row(rows, last).rate)} ({names[last]}) to "
        f"{better_text(_row(rows, best).rate)} ({names[best]}): {points_text(difference)}, "
        + (
            f"more than chance also when all pairs of models are counted ({p_words(difference.adjusted_p)})."
            if sure
            else "which may be the luck of the two ends: this study cannot tell whether they differ."
        )
    )


def _best_of_kinds(
    board: Board, rows: Sequence[Row], facts: Sequence[StudentFacts], words: str
) -> Iterator[str]:
    """The best code-dedicated against the best general model of a size class, where it has both."""
    kinds = {one.label: one.model_class for one in facts}
    best = [
        max(mine, key=lambda row: row.better_rate or 0.0)
        for kind in ("code", "general")
        if (mine := [row for row in rows if kinds.get(row.model) == kind])
    ]
    if len(best) < 2:
        return
    code, general = best
    pairs = {(d.entrant, d.other): d for d in _headline(board, rows)}
    difference = between(code.entrant, general.entrant, pairs)
    if difference is None:
        return
    sure = difference.adjusted_p is not None and difference.adjusted_p < BEYOND
    yield (
        f"The best code-dedicated model of {words}, {code.model}, against the best general one, "
        f"{general.model}: {points_text(difference)}; "
        + (
            "more than chance, of these two models."
            if sure
            else "this study cannot tell them apart."
        )
    )


def _headline(board: Board, rows: Sequence[Row]) -> list[Difference]:
    reference = rows[0].reference if rows else None
    return [d for d in board.differences if is_headline(d) and d.reference == reference]


def _row(rows: Sequence[Row], entrant: str) -> Row:
    return next(row for row in rows if row.entrant == entrant)


def _judges(board: Board) -> Iterator[str]:
    """Whether judges order the models alike; that nobody can tell where there is one judge."""
    if len(board.judges) == 1:
        yield (
            f"One judge, {board.judges[0].name}: whether another would put the models in the same "
            "order, this study cannot tell."
        )
    for one in board.statistics:
        if one.name == "tau" and one.reference in board.references[:1]:
            yield (
                f"The judges {one.judge} and {one.other} order {one.count} entrants with a rank "
                f"correlation (Kendall's tau, 1 is the same order) of {number_text(one)}: {_order(one)}."
            )


def _order(one: Told) -> str:
    if one.low is None or one.high is None or one.count < FEWEST_ORDERED:
        return "of so few, this study cannot tell whether they agree"
    if one.low > 0:
        return "they agree more than chance would"
    if one.high < 0:
        return "they put them the other way round"
    return "this study cannot tell whether they agree"


def _resolution(difference: Difference) -> str:
    if not difference.resolved:
        return "this study cannot tell whether there is a difference"
    return (
        "more than its interval" if difference.difference > 0 else "less, by more than its interval"
    )
