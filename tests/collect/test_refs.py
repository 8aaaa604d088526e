"""Refs read by hand are those git reads."""

from __future__ import annotations

import os
import shutil
import tracemalloc
from pathlib import Path

import pytest

from pullsmith.collect.refs import read_head, read_refs
from pullsmith.errors import SourceError
from tests.collect.repositories import git


@pytest.fixture
def clone(bare: Path, tmp_path: Path) -> Path:
    shutil.copytree(bare, tmp_path / "c.git")
    return tmp_path / "c.git"


def told_by_git(clone: Path, *patterns: str) -> dict[bytes, bytes]:
    lines = git(clone, "for-each-ref", "--format=%(objectname) %(refname)", *patterns).splitlines()
    return {name: one for one, name in (line.split(b" ", 1) for line in lines)}


def test_head_on_a_branch_packed_detached_and_behind_a_symbolic_ref(clone: Path) -> None:
    main = git(clone, "rev-parse", "main").strip()
    assert read_head(clone, clone) == main
    git(clone, "pack-refs", "--all")
    assert read_head(clone, clone) == main
    git(clone, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(clone, "symbolic-ref", "HEAD", "refs/heads/alias")
    assert read_head(clone, clone) == main
    before = git(clone, "rev-parse", "main~1")
    (clone / "HEAD").unlink()
    (clone / "HEAD").symlink_to("refs/heads/main")  # as git before 2005 wrote it
    assert read_head(clone, clone) == main == git(clone, "rev-parse", "HEAD").strip()
    (clone / "HEAD").unlink()
    (clone / "HEAD").write_bytes(before)
    assert read_head(clone, clone) == before.strip()


def test_a_loose_ref_counts_more_than_a_packed_one(clone: Path) -> None:
    git(clone, "pack-refs", "--all")
    git(clone, "update-ref", "refs/heads/main", "main~1")
    git(clone, "update-ref", "refs/pull/7/head", "main~1")
    assert read_head(clone, clone) == git(clone, "rev-parse", "main").strip()
    assert read_refs(clone, b"refs/") == told_by_git(clone)
    assert read_refs(clone, b"refs/pull/") == told_by_git(clone, "refs/pull")
    assert len(read_refs(clone, b"refs/pull/")) == 3
    assert read_refs(clone, b"refs/none/") == {}


def test_a_branch_that_is_not_there_yet(clone: Path) -> None:
    (clone / "HEAD").write_text("ref: refs/heads/new\n")
    assert read_head(clone, clone) == b""


@pytest.mark.parametrize(
    "head",
    [
        "ref: refs/../config",
        "ref: /etc/passwd",
        "ref: config",
        "ref: refs/heads/circle",
        "--output=x",
        "",
        "0" * 39,
        "0" * 41,
    ],
)
def test_heads_that_lead_elsewhere(clone: Path, head: str) -> None:
    (clone / "refs/heads/circle").write_text("ref: refs/heads/circle\n")
    (clone / "HEAD").write_text(head + "\n")
    with pytest.raises(SourceError, match="HEAD is no branch and no commit"):
        read_head(clone, clone)


def test_a_ref_that_is_a_pipe_or_holds_no_id_is_passed_over(clone: Path) -> None:
    expected = read_refs(clone, b"refs/")
    os.mkfifo(clone / "refs/heads/pipe")
    (clone / "refs/heads/word").write_text("hello\n")
    (clone / "refs/heads/link").symlink_to("/etc/hostname")
    with (clone / "packed-refs").open("ab") as packed:
        packed.write(b"# comment\n^" + b"0" * 40 + b"\nzz refs/heads/bad\n\n")
        packed.write(b"0" * 40 + b" refs/../../outside\n" + b"0" * 40 + b" HEAD\n")
    assert read_refs(clone, b"refs/") == expected


def test_a_line_without_an_end_is_not_read_whole(clone: Path) -> None:
    """Two hundred megabytes of it, sparse, are no ref; the refs of the lines before are there."""
    git(clone, "pack-refs", "--all")
    before = read_refs(clone, b"refs/")
    path = clone / "packed-refs"
    with path.open("ab") as file:
        file.truncate(path.stat().st_size + (200 << 20))
    tracemalloc.start()
    try:
        assert read_refs(clone, b"refs/") == before
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 << 20
