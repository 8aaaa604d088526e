"""Bundles: which commit is HEAD, and those that cannot be read on their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.collect.bundles import is_bundle, read_bundle
from pullsmith.collect.opening import open_clone
from pullsmith.errors import SourceError
from tests.collect.conftest import records
from tests.collect.repositories import git

A, B = b"a" * 40, b"b" * 40


def bundle(folder: Path, *lines: bytes, version: int = 2) -> Path:
    path = folder / "made.bundle"
    path.write_bytes(b"# v%d git bundle\n" % version + b"".join(line + b"\n" for line in lines))
    return path


@pytest.mark.parametrize(
    ("refs", "expected"),
    [
        ([A + b" refs/heads/main", B + b" HEAD"], B),
        ([A + b" refs/heads/x", B + b" refs/heads/main"], B),
        ([A + b" refs/heads/x", B + b" refs/heads/master"], B),
        ([A + b" refs/heads/x", B + b" refs/tags/v1"], A),
    ],
)
def test_which_ref_is_head(tmp_path: Path, refs: list[bytes], expected: bytes) -> None:
    path = bundle(tmp_path, *refs, b"")
    found = read_bundle(path)
    assert (found.head, found.partial, found.offset) == (expected, False, path.stat().st_size)
    assert is_bundle(path)


@pytest.mark.parametrize(
    ("lines", "reason", "said"),
    [
        ([A + b" refs/heads/x", A + b" refs/heads/y", b""], "broken_repository", "names no HEAD"),
        ([b"-" + A + b" Start", B + b" HEAD", b""], "incomplete_bundle", "prerequisites"),
        ([b""], "empty_repository", "without refs"),
        ([A + b" HEAD"], "broken_repository", "header cannot be read"),
        ([b"@unheard-of=1", A + b" HEAD", b""], "broken_repository", "header cannot be read"),
        ([A + b" HEAD", b"c" * 64 + b" refs/x", b""], "broken_repository", "two lengths"),
    ],
)
def test_bundles_that_cannot_be_read(
    tmp_path: Path, lines: list[bytes], reason: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read_bundle(bundle(tmp_path, *lines))
    assert caught.value.reason == reason


def test_a_bundle_of_another_version_is_none(tmp_path: Path) -> None:
    path = bundle(tmp_path, A + b" HEAD", b"", version=9)
    assert not is_bundle(path)
    with pytest.raises(SourceError, match="no git bundle of version 2 or 3"):
        read_bundle(path)


def test_a_bundle_that_continues_another_is_refused_before_it_is_unpacked(
    bare: Path, tmp_path: Path
) -> None:
    git(bare, "bundle", "create", "--quiet", str(tmp_path / "tail.bundle"), "main~1..main")
    with (
        pytest.raises(SourceError, match="git bundle create FILE HEAD --all"),
        open_clone(tmp_path / "tail.bundle"),
    ):
        pass


def test_a_bundle_made_with_a_filter_is_partial(bare: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.bundle"
    git(bare, "bundle", "create", "--quiet", str(path), "--filter=blob:none", "HEAD", "--all")
    assert read_bundle(path).partial
    with pytest.raises(SourceError, match="a partial clone"):
        records(path)


@pytest.mark.parametrize("where", ["cut", "changed"])
def test_a_damaged_bundle(bare: Path, tmp_path: Path, where: str) -> None:
    path = tmp_path / "all.bundle"
    git(bare, "bundle", "create", "--quiet", str(path), "HEAD", "--all")
    content = bytearray(path.read_bytes())
    if where == "cut":
        del content[-100:]
    else:
        content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(SourceError, match="a damaged git bundle"), open_clone(path):
        pass


def test_refs_of_a_bundle(bare: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.bundle"
    git(bare, "bundle", "create", "--quiet", str(path), "HEAD", "--all")
    with open_clone(path) as bundled, open_clone(bare) as clone:
        assert list(bundled.refs(b"refs/pull/")) == [b"refs/pull/1/head", b"refs/pull/2/head"]
        assert bundled.refs(b"refs/") == clone.refs(b"refs/")
