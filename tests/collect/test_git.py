"""Running git on clones: damaged ones, streams that are cut, and whose environment counts."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from pullsmith.collect.opening import open_clone
from pullsmith.errors import OutsideError, SourceError
from tests.collect.conftest import records
from tests.collect.reading import collected
from tests.collect.repositories import FORGE, Content, Teller, git

_DIFF = ("diff-tree", "--stdin", "-r", "-p", "--always")


def _loose(bare: Path, target: Path) -> Path:
    """A copy; fast-import leaves so few objects as files of their own, so that one can be lost."""
    shutil.copytree(bare, target)
    assert not list((target / "objects/pack").iterdir())
    return target


def _lose(repository: Path, name: str) -> str:
    sha = git(repository, "rev-parse", name).decode().strip()
    (repository / "objects" / sha[:2] / sha[2:]).unlink()
    return sha


def test_a_lost_blob_costs_the_changes_that_touch_it(bare: Path, tmp_path: Path) -> None:
    damaged = _loose(bare, tmp_path / "damaged.git")
    sha = _lose(damaged, "main~1:b c.py")
    said: list[str] = []
    found = collected(damaged, report=said.append)
    assert [one.number for one in found.pull_requests] == [1]
    assert said[-1].endswith("blobs absent: 1; git fsck names them, git fetch --refetch gets them")
    assert [(one.reason, sha in one.detail) for one in found.drops] == [("missing_blob", True)] * 2


def test_a_lost_tree_costs_one_change_and_the_stream_goes_on(bare: Path, tmp_path: Path) -> None:
    damaged = _loose(bare, tmp_path / "damaged.git")
    _lose(damaged, "main~1^2^{tree}")  # the head of pull request 2
    found = collected(damaged)
    assert [one.number for one in found.pull_requests] == [3, 1]
    assert [one.reason for one in found.drops] == ["unreadable_object"]


def _spoil(clone: Path, *names: str) -> None:
    """Change bytes in the middle of some objects of the only pack."""
    (pack,) = (clone / "objects/pack").glob("*.pack")
    objects = {git(clone, "rev-parse", name).decode().strip() for name in names}
    content = bytearray(pack.read_bytes())
    for line in git(clone, "verify-pack", "-v", str(pack)).decode().splitlines():
        sha, _, *numbers = line.split()
        if sha in objects:
            _, size, offset = map(int, numbers[:3])
            for at in range(offset + size // 2, offset + size - 4):
                content[at] ^= 0x5A
            objects.remove(sha)
    assert not objects
    pack.chmod(0o644)
    pack.write_bytes(content)


def test_a_corrupt_pack_costs_the_changes_that_need_what_is_damaged(tmp_path: Path) -> None:
    """Five damaged objects among 300: the stream dies five times and goes on behind each."""
    teller, noise = Teller(), random.Random(5)
    main = teller.commit("Start", {"start.txt": b"0\n"})
    for number in range(1, 301):
        lines = "".join(f"{noise.getrandbits(64):x}\n" for _ in range(40)).encode()
        main = teller.commit(f"Add (#{number})", {f"{number}.txt": lines}, main, committer=FORGE)
    clone = tmp_path / "packed.git"
    ids = teller.make(clone)
    git(clone, "repack", "-adfq", "--window=0")  # no deltas: each object stands for itself
    assert len(collected(clone).pull_requests) == 300
    spoilt = (20, 21, 150, 299)
    blobs = [f"{ids[number + 1]}:{number}.txt" for number in spoilt]
    _spoil(clone, *blobs, f"{ids[201]}^{{tree}}")
    found = collected(clone)
    # The tree is 200's head and 201's base; every other damage is one file of one change.
    lost = {*spoilt, 200, 201}
    assert {one.number for one in found.pull_requests} == set(range(1, 301)) - lost
    assert len(found.drops) == len(lost)
    assert {one.reason for one in found.drops} == {"unreadable_object"}


def test_a_corrupt_commit_is_no_silent_zero(tmp_path: Path) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.txt": b"0\n"})
    for number in range(1, 13):
        text: dict[str | bytes, Content] = {"a.txt": b"%d\n" % number}
        main = teller.commit(f"Change (#{number})\n\n{'x' * 99}", text, main, committer=FORGE)
    ids = teller.make(tmp_path / "c.git")
    git(tmp_path / "c.git", "repack", "-adfq", "--window=0")
    _spoil(tmp_path / "c.git", ids[6])
    with pytest.raises(SourceError, match="git failed"):
        collected(tmp_path / "c.git")


def test_frames_of_items_with_no_output_and_repeated_ids(bare: Path) -> None:
    head, before = (git(bare, "rev-parse", name).strip() for name in ("main", "main~1"))
    with open_clone(bare) as clone:
        frames = list(clone.framed(_DIFF, [head + b" " + head, head + b" " + before] * 2))
        assert list(clone.framed(_DIFF, [])) == []
    assert [frame[:10] if frame else frame for frame in frames] == [b"", b"diff --git"] * 2


def test_a_reader_that_stops_early_leaves_no_process(bare: Path) -> None:
    head, before = (git(bare, "rev-parse", name).strip() for name in ("main", "main~1"))
    with open_clone(bare) as clone:
        frames = clone.framed(_DIFF, [head + b" " + before] * 500)
        assert next(frames)
        frames.close()  # type: ignore[attr-defined]  # it is a generator
    assert not clone.git_dir.exists()


def test_git_that_fails_is_an_error(bare: Path) -> None:
    with open_clone(bare) as clone:
        with pytest.raises(SourceError, match="git failed"):
            clone.output("cat-file", "-p", "0" * 40)
        with pytest.raises(SourceError, match="git failed"):
            list(clone.records("log", "-z", "--end-of-options", "0" * 40))


def test_environment_of_the_caller_is_not_seen(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = records(bare)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "diff.noprefix")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    assert records(bare) == expected


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -9 $$", "git was ended by SIGKILL"),
        ("echo 'fatal: write error: No space left on device' >&2; exit 128", "the disk is full"),
    ],
)
def test_what_is_wrong_with_this_machine_is_not_held_against_the_clone(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """Else a change read while memory was short would be dropped as unreadable, for good."""
    (tmp_path / "git").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "git").chmod(0o755)
    with open_clone(bare) as clone:
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        with pytest.raises(OutsideError, match=said):
            list(clone.framed(_DIFF, [b"1" * 40]))
        with pytest.raises(OutsideError, match=said):
            clone.output("cat-file", "-p", "1" * 40)


def test_no_git(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_clone(bare) as clone:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(OutsideError, match="git command is not installed"):
            clone.output("version")
