"""When a training has gone on long enough."""

from __future__ import annotations

import pytest

from pullsmith.train.watch import Pace, is_stale


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


def test_the_pace_is_told_every_half_minute_with_what_is_left() -> None:
    lines: list[str] = []
    clock = iter([0.0, 10.0, 20.0, 40.0, 50.0])
    pace = Pace(lines.append, [600] * 10, now=lambda: next(clock), gpu_bytes=lambda: 3 * 1024**3)
    pace.begin(2)  # at 10 s: a resumed training
    pace.at(3)  # 10 s later: too early
    pace.at(5)  # 30 s after it began: three steps of 600 tokens, five are left
    pace.at(6)
    assert lines == ["50% trained: 60 tokens a second, 3.0 GiB of GPU memory, 1 minutes left"]
