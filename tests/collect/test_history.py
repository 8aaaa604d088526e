"""The log and merge bases, against git's own."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pullsmith.collect.history import History
from pullsmith.collect.opening import open_clone
from tests.collect.repositories import Teller, git


def _tangle(seed: int) -> Teller:
    """40 commits, most of them merges of what came just before: criss-crosses included."""
    draw = random.Random(seed)
    teller = Teller()
    tips = [teller.commit("root", {"f": b"0\n"})]
    for number in range(1, 40):
        parents = draw.sample(tips[-4:], min(len(tips), draw.choice((1, 2, 2))))
        tips.append(
            teller.commit(f"c{number}", {"f": b"%d\n" % number}, *parents, ref=f"refs/t/{number}")
        )
    teller.commit("tip", {}, *tips[-3:])
    return teller


@pytest.mark.parametrize("seed", [1, 2])
def test_merge_bases_are_gits(tmp_path: Path, seed: int) -> None:
    ids = _tangle(seed).make(tmp_path / "t.git")
    with open_clone(tmp_path / "t.git") as clone:
        history = History(clone)
    reachable = [sha for sha in ids.values() if sha.encode() in history.commits]
    several = 0
    for left, right in zip(
        reachable[8:], reachable[10:], strict=False
    ):  # neighbours criss-cross most
        found = history.merge_bases(left.encode(), right.encode())
        theirs = git(tmp_path / "t.git", "merge-base", "--all", left, right).split()
        only = git(tmp_path / "t.git", "rev-list", f"{left}..{right}").split()
        assert set(found.bases) == set(theirs)
        assert set(found.commits) == set(only)
        several += len(theirs) > 1
    assert several, "the tangle has no criss-cross"


def test_merge_bases_at_the_edges(tmp_path: Path) -> None:
    teller = Teller()
    root = teller.commit("root", {"f": b"0\n"})
    tip = teller.commit("tip", {"f": b"1\n"}, root)
    other = teller.commit("elsewhere", {"g": b"1\n"}, ref="refs/other")
    merge = teller.commit("merge", {}, tip, other)
    ids = {mark: sha.encode() for mark, sha in teller.make(tmp_path / "e.git").items()}
    with open_clone(tmp_path / "e.git") as clone:
        history = History(clone)
    assert history.merge_bases(ids[tip], ids[tip]).bases == (ids[tip],)
    assert history.merge_bases(ids[root], ids[tip]).commits == (ids[tip],)
    assert history.merge_bases(ids[tip], ids[root]).commits == ()
    assert history.merge_bases(ids[tip], ids[other]).bases == ()
    assert [one.id for one in history.first_parents()] == [ids[merge], ids[tip], ids[root]]
    assert history.root().id == ids[root]


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
