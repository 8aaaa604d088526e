"""The ablation's control beside a finished clean stage: as many examples, drawn whatever the rules say.

Takes a study whose clean stage is done, gives a folder of its own; nothing of the run is touched.
"""

from __future__ import annotations

from pullsmith import __version__
from pullsmith.engine import StageContext
from pullsmith.errors import RunFolderError
from pullsmith.pipeline.runner import run_folder
from pullsmith.pipeline.stages import STAGES
from pullsmith.store import JobFolder, JobKey, Manifest, make_folder
from pullsmith.study import Study
from pullsmith.tally import Tally


def write_control(study: Study) -> tuple[JobFolder, Tally]:
    """Write control/random of the study's run; raises RunFolderError where clean is not done.

    The study with ``clean.control = "random"`` trains on the same rows, and so does a student whose
    data is "random": its own job is this one, and it is done.
    """
    run = run_folder(study)
    cleaned = run.job(JobKey("clean")).manifest()
    if cleaned is None:
        raise RunFolderError("control: clean is not finished; pullsmith clean STUDY.toml does it")
    job = run.job(JobKey("control", "random"))
    make_folder(job.path)
    job.clear_rows()
    clean = next(stage for stage in STAGES if stage.name == "clean")
    result = clean.run(StageContext(study=study, run=run, job=job, cell="random"))
    drawing = study.clean.model_copy(update={"control": "random"})
    settings = {**cleaned.settings, "clean": drawing.model_dump(mode="json")}
    job.finish(
        Manifest(
            pullsmith_version=__version__,
            stage="control",
            cell="random",
            settings=settings,
            inputs={**cleaned.inputs, "clean": cleaned.output_digest},
            tally=result.tally,
            output_digest=job.output_digest(),
            versions=cleaned.versions,
            measured=dict(result.measured),
        )
    )
    return job, result.tally
