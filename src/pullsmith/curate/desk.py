"""The desk: three queues over the run folder of one study, and the file of decisions under them."""

from __future__ import annotations

from pullsmith.curate.agreement import agreements
from pullsmith.curate.book import Book, Clock, check_name, utc_now
from pullsmith.curate.choose import ChooseQueue
from pullsmith.curate.clean import CleanQueue
from pullsmith.curate.items import Agreement, Progress, Queue
from pullsmith.curate.judge import JudgeQueue
from pullsmith.curate.words import Words
from pullsmith.decisions import FILE_NAME, Action, Decision, in_short
from pullsmith.errors import RunFolderError
from pullsmith.store import RunFolder
from pullsmith.study import Study


class Desk:
    """What people decide in one run; several desks on one run see each other's decisions."""

    def __init__(self, study: Study, run: RunFolder, book: Book) -> None:
        """As ``open_desk``, which says where there is nothing to do."""
        self.study, self.run = study, run
        self.book = book
        self.clean = CleanQueue(study, run, book)
        self.choose = ChooseQueue(study, run, book)
        self.judge = JudgeQueue(study, run, book)

    def undo(self, who: str) -> Decision | None:
        """Take back the last decision of ``who`` that stands; it, or None where there is none."""
        person = check_name(who)
        last = self.book.read().last_of(person)
        if last is not None:
            self.book.write(Action.UNDO, last.id, who=person)
        return last

    def progress(self, who: str = "") -> list[Progress]:
        """How far each queue is, in the order clean, choose, judge."""
        return [queue.progress(who) for queue in (self.clean, self.choose, self.judge)]

    def agreement(self) -> list[Agreement]:
        """Of every two people that decided on the same things, queue by queue."""
        return [
            each
            for queue, words in self._words()
            for each in agreements(queue, words.by_person, _pull_request_of, seed=self.study.seed)
        ]

    def said(self) -> list[str]:
        """What a person should know of the file of decisions: broken lines, lines that do not count."""
        passed_over = [
            said
            for queue, words in self._words()
            if self._is_there(queue)
            for said in words.passed_over()
        ]
        return [*self.book.read().said(), *in_short(passed_over)]

    def _words(self) -> list[tuple[Queue, Words]]:
        return [
            (Queue.CLEAN, self.clean.words()),
            (Queue.CHOOSE, self.choose.words()),
            (Queue.JUDGE, self.judge.words()),
        ]

    def _is_there(self, queue: Queue) -> bool:
        """Whether a queue has anything: of one that has not, nobody knows which decisions count."""
        return any(each.queue is queue and each.total for each in self.progress())


def open_desk(study: Study, clock: Clock = utc_now) -> Desk:
    """The desk of a study's run; reads columns, not rows, and writes nothing.

    Raises RunFolderError where no stage has left anything to decide on, with what to run.
    """
    run = RunFolder(study.runs / study.name)
    desk = Desk(study, run, Book(run.path / FILE_NAME, clock))
    if not any(each.total for each in desk.progress()):
        why = "; ".join(each.why_empty for each in desk.progress())
        raise RunFolderError(f"{run.path}: {why}")
    return desk


def _pull_request_of(name: str) -> str:
    """Whose pull request a decision is about: ids begin with it."""
    return name.partition("#")[0]
