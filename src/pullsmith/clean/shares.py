"""How many examples say that there is nothing to report, and which go where that is too many.

Takes all examples, because one alone cannot say it. Draws by id, so that the same ones stay whatever
else is there. Knows no rule about an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import floor

from pullsmith.contracts.answers import AnswerValue, Improve, Review, Spot
from pullsmith.records import digest


@dataclass(frozen=True, slots=True)
class Made:
    """An example that was made: its id, and what shares count. ``empty`` is None where nothing can be."""

    id: str
    tool: str
    contract: str
    empty: bool | None


def says_nothing(value: AnswerValue) -> bool | None:
    """Whether an answer reports nothing; None where the tool or its contract has no list to be empty."""
    if isinstance(value, Review):
        issues = value.key_issues_to_review
        return None if issues is None else not issues
    if isinstance(value, Improve):
        return not value.code_suggestions
    if isinstance(value, Spot):
        return not value.issues
    return None


def too_many_empty(
    made: Sequence[Made], most: float, seed: int, *, stay: Collection[str] = ()
) -> dict[str, str]:
    """The ids of the empty examples beyond the share ``most`` of their tool and contract, and why.

    Those in ``stay`` are counted, and never among them.
    """
    return {
        name: detail
        for group in _groups(made)
        for name, detail in _surplus(group, most, seed, stay).items()
    }


def empty_shares(made: Sequence[Made]) -> dict[str, float]:
    """The share of empty examples of each tool and contract, for the manifest."""
    return {
        f"empty share {group[0].tool}/{group[0].contract}": round(
            sum(each.empty is True for each in group) / len(group), 4
        )
        for group in _groups(made)
    }


def drawn(names: Collection[str], count: int, seed: int, what: str) -> set[str]:
    """``count`` of the names, by a seeded hash of each."""
    return set(sorted(names, key=lambda name: (digest([seed, what, name]), name))[:count])


def _groups(made: Sequence[Made]) -> list[list[Made]]:
    groups: dict[tuple[str, str], list[Made]] = {}
    for each in made:
        if each.empty is not None:
            groups.setdefault((each.tool, each.contract), []).append(each)
    return [groups[key] for key in sorted(groups)]


def _surplus(
    group: Sequence[Made], most: float, seed: int, stay: Collection[str]
) -> dict[str, str]:
    empty = {each.id for each in group if each.empty}
    others = len(group) - len(empty)
    # e / (e + others) <= most; all may be empty where most is 1.
    room = len(empty) if most >= 1 else floor(most * others / (1 - most) + 1e-9)
    asked = empty - set(stay)
    keep = drawn(asked, max(0, room - (len(empty) - len(asked))), seed, "empty")
    detail = f"{len(empty)} of {len(group)} say nothing, at most {most:g} wanted"
    return dict.fromkeys(asked - keep, detail)
