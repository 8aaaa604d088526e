"""Running pure steps over records, and shards in several processes or machines; a killed run goes on.

What is finished lies in work folders named by a digest of all that decides their content, so
nothing made under other settings is ever taken for done.
"""

from pullsmith.engine.context import StageContext, StageResult, Unfinished
from pullsmith.engine.processes import ALONE, Processes, processes_of
from pullsmith.engine.steps import Chain, Chains, Step, read_looks, run_chain
from pullsmith.engine.workers import cores, run_shards

__all__ = [
    "ALONE",
    "Chain",
    "Chains",
    "Processes",
    "StageContext",
    "StageResult",
    "Step",
    "Unfinished",
    "cores",
    "processes_of",
    "read_looks",
    "run_chain",
    "run_shards",
]
