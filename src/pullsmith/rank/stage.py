"""rank: rates with intervals, from stored verdicts and answers alone; no model, no network.

Reads split, render, respond and judge; writes Ratings as its rows, and beside them
``metrics.parquet``, ``contrasts.parquet``, ``statistics.parquet`` and ``group-contrasts.parquet``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.engine import StageContext, StageResult
from pullsmith.rank.comparisons import comparisons
from pullsmith.rank.controls import control_statistics
from pullsmith.rank.cutoffs import cutoff_metrics
from pullsmith.rank.families import family_statistics
from pullsmith.rank.grid import fields
from pullsmith.rank.groups import group_contrasts, longest_and_shortest
from pullsmith.rank.lengths import length_statistics
from pullsmith.rank.panel import agreement_statistics, by_judge, judge_statistics
from pullsmith.rank.people import human_statistics
from pullsmith.rank.rates import Rated, Shares, Task, shares_by_task
from pullsmith.rank.slices import Sliced, planted_slices, slices
from pullsmith.rank.standings import order_statistics, strength_statistics
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
    GroupContrast,
    Metric,
    Phase,
    Prompt,
    PullRequest,
    Rating,
    Split,
    Statistic,
    Verdict,
    entrant_name,
    firsts,
    part_of,
    standing,
)
from pullsmith.rows import write_rows
from pullsmith.scoring import Score, answer_value, score_answer, score_mended
from pullsmith.stats.bootstrap import Resampler
from pullsmith.study import Study
from pullsmith.study.facts import facts_of
from pullsmith.study.judging import CONTROLS_CELL
from pullsmith.tally import Tally

METRICS_FILE = "metrics.parquet"
CONTRASTS_FILE = "contrasts.parquet"
STATISTICS_FILE = "statistics.parquet"
GROUPS_FILE = "group-contrasts.parquet"


def run(context: StageContext) -> StageResult:
    """Rate every entrant; what comes in and goes out is verdicts, the rows are ratings."""
    study, tools = context.study, tools_of(context.study)
    pull_requests = {record.id: record for record in context.run.read("split", PullRequest)}
    given = [a for cell in study.respond_cells for a in context.run.read("respond", Answer, cell)]
    answers = standing(given)
    verdicts = [
        v for cell in study.candidate_cells for v in context.run.read("judge", Verdict, cell)
    ]
    controls = list(
        context.run.read("judge", Verdict, CONTROLS_CELL) if study.judging.controls else ()
    )
    coverages = _coverages(context)
    entrants = entrants_of(answers)
    families = families_of(study)
    scores = scores_of(answers, pull_requests, coverages, tools)
    scores = with_firsts(scores, given, _repairing(study))
    shares = shares_by_task(verdicts, families)
    draw = drawn_by(study, pull_requests)
    sliced = Sliced(
        pull_requests,
        {_task(answer): coverages[answer.prompt_id].diff_tokens for answer in answers},
        {role.label: role.known_cutoff for role in study.student if role.known_cutoff},
    )
    grid = fields(slices((_task(answer) for answer in answers), sliced), draw)
    parts = planted_slices((_task(answer) for answer in answers), pull_requests)
    planted = fields(parts, draw, by_tool=parts)
    asked = [pull_requests[name] for name in {answer.pull_request_id for answer in answers}]
    measured = [
        *metrics(scores, [*grid, *planted]),
        *cutoff_metrics(asked, entrants.values(), sliced.cutoffs),
    ]
    contrasts = [
        *better_contrasts(shares, entrants, grid),
        *recall_contrasts(scores, entrants, grid),
    ]
    compared = comparisons(facts_of(study), _asked_tools(answers), longest_and_shortest(grid))
    groups = group_contrasts(shares, compared, grid)
    draws = draw(sorted({answer.pull_request_id for answer in answers}))
    told = [
        *statistics(verdicts, shares, lengths_of(answers, tools), families, draws),
        *control_statistics(controls, draws),
    ]
    folder = context.job.path
    rows = context.job.write(Rating, ratings(shares, entrants, grid))
    write_rows(folder / METRICS_FILE, Metric, sorted(measured, key=lambda m: m.id))
    write_rows(folder / CONTRASTS_FILE, Contrast, sorted(contrasts, key=lambda c: c.id))
    write_rows(folder / STATISTICS_FILE, Statistic, sorted(told, key=lambda s: s.id))
    write_rows(folder / GROUPS_FILE, GroupContrast, sorted(groups, key=lambda g: g.id))
    context.job.write_drops([])
    seen = len(verdicts) + len(controls)
    tally = Tally.of(records_in=seen, records_out=seen, drops=[], rows=rows)
    return StageResult(tally)


def statistics(
    verdicts: Sequence[Verdict],
    shares: Mapping[Rated, Mapping[Task, Shares]],
    lengths: Mapping[str, int],
    families: Mapping[str, str],
    draws: Resampler,
) -> Iterator[Statistic]:
    """What is to be said of judges, and of entrants beyond their rates."""
    judged = by_judge(verdicts)
    yield from judge_statistics(judged, draws)
    yield from agreement_statistics(judged, draws)
    ruled = (verdict for verdict in verdicts if verdict.by_rule)
    yield from length_statistics(judged, lengths, draws, ruled=ruled)
    yield from order_statistics(shares, draws)
    yield from strength_statistics(verdicts, draws)
    yield from family_statistics(shares, families, draws)
    yield from human_statistics(shares, draws)


def families_of(study: Study) -> dict[str, str]:
    """The family of every judge, reference and entrant that has one, by the name verdicts use."""
    found = {role.model: role.known_family for role in study.judges}
    found |= {role.label: role.known_family for role in study.reference}
    found |= {
        entrant_name(role.label, phase): role.known_family
        for role in study.student
        for phase in (Phase.BEFORE, Phase.AFTER)
    }
    return {name: family for name, family in found.items() if family}


def lengths_of(answers: Iterable[Answer], tools: Tools = BUILT_IN) -> dict[str, int]:
    """Characters of every valid answer as judges see it, by the answer's id."""
    values = ((answer.id, answer_value(answer, tools)) for answer in answers)
    return {name: len(canonical_yaml(value)) for name, value in values if value is not None}


def drawn_by(study: Study, pull_requests: Mapping[str, PullRequest]) -> partial[Resampler]:
    """How pull requests are resampled; planted ones of one source file count as a repository."""
    clusters = None
    if study.rank.cluster == "repository":
        clusters = {
            name: record.group if record.planted else record.repository
            for name, record in pull_requests.items()
        }
    return partial(Resampler, resamples=study.rank.resamples, seed=study.seed, clusters=clusters)


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
    for answer in answers:
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


def _asked_tools(answers: Iterable[Answer]) -> list[str]:
    return sorted({answer.tool for answer in answers})


def _task(answer: Answer) -> Task:
    return answer.pull_request_id, answer.tool, part_of(answer.prompt_id)


def _coverages(context: StageContext) -> dict[str, Coverage]:
    prompts = context.run.read("render", Prompt)
    return {prompt.id: prompt.coverage for prompt in prompts if prompt.split is Split.EVAL}
