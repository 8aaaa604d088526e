"""A forge for PR-Agent to read: its own GitHub provider over one change that it is told of.

Imported by files that PR-Agent's own Python runs, so it imports nothing of pullsmith and nothing
but the standard library. What a driver adds (posting, for one) comes as a class of its own.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

TOOLS = (
    ("describe", "pr_description", "PRDescription"),
    ("review", "pr_reviewer", "PRReviewer"),
    ("improve", "pr_code_suggestions", "PRCodeSuggestions"),
)
STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
PLACE = "https://example.org/owner/name/pull/1"


class Paged(list[Any]):
    """A forge's list, which knows how long it is."""

    @property
    def totalCount(self) -> int:  # noqa: N802  # GitHub's name
        """How long."""
        return len(self)


class Reading:
    """What PR-Agent reads of the change in ``told``, and of no network."""

    told: dict[str, Any]
    module: Any  # PR-Agent's own, with its provider

    def __init__(self, *_: object, **__: object) -> None:
        """In place of the provider's own, which would ask GitHub."""
        self.diff_files = self.git_files = None
        self.incremental = self.module.IncrementalPR(False)
        self.repo, self.pr_num, self.pr_url = "owner/name", 1, PLACE
        self.max_comment_chars = 65_000
        self.pr = self._change()
        base = SimpleNamespace(merge_base_commit=SimpleNamespace(sha="old"))
        self.repo_obj = SimpleNamespace(compare=lambda *_: base)

    def _change(self) -> SimpleNamespace:
        told = self.told
        files = Paged(
            SimpleNamespace(
                filename=file["path"], status=STATUS[file["status"]], patch=file["patch"] or None
            )
            for file in told["files"]
        )
        commits = [
            SimpleNamespace(commit=SimpleNamespace(message=text)) for text in told["commits"]
        ]
        return SimpleNamespace(
            title=told["title"], body=told["body"], get_files=lambda: files, html_url=PLACE,
            get_commits=lambda: commits, head=SimpleNamespace(ref=told["branch"], sha="new"),
            base=SimpleNamespace(sha="old"), labels=[],
        )  # fmt: skip

    def _get_repo(self) -> Any:
        return self.repo_obj

    def get_languages(self) -> dict[str, int]:
        """Bytes of each language."""
        return dict(self.told["languages"])

    def get_pr_file_content(self, file_path: str, branch: str) -> str:
        """A file as it was or is; "" where it is not there."""
        return next(
            str(file[branch] or "") for file in self.told["files"] if file["path"] == file_path
        )

    def _get_pr_file_content(self, file: Any, sha: str, *_: object) -> str:
        return self.get_pr_file_content(file.filename, sha)


def forge(module: Any, told: dict[str, Any], *first: type, **more: object) -> Any:
    """PR-Agent's GitHub provider over ``told``; ``first`` are asked before it, ``more`` is theirs."""
    return type(
        "Forge", (*first, Reading, module.GithubProvider), {"module": module, "told": told, **more}
    )
