"""Exact duplicates: the same lines added to the same files, whatever their blanks.

Takes all records that the rules let pass, gives which of them is the copy of which. Spots and
planted pull requests count like any other, so that no text is on both sides of the split.
"""

from __future__ import annotations

from collections.abc import Iterable

from pullsmith.records import FileChange, PullRequest, digest


def find_duplicates(pull_requests: Iterable[PullRequest]) -> dict[str, str]:
    """The id of every copy and the id of the record that is kept in its place.

    Kept is the first in this order: real before planted before spots, held-out pool before the
    training pool, the older merge, the smaller id. Empty where all are different.
    """
    kept: dict[str, str] = {}
    copies: dict[str, str] = {}
    for pull_request in sorted(pull_requests, key=_order):
        key = content_digest(pull_request)
        if key is None:
            continue
        first = kept.setdefault(key, pull_request.id)
        if first != pull_request.id:
            copies[pull_request.id] = first
    return copies


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


def _order(pull_request: PullRequest) -> tuple[bool, bool, str, str, str]:
    return (
        "spot" in pull_request.flags,
        pull_request.planted,
        pull_request.pool or "",  # "eval" before "train"
        pull_request.merged_at,
        pull_request.id,
    )
