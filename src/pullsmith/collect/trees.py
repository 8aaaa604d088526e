"""What can be known of a change without its patch: files, blobs and sizes.

Takes commit and blob ids, asks git's plumbing in a few streams, gives plain values. Knows nothing
of pull requests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pullsmith.collect.git import Clone
from pullsmith.errors import SourceError

REGULAR_MODES = (b"100644", b"100755", b"100664", b"120000")  # submodules are commits of elsewhere
# -U3 would imply -p and -M would read blobs: neither belongs in this cheap stage.
_RAW = ("diff-tree", "--stdin", "-r", "--raw", "--no-renames", "--no-abbrev", "--always")


@dataclass(frozen=True, slots=True)
class Raw:
    """How many files differ, and the blobs on both sides; of too many files none."""

    count: int
    blobs: tuple[bytes, ...]


def raw_files(
    clone: Clone, changes: Sequence[tuple[bytes, bytes]], *, max_files: int
) -> Iterator[Raw | None]:
    """What differs for each (head, base); None where git could not say."""
    for record in clone.framed(_RAW, [head + b" " + base for head, base in changes]):
        yield None if record is None else _raw(record, max_files)


def _raw(record: bytes, max_files: int) -> Raw:
    lines = record.split(b"\n")[:-1]
    if len(lines) > max_files:
        return Raw(len(lines), ())
    blobs: list[bytes] = []
    for line in lines:
        old_mode, new_mode, old, new, _ = line[1:].split(b" ", 4)
        if old_mode in REGULAR_MODES:  # a side that is not there has the mode 000000
            blobs.append(old)
        if new_mode in REGULAR_MODES:
            blobs.append(new)
    return Raw(len(lines), tuple(blobs))


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


def read_objects(clone: Clone, names: Sequence[bytes], *, max_bytes: int) -> Iterator[bytes | None]:
    """The content of each object; None where it is absent or larger than ``max_bytes``.

    A name is an id, or an id with ``^{tree}``.
    """
    feed = b"".join(name + b"\n" for name in names)
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
        yield output[at : at + size] if size <= max_bytes else None
        at += size + 1
