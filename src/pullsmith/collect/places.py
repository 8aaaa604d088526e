"""Where the repositories of a path are, and whether their files may be read at all.

Takes a path, gives Places: a work tree, a linked one, a submodule, a bare or mirror clone, a
bundle, or all of these in a folder. Refuses whatever would lead out of the repository (links,
pointers, borrowed objects): an archive of a clone must not read other repositories of this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pullsmith.collect.bundles import is_bundle
from pullsmith.collect.git import git_process
from pullsmith.errors import SourceError

DEPTH = 2  # folders of clones: NAME, OWNER/NAME, NAME/repo
_MAX_BYTES = 1 << 14  # of a file that holds one path


@dataclass(frozen=True)
class Place:
    """A repository on disk. The two folders differ for a linked work tree only."""

    path: Path  # as given
    git_dir: Path  # has HEAD
    common: Path  # has config, refs and objects


def find_place(path: Path) -> Place:
    """The work tree, or bare or mirror clone, at exactly ``path``; raises SourceError else.

    Also where its objects are borrowed, or where any part of it is a link or lies elsewhere.
    """
    if not path.exists():
        raise SourceError(f"{path}: does not exist", reason="not_a_repository")
    git_dir = _git_dir(path)
    if git_dir is None:
        raise SourceError(
            f"{path}: no git repository; give a work tree, a bare or mirror clone, a git bundle, "
            "or a folder of these (links in it are not followed)",
            reason="not_a_repository",
        )
    common = _common_dir(path, git_dir)
    _refuse_borrowed(path, common)
    _refuse_special(path, common / "objects")
    return Place(path, git_dir, common)


def find_repositories(path: Path) -> list[Path]:
    """The repositories and bundles at or in a folder, sorted by name; empty where there is none.

    A folder that is a repository itself is the only one. Others may lie up to DEPTH folders deep;
    links are not followed. What only looks like a repository is named too: opening it says why.
    """
    if _looks_like_one(path) or is_bundle(path):
        return [path]
    return sorted(_below(path, DEPTH), key=lambda found: os.fsencode(found.relative_to(path)))


def config_value(config: Path, key: str) -> str:
    """One value of one config file, empty where it has none; its includes are not followed."""
    if not config.is_file():
        return ""
    arguments = ("config", "--file", str(config.absolute()), "--get", key)
    with git_process(Path(os.devnull), arguments, b"") as running:
        value = running.out.read()
    return os.fsdecode(value.strip()) if running.code == 0 else ""


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # not a folder, or not ours to read: then nothing is known to be in it
        return
    for entry in entries:
        inner = folder / entry.name
        if entry.is_symlink():
            continue
        if _looks_like_one(inner):
            yield inner
        elif depth > 1 and entry.is_dir(follow_symlinks=False):
            yield from _below(inner, depth - 1)


def _looks_like_one(path: Path) -> bool:
    if not path.is_dir():
        return path.suffix == ".bundle" and path.is_file()
    bare = (path / "HEAD", path / "objects", path / "refs")
    return os.path.lexists(path / ".git") or sum(map(os.path.lexists, bare)) >= 2


def _git_dir(path: Path) -> Path | None:
    inner = path / ".git"
    if inner.is_symlink():
        raise SourceError(
            f"{path}: its .git is a link; give the repository it points to",
            reason="borrowed_objects",
        )
    if inner.is_file():  # a linked work tree or a submodule says where its git dir is
        return _pointed_to(path, inner)
    return next((place for place in (inner, path) if _is_git_dir(place)), None)


def _pointed_to(path: Path, pointer: Path) -> Path | None:
    text = _line(pointer)
    target = path / text.removeprefix("gitdir:").strip()
    if not text.startswith("gitdir:") or not _is_git_dir(target):
        return None
    back = target / "gitdir"
    if back.is_file():
        mutual = (target / _line(back)).resolve() == pointer.resolve()
    else:
        work_tree = config_value(target / "config", "core.worktree")
        mutual = bool(work_tree) and (target / work_tree).resolve() == path.resolve()
    if not mutual:  # an archive could name any repository of this machine
        raise SourceError(
            f"{path}: its .git file names a repository that does not name it back; "
            "give that repository itself",
            reason="borrowed_objects",
        )
    return target


def _is_git_dir(path: Path) -> bool:
    head = path / "HEAD"
    return (head.is_file() or head.is_symlink()) and (
        (path / "objects").is_dir() or (path / "commondir").is_file()
    )


def _common_dir(path: Path, git_dir: Path) -> Path:
    """Where a linked work tree's git dir keeps objects and config: git calls it the common dir."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    common = git_dir / _line(pointer)
    if git_dir.resolve().parent != common.resolve() / "worktrees":
        raise SourceError(
            f"{path}: its commondir names a repository it does not belong to",
            reason="borrowed_objects",
        )
    if not (common / "objects").is_dir():
        raise SourceError(f"{path}: the repository it is a work tree of has no objects")
    return common


def _line(path: Path) -> str:
    with path.open("rb") as file:
        return os.fsdecode(file.read(_MAX_BYTES).strip())


def _refuse_borrowed(path: Path, common: Path) -> None:
    """Alternates could point at any repository on this machine, and would put it into the records."""
    for name in ("alternates", "http-alternates"):
        if os.path.lexists(common / "objects/info" / name):
            raise SourceError(
                f"{path}: borrows objects from another repository (objects/info/{name}); "
                "make it whole with: git repack -a -d, then delete that file",
                reason="borrowed_objects",
            )


def _refuse_special(path: Path, objects: Path) -> None:
    """A link would lead out of the repository; a pipe would keep git waiting for ever."""
    if objects.is_symlink():
        raise SourceError(
            f"{path}: its objects folder is a link; give the repository it points to",
            reason="borrowed_objects",
        )
    special = next(_special(objects), None)
    if special is not None:
        raise SourceError(
            f"{path}: {special.relative_to(objects.parent)} is a link or no plain file; "
            "copy the repository without links",
            reason="borrowed_objects",
        )


def _special(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.is_dir(follow_symlinks=False):
                yield from _special(folder / entry.name)
            elif not entry.is_file(follow_symlinks=False):
                yield folder / entry.name
