"""The render stage: PullRequests in, Prompts out, one for every tool and contract of the study.

Checks what is asked for, spreads the pull requests over processes and puts together what they left.
A pull request of which nothing can be shown is dropped whole, with the reason.
"""

from __future__ import annotations

from pullsmith.contracts.own_tools import tools_of
from pullsmith.engine import StageContext, StageResult
from pullsmith.records import Prompt, digest
from pullsmith.render.checks import check_asked_tools
from pullsmith.render.shards import render_shard, shards_of
from pullsmith.store import JobKey
from pullsmith.tally import Tally
from pullsmith.tokens import find_counter


def run(context: StageContext) -> StageResult:
    """Write the prompts. Raises StudyError on a tool, contract or token counter that cannot be used."""
    study, job = context.study, context.job
    check_asked_tools(study, tools_of(study))
    find_counter(study.render.tokens)
    split = context.run.job(JobKey("split"))
    decides = study.model_dump(mode="json", include={"seed", "render", "contract"})
    decides["contracts"] = [study.contracts, study.varied_contracts, study.tool_digests]
    folder = job.work(digest(["render-1", decides, split.output_digest()]))
    shards = shards_of(study, split.shards(), folder)
    made = context.spread(shards, render_shard, folder=folder)
    rows = job.merge(Prompt, [one.rows for one in made]).rows
    drops = [dropped for one in made for dropped in one.drops]
    job.write_drops(drops)
    kept = sum(one.kept for one in made)
    tally = Tally.of(records_in=kept + len(drops), records_out=kept, drops=drops, rows=rows)
    return StageResult(tally, {"diff_tokens": float(sum(one.diff_tokens for one in made))})
