"""Pull heads: which refs count, whose numbers they are, and that names are only ever text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.collect.opening import open_clone
from pullsmith.collect.pull_refs import PullRefs, read_pull_refs
from pullsmith.collect.styles import Tracker
from tests.collect.repositories import Teller, git

A, B = b"a" * 40, b"b" * 40


def _read(folder: Path, refs: dict[bytes, bytes]) -> PullRefs:
    """What is made of a clone with these refs and no others."""
    Teller().commit("Start", {"a": b"1\n"})
    teller = Teller()
    teller.commit("Start", {"a": b"1\n"})
    teller.make(folder / "r.git")
    with open_clone(folder / "r.git") as clone:
        return read_pull_refs(replace(clone, refs=lambda _: refs))


@pytest.mark.parametrize(
    ("name", "tracker", "number"),
    [
        (b"refs/pull/7/head", Tracker.PULL, 7),
        (b"refs/merge-requests/7/head", Tracker.MERGE_REQUEST, 7),
        (b"refs/pull-requests/7/from", Tracker.PULL_REQUEST, 7),
    ],
)
def test_heads_by_tracker(tmp_path: Path, name: bytes, tracker: Tracker, number: int) -> None:
    refs = _read(tmp_path, {name: A})
    assert refs.head(tracker, number) == A
    assert refs.pulls(A) == [(tracker, number)]
    assert [refs.head(other, number) for other in Tracker if other is not tracker] == [b""] * 4


@pytest.mark.parametrize(
    ("name", "head"),
    [
        (b"refs/pull/7/merge", A),  # the forge's own trial merge
        (b"refs/heads/pull/7/head", A),  # a branch that somebody named so
        (b"refs/pull/07/head", A),
        (b"refs/pull/1234567890/head", A),
        (b"refs/pull/7/head/--output=x", A),
        (b"refs/pull/\xd9\xa7/head", A),  # a digit, but not one of ours
        (b"refs/pull/7/head", b"a" * 64),  # of another kind of repository
    ],
)
def test_what_is_no_pull_head(tmp_path: Path, name: bytes, head: bytes) -> None:
    refs = _read(tmp_path, {name: head})
    assert refs.pulls(head) == []
    assert refs.head(Tracker.PULL, 7) == b""


def test_loose_and_packed_refs_of_a_clone(tmp_path: Path) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a": b"1\n"})
    teller.commit("One", {"a": b"2\n"}, main, ref="refs/pull/1/head")
    ids = teller.make(tmp_path / "r.git")
    git(tmp_path / "r.git", "pack-refs", "--all")
    git(tmp_path / "r.git", "update-ref", "refs/pull/2/head", ids[1])
    with open_clone(tmp_path / "r.git") as clone:
        refs = read_pull_refs(clone)
    assert refs.head(Tracker.PULL, 1) == ids[2].encode()
    assert refs.head(Tracker.PULL, 2) == ids[1].encode()
    assert refs.head(Tracker.PULL, 3) == refs.head(Tracker.PULL, None) == b""


def test_several_pulls_with_one_head() -> None:
    refs = PullRefs({Tracker.PULL: {9: A, 2: A, 3: B}})
    assert refs.pulls(A) == [(Tracker.PULL, 2), (Tracker.PULL, 9)]


@pytest.mark.parametrize(
    ("known", "named", "complete"),
    [(10, 10, True), (9, 10, True), (8, 10, False), (9, 9, False), (0, 10, False)],
)
def test_complete(known: int, named: int, complete: bool) -> None:
    refs = PullRefs({Tracker.PULL: dict.fromkeys(range(1, known + 1), A)})
    marked = [(Tracker.PULL, number) for number in range(1, named + 1)]
    assert refs.complete(marked) == (frozenset({Tracker.PULL}) if complete else frozenset())
