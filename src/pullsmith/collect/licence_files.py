"""The licence files beside a change: found in the root folder of a commit, read, and recognised.

Takes commit ids, gives LicenceEvidence. Refuses to know which licences are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence

from pullsmith.collect.git import Clone
from pullsmith.collect.licence import MAX_BYTES, is_licence_name, read_evidence
from pullsmith.collect.trees import REGULAR_MODES, read_objects
from pullsmith.records import LicenceEvidence

_INITIALS = frozenset({b"l", b"L", b"c", b"C", b"u", b"U", b"m", b"M"})  # of licence file names


def licences_at(clone: Clone, commits: Sequence[bytes]) -> dict[bytes, LicenceEvidence]:
    """Licence evidence of each commit's root folder; no entry where there is no licence file."""
    roots: dict[bytes, dict[str, bytes]] = {}
    wanted = list(dict.fromkeys(commits))
    for commit, tree in zip(
        wanted,
        read_objects(clone, [commit + b"^{tree}" for commit in wanted], max_bytes=MAX_BYTES),
        strict=True,
    ):
        roots[commit] = _licence_blobs(tree or b"", clone.hash_bytes)
    blobs = sorted({blob for files in roots.values() for blob in files.values() if blob})
    texts = dict(zip(blobs, read_objects(clone, blobs, max_bytes=MAX_BYTES), strict=True))
    evidence: dict[tuple[tuple[str, bytes], ...], LicenceEvidence | None] = {}
    found: dict[bytes, LicenceEvidence] = {}
    for commit, files in roots.items():
        key = tuple(files.items())
        if key not in evidence:
            contents = {path: texts.get(blob) or b"" for path, blob in files.items()}
            evidence[key] = read_evidence(contents, "")
        one = evidence[key]
        if one is not None:
            found[commit] = one.model_copy(update={"found_at": commit.decode()})
    return found


def _licence_blobs(tree: bytes, hash_bytes: int) -> dict[str, bytes]:
    """Licence files of a tree object: path to blob id; a LICENSES folder counts, with no blob."""
    files: dict[str, bytes] = {}
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, raw_name = tree[at:end].partition(b" ")
        at = end + 1 + hash_bytes
        if raw_name[:1] not in _INITIALS:  # trees are long, and every base has one
            continue
        name = raw_name.decode("utf-8", "backslashreplace")
        if mode in REGULAR_MODES and is_licence_name(name):
            files[name] = tree[end + 1 : at].hex().encode()
        elif mode == b"40000" and name.upper() in ("LICENSES", "LICENCES"):
            files[name + "/"] = b""  # one licence a file: not read yet, so unknown
    return files
