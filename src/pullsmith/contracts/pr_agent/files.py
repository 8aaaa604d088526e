"""Which files of a pull request PR-Agent looks at, and in which order.

Takes a PullRequest and an Installation; gives files by language, the main language first, and the
omissions. The languages are those of the pull request's own files, weighed by their patches: a
repository's are not in the record. On GitHub PR-Agent reads the text of so many files only, and an
old text only under the new path: which files have none to it is decided here. Counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pullsmith.contracts.pr_agent.installation import Installation
from pullsmith.contracts.pr_agent.versions import Extension
from pullsmith.records import ChangeStatus, FileChange, HunkContext, OmittedFile, PullRequest

_WHOLE = (HunkContext(before=(), after=()),)  # around a hunk that is all there is


class Omission(StrEnum):
    """Why a file or hunk is not shown; where render's own budget has the reason, in the same word."""

    IGNORED = "ignored_path"
    EXTENSION = "bad_extension"
    NO_TEXT = "no_text"
    BINARY = "binary_file"
    DELETED = "deleted_file"
    DELETE_ONLY = "delete_only_hunk"
    OVER_BUDGET = "over_budget"
    ANOTHER_PART = "another_part"


@dataclass(frozen=True)
class File:
    """A file as PR-Agent sees it. ``old_empty``: it has no old text, or PR-Agent does not read it.

    ``context`` is None where lines around the hunks are not known.
    """

    change: FileChange
    old_empty: bool
    context: tuple[HunkContext, ...] | None

    @property
    def path(self) -> str:
        """Its path in the new tree."""
        return self.change.path


@dataclass(frozen=True)
class Selected:
    """The files that may be shown, in order and by language, and what is left out for good."""

    groups: tuple[tuple[File, ...], ...]
    omitted: tuple[OmittedFile, ...]

    @property
    def files(self) -> tuple[File, ...]:
        """All of them."""
        return tuple(file for group in self.groups for file in group)


def select(pull_request: PullRequest, installation: Installation) -> Selected:
    """What PR-Agent keeps of a pull request, and why not the rest."""
    kept: list[File] = []
    omitted: list[OmittedFile] = []
    valid = 0
    for change in pull_request.files:
        reason = _why_out(change, installation)
        if reason is None:
            valid += 1
        if reason is None and not change.patch:
            reason = Omission.BINARY if change.binary else Omission.NO_TEXT
        if reason is not None:
            omitted.append(omission(change, reason))
            continue
        loaded = valid <= installation.version.most_loaded
        kept.append(_file(change, loaded=loaded))
    groups = _by_language(kept, languages_of(pull_request, installation), installation)
    return Selected(groups, tuple(omitted))


def valid_files(pull_request: PullRequest, installation: Installation) -> int:
    """How many files are neither ignored nor of a bad extension, those without text included."""
    return sum(_why_out(change, installation) is None for change in pull_request.files)


def omission(change: FileChange, reason: Omission) -> OmittedFile:
    """The whole file is not shown."""
    return OmittedFile(path=change.path, reason=reason, hunks=tuple(range(count_hunks(change))))


def count_hunks(change: FileChange) -> int:
    """How many hunks a patch has: no line inside a hunk begins with ``@``."""
    return change.patch.count("\n@@ -") + change.patch.startswith("@@ -")


def is_deleted(change: FileChange, installation: Installation) -> bool:
    """Whether PR-Agent takes the file to be gone; the oldest version goes by an empty new text."""
    if installation.version.extension is Extension.BARE:
        emptied = change.patch.startswith("@@ -") and "+0,0 @@" in change.patch[:60]
        return change.status is ChangeStatus.DELETED or emptied or change.encoding != "utf-8"
    return change.status is ChangeStatus.DELETED


def languages_of(pull_request: PullRequest, installation: Installation) -> Mapping[str, int]:
    """Language to the characters of patch in it, in the order the pull request's files have them."""
    weights: dict[str, int] = {}
    for change in pull_request.files:
        name = installation.language_of.get(extension_of(change.path))
        if name is not None:
            weights[name] = weights.get(name, 0) + len(change.patch)
    return weights


def extension_of(path: str) -> str:
    """What PR-Agent takes for the extension: the part behind the last dot, or the whole path."""
    return f".{path.rpartition('.')[2]}"


def _why_out(change: FileChange, installation: Installation) -> Omission | None:
    if any(pattern.match(change.path) for pattern in installation.ignored):
        return Omission.IGNORED
    if extension_of(change.path)[1:] in installation.bad_extensions:
        return Omission.EXTENSION
    return None


def _file(change: FileChange, *, loaded: bool) -> File:
    has_old = change.status not in (ChangeStatus.ADDED, ChangeStatus.RENAMED)
    old_empty = (
        not loaded
        or not has_old
        or change.encoding != "utf-8"
        or "submodule" in change.flags
        or change.patch.startswith("@@ -0,0 ")
    )
    context = change.context
    if change.status in (ChangeStatus.DELETED, ChangeStatus.TYPE_CHANGED):
        context = _WHOLE
    return File(change, old_empty, context)


def _by_language(
    files: Sequence[File], weights: Mapping[str, int], installation: Installation
) -> tuple[tuple[File, ...], ...]:
    """The files of each language, the one with most patch first; then the rest."""
    order = sorted(weights, key=lambda name: weights[name], reverse=True)
    groups: dict[str | None, list[File]] = {name: [] for name in order}
    rest: list[File] = []
    for file in files:
        name = installation.language_of.get(extension_of(file.path))
        groups.get(name, rest).append(file)
    return tuple(tuple(group) for group in (*groups.values(), rest) if group)
