"""When a training has gone on long enough."""

from __future__ import annotations

import pytest

from pullsmith.train.watch import is_stale


@pytest.mark.parametrize(
    ("losses", "patience", "stale"),
    [
        ([3.0, 2.0, 2.5], 1, True),
        ([3.0, 2.0, 2.5], 2, False),
        ([3.0, 2.0, 2.5, 2.0], 2, True),  # as low is not lower
        ([3.0, 2.0, 2.5, 1.9], 2, False),
        ([3.0, 4.0, 5.0], 0, False),
        ([], 1, False),
    ],
)
def test_patience_counts_checks_since_the_lowest(
    losses: list[float], patience: int, stale: bool
) -> None:
    assert is_stale(losses, patience) is stale
