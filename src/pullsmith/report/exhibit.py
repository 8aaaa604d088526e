"""What the page shows of single comparisons: the pull request as judged, both answers, every verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pullsmith.report.sample import Ending
from pullsmith.report.shortened import Cut


@dataclass(frozen=True)
class Said:
    """One verdict with its reason; ``place`` is where the judge saw the model's answer."""

    judge: str
    place: str
    result: str
    scores: str
    why: str


@dataclass(frozen=True)
class Text:
    """An answer, and what is to be said of it where it is not simply valid."""

    cut: Cut
    note: str = ""


@dataclass(frozen=True)
class Compared:
    """One model's answer and its verdicts."""

    anchor: str
    candidate: str
    ending: Ending
    summary: str
    answer: Text
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Task:
    """One tool on one pull request: what was shown, the reference's answer, the models'."""

    tool: str
    part: int
    diff: Cut
    omitted: tuple[str, ...]
    answer: Text
    compared: tuple[Compared, ...]


@dataclass(frozen=True)
class Exhibit:
    """A pull request and what was said about it."""

    pull_request_id: str
    title: str
    origin: str
    truth: str
    body: Cut
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Sample:
    """What is shown, and of how much; ``missing`` says why nothing is, where nothing is."""

    reference: str
    exhibits: tuple[Exhibit, ...] = ()
    counts: Mapping[tuple[str, str], Counter[Ending]] | None = None
    missing: str = ""

    @property
    def shown(self) -> int:
        """Comparisons on the page."""
        return sum(len(task.compared) for each in self.exhibits for task in each.tasks)

    @property
    def every(self) -> int:
        """Comparisons there are."""
        return sum(count.total() for count in (self.counts or {}).values())
