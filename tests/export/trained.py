"""A run whose student is trained, as the pipeline leaves it: made once, used by every target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pullsmith.pipeline import STAGES
from pullsmith.store import Manifest
from pullsmith.study import Study, load_study
from tests.train.runs import STUDY, context, train


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
    file.write_text(text.replace("steps = 6", "steps = 2", 1) + more)
    study = load_study(file)
    job = context(study)
    result = train(job)
    stage = next(each for each in STAGES if each.name == "train")
    job.job.finish(
        Manifest(
            pullsmith_version="0", stage="train", cell="pupil",
            settings=stage.settings(study, "pupil"), inputs={}, tally=result.tally,
            output_digest=job.job.output_digest(), versions={}, measured=dict(result.measured),
        )
    )  # fmt: skip
    return Run(file, study, job.job.path / "final")
