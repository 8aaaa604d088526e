"""What a person is shown of one thing to decide on, and how far they are.

Every ``name`` is what a decision on it is made with, and every ``digest`` goes back with it: where the
two no longer belong together, nothing is decided. Texts are as they came: whoever shows them makes
them ``visible`` and escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pullsmith.decisions import Decision
from pullsmith.diff.shown import ShownDiff
from pullsmith.records import PullRequest

# The short list of reasons to reject; any other text is one too.
REASONS = (
    "says something untrue",
    "is about code that is not shown",
    "points at the wrong lines",
    "its edit does not work",
    "only a matter of taste",
    "misses what matters",
    "is too vague to act on",
)


class Queue(StrEnum):
    """What is decided."""

    CLEAN = "clean"
    CHOOSE = "choose"
    JUDGE = "judge"


class Show(StrEnum):
    """How a piece of a posted answer is shown."""

    HEADING = "heading"
    TEXT = "text"
    LABEL = "label"  # a short word beside what is before it
    PLACE = "place"  # a file, and lines where they are known
    CODE = "code"  # what stands there
    NEW_CODE = "new_code"  # what shall stand there


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer as a bot would post it. ``path`` and lines are of the new file, 0 if none."""

    show: Show
    text: str
    language: str = ""
    path: str = ""
    start_line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that may be wrong with an answer.

    ``code`` is a short word to filter by. ``path`` and lines (of the new file, both included) say
    where in the diff, ``text_line`` where in the answer's YAML, from 1; empty and 0 where unknown.
    """

    code: str
    message: str
    path: str = ""
    start_line: int = 0
    end_line: int = 0
    text_line: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an edit cannot be kept: ``line`` of the edited text, from 1, and a short code."""

    line: int
    message: str
    flag: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show of a queue; empty fields leave nothing out.

    ``reason`` is a part of the text of a standing decision, ``annotator`` who made one.
    ``undecided_by`` leaves only what that person shall still look at: what nobody decided, and of
    what is to be looked at twice what one other person did.
    """

    tool: str = ""
    language: str = ""
    flag: str = ""
    reason: str = ""
    annotator: str = ""
    undecided_by: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that filters may have, each with how many there are; most frequent first."""

    tools: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    flags: tuple[tuple[str, int], ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    annotators: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Other:
    """What another teacher answered to the same task, which is no example."""

    teacher: str
    text: str
    posted: tuple[Piece, ...]


@dataclass(frozen=True)
class CleanItem:
    """An example. ``text`` is its answer as canonical YAML, which is what may be edited.

    ``shown`` is what the prompt shows of the pull request; ``prompt`` the messages' text. ``standing``
    is the decision that counts, ``decisions`` every person's last one, oldest first; those on another
    digest do not count and stand in ``outdated``. ``fixed`` is the YAML of a standing fix, else empty.
    ``others`` are the other teachers' answers, ``twice`` whether a second person shall look at it too.
    """

    name: str
    digest: str
    tool: str
    contract: str
    teacher: str
    language: str
    pull_request: PullRequest
    shown: ShownDiff
    prompt: str
    text: str
    target: str
    posted: tuple[Piece, ...]
    markdown: str
    flags: tuple[Flag, ...] = ()
    standing: Decision | None = None
    decisions: tuple[Decision, ...] = ()
    outdated: tuple[Decision, ...] = ()
    fixed: str = ""
    others: tuple[Other, ...] = ()
    twice: bool = False


@dataclass(frozen=True)
class ChooseItem:
    """A pull request of the short-list; ``rank`` from 1, in the order of coverage."""

    name: str
    digest: str
    rank: int
    planted: bool
    repository: str
    language: str
    size: str
    kind: str
    pull_request: PullRequest
    shown: ShownDiff
    standing: Decision | None = None
    decisions: tuple[Decision, ...] = ()
    outdated: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """How many picked pull requests have a value ("python" of "language"), and how many should.

    ``target`` is what the seeded choice for coverage would take out of the short-list, ``listed``
    what there is of it.
    """

    trait: str
    value: str
    picked: int
    target: int
    listed: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What the choice lacks. ``needed`` more picks and split goes on.

    ``planted_room`` and ``real_room`` are how many more may be picked of each. ``cells`` are those
    under their target.
    """

    wanted: int
    picked: int
    needed: int
    planted_room: int
    real_room: int
    cells: tuple[Cell, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether split goes on with what is picked."""
        return not self.needed


@dataclass(frozen=True)
class JudgeItem:
    """A pair, blind: nothing in it says whose answer is whose. What judges are given, and no more.

    ``first`` and ``second`` are canonical YAML, in an order drawn for this person and this pair.
    ``task`` says what was asked. ``commits`` are the messages, ``omitted`` the paths that nobody who
    answered was shown. ``decided`` is whether this person has judged it.
    """

    name: str
    digest: str
    tool: str
    task: str
    title: str
    branch: str
    description: str
    commits: str
    omitted: str
    shown: ShownDiff
    first: str
    second: str
    first_posted: tuple[Piece, ...] = ()
    second_posted: tuple[Piece, ...] = ()
    twice: bool = False
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """What a person says of a pair as it was shown: ``better`` 1 or 2, 0 for equal; scores 1 to 10."""

    better: int
    first_score: int
    second_score: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a queue is. ``wanted`` is how many decisions the study waits for, 0 if for none.

    ``decided`` counts things with a decision that counts, ``mine`` those of one person, ``left`` what
    that person shall still look at; ``disagreed`` things on which persons' decisions differ. ``why_empty`` says what to run where
    there is nothing.
    """

    queue: Queue
    total: int
    decided: int
    wanted: int
    mine: int = 0
    left: int = 0
    disagreed: int = 0
    why_empty: str = ""

    @property
    def enough(self) -> bool:
        """Whether the study goes on with what is decided."""
        return self.decided >= self.wanted


@dataclass(frozen=True, slots=True)
class Bounded:
    """A number with its 95 % interval; all None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two people agree on what both decided in one queue."""

    queue: Queue
    one: str
    other: str
    items: int
    raw: Bounded
    kappa: Bounded
    differ: tuple[str, ...] = field(default=())  # the names of what they say different things of
