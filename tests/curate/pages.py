"""A desk in memory and its page on a free port: for tests of the page that need no run folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvicorn

from pullsmith.curate.choose import ChooseQueue
from pullsmith.curate.clean import CleanQueue
from pullsmith.curate.desk import Desk
from pullsmith.curate.items import (
    Agreement,
    Choices,
    CleanItem,
    Fault,
    Filter,
    Piece,
    Progress,
    Queue,
    Show,
)
from pullsmith.curate.judge import JudgeQueue
from pullsmith.curate.web.app import make_app
from pullsmith.curate.web.guard import Door
from pullsmith.curate.web.serving import settings
from pullsmith.decisions import Action, Decision
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.errors import BrokenEditError, ChangedSinceError, DecisionError
from pullsmith.ports import LOOPBACK, take_port
from pullsmith.records import PullRequest
from tests.curated import file, real, study

ANSWER = "review:\n  relevant_tests: |\n    no\n  security_concerns: |\n    No\n"


def example(request: PullRequest | None = None, **changes: object) -> CleanItem:
    """An example of one pull request; fields as given."""
    record = request or real("1", file("x = 1", deleted=["x = 0"]))
    made = CleanItem(
        name=f"{record.id}#review/compact-1/0~teacher>compact-1",
        digest="d1",
        tool="review",
        contract="compact-1",
        teacher="teacher",
        language="python",
        pull_request=record,
        shown=ShownDiff.of(record, whole(record)),
        prompt="What should a reviewer look at?",
        text=ANSWER,
        target="…",
        posted=(Piece(Show.HEADING, "Review"), Piece(Show.TEXT, "No tests.")),
        markdown="…",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class MemoryQueue(CleanQueue):
    """Examples in a list; an edit is broken where it says "broken"."""

    def __init__(self, items: Sequence[CleanItem]) -> None:
        self.items = {item.name: item for item in items}
        self.made: list[Decision] = []

    def names(self, wanted: Filter = Filter(), search: str = "") -> list[str]:  # noqa: B008
        decided = {one.record_id for one in self.made} if wanted.undecided_by else set()
        fit = (name for name, item in self.items.items() if search in item.pull_request.title)
        return [name for name in fit if name not in decided]

    def choices(self) -> Choices:
        return Choices(tools=(("review", len(self.items)),))

    def item(self, name: str) -> CleanItem:
        if name not in self.items:
            raise DecisionError(f"{name}: there is no such example")
        found = tuple(one for one in self.made if one.record_id == name)
        return replace(self.items[name], decisions=found, standing=found[-1] if found else None)

    def check(self, name: str, text: str) -> list[Fault]:
        return [
            Fault(number, "says broken", "broken")
            for number, line in enumerate(text.split("\n"), 1)
            if "broken" in line
        ]

    def keep(self, name: str, *, who: str, digest: str) -> Decision:
        return self._decide(Action.KEEP, name, who, digest)

    def fix(self, name: str, text: str, *, who: str, digest: str) -> Decision:
        faults = tuple(f"line {one.line}: {one.message}" for one in self.check(name, text))
        if faults:
            raise BrokenEditError("the edit cannot be kept", faults=faults)
        return self._decide(Action.FIX, name, who, digest, text)

    def reject(self, name: str, reason: str, *, who: str, digest: str) -> Decision:
        return self._decide(Action.REJECT, name, who, digest, reason)

    def _decide(
        self, action: Action, name: str, who: str, digest: str, text: str = ""
    ) -> Decision:
        if self.item(name).digest != digest:
            raise ChangedSinceError(f"{name} has changed since")
        self.made.append(
            Decision(
                id=str(len(self.made)), at="2026-01-01T00:00:00Z", who=who, action=action,
                record_id=name, of=digest, text=text,
            )
        )  # fmt: skip
        return self.made[-1]


class MemoryDesk(Desk):
    """A desk with examples and nothing else."""

    def __init__(self, items: Sequence[CleanItem]) -> None:
        self.study = study()
        self.clean: MemoryQueue = MemoryQueue(items)
        self.choose = ChooseQueue.__new__(ChooseQueue)
        self.judge = JudgeQueue.__new__(JudgeQueue)
        self.notices: list[str] = []

    def undo(self, who: str) -> Decision | None:
        return self.clean.made.pop() if self.clean.made else None

    def progress(self, who: str = "") -> list[Progress]:
        total, decided = len(self.clean.items), len({one.record_id for one in self.clean.made})
        return [
            Progress(Queue.CLEAN, total, decided, 0, mine=decided, left=total - decided),
            Progress(Queue.CHOOSE, 0, 0, 0, why_empty="run pullsmith split first"),
            Progress(Queue.JUDGE, 0, 0, 0, why_empty="run pullsmith respond first"),
        ]

    def agreement(self) -> list[Agreement]:
        return []

    def said(self) -> list[str]:
        return self.notices


@dataclass
class Served:
    """A page that answers: its address, and the links that were printed."""

    url: str
    port: int
    tokens: list[str]


@contextmanager
def served(desk: Desk, *, host: str = LOOPBACK, guarded: bool = False) -> Iterator[Served]:
    """The page of ``desk``, answering on loopback; ``guarded`` as if others could reach it."""
    with take_port(LOOPBACK, 0) as bound:
        port, tokens = bound.getsockname()[1], []
        door = Door(guarded, tokens.append)
        if guarded:
            door.announce()
        app = make_app(desk, host=host, port=port, door=door)
        server = uvicorn.Server(settings(app))
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield Served(f"http://{LOOPBACK}:{port}", port, tokens)
        finally:
            server.should_exit = server.force_exit = True
            thread.join(timeout=10)
