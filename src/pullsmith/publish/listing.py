"""The list of a pack: every file by its digest, so that one that is missing, more or other is noticed.

Takes a folder; gives digests, or the first thing that is wrong. Names come from strangers: one that
leads out of the folder, and whatever is no plain file, is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pullsmith.errors import RunFolderError

LIST_NAME = "pack.json"


def listed(folder: Path) -> dict[str, str]:
    """The digest of every file in ``folder`` but its own list, by path, sorted.

    Raises RunFolderError where something in it is neither a file nor a folder.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise RunFolderError(f"{path}: a pack holds plain files only; this is none")
        if path.is_file() and name != LIST_NAME:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def check_listed(folder: Path, said: Mapping[str, str]) -> None:
    """Raise RunFolderError naming the first file that is not as the list says."""
    for name in said:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
            raise RunFolderError(f"{folder / LIST_NAME}: {name!r} leads out of the pack; refused")
    found = listed(folder)
    for name in sorted({*said, *found}):
        if name not in found:
            raise RunFolderError(f"{folder}: {name} is missing; the pack is not whole")
        if name not in said:
            raise RunFolderError(f"{folder}: {name} is not of this pack; take it out")
        if found[name] != said[name]:
            raise RunFolderError(
                f"{folder}: {name} was changed: its digest is {found[name][:16]}, the pack says "
                f"{said[name][:16]}; get the pack again"
            )
