"""Everybody's last word on the things of one queue, as far as it is on what they are now.

Takes the decisions and digests of the things; gives what counts, what each person said, and what is
outdated. The last line counts, whoever wrote it; where persons differ, both words stay in sight.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from pullsmith.decisions import Action, Decision, Decisions

_NOTHING: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class Words:
    """``by_person`` and ``outdated`` by the name of the thing; ``lost`` are on things that are not there."""

    standing: Mapping[str, Decision]
    by_person: Mapping[str, tuple[Decision, ...]]
    outdated: Mapping[str, tuple[Decision, ...]]
    lost: tuple[Decision, ...]

    def of(self, name: str) -> tuple[Decision, ...]:
        """Every person's last word on it that is not outdated."""
        return self.by_person.get(name, _NOTHING)

    def deciders(self, name: str) -> set[str]:
        """Who has said something of it as it is now."""
        return {one.who for one in self.of(name)}

    def disagreed(self) -> list[str]:
        """The things on which persons said different things, by name."""
        return sorted(
            name for name, said in self.by_person.items() if len({label(one) for one in said}) > 1
        )

    def passed_over(self) -> list[str]:
        """A sentence for each decision that does not count, as the stages say it."""
        outdated = [one for some in self.outdated.values() for one in some]
        return [
            *(_not_counting(one, "has changed since") for one in outdated),
            *(_not_counting(one, "is not there any more") for one in self.lost),
        ]


def words_on(
    decisions: Decisions,
    actions: Collection[Action],
    *,
    known: Callable[[str], bool],
    digests: Callable[[Collection[str]], Mapping[str, str]],
) -> Words:
    """What was said with one of ``actions``.

    ``known`` says whether a thing is there, ``digests`` gives what it is now, of many at a time.
    """
    said = decisions.by_person(actions)
    now = digests({one.record_id for one in said if known(one.record_id)})
    current = [one for one in said if now.get(one.record_id) == one.of]
    outdated = [one for one in said if now.get(one.record_id, one.of) != one.of]
    standing = decisions.standing(actions)
    return Words(
        {name: one for name, one in standing.items() if now.get(name) == one.of},
        _by_name(current),
        _by_name(outdated),
        tuple(one for one in said if one.record_id not in now),
    )


def label(one: Decision) -> str:
    """What somebody said, without their reasons: the action, or a verdict's result."""
    return one.text.partition(" ")[0] if one.action is Action.VERDICT else one.action.value


def _by_name(decisions: Iterable[Decision]) -> dict[str, tuple[Decision, ...]]:
    found: dict[str, list[Decision]] = {}
    for one in decisions:
        found.setdefault(one.record_id, []).append(one)
    return {name: tuple(some) for name, some in found.items()}


def _not_counting(one: Decision, why: str) -> str:
    return f"{one.action} by {one.who} does not count: {one.record_id} {why}"
