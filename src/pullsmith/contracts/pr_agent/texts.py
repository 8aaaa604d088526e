"""One file, or a whole diff, in PR-Agent's words.

Takes files, a coverage's layout and the facts of a version; gives text to the byte, the same when a
coverage is planned as when it is written. Counts no tokens and decides nothing about what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pullsmith.contracts.pr_agent.extend import Reach, extended, extended_nothing
from pullsmith.contracts.pr_agent.files import File, select
from pullsmith.contracts.pr_agent.hunks import decoupled, without_trailing_deletions
from pullsmith.contracts.pr_agent.installation import Installation
from pullsmith.contracts.pr_agent.versions import Extension, Form, Tool, Version
from pullsmith.diff.hunks import write_hunks
from pullsmith.diff.shown import hunks_of
from pullsmith.errors import PatchError
from pullsmith.records import ChangeStatus, Coverage, FileChange, PullRequest, ShownFile

CLIPPED = "\n...(truncated)"


class LayoutForm(StrEnum):
    """How PR-Agent writes what fits whole, what does not, and one of several prompts."""

    EXTENDED = "extended"
    PRUNED = "pruned"
    PART = "part"


@dataclass(frozen=True)
class Writer:
    """Writes files for one tool of one installation."""

    installation: Installation
    tool: Tool

    @property
    def version(self) -> Version:
        """The facts of the installation's version."""
        return self.installation.version

    def extended(self, file: File) -> tuple[str, bool]:
        """The file with lines around its hunks, and whether all that were wanted are known."""
        patch, complete = self._extended_patch(file)
        if self._is_apart:
            return self._apart(file.change, patch), complete
        path = file.path.strip() if self.version.stripped else file.path
        if self.version.extension is not Extension.BARE:
            patch = patch.rstrip()
        return self.version.heads.extended.format(path=path, patch=patch), complete

    def only_names(self, file: File) -> bool:
        """Whether a whole diff only says that the file was deleted."""
        deleted = file.change.status is ChangeStatus.DELETED
        return deleted and self._is_apart and bool(self.version.heads.deleted)

    def remaining(self, file: File) -> str:
        """The file without the deletions at its end, for a diff that does not fit whole; may be empty."""
        patch = without_trailing_deletions(file.change.patch)
        return self._apart(file.change, patch) if self._is_apart else patch

    def pruned(self, path: str, remaining: str) -> str:
        """What ``remaining`` gave, as it stands in a pruned diff."""
        if self._is_apart:
            return f"\n\n{remaining.strip()}"
        return self.version.heads.pruned.format(path=path.strip(), patch=remaining.strip())

    def part(self, path: str, remaining: str) -> str:
        """The same, as it stands in one of several prompts."""
        return remaining if self._is_apart else self.pruned(path, remaining)

    @property
    def _is_apart(self) -> bool:
        return self.tool.form is not Form.PLAIN

    @property
    def _reach(self) -> Reach:
        defaults = self.installation.defaults
        return Reach(
            defaults.lines_before, defaults.lines_after, defaults.lines_dynamic,
            self.version.extension,
        )  # fmt: skip

    def _wants(self, file: File) -> bool:
        defaults = self.installation.defaults
        return (
            self.tool.extended
            and bool(defaults.lines_before or defaults.lines_after)
            and not file.old_empty
            and not file.path.endswith(defaults.unextended or ("\0",))
        )

    def _extended_patch(self, file: File) -> tuple[str, bool]:
        patch = file.change.patch
        if self._wants(file):
            longer = None if file.context is None else extended(patch, file.context, self._reach)
            return (patch, False) if longer is None else (longer, True)
        if file.old_empty and self.version.extension is Extension.BARE and self.tool.extended:
            return extended_nothing(patch, self._reach), True
        return patch, True

    def _apart(self, change: FileChange, patch: str) -> str:
        heads, path = self.version.heads, change.path.strip()
        if heads.deleted and change.status is ChangeStatus.DELETED:
            return heads.deleted.format(path=path)
        hunks = "".join(decoupled(patch, self.version.sections))
        return f"{heads.decoupled.format(path=path)}{hunks}".rstrip()


def diff_text(pull_request: PullRequest, coverage: Coverage, writer: Writer) -> str:
    """The diff of a prompt, for a coverage of this contract's or of any other's."""
    files = {file.path: file for file in select(pull_request, writer.installation).files}
    changes = {change.path: change for change in pull_request.files}
    texts: list[str] = []
    for shown in coverage.shown:
        if shown.path not in changes:
            raise PatchError(
                f"{pull_request.id}: the coverage shows {shown.path!r}, which is not in its files"
            )
        file = files.get(shown.path) or File(changes[shown.path], True, None)
        if file.change.patch:
            texts.append(_shown_text(file, shown, coverage, writer))
    text = "\n".join(texts)
    if coverage.layout is not None:
        text += coverage.layout.afterword
    return without_numbers(text) if writer.tool.form is Form.UNNUMBERED else text


def _shown_text(file: File, shown: ShownFile, coverage: Coverage, writer: Writer) -> str:
    if coverage.layout is None:
        return writer.extended(_only(file, shown))[0]
    if coverage.layout.form == LayoutForm.EXTENDED:
        return writer.extended(file)[0]
    remaining = writer.remaining(file)
    if coverage.layout.form == LayoutForm.PRUNED:
        return writer.pruned(file.path, remaining)
    text = writer.part(file.path, remaining)
    return text if shown.cut is None else text[: shown.cut.characters] + CLIPPED


def _only(file: File, shown: ShownFile) -> File:
    """The file with the hunks another contract's coverage shows, of which lines around are not known."""
    hunks = hunks_of(file.change)
    if tuple(shown.hunks) == tuple(range(len(hunks))):
        return file
    patch = write_hunks(hunks[index] for index in shown.hunks).decode(file.change.encoding)
    return File(file.change.model_copy(update={"patch": patch}), True, None)


def without_numbers(diff: str) -> str:
    """The diff with whatever number begins a line taken off, and one character behind it."""
    return "\n".join([_without_number(line) for line in diff.splitlines()])


def _without_number(line: str) -> str:
    if not line[:1].isdigit() and not line.isnumeric():
        return line
    if line.isnumeric():
        return ""
    return next((line[at + 1 :] for at, char in enumerate(line) if not char.isdigit()), line)
