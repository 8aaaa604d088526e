"""Newer than a model's training data, older, or nobody knows."""

from __future__ import annotations

import pytest

from pullsmith.models.cutoffs import ages, is_newer, shipped_cutoffs
from pullsmith.models.presets import presets

DAY = "2026-03-01"


@pytest.mark.parametrize(
    ("merged_at", "cutoff", "expected"),
    [
        ("2026-03-02T00:00:00Z", DAY, True),
        ("2026-03-01T23:59:59Z", DAY, False),
        ("2025-12-31T00:00:00Z", DAY, False),
        ("2026-04-01T00:00:00Z", "2026-03", True),
        ("2026-03-31T00:00:00Z", "2026-03", False),
        ("2026-12-31T00:00:00Z", "2026", False),
        ("", DAY, None),
        ("2026-03-02T00:00:00Z", None, None),
    ],
)
def test_is_newer(merged_at: str, cutoff: str | None, expected: bool | None) -> None:
    assert is_newer(merged_at, cutoff) is expected


def test_ages_name_a_model_on_one_side_or_on_none() -> None:
    cutoffs = {"old": "2023-03", "new": "2025-12-31"}
    found = ages("2024-05-01T00:00:00Z", cutoffs)
    assert (found.newer_than, found.older_than) == (("old",), ("new",))
    assert ages("", cutoffs) == ages("2024-05-01T00:00:00Z", {})


def test_shipped_cutoffs_are_those_of_presets_that_have_one() -> None:
    assert 0 < len(shipped_cutoffs()) < len(presets())
    assert shipped_cutoffs().keys() <= presets().keys()
