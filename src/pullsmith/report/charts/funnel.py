"""The funnel: of what came into each stage, the part that was kept."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from pullsmith.report.board import Board
from pullsmith.report.charts.svg import (
    NARROW,
    WIDE,
    Chart,
    Drawing,
    bar,
    element,
    joined,
    text,
)
from pullsmith.report.figures import percent


@dataclass(frozen=True)
class _Stage:
    """All jobs of a stage together: records in, kept, and the commonest reason to drop one."""

    name: str
    came: int
    kept: int
    reason: str

    @property
    def number(self) -> str:
        """How many of how many."""
        return f"{self.kept:,} of {self.came:,}"


def funnel_chart(board: Board) -> Chart | None:
    """The chart; None where nothing came into any stage."""
    stages = [stage for stage in _stages(board) if stage.came]
    if not stages:
        return None
    return Chart(
        name="funnel",
        title="What every stage kept",
        note="Of the records that came into each stage, the part that it kept, all cells together.",
        text=" ".join(f"{s.name}: {s.number} kept{s.reason and f', most dropped as {s.reason}'}." for s in stages),
        wide=_drawing(stages, narrow=False),
        narrow=_drawing(stages, narrow=True),
    )  # fmt: skip


def _stages(board: Board) -> list[_Stage]:
    came: dict[str, int] = {}
    kept: dict[str, int] = {}
    dropped: dict[str, dict[str, int]] = {}
    for row in board.funnel:
        name = row.job.partition("/")[0]
        came[name] = came.get(name, 0) + row.records_in
        kept[name] = kept.get(name, 0) + row.records_out
        reasons = dropped.setdefault(name, {})
        for reason, count in row.dropped.items():
            reasons[reason] = reasons.get(reason, 0) + count
    return [_Stage(name, came[name], kept[name], _commonest(dropped[name])) for name in came]


def _commonest(reasons: dict[str, int]) -> str:
    return min(reasons, key=lambda reason: (-reasons[reason], reason), default="")


def _drawing(stages: list[_Stage], *, narrow: bool) -> Drawing:
    width, row = (NARROW, 46.0) if narrow else (WIDE, 28.0)
    marks = []
    for place, stage in enumerate(stages):
        top = row * place
        title = element("title", f"{stage.name}: {stage.number}")
        marks.append(element("g", joined([title, *_bars(stage, top, narrow=narrow)])))
    return Drawing(width, row * len(stages) + 4, joined(marks))


def _bars(stage: _Stage, top: float, *, narrow: bool) -> list[Markup]:
    width = NARROW if narrow else WIDE
    start, end = (0.0, width) if narrow else (110.0, width - 210.0)
    y, base = (top + 24, top + 16) if narrow else (top + 6, top + 19)
    share = stage.kept / stage.came
    return [
        text(0, base, stage.name),
        bar((start, y), (end - start, 14), "rest"),
        bar((start, y), (share * (end - start), 14), "fill"),
        text(width, base, f"{stage.number} ({percent(share)})", "number", "end"),
    ]
