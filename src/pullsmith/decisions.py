"""What people decided: one append-only file in the run folder, replayed by clean, split and judge.

A line says who, when and what (keep, fix, reject, pick, unpick, verdict, undo) on which record, and
the digest of what was looked at: content that has changed since is never given another's decision.
A later line on the same record counts in place of an earlier one, whoever wrote it, except that every
person has a verdict of their own; an undo is a line too. Knows no stage: each replays what it
understands.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pullsmith.errors import DecisionError, RunFolderError
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

    ``text`` is a fix's new target, a verdict's result and order ("win candidate-first"), or why
    something was rejected or picked; of an undo, ``record_id`` is the id of the line that no longer
    counts. A verdict may say ``why``, and give ``scores`` from 1 to 10: the candidate's and the
    reference's.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    at: str
    who: str
    action: Action
    record_id: str
    of: str = ""
    text: str = ""
    why: str = ""
    scores: tuple[int, ...] = ()

    def content(self) -> dict[str, Any]:
        """What is written and digested; a line that leaves ``why`` and ``scores`` out is as it always was."""
        later = {name for name in ("why", "scores") if not getattr(self, name)}
        return self.model_dump(mode="json", exclude=later)


@dataclass(frozen=True)
class Decisions:
    """What stands in a file; ``unreadable`` are the numbers of lines that are no decision."""

    lines: tuple[Decision, ...] = ()
    unreadable: tuple[int, ...] = ()

    def standing(self, actions: Iterable[Action]) -> dict[str, Decision]:
        """The last decision with one of ``actions`` on every record; undone ones do not count."""
        wanted = set(actions)
        return {line.record_id: line for line in self._left if line.action in wanted}

    def verdicts(self) -> list[Decision]:
        """The last verdict of each person on each record, in the order of the file."""
        return self.by_person({Action.VERDICT})

    def by_person(self, actions: Iterable[Action]) -> list[Decision]:
        """Every person's last decision with one of ``actions`` on every record, as ``verdicts``."""
        wanted = set(actions)
        last = {(line.record_id, line.who): line for line in self._left if line.action in wanted}
        return list(last.values())

    def last_of(self, who: str) -> Decision | None:
        """The last line of a person that stands, which an undo would take back."""
        mine = (line for line in reversed(self._left) if line.who == who)
        return next((line for line in mine if line.action is not Action.UNDO), None)

    @cached_property
    def _left(self) -> list[Decision]:
        """The lines that are not undone, undos among them."""
        # From the last line on, because an undo may itself be undone, and only takes back what was
        # there: who says the same again within a second writes a line with the same id.
        left: list[Decision] = []
        waiting: set[str] = set()
        for line in reversed(self.lines):
            if line.id in waiting:
                waiting.discard(line.id)
                continue
            if line.action is Action.UNDO:
                waiting.add(line.record_id)
            left.append(line)
        return left[::-1]

    def said(self) -> list[str]:
        """What a person should know of the file."""
        return [f"{FILE_NAME}: line {n} is broken off and does not count" for n in self.unreadable]


@dataclass(frozen=True)
class Matched:
    """Decisions beside the records as they are: those that apply, by record, and why others do not."""

    applied: Mapping[str, Decision]
    passed_over: tuple[str, ...]


def decide(  # noqa: PLR0913  # the fields of a line
    path: Path,
    *,
    at: str,
    who: str,
    action: Action,
    record_id: str,
    of: str = "",
    text: str = "",
    why: str = "",
    scores: tuple[int, ...] = (),
) -> Decision:
    """Append one decision and return it; on disk when this returns.

    Raises RunFolderError where the file cannot be written, DecisionError for a text with half a
    character, which nobody could read back; then nothing of the line is in the file.
    """
    bare = Decision(
        id="", at=at, who=who, action=action, record_id=record_id, of=of, text=text, why=why,
        scores=scores,
    )  # fmt: skip
    made = bare.model_copy(update={"id": digest(bare.content())})
    line = json.dumps(made.content(), separators=(",", ":"), ensure_ascii=False)
    try:
        _append(path, line.encode() + b"\n")
    except UnicodeEncodeError as error:
        raise DecisionError(
            f"{action} on {record_id}: half a character at position {error.start} of the line; write "
            "the text again"
        ) from error
    except OSError as error:
        raise RunFolderError(
            f"{path}: cannot be written: {error.strerror or error}; the decision on {record_id} is "
            "not kept"
        ) from error
    return made


def read_decisions(path: Path) -> Decisions:
    """Everything decided so far; nothing where there is no file.

    A line that was broken off by a kill is left out and named in ``unreadable``. Raises
    RunFolderError for a line of another version, or one that was edited by hand.
    """
    return parse_decisions(path.read_bytes(), path) if path.exists() else Decisions()


def parse_decisions(raw: bytes, path: Path, *, first: int = 1) -> Decisions:
    """As ``read_decisions``, of the lines of ``path`` from number ``first`` on."""
    lines: list[Decision] = []
    unreadable: list[int] = []
    for number, line in enumerate(raw.split(b"\n"), first):
        if not line:
            continue
        if _is_whole(line):
            lines.append(_parsed(line, f"{path}: line {number}"))
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


def differing(decisions: Decisions, applied: Mapping[str, Decision], what: str) -> list[str]:
    """A sentence where people say different things of what is ``applied``; none where nobody does.

    ``what`` is what they are, as "examples".
    """
    names = {
        one.record_id
        for one in decisions.by_person(ON_EXAMPLES | ON_PICKS)
        if (counts := applied.get(one.record_id)) is not None
        and one.of == counts.of
        and one.action is not counts.action
    }
    if not names:
        return []
    return [
        f"people say different things of {len(names)} {what}, for example {min(names)}; the last word "
        "counts, and pullsmith curate STUDY.toml --agreement names them all"
    ]


def in_short(sentences: Sequence[str], most: int = 10) -> list[str]:
    """The first ``most`` of them and how many more there are: a file of another run has thousands."""
    left = len(sentences) - most
    more = [f"… and {left:,} more decisions that do not count"] if left > 0 else []
    return [*sentences[:most], *more]


def decided_on(example: Example) -> str:
    """The digest that a decision on an example names: what was asked and answered."""
    return digest([example.messages, example.target])


def said_of_pairs(decisions: Decisions) -> str:
    """As ``decided``, of people's verdicts: every person's last one on every pair."""
    told: Sequence[object] = sorted(
        [
            d.record_id,
            d.who,
            d.of,
            d.text,
            *([d.why, *map(str, d.scores)] if d.scores or d.why else []),
        ]
        for d in decisions.verdicts()
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
        try:
            while line:
                line = line[os.write(handle, line) :]
        except OSError:
            _take_back(handle, size)
            raise
        os.fsync(handle)
    finally:
        os.close(handle)


def _take_back(handle: int, size: int) -> None:
    """Cut off the part of a line that still fitted on a full disk; nobody else wrote, we hold the lock."""
    with suppress(OSError):
        os.ftruncate(handle, size)


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
    if digest(decision.model_copy(update={"id": ""}).content()) != decision.id:
        raise RunFolderError(
            f"{where}: was edited; take the edit back, and undo it with a new line"
        )
    return decision
