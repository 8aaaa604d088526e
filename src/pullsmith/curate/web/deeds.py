"""What the page asks to be done: decisions, checks of edits, undo, a name.

Takes the bodies of writes, strictly read; gives plain values for the page. Nothing that a page sends says in
which order answers were shown or whose they are, and nothing that goes back does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pullsmith.curate.desk import Desk
from pullsmith.curate.items import Fault, Queue, Vote
from pullsmith.decisions import Decision
from pullsmith.errors import DecisionError
from pullsmith.visible import visible

LONGEST_NAME = 80


class Deed(StrEnum):
    """What can be decided."""

    KEEP = "keep"
    FIX = "fix"
    REJECT = "reject"
    PICK = "pick"
    UNPICK = "unpick"
    VOTE = "vote"


_OF_QUEUE = {
    Queue.CLEAN: (Deed.KEEP, Deed.FIX, Deed.REJECT),
    Queue.CHOOSE: (Deed.PICK, Deed.UNPICK),
    Queue.JUDGE: (Deed.VOTE,),
}


class Body(BaseModel):
    """What the page sends: no more and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


B = TypeVar("B", bound=Body)


class Introduction(Body):
    """A person's name."""

    who: str


class Draft(Body):
    """An edit that is being written."""

    name: str
    digest: str
    text: str


class Nothing(Body):
    """A write that says nothing but that it is one."""


class Decided(Body):
    """A decision on what was shown: ``better`` and the scores are of a vote, ``text`` is a fix or a reason."""

    queue: Queue
    action: Deed
    name: str
    digest: str
    text: str = ""
    better: int = Field(default=-1)
    first_score: int = 0
    second_score: int = 0


class Checked(BaseModel):
    """What is to be said of an edit, line by line."""

    faults: list[dict[str, str | int]]
    hidden: list[dict[str, str | int]]


def read(kind: type[B], body: bytes) -> B:
    """The body as ``kind``; raises DecisionError that names the field."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"])) or "the body"
        raise DecisionError(f"{field}: {fault['msg']}; reload the page") from error


def named(said: str) -> str:
    """A person's name as it is kept; raises DecisionError for one that cannot be seen or told apart."""
    name = " ".join(said.split())
    if not name or len(name) > LONGEST_NAME:
        raise DecisionError(f"the name has {len(name)} characters: 1 to {LONGEST_NAME} are taken")
    if visible(name) != name:
        raise DecisionError(f"the name holds what is not seen: {visible(name)}; leave it out")
    return name


def decide(desk: Desk, deed: Decided, who: str) -> Decision:
    """Record it; raises DecisionError, ChangedSinceError or BrokenEditError where that cannot be."""
    if deed.action not in _OF_QUEUE[deed.queue]:
        raise DecisionError(
            f"action: {deed.action.value} is nothing that is decided in {deed.queue.value}"
        )
    name, digest = deed.name, deed.digest
    match deed.action:
        case Deed.KEEP:
            return desk.clean.keep(name, who=who, digest=digest)
        case Deed.FIX:
            return desk.clean.fix(name, deed.text, who=who, digest=digest)
        case Deed.REJECT:
            return desk.clean.reject(name, deed.text.strip(), who=who, digest=digest)
        case Deed.PICK:
            return desk.choose.pick(name, who=who, digest=digest, why=deed.text.strip())
        case Deed.UNPICK:
            return desk.choose.unpick(name, who=who, digest=digest, why=deed.text.strip())
        case Deed.VOTE:
            vote = Vote(deed.better, deed.first_score, deed.second_score, deed.text.strip())
            return desk.judge.vote(name, vote, who=who, digest=digest)


def check(desk: Desk, draft: Draft) -> Checked:
    """The faults of an edit with their lines, and the lines that hold what is not seen."""
    faults: list[dict[str, str | int]] = [
        {"line": fault.line, "message": visible(_in_words(fault)), "flag": fault.flag}
        for fault in desk.clean.check(draft.name, draft.text)
    ]
    hidden: list[dict[str, str | int]] = [
        {"line": number, "text": visible(line.strip())}
        for number, line in enumerate(draft.text.split("\n"), 1)
        if visible(line) != line
    ]
    return Checked(faults=faults, hidden=hidden)


def _in_words(fault: Fault) -> str:
    """The fault without the underscores of its code."""
    rest = fault.message.removeprefix(f"{fault.flag}: ")
    return fault.message if rest == fault.message else f"{fault.flag.replace('_', ' ')}: {rest}"
