"""How forges, merge bots and review tools mark a pull request in a commit message.

Takes nothing, gives ``STYLES``: patterns in the order they are tried, and what each means. Knows
no commit. Every pattern reads hostile text in linear time: no repeat crosses a line, and numbers
have at most nine digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pullsmith.collect.confidence import Reason

_N = r"(?P<number>[1-9][0-9]{0,8})(?![0-9])"


class Tracker(StrEnum):
    """Whose numbers they are: one repository may have lived on two forges."""

    PULL = "pull"  # GitHub, Gitea and their kin
    MERGE_REQUEST = "merge-requests"  # GitLab
    PULL_REQUEST = "pull-requests"  # Bitbucket
    AZURE = "azure"
    REVIEW = "review"  # Gerrit, Phabricator: no pull number at all


@dataclass(frozen=True)
class Style:
    """One way to mark. ``merge`` and ``single`` are the evidence for two and for one parent.

    ``pattern`` is matched at the start of the subject, or, where there is a ``hint``, looked for at
    the start of the lines of a message that contains it: the last one counts, as others are quoted.
    Groups: number, title, branch.
    """

    merge: str  # empty: never a merge
    single: str
    pattern: re.Pattern[str]
    reason: Reason
    tracker: Tracker = Tracker.PULL
    single_reason: Reason | None = None
    hint: str = ""
    needs_witness: bool = False  # counts only where the repository shows this tracker otherwise


def _line(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("<N>", _N), re.MULTILINE)


STYLES = (
    # A one-parent "Merge pull request" is a rebased merge, or a backport that names the original.
    Style("gh_merge", "gh_merge_rebased",
          _line(r"^Merge pull request #<N> from (?P<branch>\S+)"),
          Reason.FORGE_MERGE_MESSAGE, single_reason=Reason.MERGE_IN_ONE_COMMIT),
    Style("bitbucket_merge", "bitbucket_squash",
          _line(r"^Merge pull request #<N> in \S+ from (?P<branch>\S+) to \S+"),
          Reason.FORGE_MERGE_MESSAGE, Tracker.PULL_REQUEST, Reason.MERGE_IN_ONE_COMMIT),
    Style("gitea_merge", "gitea_merge_rebased",
          _line(r"^Merge pull request '(?P<title>.*)' \(#<N>\) from (?P<branch>\S+)"),
          Reason.FORGE_MERGE_MESSAGE, single_reason=Reason.MERGE_IN_ONE_COMMIT),
    Style("bitbucket_merge", "bitbucket_squash",
          _line(r"^Merged in (?P<branch>\S+) \((?:pull request|PR) #<N>\)"),
          Reason.FORGE_MERGE_MESSAGE, Tracker.PULL_REQUEST, Reason.FORGE_SQUASH_MESSAGE),
    Style("bitbucket_merge", "bitbucket_squash",
          _line(r"^Pull request #<N>: (?P<title>.*)"),
          Reason.FORGE_MERGE_MESSAGE, Tracker.PULL_REQUEST, Reason.FORGE_SQUASH_MESSAGE),
    Style("azure_merge", "azure_squash",
          _line(r"^Merged PR <N>: (?P<title>.*)"),
          Reason.FORGE_MERGE_MESSAGE, Tracker.AZURE, Reason.FORGE_SQUASH_MESSAGE),
    Style("bors_merge", "",
          _line(r"^Auto merge of #<N> - (?P<branch>\S+), r="), Reason.FORGE_MERGE_MESSAGE),
    Style("bors_merge", "", _line(r"^(?:Auto merge of|Rollup merge of) #<N>"),
          Reason.FORGE_MERGE_MESSAGE),
    Style("bors_merge", "", _line(r"^Merge #<N>$"), Reason.FORGE_MERGE_MESSAGE),
    Style("bors_batch", "", _line(r"^Merge #<N>(?: #[0-9]+)+$"), Reason.SEVERAL_PULLS_IN_ONE),
    # Several numbers in a subject: the last is this pull request, the others what it mentions.
    Style("merge_titled", "squash",
          _line(r"^(?P<title>.*\S)[ \t]*\((?:#|GH-)<N>\)$"),
          Reason.NUMBER_IN_TITLE, needs_witness=True),
    Style("merge_titled", "gitlab_squash",
          _line(r"^(?P<title>.*\S)[ \t]*\(!<N>\)$"),
          Reason.NUMBER_IN_TITLE, Tracker.MERGE_REQUEST, needs_witness=True),
    Style("gitlab_merge", "gitlab_squash",
          _line(r"^[ \t]*See merge request [^\s!]*!<N>[ \t]*$"),
          Reason.FORGE_MERGE_MESSAGE, Tracker.MERGE_REQUEST, Reason.FORGE_SQUASH_MESSAGE,
          hint="See merge request"),
    # Of a backport, whose own address this is; the original's stands beside it.
    Style("trailer", "trailer",
          _line(r"^Backport-PR-URL: *\S*/pulls?/<N>"), Reason.ADDRESS_IN_TRAILER,
          hint="Backport-PR-URL:"),
    Style("trailer", "trailer",
          _line(r"^(?:PR-URL|Pull-Request|Pull Request resolved|Reviewed-on): *\S*/pulls?/<N>"),
          Reason.ADDRESS_IN_TRAILER, hint="/pull"),
    Style("trailer", "trailer",
          _line(r"^(?:PR-URL|MR-URL|Pull-Request|Merge-Request|Reviewed-on|Part-of): *<?\S*/merge_requests/<N>"),
          Reason.ADDRESS_IN_TRAILER, Tracker.MERGE_REQUEST, hint="/merge_requests/"),
    Style("merge_pr_branch", "",
          _line(r"^Merge (?:remote-tracking )?(?:branch|commit) '(?P<branch>(?:[^\s']*/)?"
                r"(?:pr|pull|pull-request)[/-]<N>(?:/(?:head|merge))?)'"),
          Reason.NUMBER_IN_BRANCH_NAME),
    Style("merge_pr_named", "merge_pr_named_rebased",
          _line(r"^Merge (?:pull request|PR) #?<N>\b[ :]*(?P<title>.*)"),
          Reason.NUMBER_IN_TITLE, single_reason=Reason.MERGE_IN_ONE_COMMIT),
    # The merge script of some projects of one foundation; a bare "Closes #N" is an issue.
    Style("", "trailer", _line(r"^Closes #<N> from (?P<branch>\S+)"),
          Reason.ADDRESS_IN_TRAILER, hint=" from "),
    # One commit is one reviewed change. Its number is the review tool's, no pull request's.
    Style("", "gerrit_change",
          _line(r"^Reviewed-on: *https?://\S+/[0-9]+/?$"), Reason.CHANGE_IN_TRAILER,
          Tracker.REVIEW, hint="Reviewed-on:"),
    Style("gerrit_merge", "",
          _line(r'^Merge "(?P<title>.+)"(?: into \S+)?$'), Reason.CHANGE_IN_TRAILER,
          Tracker.REVIEW),
    Style("", "phabricator_revision",
          _line(r"^Differential Revision: *\S*\bD[0-9]+$"), Reason.CHANGE_IN_TRAILER,
          Tracker.REVIEW, hint="Differential Revision:"),
)  # fmt: skip
