"""A run whose student is trained, as the pipeline leaves it: made once, used by every target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pullsmith.pipeline import STAGES
from pullsmith.records import Message, Prompt, PullRequest, Record, Split
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study, load_study
from pullsmith.tally import Tally
from tests.llm.pulls import added, change, prompt, pull_request
from tests.train.runs import STUDY, context, train

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Run:
    """The study's file and the folder with what its student became."""

    file: Path
    study: Study
    final: Path


def trained_run(root: Path, model: str = "tiny", *, method: str = "full", more: str = "") -> Run:
    """Train ``pupil`` for two steps in ``root``; ``more`` is TOML behind the study."""
    root.mkdir(parents=True, exist_ok=True)
    file = root / "study.toml"
    text = STUDY.format(root=root / "runs", model=model, method=method)
    text = text.replace("[[student]]\n", "[[student]]\nmax_tokens = 24\n")
    file.write_text(text.replace("steps = 6", "steps = 2", 1) + more)
    study = load_study(file)
    job = context(study)
    result = train(job)
    stage = next(each for each in STAGES if each.name == "train")
    _finish(job.job, result.tally, settings=stage.settings(study, "pupil"))
    _write_sides(job.run)
    return Run(file, study, job.job.path / "final")


def _write_sides(run: RunFolder) -> None:
    """Six planted pull requests that were trained on, and eval prompts about four others."""
    trained = [
        pull_request(change(added(f"x = {n}")), id=f"planted:{n:04d}", split=Split.TRAIN, source="planted")
        for n in (*range(6), *range(1000, 1005))
    ]  # fmt: skip
    held = [
        pull_request(change(added(f"y = {n}")), id=f"example.org/o/r@{n}", split=Split.EVAL)
        for n in range(4)
    ]
    split = sorted([*trained, *held], key=lambda record: record.id)
    _write(run.job(JobKey("split")), PullRequest, split)
    asked = (Message(role="user", content="file: src/cache_1.py\n1 + def cache(value):\n"),)
    prompts = [
        prompt(pull, tool, contract="compact-1", split=Split.EVAL).model_copy(
            update={"messages": (Message(role="system", content=f"{tool} the change"), *asked)}
        )
        for pull in held
        for tool in ("review", "improve")
    ]
    _write(run.job(JobKey("render")), Prompt, sorted(prompts, key=lambda record: record.id))


def _write(job: JobFolder, kind: type[R], rows: list[R]) -> None:
    make_folder(job.path)
    count = job.write(kind, rows)
    _finish(job, Tally(records_in=count, records_out=count, dropped={}, rows=count), settings={})


def _finish(job: JobFolder, tally: Tally, *, settings: dict[str, object]) -> None:
    job.finish(
        Manifest(
            pullsmith_version="0", stage=job.path.name, cell=None, settings=settings, inputs={},
            tally=tally, output_digest=job.output_digest(), versions={}, measured={},
        )
    )  # fmt: skip
