"""From stored records to the Board: rows, differences, tiers and the funnel.

Takes the study, what rank wrote, the checkpoints and the funnel; reads no file itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pullsmith.controls import failed
from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.records import (
    Checkpoint,
    Contrast,
    GroupContrast,
    Metric,
    Phase,
    Rating,
    Statistic,
)
from pullsmith.report.board import (
    Board,
    Difference,
    Estimate,
    FunnelRow,
    GroupDifference,
    Judge,
    MissingCell,
    Rate,
    Row,
    Spent,
    Told,
    ToolRow,
    tiers,
)
from pullsmith.report.entrants import Entrant, entrants
from pullsmith.report.findings import findings
from pullsmith.report.published import published
from pullsmith.report.words import left_out, shows
from pullsmith.study import Study
from pullsmith.study.facts import facts_of
from pullsmith.study.roles import JudgeRole

ALL = "all"
BETTER = "better_rate"
PLANTED = "planted"
_ROLES = ("student", "baseline", "reference")


@dataclass(frozen=True)
class Stored:
    """What the board is a function of."""

    study: Study
    ratings: Sequence[Rating]
    metrics: Sequence[Metric]
    contrasts: Sequence[Contrast]
    groups: Sequence[GroupContrast]
    statistics: Sequence[Statistic]
    checkpoints: Sequence[Checkpoint]
    funnel: Sequence[FunnelRow]
    spent: Mapping[str, Spent] = field(default_factory=dict)
    missing: Sequence[MissingCell] = ()


def build(stored: Stored) -> Board:
    """The board; rows are students (the best first, after before before), baselines, references."""
    differences = [_difference(c) for c in stored.contrasts if c.difference is not None]
    rows = _rows(stored, differences)
    bare = Board(
        study=stored.study.name,
        judges=tuple(_judge(role, stored.statistics) for role in stored.study.judges),
        references=tuple(role.label for role in stored.study.reference),
        chosen_by=stored.study.eval.chosen_by,
        resamples=stored.study.rank.resamples,
        pull_requests=_answered(stored.metrics),
        shows=(),
        findings=(),
        models=tuple(rows),
        differences=tuple(differences),
        groups=tuple(_group(one) for one in stored.groups),
        statistics=tuple(_told(one) for one in stored.statistics),
        funnel=tuple(stored.funnel),
        published=published() if stored.study.report.published else (),
        missing=tuple(stored.missing),
    )
    said = {
        "shows": (*left_out(bare), *shows(bare, stored.study)),
        "findings": findings(bare, facts_of(stored.study)),
    }
    return bare.model_copy(update=said)


def _rows(stored: Stored, differences: Sequence[Difference]) -> list[Row]:
    reference = stored.study.reference[0].label
    headline = {
        r.entrant: r.better_rate
        for r in stored.ratings
        if (r.reference, r.judge, r.tool, r.slice) == (reference, ALL, ALL, ALL)
        and r.better_rate is not None
    }
    pairs = {
        (d.entrant, d.other): d
        for d in differences
        if (d.name, d.reference, d.judge, d.tool, d.slice) == (BETTER, reference, ALL, ALL, ALL)
    }
    tier = tiers(headline, pairs)
    rows = [
        _row(stored, entrant, reference, tier.get(entrant.name)) for entrant in _answered_by(stored)
    ]
    best = {row.model: row.better_rate or 0.0 for row in rows if row.phase != Phase.BEFORE}
    return sorted(
        rows,
        key=lambda r: (
            _ROLES.index(r.role),
            -best.get(r.model, 0.0),
            r.model,
            r.phase == Phase.BEFORE,
        ),
    )


def _answered_by(stored: Stored) -> list[Entrant]:
    return entrants(stored.study, {m.entrant for m in stored.metrics}, stored.checkpoints)


def _row(stored: Stored, entrant: Entrant, reference: str, tier: int | None) -> Row:
    rated = [r for r in stored.ratings if r.entrant == entrant.name]
    mine = [r for r in rated if r.reference == reference]
    measured = [m for m in stored.metrics if m.entrant == entrant.name]
    rate = _one(r for r in mine if (r.judge, r.tool, r.slice) == (ALL, ALL, ALL))
    metrics = _by(m for m in measured if m.tool == ALL)
    planted = _planted(measured)
    review = planted.get("review", {})
    everything = metrics.get(ALL, {})
    return Row(
        entrant=entrant.name,
        model=entrant.model,
        phase=entrant.phase.value,
        role=entrant.role,
        runs=entrant.runs,
        parameters=entrant.parameters,
        size_billions=entrant.size_billions,
        licence=entrant.licence,
        cutoff=entrant.cutoff,
        before_cutoff_rate=_value(metrics.get("real", {}), "before_cutoff_rate"),
        reference=reference if rate else None,
        better_rate=rate.better_rate if rate else None,
        better_low=rate.better_low if rate else None,
        better_high=rate.better_high if rate else None,
        valid_rate=_value(everything, "valid_rate"),
        grounded_rate=_value(everything, "grounded_rate"),
        empty_rate=_value(everything, "empty_rate"),
        planted_f1=_value(review, "planted_f1"),
        planted_recall=_value(review, "planted_recall"),
        planted_precision=_value(review, "planted_precision"),
        planted_silence=_value(review, "planted_silence"),
        tier=tier,
        spent=stored.spent.get(entrant.name),
        rate=rate,
        tools=_tools(mine, measured),
        judges={
            r.judge: _rate(r) for r in mine if r.judge != ALL and (r.tool, r.slice) == (ALL, ALL)
        },
        slices={
            r.slice: _rate(r) for r in mine if r.slice != ALL and (r.judge, r.tool) == (ALL, ALL)
        },
        references={
            r.reference: _rate(r) for r in rated if (r.judge, r.tool, r.slice) == (ALL, ALL, ALL)
        },
        metrics=metrics,
        planted=planted,
        planted_parts=_planted_parts(measured),
    )


def _tools(rated: Sequence[Rating], measured: Sequence[Metric]) -> dict[str, ToolRow]:
    names = sorted({m.tool for m in measured} - {ALL})
    return {
        tool: ToolRow(
            rate=_one(r for r in rated if (r.judge, r.tool, r.slice) == (ALL, tool, ALL)),
            metrics=_by(m for m in measured if m.tool == tool).get(ALL, {}),
        )
        for tool in names
    }


def _planted(measured: Sequence[Metric]) -> dict[str, dict[str, Estimate]]:
    found: dict[str, dict[str, Estimate]] = {}
    for metric in measured:
        if metric.name.startswith("planted_") and metric.slice == PLANTED:
            found.setdefault(metric.tool, {})[metric.name] = _estimate(metric)
    return found


def _planted_parts(
    measured: Sequence[Metric],
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """The same by defect and by language, told without the word they all start with."""
    found: dict[str, dict[str, dict[str, Estimate]]] = {}
    for metric in measured:
        if metric.slice.startswith(f"{PLANTED}:"):
            part = metric.slice.removeprefix(f"{PLANTED}:")
            by_name = found.setdefault(metric.tool, {}).setdefault(part, {})
            by_name[metric.name] = _estimate(metric)
    return found


def _one(ratings: Iterable[Rating]) -> Rate | None:
    return next((_rate(rating) for rating in ratings), None)


def _rate(rating: Rating) -> Rate:
    return Rate.model_validate({name: getattr(rating, name) for name in Rate.model_fields})


def _estimate(metric: Metric) -> Estimate:
    return Estimate.model_validate({name: getattr(metric, name) for name in Estimate.model_fields})


def _by(metrics: Iterable[Metric]) -> dict[str, dict[str, Estimate]]:
    """Slice to name to estimate."""
    found: dict[str, dict[str, Estimate]] = {}
    for metric in metrics:
        found.setdefault(metric.slice, {})[metric.name] = _estimate(metric)
    return found


def _value(estimates: Mapping[str, Estimate], name: str) -> float | None:
    return estimates[name].value if name in estimates else None


def _difference(contrast: Contrast) -> Difference:
    low, high = contrast.low or 0.0, contrast.high or 0.0
    return Difference(
        resolved=low > 0 or high < 0,
        **{name: getattr(contrast, name) for name in Difference.model_fields if name != "resolved"},
    )


def _judge(role: JudgeRole, statistics: Sequence[Statistic]) -> Judge:
    return Judge(
        name=role.model,
        language_model=parse_model_name(role.model).kind is not ModelKind.RUBRIC,
        prompt_version=role.prompt_version,
        prompts=role.prompts,
        orders=role.orders,
        family=role.known_family,
        cutoff=role.cutoff,
        retires=role.retires,
        failed_controls=tuple(
            sorted(
                {
                    one.entrant
                    for one in statistics
                    if (one.name, one.judge) == ("control_rate", role.model)
                    and one.value is not None
                    and one.low is not None
                    and one.high is not None
                    and failed(one.entrant, one.value, one.low, one.high)
                }
            )
        ),
    )


def _group(contrast: GroupContrast) -> GroupDifference:
    fields = {name: getattr(contrast, name) for name in GroupDifference.model_fields}
    return GroupDifference.model_validate(fields)


def _told(statistic: Statistic) -> Told:
    return Told.model_validate({name: getattr(statistic, name) for name in Told.model_fields})


def _answered(metrics: Iterable[Metric]) -> dict[str, int]:
    """Pull requests per slice: as many as any entrant answered."""
    found: dict[str, int] = {}
    for metric in metrics:
        if (metric.name, metric.tool) == ("valid_rate", ALL):
            found[metric.slice] = max(found.get(metric.slice, 0), metric.pull_requests)
    return dict(sorted(found.items()))
