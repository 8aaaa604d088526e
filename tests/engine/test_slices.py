"""Slices: every row once, in order, of about the wanted size, the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.engine.slices import Slice, slices_of
from pullsmith.records import Message
from pullsmith.rows import write_rows


def written(path: Path, lengths: list[int]) -> Path:
    write_rows(path, Message, [Message(role="u", content="x" * length) for length in lengths])
    return path


@given(lengths=st.lists(st.integers(0, 50), max_size=30), most=st.integers(1, 900))
def test_every_row_is_in_one_slice(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], most: int
) -> None:
    path = written(tmp_path_factory.mktemp("x") / "rows.parquet", lengths)
    slices = list(slices_of([path], most_bytes=most))
    assert [row for one in slices for row in range(one.start, one.stop)] == [*range(len(lengths))]
    assert all(one.stop > one.start for one in slices)


def test_slices_are_of_the_wanted_size(tmp_path: Path) -> None:
    path = written(tmp_path / "rows-00000.parquet", [1000] * 100)
    slices = list(slices_of([path, path], most_bytes=25_000))
    assert len(slices) in (9, 10)
    assert slices[0] == Slice(path, 0, slices[0].stop)
    assert 20 <= slices[0].stop <= 25
    assert slices[1].name == f"rows-00000.{slices[0].stop:06d}"
