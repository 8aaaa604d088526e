"""What of a page may differ between two runs that gave the same: the seconds that were measured."""

from __future__ import annotations


def without_clock(page: str) -> str:
    """The page but for its section on what it took."""
    before, found, rest = page.partition('<section aria-labelledby="costs">')
    assert found
    return before + rest.partition("</section>")[2]
