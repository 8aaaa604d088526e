"""Who shall look at what: draws by hash, so that every desk draws the same.

A thing is done when one person decided on it; a share of them, when a second one did.
"""

from __future__ import annotations

from collections.abc import Collection

from pullsmith.records import Order, digest

_ALL = 16**16  # as many as there are digests


def is_twice(name: str, *, share: float, seed: int) -> bool:
    """Whether a second person is asked about it."""
    return share > 0 and int(digest([seed, "twice", name]), 16) < share * _ALL


def is_left(who: str, deciders: Collection[str], *, twice: bool) -> bool:
    """Whether ``who`` shall look at it, given who did."""
    if not deciders:
        return True
    return twice and len(deciders) == 1 and who not in deciders


def order_for(who: str, name: str, *, seed: int) -> Order:
    """Which answer of a pair a person sees first."""
    heads = int(digest([seed, "order of people", who, name]), 16) % 2
    return Order.CANDIDATE_FIRST if heads else Order.REFERENCE_FIRST
