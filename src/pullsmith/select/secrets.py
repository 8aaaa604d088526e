"""Masking a pull request, once for all that follows: what is sent, trained on and shown is one text.

Takes a record, gives it with ``scan`` and with placeholders in every text, or a Drop where a text
cannot be scanned or masked. Patches stay parseable: signs are never part of a finding, and no line
is added or lost. A planted secret is ours and stays; the rest of its record is scanned like any.
"""

from __future__ import annotations

from collections.abc import Callable

from pullsmith.errors import SecretError
from pullsmith.records import (
    Defect,
    Drop,
    FileChange,
    HunkContext,
    LinkedIssue,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
    SecretScan,
    drop,
)
from pullsmith.redact import (
    NO_RULES,
    PERSON,
    PERSONAL,
    RULES_VERSION,
    FileRules,
    Finding,
    Masker,
)


def mask_pull_request(pull_request: PullRequest, more: FileRules = NO_RULES) -> PullRequest | Drop:
    """The record with every finding masked; dropped as private_key or too_long_to_scan."""
    try:
        return _Masking(pull_request, more).masked()
    except SecretError as error:
        return drop("select", pull_request, error.reason, error.detail)


def rules_version(more: FileRules) -> str:
    """What a scan with ``more`` rules is marked with."""
    return f"{RULES_VERSION}+{more.version}" if more.rules else RULES_VERSION


def _without_signs(patch: str) -> str:
    """As long as the patch: "+jane@…" must not take the sign for a letter of the address."""
    return patch.replace("\n+", "\n ").replace("\n-", "\n ")


class _Masking:
    """One record's masking: one Masker over all its texts, in a fixed order."""

    def __init__(self, pull_request: PullRequest, more: FileRules) -> None:
        self.record = pull_request
        self.masker = Masker(more)
        self.kept = 0
        defect = pull_request.defect if pull_request.planted else None
        self.planted = defect if defect is not None and defect.kind == "secret" else None

    def masked(self) -> PullRequest:
        record, mask = self.record, self.masker.mask
        changes: dict[str, object] = {
            "title": mask(record.title),
            "body": mask(record.body),
            "branch": mask(record.branch),
            "commit_messages": tuple(map(mask, record.commit_messages)),
            "author": self.author(),
            "files": tuple(map(self.file, record.files)),
            "labels": tuple(map(mask, record.labels)),
            "reviews": tuple(map(self.review, record.reviews)),
            "threads": tuple(map(self.thread, record.threads)),
            "closes": tuple(map(self.issue, record.closes)),
        }
        found = tuple(self.masker.found)  # before the truth, which repeats lines of the patch
        changes["defect"] = self.defect()
        changes["scan"] = SecretScan(
            rules_version=rules_version(self.masker.more),
            found=found,
            planted_kept=max(self.kept, int(self.planted is not None)),
        )
        return record.model_copy(update=changes)

    def author(self) -> str:
        """A placeholder for a person; a bot keeps its name."""
        author = self.record.author
        return author if "bot" in self.record.flags else self.person(author)

    def person(self, name: str) -> str:
        """A placeholder for whoever spoke, the same wherever they did; programs keep theirs."""
        if not name or name.endswith("[bot]"):
            return name
        return self.masker.placeholder(name, PERSON)

    def review(self, review: Review) -> Review:
        """The review with a masked author and body."""
        update = {"author": self.person(review.author), "body": self.masker.mask(review.body)}
        return review.model_copy(update=update)

    def thread(self, thread: ReviewThread) -> ReviewThread:
        """The thread with masked path, comments and the piece of the patch it is about."""
        hunk = thread.diff_hunk
        return thread.model_copy(
            update={
                "path": self.masker.mask(thread.path),
                "diff_hunk": self.masker.mask(hunk, scanned=_without_signs(hunk)),
                "comments": tuple(map(self.comment, thread.comments)),
            }
        )

    def comment(self, comment: ReviewComment) -> ReviewComment:
        """The comment with masked author, body and suggestions."""
        return comment.model_copy(
            update={
                "author": self.person(comment.author),
                "body": self.masker.mask(comment.body),
                "suggestions": tuple(map(self.masker.mask, comment.suggestions)),
            }
        )

    def issue(self, issue: LinkedIssue) -> LinkedIssue:
        """The issue with masked title and body."""
        mask = self.masker.mask
        return issue.model_copy(update={"title": mask(issue.title), "body": mask(issue.body)})

    def file(self, file: FileChange) -> FileChange:
        """The file with masked paths, patch and context."""
        old_path = None if file.old_path is None else self.masker.mask(file.old_path)
        scanned = _without_signs(file.patch)
        patch = self.masker.mask(file.patch, scanned=scanned, keep=self.keeper(file))
        path = self.masker.mask(file.path)
        context = None if file.context is None else tuple(map(self.around, file.context))
        update = {"path": path, "old_path": old_path, "patch": patch, "context": context}
        return file.model_copy(update=update)

    def around(self, context: HunkContext) -> HunkContext:
        """The lines around a hunk, masked; nothing of ours is planted there."""
        return HunkContext(before=self.lines(context.before), after=self.lines(context.after))

    def lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """The lines masked as one text: no line is added or lost."""
        return tuple(self.masker.mask("\n".join(lines)).split("\n")) if lines else ()

    def keeper(self, file: FileChange) -> Callable[[Finding], bool]:
        """Says of a finding in the file's patch whether it is the planted secret."""

        def keep(finding: Finding) -> bool:
            if finding.rule_id in PERSONAL or not self.is_ours(file, finding.start):
                return False
            self.kept += 1
            return True

        return keep

    def is_ours(self, file: FileChange, position: int) -> bool:
        """Whether that position of the patch is on a line we planted a secret on.

        A clean change that takes a planted secret out again has it on its deleted lines.
        """
        record, defect = self.record, self.planted
        if not record.planted or (defect is None and "planted-secret" not in record.flags):
            return False
        start = file.patch.rfind("\n", 0, position) + 1
        line = file.patch[start:].partition("\n")[0]
        if defect is None:
            return line.startswith("-")
        return file.path == defect.path and line[:1] == "+" and line[1:] in defect.defective

    def defect(self) -> Defect | None:
        """The truth, masked as the patch is, so that it still names the patch's own lines."""
        defect = self.record.defect
        if defect is None:
            return None

        def ours(finding: Finding) -> bool:
            return self.planted is not None and finding.rule_id not in PERSONAL

        def lines(texts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(self.masker.mask(text, keep=ours) for text in texts)

        return defect.model_copy(
            update={
                "path": self.masker.mask(defect.path),
                "defective": lines(defect.defective),
                "original": lines(defect.original),
            }
        )
