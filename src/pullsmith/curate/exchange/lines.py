"""A queue as lines that people fill in: what is shown beside what they say, one line a person and thing.

Takes a desk; gives lines, and the other way round. A line names the digest of what it shows, so that
one of another run, or on what has changed since, is refused and never misattached.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pullsmith.curate.desk import Desk
from pullsmith.curate.exchange.line import EQUAL, FIRST, SECOND, Line
from pullsmith.curate.exchange.say import say
from pullsmith.curate.items import ChooseItem, CleanItem, Filter, JudgeItem, Queue
from pullsmith.decisions import Action, Decision
from pullsmith.diff.shown import unified
from pullsmith.errors import DecisionError, RunFolderError
from pullsmith.records import Order


@dataclass
class Imported:
    """What became of the lines: counts by what they said, and why the others were refused."""

    written: Counter[str] = field(default_factory=Counter)
    there_already: int = 0
    without_a_decision: int = 0
    refused: list[str] = field(default_factory=list)


def lines_of(desk: Desk, queue: Queue, who: str = "") -> Iterator[Line]:
    """Every person's last word, and a line without one where ``who`` shall still look.

    Without ``who`` that is where nobody has. Raises DecisionError for the queue of pairs without
    ``who``: the order that a pair is shown in is drawn for one person.
    """
    if queue is Queue.CLEAN:
        yield from _examples(desk, who)
    elif queue is Queue.CHOOSE:
        yield from _choices(desk, who)
    elif who.strip():
        yield from _pairs(desk, who.strip())
    else:
        raise DecisionError(
            "pairs are exported for one person, in an order drawn for them: add --as NAME"
        )


def apply(desk: Desk, lines: Iterable[tuple[int, Line | str]], who: str = "") -> Imported:
    """Make the decisions that the lines hold; those that are there already are not made twice.

    ``lines`` come with their numbers; a text in the place of a line says why it could not be read.
    ``who`` is the person of lines that name none. Raises RunFolderError where nothing can be written.
    """
    found = Imported()
    for number, line in lines:
        if isinstance(line, str):
            found.refused.append(f"line {number}: {line}")
            continue
        if not line.decision.strip():
            found.without_a_decision += 1
            continue
        try:
            _one(desk, line, line.who.strip() or who, found)
        except DecisionError as error:
            found.refused.append(f"line {number}: {error}")
        except RunFolderError as error:
            raise RunFolderError(
                f"line {number}: {error}; {found.written.total()} lines before it are kept, import "
                "the file again to go on"
            ) from error
    return found


def _one(desk: Desk, line: Line, who: str, found: Imported) -> None:
    made = say(desk, line, who)
    if made is None:
        found.there_already += 1
    else:
        found.written[made.action.value] += 1


def _examples(desk: Desk, who: str) -> Iterator[Line]:
    left = set(desk.clean.names(Filter(undecided_by=who or "somebody else")))
    for name in desk.clean.names():
        item = desk.clean.item(name)
        blank = _example(item)
        for one in item.decisions:
            text = desk.clean.yaml_of(name, one.text) if one.action is Action.FIX else one.text
            yield blank.model_copy(update=_said(one, text))
        if name in left and (who or not item.decisions):
            yield blank.model_copy(update={"who": who})


def _said(one: Decision, text: str) -> dict[str, str]:
    return {"who": one.who, "decision": one.action.value, "text": text}


def _example(item: CleanItem) -> Line:
    return Line(
        queue=Queue.CLEAN.value,
        name=item.name,
        digest=item.digest,
        tool=item.tool,
        language=item.language,
        repository=item.pull_request.repository,
        title=item.pull_request.title,
        description=item.pull_request.body,
        flags="; ".join(flag.message for flag in item.flags),
        diff=unified(item.shown),
        answer=item.text,
    )


def _choices(desk: Desk, who: str) -> Iterator[Line]:
    for name in desk.choose.names():
        item = desk.choose.item(name)
        blank = _choice(item)
        for one in item.decisions:
            yield blank.model_copy(update=_said(one, one.text))
        if not item.decisions:
            yield blank.model_copy(update={"who": who})


def _choice(item: ChooseItem) -> Line:
    kind = "planted" if item.planted else "real"
    return Line(
        queue=Queue.CHOOSE.value,
        name=item.name,
        digest=item.digest,
        language=item.language,
        repository=item.repository,
        title=item.pull_request.title,
        description=item.pull_request.body,
        flags=f"{kind}; {item.size}; {item.kind}; place {item.rank} of its list",
        diff=unified(item.shown),
    )


def _pairs(desk: Desk, who: str) -> Iterator[Line]:
    left = set(desk.judge.names(who, Filter(undecided_by=who)))
    for name in desk.judge.names(who):
        for one in desk.judge.said_of(name):
            yield _pair(desk.judge.item(name, one.who)).model_copy(update=_vote(one))
        if name in left:
            yield _pair(desk.judge.item(name, who)).model_copy(update={"who": who})


def _pair(item: JudgeItem) -> Line:
    return Line(
        queue=Queue.JUDGE.value,
        name=item.name,
        digest=item.digest,
        tool=item.tool,
        title=item.title,
        description=f"{item.description}\n\nThe task was: {item.task}".lstrip("\n"),
        diff=unified(item.shown),
        answer=item.first,
        second_answer=item.second,
    )


def _vote(one: Decision) -> dict[str, str]:
    """A verdict as its person saw it: first and second, never whose they are."""
    result, _, order = one.text.partition(" ")
    candidate_first = order == Order.CANDIDATE_FIRST
    won = {"tie": EQUAL, "win": FIRST if candidate_first else SECOND}
    scores = [str(score) for score in one.scores] or ["", ""]
    first, second = scores if candidate_first else scores[::-1]
    return {
        "who": one.who,
        "decision": won.get(result, SECOND if candidate_first else FIRST),
        "text": one.why,
        "first_score": first,
        "second_score": second,
    }
