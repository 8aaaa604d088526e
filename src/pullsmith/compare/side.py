"""One of two studies that are compared: a study file whose verdicts are there, or a published board.

Takes a path; gives the study, its records and the digest of what was put to its models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pullsmith.errors import RunFolderError
from pullsmith.eval_set import EvalSet, eval_set_of
from pullsmith.publish.board import open_board
from pullsmith.rank.rates import Rated, Shares, Task, shares_by_task
from pullsmith.records import Answer, PullRequest, Split, Verdict, part_of, standing
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study, load_study


@dataclass(frozen=True)
class Side:
    """``eval_digest`` is of all that was held out, also of what a published board does not show."""

    path: str
    study: Study
    run: RunFolder
    eval_set: EvalSet
    eval_digest: str

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """Every verdict on a candidate."""
        return [
            verdict
            for cell in self.study.candidate_cells
            for verdict in self.run.read("judge", Verdict, cell)
        ]

    @cached_property
    def shares(self) -> dict[Rated, dict[Task, Shares]]:
        """How often better, task by task, as rank counts it."""
        return shares_by_task(self.verdicts)

    @cached_property
    def pull_requests(self) -> Mapping[str, PullRequest]:
        """The held-out ones, by id."""
        records = self.run.read("split", PullRequest)
        return {record.id: record for record in records if record.split is Split.EVAL}

    def reference_answers(self, label: str) -> dict[Task, str]:
        """What a reference said to every task."""
        role = next(role for role in self.study.reference if role.label == label)
        return {
            (answer.pull_request_id, answer.tool, part_of(answer.prompt_id)): answer.text
            for answer in standing(self.run.read("respond", Answer, role.cell))
        }

    @cached_property
    def versions(self) -> frozenset[str]:
        """The versions of pullsmith whose judge stage made the verdicts."""
        manifests = (
            self.run.job(JobKey("judge", cell)).manifest() for cell in self.study.judge_cells
        )
        return frozenset(each.pullsmith_version for each in manifests if each)


def open_side(path: Path) -> Side:
    """The study at ``path``, or the published board in it.

    Raises RunFolderError where verdicts are missing, or a pack is not whole. The code of a pack's own tools is not run: verdicts
    are there.
    """
    if path.is_dir():
        pack = open_board(path, trust_tools=True)
        return Side(str(path), pack.study, pack.run, eval_set_of(pack.run), pack.list.eval_set)
    study = load_study(path)
    run = RunFolder(study.runs / study.name)
    for key in (JobKey("render"), *(JobKey("judge", cell) for cell in study.judge_cells)):
        if run.job(key).manifest() is None:
            raise RunFolderError(f"{path}: {key} is not finished; pullsmith run {path} does it")
    eval_set = eval_set_of(run)
    return Side(str(path), study, run, eval_set, eval_set.digest)
