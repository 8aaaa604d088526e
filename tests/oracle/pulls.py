"""Pull requests of a clone, as records and as PR-Agent's provider is told of them.

The old and new texts come from git; the lines around each hunk are cut out of the old text here, so
that a record has what PR-Agent has and no more.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pullsmith.diff.hunks import Hunk
from pullsmith.diff.shown import hunks_of
from pullsmith.records import ChangeStatus, FileChange, HunkContext, PullRequest
from tests.collect.reading import collected

LINES = 24  # around each hunk: as many as any version looks at, and some to look too high up
ANSWER = """\
code_suggestions:
- relevant_file: |
    a.py
  language: |
    python
  suggestion_content: |
    It's "so": better.
  existing_code: |
    x = 1
  improved_code: |
    x = 2
  one_sentence_summary: |
    Say two
  relevant_lines_start: 3
  relevant_lines_end: 4
  label: |
    possible bug
- relevant_file: |
    a.py
  language: |
    python
  suggestion_content: |
    The same twice: \u00e9\U0001f600
  existing_code: |
    x = 1
  improved_code: |
    x = 1
  one_sentence_summary: |
    Change nothing
  relevant_lines_start: 3
  relevant_lines_end: 4
  label: |
    best practice
- relevant_file: |
    a.py
  language: |
    python
  suggestion_content: |
    Said before.
  existing_code: |
    x = 1
  improved_code: |
    x = 3
  one_sentence_summary: |
    Say two
  relevant_lines_start: 3
  relevant_lines_end: 4
  label: |
    general
- relevant_file: |
    a.py
  language: |
    python
  suggestion_content: |
    No lines.
  existing_code: |
    x = 1
  improved_code: |
    x = 3
  one_sentence_summary: |
    Name no line
  label: |
    Critical bug
"""


def pull_requests(repository: Path, most: int) -> list[tuple[PullRequest, dict[str, Any]]]:
    """At most ``most``, spread over the history: each with its lines around, and with its texts."""
    found = collected(repository).pull_requests
    step = max(1, len(found) // most)
    with Blobs(repository) as blobs:
        return [_told(pull_request, blobs) for pull_request in found[::step][:most]]


def question(
    told: Mapping[str, Any],
    languages: Mapping[str, int],
    budgets: Sequence[int],
    **more: Mapping[str, str],
) -> dict[str, Any]:
    """A line of the driver's stdin."""
    return {**told, "languages": dict(languages), "budgets": list(budgets), "answer": ANSWER,
            "settings": {}, "lists": {}, **more}  # fmt: skip


class Blobs:
    """Texts of a repository at a commit, from one git process."""

    def __init__(self, repository: Path) -> None:
        command = ["git", "-C", str(repository), "cat-file", "--batch", "-z"]
        self._git = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Blobs:
        return self

    def __exit__(self, *_: object) -> None:
        self._git.communicate()

    def read(self, commit: str, path: bytes) -> bytes:
        """Empty where there is none."""
        assert self._git.stdin is not None
        assert self._git.stdout is not None
        self._git.stdin.write(b"%s:%s\0" % (commit.encode(), path))
        self._git.stdin.flush()
        head = self._git.stdout.readline()
        while (
            not head.endswith((b"missing\n", b"submodule\n")) and not head.split()[-1:][0].isdigit()
        ):
            head = self._git.stdout.readline()  # the path of what is missing may hold a newline
        if head.endswith((b"missing\n", b"submodule\n")):
            return b""
        _, kind, size = head.split()
        content = self._git.stdout.read(int(size) + 1)[:-1]
        return content if kind == b"blob" else b""


def _told(pull_request: PullRequest, blobs: Blobs) -> tuple[PullRequest, dict[str, Any]]:
    files, told = [], []
    for change in pull_request.files:
        new_path = _bytes(change.path, change)
        old_path = _bytes(change.old_path or change.path, change)
        old = blobs.read(pull_request.base_sha, old_path)
        files.append(change.model_copy(update={"context": around(change, old)}))
        # Without a patch PR-Agent makes one of the texts, so that a moved file is a new one to it; a
        # record has no texts (docs/contracts.md).
        whole = bool(change.patch)
        told.append({
            "path": change.path,
            "status": change.status.value,
            "patch": change.patch,
            "old": _text(blobs.read(pull_request.base_sha, new_path)) if whole else "",
            "new": _text(blobs.read(pull_request.head_sha, new_path)) if whole else "",
        })  # fmt: skip
    made = pull_request.model_copy(update={"files": tuple(files)})
    return made, {
        "title": made.title,
        "body": made.body,
        "branch": made.branch,
        "commits": list(made.commit_messages),
        "date": made.merged_at[:10],
        "files": told,
    }


def _bytes(path: str, change: FileChange) -> bytes:
    return path.encode("latin-1" if "latin_1_path" in change.flags else "utf-8")


def _text(content: bytes) -> str:
    """As the provider gives it: nothing where it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""


def around(change: FileChange, old: bytes) -> tuple[HunkContext, ...] | None:
    """The lines of the old file around each hunk; None where they are not in the patch's encoding."""
    if change.status is ChangeStatus.TYPE_CHANGED or "submodule" in change.flags:
        return None
    try:
        lines = old.decode(change.encoding).split("\n")
    except UnicodeDecodeError:
        return None
    if not lines[-1]:
        lines.pop()
    return tuple(_around(hunk, lines) for hunk in hunks_of(change))


def _around(hunk: Hunk, lines: list[str]) -> HunkContext:
    start = hunk.old_start - bool(hunk.old_count)
    end, top = start + hunk.old_count, max(0, start - LINES)
    above = "".join(f"{line}\n" for line in lines[:top])
    return HunkContext(
        before=tuple(lines[top:start]),
        after=tuple(lines[end : end + LINES]),
        breaks_above=len(above.splitlines()) - top,
    )
