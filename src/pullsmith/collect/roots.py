"""What the root folder of a commit says of a change that starts there: its licence, its attributes.

Takes commit ids, gives for each what was found in its root. Root folders are read once, in one
stream of git; of the files in them only the different ones. Refuses to know which licences are
allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.collect import attributes
from pullsmith.collect.attributes import Attributes, parse_attributes
from pullsmith.collect.git import Clone
from pullsmith.collect.licence import (
    MAX_BYTES,
    evidence_of,
    is_licence_folder,
    is_licence_name,
    recognise_blob,
)
from pullsmith.collect.trees import REGULAR_MODES, read_objects
from pullsmith.records import FileChange, LicenceEvidence, LicenceFile

_FOLDER = b"40000"
_ATTRIBUTES = b".gitattributes"
# An entry is "mode name NUL id", and an id may hold any bytes: only whole entries, one after the
# other, tell where a name begins. This regex walks over those that are of no interest here. Not
# possessive: Python 3.11.2, Debian's, then finds nothing; what follows may be empty, so nothing is tried twice.
_OTHERS = (
    rb"(?:[0-7]+ (?!(?i:licen|unlicen|copying|copyright|patents|[a-z]+[-_]licen)|\.gitattributes\0)"
    rb"[^\0]+\0.{%d})*(?:([0-7]+) ([^\0]+)\0(.{%d}))?"
)
Entry = tuple[bytes, bytes, bytes]  # mode, name, raw id


@dataclass(frozen=True, slots=True)
class Root:
    """What a root folder says; ``licence`` is None where there is no licence file."""

    licence: LicenceEvidence | None = None
    attributes: Attributes | None = None

    def flagged(self, files: tuple[FileChange, ...]) -> tuple[FileChange, ...]:
        """Files with the flags that the repository gives them."""
        given = self.attributes
        if given is None:
            return files
        new = [(file, given.flags(file.path, file.flags)) for file in files]
        return tuple(
            file if flags == file.flags else file.model_copy(update={"flags": flags})
            for file, flags in new
        )


def read_roots(clone: Clone, commits: Sequence[bytes]) -> dict[bytes, Root]:
    """The root of each commit; of one whose folder cannot be read, an empty one."""
    wanted = list(dict.fromkeys(commits))
    trees = read_objects(clone, [commit + b"^{tree}" for commit in wanted], max_bytes=1 << 24)
    entries = {
        commit: tuple(named_entries(tree or b"", clone.hash_bytes))
        for commit, tree in zip(wanted, trees, strict=True)
    }
    known = _Known(clone, set(entries.values()))
    return {commit: known.root(found, commit.decode()) for commit, found in entries.items()}


def named_entries(tree: bytes, hash_bytes: int) -> list[Entry]:
    """The entries of a root tree that may be licences or attributes; none of a damaged tree."""
    walk = _walker(hash_bytes)
    found: list[Entry] = []
    at = 0
    while (step := walk.match(tree, at)) and step[2] is not None:
        found.append((step[1], step[2], step[3]))
        at = step.end()
    return found if step and step.end() == len(tree) else []


def _walker(hash_bytes: int) -> re.Pattern[bytes]:
    return re.compile(_OTHERS % (hash_bytes, hash_bytes), re.DOTALL)  # re keeps it


class _Known:
    """The files of many roots, read and recognised once each."""

    def __init__(self, clone: Clone, roots: set[tuple[Entry, ...]]) -> None:
        entries = {entry for root in roots for entry in root}
        self._folders = _folders(clone, [entry for entry in entries if _is_folder(entry)])
        self._licences = {root: self._licence_blobs(root) for root in roots}
        blobs = {blob for files in self._licences.values() for blob in files.values() if blob}
        self._texts = _texts(clone, blobs, MAX_BYTES)
        given = {entry[2].hex().encode() for entry in entries if _is_attributes(entry)}
        self._attributes = {
            blob: parse_attributes(content or b"")
            for blob, content in _texts(clone, given, attributes.MAX_BYTES).items()
        }
        self._roots = {root: self._root(root) for root in roots}

    def root(self, entries: tuple[Entry, ...], found_at: str) -> Root:
        """The same for the same entries, but for the commit they were found at."""
        root = self._roots[entries]
        if root.licence is None:
            return root
        return Root(root.licence.model_copy(update={"found_at": found_at}), root.attributes)

    def _root(self, entries: tuple[Entry, ...]) -> Root:
        files = [
            LicenceFile(
                path=path,
                blob_sha=blob.decode(),
                spdx=recognise_blob(self._texts.get(blob) or b""),
            )
            for path, blob in sorted(self._licences[entries].items())
        ]
        given = (self._attributes[one[2].hex().encode()] for one in entries if _is_attributes(one))
        return Root(evidence_of(files, ""), next(given, None))

    def _licence_blobs(self, entries: tuple[Entry, ...]) -> dict[str, bytes]:
        """Path to blob id of licence files; an empty id where a file is none that can be read."""
        files: dict[str, bytes] = {}
        for mode, name, raw in entries:
            path = _text(name)
            if _is_folder((mode, name, raw)):
                files |= {f"{path}/{below}": blob for below, blob in self._folders[raw].items()}
            elif mode in REGULAR_MODES and is_licence_name(path):
                files[path] = raw.hex().encode()
        return files


def _is_folder(entry: Entry) -> bool:
    return entry[0] == _FOLDER and is_licence_folder(_text(entry[1]))


def _is_attributes(entry: Entry) -> bool:
    return entry[1] == _ATTRIBUTES and entry[0] in REGULAR_MODES


def _folders(clone: Clone, entries: Sequence[Entry]) -> dict[bytes, dict[str, bytes]]:
    """Files of each licence folder, by the folder's id: each of them counts as a licence."""
    ids = [entry[2] for entry in entries]
    trees = read_objects(clone, [one.hex().encode() for one in ids], max_bytes=MAX_BYTES)
    return {
        one: dict(_folder_files(tree or b"", clone.hash_bytes)) or {"": b""}
        for one, tree in zip(ids, trees, strict=True)
    }


def _folder_files(tree: bytes, hash_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Names and blob ids; no id for folders below and other things that are no text."""
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        at = end + 1 + hash_bytes
        blob = tree[end + 1 : at].hex().encode()
        yield (_text(name), blob) if mode in REGULAR_MODES else (_text(name) + "/", b"")


def _texts(clone: Clone, blobs: set[bytes], max_bytes: int) -> Mapping[bytes, bytes | None]:
    ordered = sorted(blobs)
    return dict(zip(ordered, read_objects(clone, ordered, max_bytes=max_bytes), strict=True))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
