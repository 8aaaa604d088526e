"""What was put to everyone: the held-out pull requests, task by task, as one digest.

Takes a run; gives tasks with a digest each. Two studies measure the same thing where these are equal,
whatever models, contracts and wordings they have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pullsmith.records import Prompt, PullRequest, Split, digest
from pullsmith.store import RunFolder

Task = tuple[str, str, int]  # pull request, tool, part


@dataclass(frozen=True)
class EvalSet:
    """The digest of what is shown for each task: the change, its texts, and which part of it."""

    tasks: Mapping[Task, str]

    @property
    def digest(self) -> str:
        """Of all tasks, in any order."""
        return digest(sorted([*task, shown] for task, shown in self.tasks.items()))


def eval_set_of(run: RunFolder) -> EvalSet:
    """The eval set of a run; raises RunFolderError where split or render is not finished."""
    changes = {
        record.id: _change(record)
        for record in run.read("split", PullRequest)
        if record.split is Split.EVAL
    }
    return EvalSet(
        {
            (prompt.pull_request_id, prompt.tool, prompt.part): digest(
                [changes[prompt.pull_request_id], prompt.coverage]
            )
            for prompt in run.read("render", Prompt)
            if prompt.split is Split.EVAL
        }
    )


def _change(record: PullRequest) -> str:
    files = [[file.path, file.status, file.patch] for file in record.files]
    return digest([record.title, record.body, list(record.commit_messages), files])
