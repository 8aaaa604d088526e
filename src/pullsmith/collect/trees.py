"""What can be known of a change without its patch: files, blobs, sizes, and the licence beside it.

Takes commit and blob ids, asks git's plumbing in a few streams, gives plain values. Knows nothing
of pull requests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pullsmith.collect.git import Clone
from pullsmith.collect.licence import MAX_BYTES, is_licence_name, read_evidence
from pullsmith.errors import SourceError
from pullsmith.records import LicenceEvidence

ABSENT = b"0" * 40
_REGULAR = (b"100644", b"100755", b"100664", b"120000")  # submodules are commits of elsewhere
_INITIALS = frozenset({b"l", b"L", b"c", b"C", b"u", b"U", b"m", b"M"})  # of licence file names
# -U3 would imply -p and -M would read blobs: neither belongs in this cheap stage.
_RAW = ("diff-tree", "--stdin", "-r", "--raw", "--no-renames", "--no-abbrev", "--always")


@dataclass(frozen=True, slots=True)
class Raw:
    """How many files differ, and the blobs on both sides."""

    count: int
    blobs: tuple[bytes, ...]


def raw_files(clone: Clone, changes: Sequence[tuple[bytes, bytes]]) -> Iterator[Raw | None]:
    """What differs for each (head, base); None where git could not say."""
    for record in clone.framed(_RAW, [head + b" " + base for head, base in changes]):
        yield None if record is None else _raw(record)


def _raw(record: bytes) -> Raw:
    count = 0
    blobs: list[bytes] = []
    for line in record.split(b"\n"):
        if line[:1] != b":":
            continue
        count += 1
        old_mode, new_mode, old, new, _ = line[1:].split(b" ", 4)
        for mode, blob in ((old_mode, old), (new_mode, new)):
            if mode in _REGULAR and blob != ABSENT:
                blobs.append(blob)
    return Raw(count, tuple(blobs))


def blob_sizes(clone: Clone, blobs: Collection[bytes]) -> dict[bytes, int]:
    """Sizes in bytes of the blobs that are there; absent ones have no entry."""
    ordered = sorted(blobs)
    feed = b"".join(blob + b"\n" for blob in ordered)
    output = clone.output(
        "cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer", feed=feed
    )
    lines = output.split(b"\n")[:-1]
    if len(lines) != len(ordered):
        raise SourceError(
            f"{clone.path}: git answered {len(lines)} of {len(ordered)} questions about sizes"
        )
    return {
        name: int(size)
        for name, _, size in (line.partition(b" ") for line in lines)
        if size != b"missing"
    }


def licences_at(clone: Clone, commits: Sequence[bytes]) -> dict[bytes, LicenceEvidence]:
    """Licence evidence of each commit's root folder; no entry where there is no licence file."""
    roots: dict[bytes, dict[str, bytes]] = {}
    wanted = list(dict.fromkeys(commits))
    for commit, tree in zip(wanted, _objects(clone, wanted, b"^{tree}"), strict=True):
        roots[commit] = _licence_blobs(tree or b"")
    blobs = sorted({blob for files in roots.values() for blob in files.values() if blob})
    texts = dict(zip(blobs, _objects(clone, blobs, b""), strict=True))
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


def _licence_blobs(tree: bytes) -> dict[str, bytes]:
    """Licence files of a tree object: path to blob id; a LICENSES folder counts, with no blob."""
    files: dict[str, bytes] = {}
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, raw_name = tree[at:end].partition(b" ")
        at = end + 21
        if raw_name[:1] not in _INITIALS:  # trees are long, and every base has one
            continue
        name = raw_name.decode("utf-8", "backslashreplace")
        if mode in _REGULAR and is_licence_name(name):
            files[name] = tree[end + 1 : at].hex().encode()
        elif mode == b"40000" and name.upper() in ("LICENSES", "LICENCES"):
            files[name + "/"] = b""  # one licence a file: not read yet, so unknown
    return files


def _objects(clone: Clone, names: Sequence[bytes], suffix: bytes) -> Iterator[bytes | None]:
    """The content of each object, None where it is absent or too large to be a licence."""
    feed = b"".join(name + suffix + b"\n" for name in names)
    output = clone.output("cat-file", "--batch", "--buffer", feed=feed)
    at = 0
    for _ in names:
        end = output.index(b"\n", at)
        head = output[at:end].split(b" ")
        at = end + 1
        if head[-1] == b"missing":
            yield None
            continue
        size = int(head[-1])
        yield output[at : at + size] if size <= MAX_BYTES else None
        at += size + 1
