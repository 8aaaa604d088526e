"""What people decided: one append-only file in the run folder, replayed by clean, split and judge.

A line says who, when and what (keep, fix, reject, pick, unpick, verdict, undo) on which record, and
the digest of what was looked at: content that has changed since is never given another's decision.
A later line on the same record counts in place of an earlier one; an undo is a line too. Knows no
stage: each replays what it understands.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from pullsmith.errors import RunFolderError
from pullsmith.records import SCHEMA_VERSION, Example, Record, digest

FILE_NAME = "decisions.jsonl"
TO_REVIEW_NAME = "to-review.parquet"  # in clean's folder: what the rules let pass, for people


class Action(StrEnum):
    """What was decided."""

    KEEP = "keep"
    FIX = "fix"
    REJECT = "reject"
    PICK = "pick"
    UNPICK = "unpick"
    VERDICT = "verdict"
    UNDO = "undo"


ON_EXAMPLES = frozenset({Action.KEEP, Action.FIX, Action.REJECT})
ON_PICKS = frozenset({Action.PICK, Action.UNPICK})


class Decision(Record):
    """One line. ``of`` is the digest of what was decided on; ``id`` the digest of all other fields.

    ``text`` is a fix's new target, a verdict's result and order ("win candidate-first"), or why something was rejected; of an undo,
    ``record_id`` is the id of the line that no longer counts.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    at: str
    who: str
    action: Action
    record_id: str
    of: str = ""
    text: str = ""


@dataclass(frozen=True)
class Decisions:
    """What stands in a file; ``unreadable`` are the numbers of lines that are no decision."""

    lines: tuple[Decision, ...] = ()
    unreadable: tuple[int, ...] = ()

    def standing(self, actions: Iterable[Action]) -> dict[str, Decision]:
        """The last decision with one of ``actions`` on every record; undone ones do not count."""
        wanted, undone = set(actions), self._undone()
        return {
            line.record_id: line
            for line in self.lines
            if line.action in wanted and line.id not in undone
        }

    def verdicts(self) -> list[Decision]:
        """The last verdict of each person on each record, in the order of the file."""
        undone = self._undone()
        last = {
            (line.record_id, line.who): line
            for line in self.lines
            if line.action is Action.VERDICT and line.id not in undone
        }
        return list(last.values())

    def _undone(self) -> set[str]:
        # From the last line on, because an undo may itself be undone.
        undone: set[str] = set()
        for line in reversed(self.lines):
            if line.action is Action.UNDO and line.id not in undone:
                undone.add(line.record_id)
        return undone

    def said(self) -> list[str]:
        """What a person should know of the file."""
        return [f"{FILE_NAME}: line {n} is broken off and does not count" for n in self.unreadable]


@dataclass(frozen=True)
class Matched:
    """Decisions beside the records as they are: those that apply, by record, and why others do not."""

    applied: Mapping[str, Decision]
    passed_over: tuple[str, ...]


def decide(  # noqa: PLR0913  # the fields of a line
    path: Path, *, at: str, who: str, action: Action, record_id: str, of: str = "", text: str = ""
) -> Decision:
    """Append one decision and return it; on disk when this returns.

    Raises RunFolderError where the file cannot be written.
    """
    bare = Decision(id="", at=at, who=who, action=action, record_id=record_id, of=of, text=text)
    made = bare.model_copy(update={"id": digest(bare)})
    try:
        _append(path, made.model_dump_json().encode() + b"\n")
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be written: {error.strerror or error}") from error
    return made


def read_decisions(path: Path) -> Decisions:
    """Everything decided so far; nothing where there is no file.

    A line that was broken off by a kill is left out and named in ``unreadable``. Raises
    RunFolderError for a line of another version, or one that was edited by hand.
    """
    if not path.exists():
        return Decisions()
    lines: list[Decision] = []
    unreadable: list[int] = []
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        if not raw:
            continue
        if _is_whole(raw):
            lines.append(_parsed(raw, f"{path}: line {number}"))
        else:
            unreadable.append(number)
    return Decisions(tuple(lines), tuple(unreadable))


def matched(standing: Mapping[str, Decision], digest_of: Callable[[str], str | None]) -> Matched:
    """The decisions on records that still are what was decided on.

    ``digest_of`` gives the digest of a record as it is now, None where it is not there.
    """
    applied: dict[str, Decision] = {}
    passed_over: list[str] = []
    for name, decision in sorted(standing.items()):
        now = digest_of(name)
        if now == decision.of:
            applied[name] = decision
        else:
            why = "is not there any more" if now is None else "has changed since"
            passed_over.append(f"{decision.action} by {decision.who} does not count: {name} {why}")
    return Matched(applied, tuple(passed_over))


def decided_on(example: Example) -> str:
    """The digest that a decision on an example names: what was asked and answered."""
    return digest([example.messages, example.target])


def said_of_pairs(decisions: Decisions) -> str:
    """As ``decided``, of people's verdicts: every person's last one on every pair."""
    told: Sequence[object] = sorted(
        [d.record_id, d.who, d.of, d.text] for d in decisions.verdicts()
    )
    return digest(told) if told else ""


def decided(decisions: Decisions, actions: Iterable[Action]) -> str:
    """A digest of what stands, for the settings of a stage; empty where nothing does."""
    standing = decisions.standing(actions)
    told: Sequence[object] = [
        [name, d.action.value, d.of, d.text] for name, d in sorted(standing.items())
    ]
    return digest(told) if told else ""


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line  # what a kill broke off stays a line of its own
        while line:
            line = line[os.write(handle, line) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_whole(raw: bytes) -> bool:
    # A line begins with a brace, so no beginning of one is JSON.
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def _parsed(raw: bytes, where: str) -> Decision:
    try:
        decision = Decision.model_validate_json(raw)
    except ValidationError as error:
        fault = error.errors()[0]
        raise RunFolderError(
            f"{where}: no decision of this version: {fault['loc']}: {fault['msg']}; lines are only "
            "ever appended, take an edit back"
        ) from error
    if digest(decision.model_copy(update={"id": ""})) != decision.id:
        raise RunFolderError(
            f"{where}: was edited; take the edit back, and undo it with a new line"
        )
    return decision
