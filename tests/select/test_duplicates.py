"""Exact duplicates: what counts as one, and which of them stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.records import ChangeStatus, FileChange, PullRequest, Split
from pullsmith.select.duplicates import content_digest, find_duplicates
from tests.curated import file, planted, real

BINARY = FileChange(path="a.png", status=ChangeStatus.MODIFIED, binary=True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (file("a = 1", "b"), file("  a  = 1\t", "", "b"), True),
        (file("a", deleted=["x"]), file("a", deleted=["y"]), True),
        (file("a"), file("b"), False),
        (file("a", "b"), file("ab"), False),
        (file("a"), file("a", path="b.py"), False),
        (file(deleted=["x"]), file(deleted=["y"]), False),
        (file(deleted=["x"]), file(deleted=["x "]), True),
        (file("x"), file(deleted=["x"]), False),
    ],
)
def test_added_lines_and_paths_decide(one: FileChange, other: FileChange, same: bool) -> None:
    copies = find_duplicates([real("1", one), real("2", other)])
    assert copies == ({"forge.test/a/b@2": "forge.test/a/b@1"} if same else {})


def test_binary_files_are_never_copies() -> None:
    assert content_digest(real("1", BINARY)) is None
    assert find_duplicates([real("1", BINARY), real("2", BINARY)]) == {}


def test_the_order_of_files_does_not_count() -> None:
    one, other = file("a"), file("b", path="b.py")
    assert content_digest(real("1", one, other)) == content_digest(real("1", other, one))


ORDER = [
    real("7", file("a"), merged_at="2026-01-01T00:00:00Z"),
    real("5", file("a"), merged_at="2026-01-02T00:00:00Z"),
    real("6", file("a"), merged_at="2026-01-02T00:00:00Z"),
    planted("3", file("a"), pool=Split.EVAL),
    planted("2", file("a"), pool=Split.TRAIN),
    planted("1", file("a"), pool=Split.TRAIN, flags=("planted", "spot")),
]


@given(st.permutations(ORDER), st.integers(1, len(ORDER)))
def test_the_first_of_the_stated_order_stays(records: list[PullRequest], count: int) -> None:
    best = min(records[:count], key=ORDER.index)
    expected = {record.id: best.id for record in records[:count] if record.id != best.id}
    assert find_duplicates(records[:count]) == expected
