"""Pull requests, what is known of them, and which are held out."""

from __future__ import annotations

from pullsmith.records.base import SCHEMA_VERSION, ChangeStatus, Record, Split


class LicenceFile(Record):
    """One licence file; ``spdx`` is None when its text was not recognised.

    ``blob_sha`` is git's id of the file's bytes, also where the file came from no repository.
    """

    path: str
    blob_sha: str
    spdx: str | None


class LicenceEvidence(Record):
    """The licence of a whole change, and the files that say so.

    ``spdx`` is an SPDX expression; None when any of the files was not recognised.
    """

    spdx: str | None
    files: tuple[LicenceFile, ...]
    found_at: str  # a commit id, or the name of what the files belong to


class HunkContext(Record):
    """The old file's lines directly before and after those a hunk shows, in the file's order.

    Without newlines, but with the carriage return where there is one. Fewer than were asked for
    only where the file begins or ends; some may stand in the neighbouring hunk as well.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    # Line breaks other than newlines in the old file above ``before``: a reader that splits at them
    # numbers lines differently. 0 where nobody counted.
    breaks_above: int = 0


class FileChange(Record):
    """One file of a pull request. ``patch`` is its hunks, from the first ``@@`` on, as text.

    ``patch`` is empty for binary files, pure renames and mode changes. Line ends are kept as they
    are. ``encoding`` is "utf-8", or "latin-1" where the bytes were not strict UTF-8. ``context`` has
    one entry a hunk; None where nobody collected it, and where it is not in that encoding.
    """

    path: str
    old_path: str | None = None
    status: ChangeStatus
    language: str = ""
    patch: str = ""
    added_lines: int = 0
    deleted_lines: int = 0
    binary: bool = False
    encoding: str = "utf-8"
    flags: tuple[str, ...] = ()  # "lock", "generated", "vendored", "docs", "test", "submodule", …
    context: tuple[HunkContext, ...] | None = None


class Defect(Record):
    """The truth of a planted pull request. No byte of it ever reaches a prompt.

    Lines count from 1 in the new file; ``defective`` is what stands there, ``original`` what
    should. ``group`` says whether a linter can see it ("surface") or not ("semantic").
    """

    kind: str
    path: str
    start_line: int
    end_line: int
    defective: tuple[str, ...]
    original: tuple[str, ...]
    header: str
    content: str
    security: bool = False


class ReviewComment(Record):
    """One comment of a review thread; ``suggestions`` are the contents of its suggestion blocks."""

    author: str
    body: str
    written_at: str
    suggestions: tuple[str, ...] = ()


class ReviewThread(Record):
    """Comments on one place of the patch, the first one first.

    Lines count from 1 in the file on ``side`` ("new" or "old") at ``commit_sha``; None where the
    forge no longer knows them. ``resolved`` is None where nobody said.
    """

    path: str
    start_line: int | None = None
    end_line: int | None = None
    side: str = "new"
    commit_sha: str = ""
    diff_hunk: str = ""
    resolved: bool | None = None
    outdated: bool = False
    comments: tuple[ReviewComment, ...]


class Review(Record):
    """A reviewer's judgement as a whole: ``state`` is GitHub's, in lower case."""

    author: str
    state: str
    body: str
    written_at: str


class LinkedIssue(Record):
    """An issue that the pull request closes; ``repository`` is host/owner/name."""

    repository: str
    number: int
    title: str
    body: str = ""


class SecretScan(Record):
    """The mark select leaves: which rules looked, what they found and masked."""

    rules_version: str
    found: tuple[str, ...] = ()  # rule ids, one per masked span
    planted_kept: int = 0  # planted secrets are ours and stay


class PullRequest(Record):
    """One pull request, from any source. ``defect`` is None for real and for clean planted ones."""

    schema_version: int = SCHEMA_VERSION
    id: str
    source: str  # "git", "github" or "planted"
    repository: str  # host/owner/name, local:ROOTCOMMIT or planted:stdlib
    group: str  # what may not be split between train and eval
    number: int | None = None
    evidence: str = (
        ""  # how it was recognised: "gh_merge", "squash", "first_parent", "planted:edit", …
    )
    confidence: float = 1.0
    confidence_reason: str = (
        ""  # why not 1: "merge_head_equals_pull_head", "number_may_be_an_issue", …
    )
    title: str
    body: str = ""
    branch: str = ""
    commit_messages: tuple[str, ...] = ()
    author: str = ""
    merged_at: str = ""
    base_sha: str = ""
    head_sha: str = ""
    merge_sha: str = ""
    flags: tuple[str, ...] = ()  # "bot", "revert", "backport", "spot", "planted", …
    files: tuple[FileChange, ...]
    licence: LicenceEvidence | None = None
    labels: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    threads: tuple[ReviewThread, ...] = ()
    closes: tuple[LinkedIssue, ...] = ()
    defect: Defect | None = None
    pool: Split | None = None  # planted: the half of templates and words its lines were drawn from
    split: Split | None = None
    scan: SecretScan | None = None
    cluster: str = ""  # of near-duplicates: the id of the one that select puts first; "" alone
    # From split on, model presets whose training data ends before the change, or not before it; a
    # preset whose cut-off nobody knows is in neither, and a change without a time has none.
    newer_than: tuple[str, ...] = ()
    older_than: tuple[str, ...] = ()

    @property
    def planted(self) -> bool:
        """Whether its truth is known because we made it."""
        return self.source == "planted"


class SplitManifest(Record):
    """Which pull requests are held out, frozen before a teacher is paid.

    ``eval`` never changes again. ``train`` and the sides of whole groups may only grow, and then
    ``extends`` is the id of what was there before. ``id`` is the digest of all other fields.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    name: str = "main"
    by: str = "repository"  # "repository" or "date"
    eval_from: str = (
        ""  # by date: the oldest change that is held out; it begins with its merge time
    )
    train: tuple[str, ...]
    eval: tuple[str, ...]
    train_groups: tuple[str, ...] = ()  # by repository: whole groups of real ones
    eval_groups: tuple[str, ...] = ()
    chosen_by: str
    rules: tuple[str, ...] = ()  # the settings that decided it, as "key = value"
    extends: str = ""
