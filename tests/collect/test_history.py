"""The log and merge bases, against git's own."""

from __future__ import annotations

import gc
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullsmith.collect.history import Branch, History
from pullsmith.collect.opening import open_clone
from tests.collect.repositories import Teller, git


def _tangle(seed: int) -> Teller:
    """80 commits, most of them merges of what came just before: criss-crosses included."""
    draw = random.Random(seed)
    teller = Teller()
    tips = [teller.commit("root", {"f": b"0\n"})]
    for number in range(1, 80):
        parents = draw.sample(tips[-6:], min(len(tips), draw.choice((1, 2, 2))))
        tips.append(
            teller.commit(f"c{number}", {"f": b"%d\n" % number}, *parents, ref=f"refs/t/{number}")
        )
    teller.commit("tip", {}, *tips[-3:])
    return teller


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 6])
def test_what_a_merge_brought_is_gits(tmp_path: Path, seed: int) -> None:
    _tangle(seed).make(tmp_path / "t.git")
    with open_clone(tmp_path / "t.git") as clone:
        history = History(clone)
    merges = [one for one in history.first_parents() if len(one.parents) == 2]
    several = 0
    for one in merges:
        left, right = (parent.decode() for parent in one.parents)
        found = history.brought_by(one.id)
        theirs = git(tmp_path / "t.git", "merge-base", "--all", left, right).split()
        only = git(tmp_path / "t.git", "rev-list", "--topo-order", f"{left}..{right}").split()
        assert set(found.bases) == set(theirs)
        assert set(found.commits) == set(only)
        assert found.bases == tuple(sorted(theirs, key=history.commits.numbers.__getitem__))[::-1]
        several += len(theirs) > 1
    assert several, "the tangle has no criss-cross"


def test_every_commit_is_numbered_after_its_parents(tmp_path: Path) -> None:
    ids = _tangle(3).make(tmp_path / "t.git")
    with open_clone(tmp_path / "t.git") as clone:
        commits = History(clone).commits
    assert 40 < len(commits) <= len(ids)
    for sha, number in commits.numbers.items():
        assert [commits.ids[one] for one in commits.parents(number)] == list(commits[sha].parents)
        assert all(parent < number for parent in commits.parents(number))


def _around_a_merge(folder: Path) -> tuple[History, dict[int, bytes]]:
    """1 root, 2 tip, 3 elsewhere (no common root), 4 merges it, 5 merges the root again."""
    teller = Teller()
    root = teller.commit("root", {"f": b"0\n"})
    tip = teller.commit("tip", {"f": b"1\n"}, root)
    other = teller.commit("elsewhere", {"g": b"1\n"}, ref="refs/other")
    merge = teller.commit("merge", {}, tip, other)
    teller.commit("nothing new", {}, merge, root)
    ids = {mark: sha.encode() for mark, sha in teller.make(folder / "e.git").items()}
    with open_clone(folder / "e.git") as clone:
        return History(clone), ids


def test_merges_at_the_edges(tmp_path: Path) -> None:
    history, ids = _around_a_merge(tmp_path)
    assert history.brought_by(ids[4]) == Branch((), (ids[3],))
    assert history.brought_by(ids[5]) == Branch((ids[1],), ())
    assert [one.id for one in history.first_parents()] == [ids[n] for n in (5, 4, 2, 1)]
    assert history.root().id == ids[1]


def test_what_landed_a_commit(tmp_path: Path) -> None:
    history, ids = _around_a_merge(tmp_path)
    assert [history.landed_by(ids[n]) for n in (1, 2, 3, 4, 5)] == [ids[n] for n in (1, 2, 4, 4, 5)]
    assert history.landed_by(b"0" * 40) == b""


def test_texts_outlive_the_clone_and_are_closed_with_the_history(tmp_path: Path) -> None:
    """Nothing stays open: an unclosed file would be a warning, and warnings are errors here."""
    history, ids = _around_a_merge(tmp_path)
    assert history.commits[ids[3]].message == b"elsewhere"
    assert ids[3] in history.commits
    assert b"0" * 40 not in history.commits
    del history
    gc.collect()


def test_fields_of_a_commit(tmp_path: Path) -> None:
    teller = Teller()
    teller.commit("Subject\n\nBody\nmore\n", {}, author=("B\u00f6 Example", "bo@example.org"))
    teller.make(tmp_path / "f.git")
    with open_clone(tmp_path / "f.git") as clone:
        (commit,) = History(clone).first_parents()
    assert (commit.author, commit.author_email) == ("B\u00f6 Example".encode(), b"bo@example.org")
    assert (commit.committer_email, commit.committed_at) == (b"ada@example.org", 1_600_000_060)
    assert commit.message.rstrip() == b"Subject\n\nBody\nmore"
    assert commit.parents == ()


def test_a_time_beyond_the_calendar_is_its_last_second(tmp_path: Path) -> None:
    teller = Teller()
    teller.commit("Start", {"f": b"0\n"})
    teller.make(tmp_path / "f.git")
    raw = git(tmp_path / "f.git", "cat-file", "commit", "main").replace(b"1600000060", b"9" * 13)
    sha = git(tmp_path / "f.git", "hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    git(tmp_path / "f.git", "update-ref", "refs/heads/main", sha.decode().strip())
    with open_clone(tmp_path / "f.git") as clone:
        (commit,) = History(clone).first_parents()
    assert datetime.fromtimestamp(commit.committed_at, UTC).year == 9999
