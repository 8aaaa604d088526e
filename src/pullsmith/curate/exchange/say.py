"""One filled-in line as a decision at the desk: the same checks as for a page, nothing misattached."""

from __future__ import annotations

from pullsmith.curate.book import check_name
from pullsmith.curate.desk import Desk
from pullsmith.curate.exchange.line import EQUAL, FIRST, SECOND, Line
from pullsmith.curate.items import Queue, Vote
from pullsmith.decisions import Action, Decision
from pullsmith.errors import DecisionError

_BETTER = {EQUAL: 0, FIRST: 1, SECOND: 2}


def say(desk: Desk, line: Line, who: str) -> Decision | None:
    """Make the decision; None where this person has said just that already.

    Raises DecisionError, naming the thing, for a line that cannot be one.
    """
    said, person = line.decision.strip().casefold(), check_name(who)
    text = line.text.replace("\r\n", "\n")  # as spreadsheets end their lines
    if line.queue == Queue.CLEAN:
        return _clean(desk, line, said, text, person)
    if line.queue == Queue.CHOOSE:
        return _choose(desk, line, said, text, person)
    if line.queue == Queue.JUDGE:
        return _judge(desk, line, said, text, person)
    raise DecisionError(f"{line.name}: there is no queue {line.queue!r}; known: {', '.join(Queue)}")


def _clean(desk: Desk, line: Line, said: str, text: str, who: str) -> Decision | None:
    queue, name = desk.clean, line.name
    before = _last(queue.item(name).decisions, who, line.digest)
    if said == Action.KEEP:
        if before is not None and before.action is Action.KEEP:
            return None
        return queue.keep(name, who=who, digest=line.digest)
    if said == Action.REJECT:
        if before is not None and (before.action, before.text) == (Action.REJECT, text.strip()):
            return None
        return queue.reject(name, text, who=who, digest=line.digest)
    if said == Action.FIX:
        fixed = before.text if before is not None and before.action is Action.FIX else ""
        if fixed and queue.yaml_of(name, fixed) == text:
            return None
        return queue.fix(name, text, who=who, digest=line.digest)
    raise _unknown(name, line.decision, ("keep", "fix", "reject"))


def _choose(desk: Desk, line: Line, said: str, text: str, who: str) -> Decision | None:
    queue, name = desk.choose, line.name
    before = _last(queue.item(name).decisions, who, line.digest)
    if said not in (Action.PICK, Action.UNPICK):
        raise _unknown(name, line.decision, ("pick", "unpick"))
    if before is not None and (before.action, before.text) == (said, text.strip()):
        return None
    write = queue.pick if said == Action.PICK else queue.unpick
    return write(name, who=who, digest=line.digest, why=text)


def _judge(desk: Desk, line: Line, said: str, text: str, who: str) -> Decision | None:
    if said not in _BETTER:
        raise _unknown(line.name, line.decision, tuple(_BETTER))
    scores = [_score(line.name, score) for score in (line.first_score, line.second_score)]
    vote = Vote(_BETTER[said], scores[0], scores[1], text)
    if desk.judge.has_said(line.name, vote, who=who, digest=line.digest):
        return None
    return desk.judge.vote(line.name, vote, who=who, digest=line.digest)


def _last(decisions: tuple[Decision, ...], who: str, digest: str) -> Decision | None:
    mine = [one for one in decisions if one.who == who and one.of == digest]
    return mine[-1] if mine else None


def _score(name: str, text: str) -> int:
    try:
        # A spreadsheet makes 7.0 of 7.
        return int(text.strip().removesuffix(".0"))
    except ValueError:
        raise DecisionError(
            f"{name}: a score is {text[:20]!r}, not a whole number from 1 to 10"
        ) from None


def _unknown(name: str, said: str, known: tuple[str, ...]) -> DecisionError:
    return DecisionError(f"{name}: the decision is {said[:40]!r}, not one of {', '.join(known)}")
