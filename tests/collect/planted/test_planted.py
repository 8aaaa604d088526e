"""The public function, on part of the standard library."""

from __future__ import annotations

import pytest

from pullsmith.collect.planted import planted_pull_requests
from pullsmith.errors import SourceError
from pullsmith.records import Split
from pullsmith.study.collect import PlantedSource


def test_counts_pools_and_spots_are_what_was_asked_for() -> None:
    source = PlantedSource(spots=20, eval_share=0.25)
    records = planted_pull_requests(source, seed=0, count=60, file_limit=60)
    whole = [record for record in records if "spot" not in record.flags]
    assert len(whole) == 60
    assert len(records) == 80
    assert sum(record.pool is Split.EVAL for record in whole) == 15
    assert len({record.id for record in records}) == 80
    for record in records:
        assert record.id.startswith("planted:")
        assert record.source == "planted"
        assert record.repository == "planted:stdlib"
        assert record.split is None  # split decides, by the pool
        assert record.licence is not None


def test_nothing_asked_for_nothing_made() -> None:
    assert planted_pull_requests(PlantedSource(), seed=0, count=0) == []


def test_an_unknown_kind_is_refused() -> None:
    source = PlantedSource(kinds=("none_eqq",))
    with pytest.raises(SourceError, match="did you mean 'none_eq'"):
        planted_pull_requests(source, seed=0, count=1, file_limit=20)
