"""A board of thirty rows with every part that the page draws, from numbers by a simple rule."""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.report.board import Board, Difference, FunnelRow, Rate, Row, Told
from tests.report import rows
from tests.report.made import board as empty

JUDGES = ("openai:one", "anthropic:two", "http://127.0.0.1/v1#three")
REFERENCE = "openai:ref"


def rate(value: float, *, ties: float = 0.1) -> Rate:
    """A better rate of 1,800 verdicts; ``ties`` is the share of ties."""
    changes = {"ties_half_rate": value + ties / 2, "verdicts": 1800}
    return rows.rate(value).model_copy(update=changes)


def row(model: str, phase: str, value: float | None, tier: int | None = None) -> Row:
    """A student in one phase; None is a model that was not judged."""
    better = None if value is None else rate(value)
    return rows.row(model, phase, better=better, reference=REFERENCE, tier=tier)


def told(name: str, judge: str, value: float | None, other: str = "") -> Told:
    """A statistic with an interval of a tenth."""
    return Told(
        name=name, judge=judge, other=other, entrant="", reference="", value=value,
        low=None if value is None else value - 0.05, high=None if value is None else value + 0.05,
        count=100, pull_requests=100, degenerate=False,
    )  # fmt: skip


def effect(model: str, points: float) -> Difference:
    """After minus before."""
    found = rows.difference(f"{model}@after", f"{model}@before", points, half_width=0.05)
    return found.model_copy(update={"reference": REFERENCE})


def board(models: tuple[Row, ...], **changes: object) -> Board:
    """A board of these rows."""
    made = {"references": (REFERENCE,), "pull_requests": {"all": 100}, "findings": ("A finding.",)}
    return empty().model_copy(update={**made, "models": models, **changes})


def board_of_thirty() -> Board:
    """Fifteen models before and after, three judges, a funnel."""
    names = [f"model-{number:02}-coder-instruct-{7 + number}b" for number in range(15)]
    models = tuple(
        row(name, phase, 0.4 - 0.02 * number + more, 1 + number // 4)
        for number, name in enumerate(names)
        for phase, more in (("after", 0.2), ("before", 0.0))
    )
    return board(
        models,
        judges=tuple(map(rows.judge, JUDGES)),
        differences=tuple(effect(name, 0.2) for name in names),
        statistics=tuple(_statistics()),
        funnel=tuple(_funnel()),
    )


def _statistics() -> Iterator[Told]:
    for place, judge in enumerate(JUDGES):
        yield told("first_rate", judge, 0.5 + 0.05 * place)
        yield told("longer_rate", judge, 0.55)
        for other in JUDGES[place + 1 :]:
            yield told("kappa", judge, 0.4, other)
            yield told("tau", judge, 0.9, other)


def _funnel() -> Iterator[FunnelRow]:
    for job, came, kept in (("collect", 1000, 900), ("select", 900, 500), ("train/a", 0, 0)):
        dropped = {"bot": came - kept} if came > kept else {}
        yield FunnelRow(job=job, records_in=came, records_out=kept, rows=kept, dropped=dropped)
