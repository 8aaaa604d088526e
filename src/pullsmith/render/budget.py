"""What is shown of a pull request under a token budget, once for every contract.

Takes a PullRequest and the settings of render; gives a Coverage, in which every hunk is either
shown or omitted with a reason. Knows no contract: tokens are counted on the plain diff, with the
study's one counter.

Always left out: files nobody wrote by hand (lock, generated, vendored, minified) and binary ones.
When the rest does not fit, hunks and files that only delete go first; then files are taken in the
order of the pull request's main language, and within a language the largest first, while they fit;
of a file that does not, the hunks that do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pullsmith.diff.shown import hunks_of
from pullsmith.records import ChangeStatus, Coverage, FileChange, OmittedFile, PullRequest
from pullsmith.records import ShownFile as CoveredFile
from pullsmith.study.render import RenderSettings
from pullsmith.tokens import MARGIN, Counter


class Omission(StrEnum):
    """Why a file or hunk is not shown."""

    LOCK = "lock_file"
    GENERATED = "generated_file"
    VENDORED = "vendored_file"
    MINIFIED = "minified_file"
    BINARY = "binary_file"
    DELETED = "deleted_file"  # this one and those below only where the diff does not fit whole
    DELETE_ONLY = "delete_only_hunk"
    TOO_MANY_FILES = "too_many_files"
    OVER_BUDGET = "over_budget"


_BY_FLAG = {
    "lock": Omission.LOCK,
    "generated": Omission.GENERATED,
    "vendored": Omission.VENDORED,
    "minified": Omission.MINIFIED,
}
BY_BUDGET = frozenset({
    Omission.DELETED, Omission.DELETE_ONLY, Omission.TOO_MANY_FILES, Omission.OVER_BUDGET,
})  # fmt: skip


@dataclass
class _File:
    """A file while it is decided on: the tokens of its hunks, and what became of each of them."""

    change: FileChange
    head_tokens: int
    hunk_tokens: list[int]
    hunks_delete: list[bool]  # per hunk: it adds nothing
    omitted: dict[int, Omission] = field(default_factory=dict)
    omitted_whole: Omission | None = None

    @property
    def shown_hunks(self) -> list[int]:
        """The hunks nothing has been said against; ask only while the file is not left out."""
        return [index for index in range(len(self.hunk_tokens)) if index not in self.omitted]

    @property
    def tokens(self) -> int:
        """What the file costs with the hunks that are shown."""
        return self.head_tokens + sum(self.hunk_tokens[index] for index in self.shown_hunks)


def cover(pull_request: PullRequest, settings: RenderSettings, count: Counter) -> Coverage:
    """The coverage, files in the pull request's order; ``diff_tokens`` is the plain diff's.

    ``count`` counts tokens; the budget allows for MARGIN whichever counter it is, because contracts
    add numbers and headers, and other models have other vocabularies.
    """
    files = [_measure(change, count) for change in pull_request.files]
    for file in files:
        file.omitted_whole = _never_shown(file.change)
    limit = int(settings.max_diff_tokens / MARGIN)
    if not _fits(files, limit, settings.max_shown_files):
        _leave_out_deletions(files)
        if not _fits(files, limit, settings.max_shown_files):
            _fill(files, limit, settings.max_shown_files)
    shown = [file for file in files if not file.omitted_whole]
    return Coverage(
        shown=tuple(
            CoveredFile(path=file.change.path, hunks=tuple(file.shown_hunks)) for file in shown
        ),
        omitted=tuple(entry for file in files for entry in _omissions(file)),
        diff_tokens=sum(file.tokens for file in shown),
    )


def _measure(change: FileChange, count: Counter) -> _File:
    # Of the text, not of a contract's rendering: what is shown may not depend on who asks.
    hunks = hunks_of(change)
    texts = [b"\n".join(hunk.lines).decode(change.encoding) for hunk in hunks]
    adds = [any(line[:1] == b"+" for line in hunk.lines) for hunk in hunks]
    return _File(
        change,
        head_tokens=count(change.path) + count(change.old_path or "") + 4,
        hunk_tokens=[
            count(text) + 12 + count(hunk.section.decode(change.encoding))
            for hunk, text in zip(hunks, texts, strict=True)
        ],
        hunks_delete=[not added for added in adds],
    )


def _never_shown(change: FileChange) -> Omission | None:
    if change.binary:
        return Omission.BINARY
    return next((_BY_FLAG[flag] for flag in change.flags if flag in _BY_FLAG), None)


def _fits(files: Sequence[_File], limit: int, max_files: int) -> bool:
    shown = [file for file in files if not file.omitted_whole]
    return len(shown) <= max_files and sum(file.tokens for file in shown) <= limit


def _leave_out_deletions(files: Sequence[_File]) -> None:
    for file in files:
        if file.omitted_whole:
            continue
        if file.change.status is ChangeStatus.DELETED:
            file.omitted_whole = Omission.DELETED
            continue
        for index, deletes in enumerate(file.hunks_delete):
            if deletes:
                file.omitted[index] = Omission.DELETE_ONLY
        if file.hunk_tokens and not file.shown_hunks:
            file.omitted_whole = Omission.DELETE_ONLY


def _fill(files: Sequence[_File], limit: int, max_files: int) -> None:
    left, count = limit, 0
    for file in _by_importance(files):
        if count == max_files:
            file.omitted_whole = Omission.TOO_MANY_FILES
            continue
        room = left - file.head_tokens
        for index in file.shown_hunks:
            if file.hunk_tokens[index] <= room:
                room -= file.hunk_tokens[index]
            else:
                file.omitted[index] = Omission.OVER_BUDGET
        if room < 0 or (file.hunk_tokens and not file.shown_hunks):
            file.omitted_whole = Omission.OVER_BUDGET
            continue
        left = room
        count += 1


def _by_importance(files: Sequence[_File]) -> list[_File]:
    """Main language first, in it the largest file first; ties in the pull request's order."""
    candidates = [file for file in files if not file.omitted_whole]
    weight: defaultdict[str, int] = defaultdict(int)
    for file in candidates:
        weight[file.change.language] += file.tokens
    return sorted(
        candidates,
        key=lambda file: (-weight[file.change.language], file.change.language, -file.tokens),
    )


def _omissions(file: _File) -> Iterator[OmittedFile]:
    """One entry a reason; a file that is left out whole has one, with all hunks not named before."""
    reasons = dict(file.omitted)
    if file.omitted_whole:
        for index in range(len(file.hunk_tokens)):
            reasons.setdefault(index, file.omitted_whole)
        if not reasons:
            yield OmittedFile(path=file.change.path, reason=file.omitted_whole)
    for reason in Omission:
        hunks = tuple(index for index in sorted(reasons) if reasons[index] is reason)
        if hunks:
            yield OmittedFile(path=file.change.path, reason=reason, hunks=hunks)
