"""The licence files in the root folder of a commit, through the API.

Takes a repository's path and a tree, gives LicenceEvidence. A file's bytes are believed only where
git's id of them is the one the tree names. Refuses to know which licences are allowed.
"""

from __future__ import annotations

from pullsmith.collect.github.door import Ask, Door
from pullsmith.collect.github.wire import Blob, Damaged, Entry, Listing, reader
from pullsmith.collect.licence import blob_sha, is_licence_name, read_evidence
from pullsmith.collect.trees import REGULAR_MODES
from pullsmith.records import LicenceEvidence

_read_tree = reader(Listing)
_read_blob = reader(Blob)
_FOLDERS = ("LICENSES", "LICENCES")


async def licence_at(door: Door, path: str, tree: str, commit: str) -> LicenceEvidence | None:
    """The evidence at ``commit``, whose root is ``tree``; None where there is no licence file."""

    def read(body: bytes) -> Listing:
        listing = _read_tree(body)
        if listing.truncated:
            raise Damaged("tree_truncated", f"the root folder of {commit} is not shown whole")
        return listing

    listing = await door.get(Ask(f"{path}/git/trees/{tree}", lasting=True), read)
    files: dict[str, bytes] = {}
    for entry in listing.entries:
        if entry.mode.encode() in REGULAR_MODES and is_licence_name(entry.path):
            files[entry.path] = await _content(door, path, entry)
        elif entry.type == "tree" and entry.path.upper() in _FOLDERS:
            files[entry.path + "/"] = b""  # one licence a file: not read, so unknown
    return read_evidence(files, commit)


async def _content(door: Door, path: str, entry: Entry) -> bytes:
    def read(body: bytes) -> bytes:
        content = _read_blob(body).bytes()
        if len(entry.sha) == 40 and blob_sha(content) != entry.sha:
            raise Damaged("wrong_blob", f"{entry.path}: the bytes are not those of {entry.sha}")
        return content

    return await door.get(Ask(f"{path}/git/blobs/{entry.sha}", lasting=True), read)
