"""The order of the stages, and running what of it is not done yet."""

from pullsmith.pipeline.chosen import chosen_jobs
from pullsmith.pipeline.control import write_control
from pullsmith.pipeline.partial import write_partial
from pullsmith.pipeline.runner import JobState, JobStatus, check_files, run, run_folder, status
from pullsmith.pipeline.slurm import slurm_script
from pullsmith.pipeline.stages import STAGES, StageSpec, jobs
from pullsmith.pipeline.trail import find_pull_request, trail, unfinished

__all__ = [
    "STAGES", "JobState", "JobStatus", "StageSpec", "check_files", "chosen_jobs", "find_pull_request", "jobs", "run", "run_folder", "slurm_script",
    "status", "trail", "unfinished", "write_control", "write_partial",
]  # fmt: skip
