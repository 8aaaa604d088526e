"""Exact duplicates: the same lines added to the same files, whatever their blanks.

Takes all records that the rules let pass, gives which of them is the copy of which, and the order
of who stays before whom, which near-duplicates follow too. Spots and planted pull requests count
like any other, so that no text is on both sides of the split.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pullsmith.records import FileChange, PullRequest, digest


def find_duplicates(pull_requests: Iterable[PullRequest]) -> dict[str, str]:
    """The id of every copy and the id of the record that is kept in its place.

    Kept is the first in ``order_key``. Empty where all are different.
    """
    ordered = sorted(pull_requests, key=order_key)
    copies = same_content([content_digest(one) or "" for one in ordered])
    return {ordered[copy].id: ordered[kept].id for copy, kept in copies.items()}


def same_content(digests: Sequence[str]) -> dict[int, int]:
    """The place of every digest that was there before, and where; empty ones are like nothing."""
    first: dict[str, int] = {}
    found = {place: first.setdefault(one, place) for place, one in enumerate(digests) if one}
    return {place: kept for place, kept in found.items() if place != kept}


def content_digest(pull_request: PullRequest) -> str | None:
    """One digest over paths and added lines, runs of blanks as one, blank lines left out.

    Of a file without added lines the deleted ones count. None where no file has text: binary
    files and renames are never copies of each other.
    """
    content = sorted((file.path, _lines(file)) for file in pull_request.files)
    return digest(content) if any(lines for _path, lines in content) else None


def _lines(file: FileChange) -> list[str]:
    rows = file.patch.split("\n")
    for sign in "+-":
        found = [" ".join(row[1:].split()) for row in rows if row.startswith(sign)]
        if lines := [line for line in found if line]:
            return [sign, *lines]
    return []


def order_key(pull_request: PullRequest) -> str:
    """Sorts first who stays, of several that are alike.

    Real before planted before spots, held-out pool before the training pool, the surer one, one
    that people spoke about, one with a description, the older merge, the smaller id.
    """
    talk = bool(pull_request.threads or pull_request.reviews)
    parts = (
        f"{'spot' in pull_request.flags:d}{pull_request.planted:d}",
        f"{pull_request.pool or '':5}",  # "eval" before "train"
        f"{1 - pull_request.confidence:.4f}",
        f"{not talk:d}{not pull_request.body.strip():d}",
        f"{pull_request.merged_at:32}",
        pull_request.id,
    )
    return " ".join(parts)
