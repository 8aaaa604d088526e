"""A board of thirty rows with every part that the page draws, from numbers by a simple rule."""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.report.board import Board, Difference, FunnelRow, Judge, Rate, Row, Told

JUDGES = ("openai:one", "anthropic:two", "http://127.0.0.1/v1#three")


def rate(value: float, *, ties: float = 0.1) -> Rate:
    """A better rate of 300 verdicts; ``ties`` is the share of ties."""
    return Rate(
        better_rate=value, better_low=max(0.0, value - 0.05), better_high=min(1.0, value + 0.05),
        ties_half_rate=value + ties / 2, all_win=value, all_loss=value, pull_requests=100, verdicts=1800,
        unreadable=0, degenerate=False,
    )  # fmt: skip


def row(model: str, phase: str, value: float | None, tier: int | None = None) -> Row:
    """A student in one phase; None is a model that was not judged."""
    known = None if value is None else rate(value)
    return Row(
        entrant=f"{model}@{phase}", model=model, phase=phase, role="student", parameters=7_000_000_000,
        reference="openai:ref", better_rate=value, better_low=known.better_low if known else None,
        better_high=known.better_high if known else None, valid_rate=0.9, grounded_rate=0.8, planted_recall=None,
        planted_precision=None, planted_silence=None, tier=tier, rate=known, tools={}, judges={}, slices={},
        references={}, metrics={}, planted={},
    )  # fmt: skip


def told(name: str, judge: str, value: float | None, other: str = "") -> Told:
    """A statistic with an interval of a tenth."""
    return Told(
        name=name, judge=judge, other=other, entrant="", reference="", value=value,
        low=None if value is None else value - 0.05, high=None if value is None else value + 0.05,
        count=100, pull_requests=100, degenerate=False,
    )  # fmt: skip


def effect(model: str, points: float) -> Difference:
    """After minus before."""
    return Difference(
        name="better_rate", entrant=f"{model}@after", other=f"{model}@before", reference="openai:ref",
        judge="all", tool="all", slice="all", difference=points, low=points - 0.05, high=points + 0.05,
        prompts=300, pull_requests=100, p_value=0.01, adjusted_p=0.01, detectable=0.06, degenerate=False,
        resolved=True,
    )  # fmt: skip


def board(rows: tuple[Row, ...], **changes: object) -> Board:
    """A board of these rows."""
    made = Board(
        study="many", judges=(), references=("openai:ref",), chosen_by="seed", resamples=100,
        pull_requests={"all": 100}, shows=("What it shows.",), findings=("A finding.",), models=rows,
        differences=(), statistics=(), funnel=(),
    )  # fmt: skip
    return made.model_copy(update=changes)


def board_of_thirty() -> Board:
    """Fifteen models before and after, three judges, a funnel."""
    names = [f"model-{number:02}-coder-instruct-{7 + number}b" for number in range(15)]
    rows = tuple(
        row(name, phase, base + (0.2 if phase == "after" else 0.0), 1 + number // 4)
        for number, name in enumerate(names)
        for phase in ("after", "before")
        for base in (0.4 - 0.02 * number,)
    )
    judges = tuple(
        Judge.model_validate(
            {"name": name, "language_model": True, "prompt_version": "pair-1", "orders": "both", "family": "", "failed_controls": ()}
        )
        for name in JUDGES
    )  # fmt: skip
    return board(
        rows, judges=judges, differences=tuple(effect(name, 0.2) for name in names),
        statistics=tuple(_statistics()), funnel=tuple(_funnel()),
    )  # fmt: skip


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
