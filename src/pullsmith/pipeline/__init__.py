"""The order of the stages, and running what of it is not done yet."""

from pullsmith.pipeline.runner import JobState, JobStatus, run, run_folder, status
from pullsmith.pipeline.stages import STAGES, StageSpec, jobs

__all__ = ["STAGES", "JobState", "JobStatus", "StageSpec", "jobs", "run", "run_folder", "status"]
