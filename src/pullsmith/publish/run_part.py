"""The part of a run that its board is a function of, as a run folder of its own.

Takes a run and what may be handed on; gives a folder with the held-out pull requests, prompts, answers,
verdicts, checkpoints' facts and every stage's counts. No weights, no training data, no settings with
paths of this machine.
"""

from __future__ import annotations

import heapq
import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pullsmith.controls import PREFIX
from pullsmith.errors import RunFolderError
from pullsmith.publish.handed_on import HandedOn
from pullsmith.records import (
    Answer,
    Checkpoint,
    Drop,
    Prompt,
    PullRequest,
    Record,
    Split,
    Verdict,
    digest,
)
from pullsmith.report.funnel import EXAMPLES
from pullsmith.store import JobFolder, JobKey, RunFolder, make_folder
from pullsmith.study import Study
from pullsmith.study.train import LOSSES_NAME

R = TypeVar("R", bound=Record)
_COUNTED = ("collect", "select", "generate", "clean")  # of these only the counts are handed on


def unfinished(study: Study, run: RunFolder) -> str | None:
    """The first job that a board needs and that is not finished; None where all are."""
    return next((str(key) for key in _jobs(study) if run.job(key).manifest() is None), None)


def write_part(study: Study, run: RunFolder, part: RunFolder, handed: HandedOn) -> None:
    """Write it to the empty folder ``part``; raises RunFolderError where a job is not finished."""
    copied = _Copied(run, part, handed)
    for stage in _COUNTED:
        copied.counts(JobKey(stage))
    copied.rows(
        JobKey("split"), PullRequest, lambda r: r.split is Split.EVAL and r.id in copied, _bare
    )
    copied.rows(
        JobKey("render"), Prompt, lambda r: r.split is Split.EVAL and r.pull_request_id in copied
    )
    for cell in study.student_cells:
        key = JobKey("train", cell)
        copied.rows(key, Checkpoint, lambda _: True)
        losses = run.job(key).path / LOSSES_NAME
        if losses.is_file():
            shutil.copyfile(losses, part.job(key).path / LOSSES_NAME)
    for cell in study.respond_cells:
        copied.rows(JobKey("respond", cell), Answer, lambda r: r.pull_request_id in copied)
    for cell in study.judge_cells:
        copied.rows(
            JobKey("judge", cell), Verdict, lambda r: r.pull_request_id in copied, copied.said
        )
    for key in _jobs(study):
        copied.finish(key)


def _jobs(study: Study) -> Iterator[JobKey]:
    for stage in (*_COUNTED, "split", "render"):
        yield JobKey(stage)
    for stage, cells in (
        ("train", study.student_cells),
        ("respond", study.respond_cells),
        ("judge", study.judge_cells),
    ):
        yield from (JobKey(stage, cell) for cell in cells)


class _Copied:
    """Copies jobs of one run folder into another, without what is not handed on."""

    def __init__(self, run: RunFolder, part: RunFolder, handed: HandedOn) -> None:
        self._run = run
        self._part = part
        self._handed = handed

    def __contains__(self, pull_request_id: str) -> bool:
        return pull_request_id in self._handed.pull_requests

    def counts(self, key: JobKey) -> None:
        """The folder of a job, with the dropped records that its counts are explained by."""
        target = self._part.job(key)
        make_folder(target.path)
        target.write_drops(_examples(self._run.job(key), self._handed.example))

    def rows(
        self,
        key: JobKey,
        record_type: type[R],
        keep: Callable[[R], bool],
        change: Callable[[R], R] = lambda record: record,
    ) -> None:
        """The rows that ``keep`` keeps, each as ``change`` makes it."""
        self.counts(key)
        rows = self._run.job(key).read(record_type)
        self._part.job(key).write(record_type, [change(row) for row in rows if keep(row)])

    def said(self, verdict: Verdict) -> Verdict:
        """A reason without what it may quote of a pull request that is left out."""
        if self._handed.left_out and verdict.candidate == f"{PREFIX}other":
            return verdict.model_copy(update={"why": ""})
        return verdict

    def finish(self, key: JobKey) -> None:
        """The job's own manifest, without its settings, which name places on this machine.

        Its digest stays that of the whole job: it says which records this is a part of.
        """
        manifest = self._run.job(key).manifest()
        if manifest is None:
            raise RunFolderError(
                f"publish: {key} is not finished; pullsmith run STUDY.toml does it"
            )
        self._part.job(key).finish(manifest.model_copy(update={"settings": {}}))


def _bare(record: PullRequest) -> PullRequest:
    """Without what people wrote in its discussion, which no board reads."""
    return record.model_copy(update={"reviews": (), "threads": (), "closes": (), "author": ""})


def _examples(job: JobFolder, allowed: Callable[[Drop], bool]) -> Iterable[Drop]:
    """As many of each reason as the funnel shows, and the same ones; without the records."""
    found: dict[str, list[tuple[str, str, Drop]]] = {}
    for drop in job.drops():
        if allowed(drop):
            bare = drop.model_copy(update={"record_json": ""})
            some = found.setdefault(drop.reason, [])
            some.append((digest(drop.record_id), drop.record_id + "\0" + drop.detail, bare))
            if len(some) > 50 * EXAMPLES:
                some[:] = heapq.nsmallest(EXAMPLES, some, key=lambda seen: seen[:2])
    return [
        drop
        for some in found.values()
        for *_, drop in heapq.nsmallest(EXAMPLES, some, key=lambda seen: seen[:2])
    ]
