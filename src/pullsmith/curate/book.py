"""The file of decisions as it grows: read on where it is longer, written a line at a time.

Several desks, in several processes, may have one book each on one file: it is only ever appended to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pullsmith.decisions import Action, Decision, Decisions, decide, parse_decisions
from pullsmith.errors import DecisionError
from pullsmith.visible import visible

LONGEST_NAME = 80
LONGEST_TEXT = 4_000  # of a reason; an answer has its own limits

Clock = Callable[[], str]


def utc_now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_name(who: str) -> str:
    """A person's name without blanks around it; raises DecisionError for one that is none."""
    name = who.strip()
    if not name or len(name) > LONGEST_NAME or visible(name, keep="") != name:
        raise DecisionError(
            f"the name {who[:LONGEST_NAME]!r} is none: write one of 1 to {LONGEST_NAME} visible letters"
        )
    return name


def check_text(text: str, what: str) -> str:
    """A reason without blanks around it; raises DecisionError for one that is too long."""
    if len(text) > LONGEST_TEXT:
        raise DecisionError(f"{what} has {len(text):,} characters, at most {LONGEST_TEXT:,}")
    return text.strip()


class Book:
    """Safe in several threads."""

    def __init__(self, path: Path, clock: Clock = utc_now) -> None:
        """``path`` need not be there yet."""
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._forget()

    def read(self) -> Decisions:
        """All decisions up to now; raises RunFolderError for a line that was edited."""
        with self._lock:
            self._read_on()
            return self._now

    def write(  # noqa: PLR0913  # the fields of a line
        self,
        action: Action,
        record_id: str,
        *,
        who: str,
        of: str = "",
        text: str = "",
        why: str = "",
        scores: tuple[int, ...] = (),
    ) -> Decision:
        """Append a line; raises as ``decide``, and DecisionError for a name that is none."""
        return decide(
            self.path, at=self._clock(), who=check_name(who), action=action, record_id=record_id,
            of=of, text=text, why=why, scores=scores,
        )  # fmt: skip

    def _forget(self) -> None:
        self._file = (0, 0)
        self._size = 0  # of what was read, a line that is not ended yet included
        self._settled = 0  # the end of the last ended line
        self._count = 0  # of ended lines
        self._lines: list[Decision] = []
        self._unreadable: list[int] = []
        self._now = Decisions()

    def _read_on(self) -> None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._forget()
            return
        file = (found.st_dev, found.st_ino)
        if file != self._file or found.st_size < self._size:  # another file, as git leaves one
            self._forget()
            self._file = file
        if found.st_size == self._size:
            return
        with self.path.open("rb") as handle:
            handle.seek(self._settled)
            raw = handle.read()
        ended = raw[: raw.rfind(b"\n") + 1]
        self._take(ended)
        self._size = self._settled + len(raw) - len(ended)
        last = parse_decisions(raw[len(ended) :], self.path, first=self._count + 1)
        self._now = Decisions((*self._lines, *last.lines), (*self._unreadable, *last.unreadable))

    def _take(self, ended: bytes) -> None:
        parsed = parse_decisions(ended, self.path, first=self._count + 1)
        self._lines += parsed.lines
        self._unreadable += parsed.unreadable
        self._count += ended.count(b"\n")
        self._settled += len(ended)
