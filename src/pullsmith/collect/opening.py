"""Opening a repository that may be hostile.

Takes a folder, gives a Clone to read through a throw-away *clean git dir*: our own config, no refs,
no hooks, no attributes, alternates that point at the clone's objects. Nothing the clone has set up
runs or changes the output. Knows nothing of commits.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pullsmith.collect.git import Clone, git_process
from pullsmith.errors import SourceError

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


@contextmanager
def open_clone(path: Path) -> Iterator[Clone]:
    """The repository at ``path``: a work tree (also a linked one), a bare or a mirror clone.

    Raises SourceError where there is none, where it borrows objects from another repository, and
    where it has no commit.
    """
    git_dir = find_git_dir(path)
    if git_dir is None:
        raise SourceError(f"{path}: no git repository; give a work tree, or a bare or mirror clone")
    common = _common_dir(git_dir)
    _refuse_borrowed(path, common)
    head = _head(path, git_dir)
    with tempfile.TemporaryDirectory(prefix="pullsmith-git-") as folder:
        clean = Path(folder)
        _make_clean(clean, common / "objects", head)
        if (common / "shallow").is_file():
            shutil.copyfile(common / "shallow", clean / "shallow")
        yield Clone(
            path=path,
            git_dir=clean,
            head=head,
            shallow=(common / "shallow").is_file(),
            partial=any((common / "objects/pack").glob("*.promisor")),
            origin=_origin(common),
        )


def find_git_dir(path: Path) -> Path | None:
    """The git dir of a work tree, bare or mirror clone at exactly ``path``; None if it is none."""
    inner = path / ".git"
    if inner.is_file():  # a linked work tree or a submodule says where its git dir is
        text = inner.read_bytes().decode("utf-8", "surrogateescape")
        target = path / text.removeprefix("gitdir:").strip()
        return target if text.startswith("gitdir:") and _is_git_dir(target) else None
    return next((place for place in (inner, path) if _is_git_dir(place)), None)


def enclosing_repository(folder: Path) -> Path | None:
    """The nearest folder at or above ``folder`` that is a repository; None if there is none."""
    start = folder.resolve()
    return next((place for place in (start, *start.parents) if find_git_dir(place)), None)


def _is_git_dir(path: Path) -> bool:
    return (path / "HEAD").is_file() and (_common_dir(path) / "objects").is_dir()


def _common_dir(git_dir: Path) -> Path:
    """Where a linked work tree's git dir keeps objects and config: git calls it the common dir."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    return git_dir / pointer.read_bytes().decode("utf-8", "surrogateescape").strip()


def _refuse_borrowed(path: Path, common: Path) -> None:
    """Alternates could point at any repository on this machine, and would put it into the records."""
    for name in ("alternates", "http-alternates"):
        if (common / "objects/info" / name).exists():
            raise SourceError(
                f"{path}: borrows objects from another repository (objects/info/{name}); "
                "make it whole with: git repack -a -d, then delete that file"
            )
    if (common / "objects").is_symlink():
        raise SourceError(f"{path}: its objects folder is a link; give the repository it points to")


def _head(path: Path, git_dir: Path) -> bytes:
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}")
    with git_process(git_dir, arguments, b"") as running:
        head = running.out.read().strip()
    if running.code or not head:
        said = f" (git: {running.said})" if running.said else ""
        raise SourceError(f"{path}: HEAD names no commit{said}; an empty or damaged repository")
    if len(head) != 40:
        raise SourceError(f"{path}: a SHA-256 repository; only SHA-1 repositories are read so far")
    return head


def _origin(common: Path) -> str:
    """``--file`` reads one file and follows no include; nothing of it is run."""
    arguments = ("config", "--file", str(common / "config"), "--get", "remote.origin.url")
    with git_process(common, arguments, b"") as running:
        url = running.out.read()
    return url.decode("utf-8", "replace").strip() if running.code == 0 else ""


def _make_clean(clean: Path, objects: Path, head: bytes) -> None:
    (clean / "objects/info").mkdir(parents=True)
    (clean / "refs").mkdir()
    where = os.fsencode(objects.resolve())
    if b"\n" in where:
        raise SourceError(f"{str(objects)!r}: a path with a newline cannot be handed to git")
    quoted = where.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    (clean / "objects/info/alternates").write_bytes(b'"' + quoted + b'"\n')
    (clean / "HEAD").write_bytes(head + b"\n")
    (clean / "config").write_text(_CONFIG)
