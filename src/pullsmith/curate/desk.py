"""The desk: three queues over the run folder of one study, and the file of decisions under them."""

from __future__ import annotations

from pullsmith.curate.choose import ChooseQueue
from pullsmith.curate.clean import CleanQueue
from pullsmith.curate.items import Agreement, Progress
from pullsmith.curate.judge import JudgeQueue
from pullsmith.decisions import Decision
from pullsmith.study import Study


class Desk:
    """What people decide in one run; several desks on one run see each other's decisions."""

    study: Study
    clean: CleanQueue
    choose: ChooseQueue
    judge: JudgeQueue

    def undo(self, who: str) -> Decision | None:
        """Take back the last decision of ``who`` that stands; it, or None where there is none."""
        raise NotImplementedError

    def progress(self, who: str = "") -> list[Progress]:
        """How far each queue is, in the order clean, choose, judge."""
        raise NotImplementedError

    def agreement(self) -> list[Agreement]:
        """Of every two people that decided on the same things, queue by queue."""
        raise NotImplementedError

    def said(self) -> list[str]:
        """What a person should know of the file of decisions: broken lines, lines that do not count."""
        raise NotImplementedError


def open_desk(study: Study) -> Desk:
    """The desk of a study's run; reads columns, not rows, and writes nothing.

    Raises RunFolderError where no stage has left anything to decide on, with what to run.
    """
    raise NotImplementedError
