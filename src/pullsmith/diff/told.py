"""What those who rate answers are told of a change: graders and judges read the same.

Takes a PullRequest and what of it was shown to those who answered; gives texts by name. Knows no
question and no contract.
"""

from __future__ import annotations

from pullsmith.diff.shown import ShownDiff, printable, unified
from pullsmith.records import PullRequest


def told(pull_request: PullRequest, shown: ShownDiff) -> dict[str, str]:
    """Title, branch, description, commit messages, the numbered diff, and what was left out of it.

    A text that is not there is empty.
    """
    return {
        "title": printable(pull_request.title),
        "branch": printable(pull_request.branch),
        "description": pull_request.body.strip(),
        "commits": "\n".join(pull_request.commit_messages).strip(),
        "diff": unified(shown, numbers=True),
        "omitted": "\n".join(printable(path) for path in shown.omitted),
    }
