"""rank: rates with intervals, from stored verdicts and answers alone; no model, no network.

Reads split, render, respond and judge; writes Ratings as its rows, and beside them
``metrics.parquet`` and ``contrasts.parquet``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.engine import StageContext, StageResult
from pullsmith.rank.grid import fields
from pullsmith.rank.rates import Task, shares_by_task
from pullsmith.rank.tables import (
    Entrant,
    better_contrasts,
    metrics,
    ratings,
    recall_contrasts,
)
from pullsmith.records import (
    Answer,
    Contrast,
    Coverage,
    Metric,
    Prompt,
    PullRequest,
    Rating,
    Split,
    Verdict,
    entrant_name,
    firsts,
    part_of,
    standing,
)
from pullsmith.rows import write_rows
from pullsmith.scoring import Score, score_answer, score_mended
from pullsmith.study import Study
from pullsmith.tally import Tally

METRICS_FILE = "metrics.parquet"
CONTRASTS_FILE = "contrasts.parquet"


def run(context: StageContext) -> StageResult:
    """Rate every entrant; what comes in and goes out is verdicts, the rows are ratings."""
    study = context.study
    pull_requests = {record.id: record for record in context.run.read("split", PullRequest)}
    answers = [a for cell in study.respond_cells for a in context.run.read("respond", Answer, cell)]
    verdicts = [
        v for cell in study.candidate_cells for v in context.run.read("judge", Verdict, cell)
    ]
    entrants = entrants_of(answers)
    scores = scores_of(answers, pull_requests, _coverages(context), tools_of(study))
    scores = with_firsts(scores, answers, _repairing(study))
    shares = shares_by_task(verdicts)
    grid = fields(
        (_task(answer) for answer in firsts(answers)),
        pull_requests,
        resamples=study.rank.resamples,
        seed=study.seed,
    )
    contrasts = [
        *better_contrasts(shares, entrants, grid),
        *recall_contrasts(scores, entrants, grid),
    ]
    folder = context.job.path
    rows = context.job.write(Rating, ratings(shares, entrants, grid))
    write_rows(folder / METRICS_FILE, Metric, sorted(metrics(scores, grid), key=lambda m: m.id))
    write_rows(folder / CONTRASTS_FILE, Contrast, sorted(contrasts, key=lambda c: c.id))
    context.job.write_drops([])
    tally = Tally.of(records_in=len(verdicts), records_out=len(verdicts), drops=[], rows=rows)
    return StageResult(tally)


def entrants_of(answers: Iterable[Answer]) -> dict[str, Entrant]:
    """Everyone who answered, by name."""
    found = (
        Entrant(entrant_name(answer.model, answer.phase), answer.model, answer.phase)
        for answer in answers
    )
    return {entrant.name: entrant for entrant in found}


def scores_of(
    answers: Iterable[Answer],
    pull_requests: Mapping[str, PullRequest],
    coverages: Mapping[str, Coverage],
    tools: Tools = BUILT_IN,
) -> dict[str, dict[Task, Score]]:
    """The score of every answer that counts, by entrant and task; ``coverages`` are by prompt."""
    shown: dict[tuple[str, Coverage], ShownDiff] = {}
    found: dict[str, dict[Task, Score]] = {}
    for answer in standing(answers):
        request = pull_requests[answer.pull_request_id]
        coverage = coverages[answer.prompt_id]
        key = (request.id, coverage)
        if key not in shown:
            shown[key] = ShownDiff.of(request, coverage)
        mine = found.setdefault(entrant_name(answer.model, answer.phase), {})
        mine[_task(answer)] = score_answer(answer, request, shown[key], tools)
    return found


def with_firsts(
    scores: Mapping[str, dict[Task, Score]], answers: Iterable[Answer], repairing: Collection[str]
) -> dict[str, dict[Task, Score]]:
    """The scores of those models that are asked again beside what they said at first."""
    found = {name: dict(mine) for name, mine in scores.items()}
    for answer in firsts(answers):
        if answer.model in repairing:
            mine = found[entrant_name(answer.model, answer.phase)]
            mine[_task(answer)] = score_mended(mine[_task(answer)], answer)
    return found


def _repairing(study: Study) -> set[str]:
    """The models whose refused answers are asked for once more, as answers name them."""
    return {role.label for role in (*study.student, *study.reference) if role.repair}


def _task(answer: Answer) -> Task:
    return answer.pull_request_id, answer.tool, part_of(answer.prompt_id)


def _coverages(context: StageContext) -> dict[str, Coverage]:
    prompts = context.run.read("render", Prompt)
    return {prompt.id: prompt.coverage for prompt in prompts if prompt.split is Split.EVAL}
