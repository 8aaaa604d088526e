"""Running pure steps over records, and shards in several processes; a killed run goes on.

What is finished lies in work folders named by a digest of all that decides their content, so
nothing made under other settings is ever taken for done.
"""

from pullsmith.engine.context import StageContext, StageResult
from pullsmith.engine.steps import Step, run_steps
from pullsmith.engine.workers import cores, run_shards

__all__ = ["StageContext", "StageResult", "Step", "cores", "run_shards", "run_steps"]
