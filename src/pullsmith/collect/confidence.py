"""Why a commit is taken for a pull request, and how sure that is: the one list of reasons.

Takes nothing, gives ``Reason``: the closed set of codes that ``PullRequest.confidence_reason``
holds, each with its confidence. That is the share of such commits which were their number's pull
request where it could be checked against ``refs/pull`` (docs/log.md), or a careful guess where it
could not; never a probability for one record.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """What speaks for a record's number and its two ends, in a word."""

    # Checked against the pull request's own head, in clones that have refs/pull or the like.
    MERGE_HEAD_EQUALS_PULL_HEAD = "merge_head_equals_pull_head"
    SEVERAL_PULLS_SHARE_HEAD = "several_pulls_share_head"  # an unmarked merge: which of them?
    PULL_HEAD_INSIDE_BRANCH = "pull_head_inside_branch"  # somebody put commits on top of it
    MERGE_HEAD_DIFFERS_FROM_PULL_HEAD = "merge_head_differs_from_pull_head"
    NUMBER_IS_A_PULL = "number_is_a_pull"  # one parent: the number has a ref, the patch is unread
    PULL_LANDED_ELSEWHERE = "pull_landed_elsewhere"  # its head came in by another commit
    NUMBER_HAS_NO_PULL = "number_has_no_pull"  # nearly every other number here has a ref

    # From the message alone.
    FORGE_MERGE_MESSAGE = "forge_merge_message"  # the words a forge writes into a merge
    FORGE_SQUASH_MESSAGE = "forge_squash_message"  # … into a squash
    FORGE_COMMITTER = "forge_committer"  # "(#N)", committed by the forge itself
    NUMBER_IN_TITLE = "number_in_title"  # "(#N)", where a forge made others like it
    ADDRESS_IN_TRAILER = "address_in_trailer"  # PR-URL: …/pull/N and the like
    CHANGE_IN_TRAILER = "change_in_trailer"  # Gerrit, Phabricator: reviewed, but no pull number
    NUMBER_IN_BRANCH_NAME = "number_in_branch_name"
    MERGE_IN_ONE_COMMIT = "merge_in_one_commit"  # rebased, or a backport that names its original
    NUMBER_REPEATED = "number_repeated"  # several one-parent commits name it: each is a part
    MAY_NAME_ORIGINAL = "may_name_original"  # a cherry-pick or a backport with one number
    SEVERAL_PULLS_IN_ONE = "several_pulls_in_one"  # a merge bot's batch

    # changes = "first-parent": a commit is a change, whether or not it was a pull request.
    NUMBER_MAY_BE_AN_ISSUE = "number_may_be_an_issue"  # "(#N)", and no forge was seen
    NO_MARK = "no_mark"

    @property
    def confidence(self) -> float:
        """Between 0 and 1; what ``PullRequest.confidence`` holds."""
        return _CONFIDENCE[self]


_CONFIDENCE = {
    Reason.MERGE_HEAD_EQUALS_PULL_HEAD: 1.0,
    Reason.SEVERAL_PULLS_SHARE_HEAD: 0.8,
    Reason.PULL_HEAD_INSIDE_BRANCH: 0.9,
    Reason.MERGE_HEAD_DIFFERS_FROM_PULL_HEAD: 0.4,
    Reason.NUMBER_IS_A_PULL: 0.99,
    Reason.PULL_LANDED_ELSEWHERE: 0.4,
    Reason.NUMBER_HAS_NO_PULL: 0.3,
    Reason.FORGE_MERGE_MESSAGE: 0.98,
    Reason.FORGE_SQUASH_MESSAGE: 0.95,
    Reason.FORGE_COMMITTER: 0.98,
    Reason.NUMBER_IN_TITLE: 0.9,
    Reason.ADDRESS_IN_TRAILER: 0.95,
    Reason.CHANGE_IN_TRAILER: 0.9,
    Reason.NUMBER_IN_BRANCH_NAME: 0.8,
    Reason.MERGE_IN_ONE_COMMIT: 0.6,
    Reason.NUMBER_REPEATED: 0.6,
    Reason.MAY_NAME_ORIGINAL: 0.6,
    Reason.SEVERAL_PULLS_IN_ONE: 0.3,
    Reason.NUMBER_MAY_BE_AN_ISSUE: 0.4,
    Reason.NO_MARK: 0.5,
}
