"""The ordered list of stages: the only place that knows the order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pullsmith.decisions import (
    FILE_NAME,
    ON_EXAMPLES,
    ON_PICKS,
    Action,
    decided,
    read_decisions,
    said_of_pairs,
)
from pullsmith.engine import StageContext, StageResult
from pullsmith.exclusions import read_exclusions
from pullsmith.store import JobKey
from pullsmith.study import Study
from pullsmith.study.data import DataKind
from pullsmith.study.judging import CONTROLS_CELL
from pullsmith.study.roles import JudgeRole, ReferenceRole, Role
from pullsmith.study.train import CHANGES_NO_WEIGHT


@dataclass(frozen=True)
class StageSpec:
    """A stage: where its code is, what it reads, which cells it has, which settings decide it."""

    name: str
    module: str
    needs: Callable[[Study, str | None], Sequence[JobKey]]
    settings: Callable[[Study, str | None], dict[str, Any]]
    cells: Callable[[Study], Sequence[str | None]] = lambda _: (None,)

    def run(self, context: StageContext) -> StageResult:
        """Import the stage and run it; only train and respond import a training library."""
        stage: Callable[[StageContext], StageResult] = import_module(self.module).run
        return stage(context)


def _after(*stages: str) -> Callable[[Study, str | None], Sequence[JobKey]]:
    return lambda _study, _cell: [JobKey(stage) for stage in stages]


def _respond_needs(study: Study, cell: str | None) -> Sequence[JobKey]:
    trained = [JobKey("train", cell)] if cell in study.student_cells else []
    return [JobKey("render"), JobKey("split"), JobKey("clean"), *trained]


def _train_needs(study: Study, cell: str | None) -> Sequence[JobKey]:
    """A preference stage also reads what was asked and what was not kept; an ablation its own data."""
    student = study.student_of(cell)
    preferring = study.train_of(student).preference.method != "none"
    more = ("render", "generate") if preferring else ()
    beside = student.training_data.beside_clean
    controls = [JobKey("control", beside)] if beside else []
    return [*(JobKey(stage) for stage in ("split", *more, "clean")), *controls]


def _judge_needs(study: Study, cell: str | None) -> Sequence[JobKey]:
    return [
        JobKey("split"),
        JobKey("render"),
        *(JobKey("respond", c) for c in [cell, *study.reference_cells] if c != CONTROLS_CELL),
    ]


def _rank_needs(study: Study, _cell: str | None) -> Sequence[JobKey]:
    judged = [JobKey("judge", cell) for cell in study.judge_cells]
    answered = [JobKey("respond", cell) for cell in study.respond_cells]
    return [JobKey("split"), JobKey("render"), *answered, *judged]


def _report_needs(study: Study, cell: str | None) -> Sequence[JobKey]:
    earlier = [JobKey(s) for s in ("collect", "select", "render", "generate", "clean", "rank")]
    return [
        *earlier,
        *_rank_needs(study, cell),
        *(JobKey("train", c) for c in study.student_cells),
    ]


def _keys(*names: str) -> Callable[[Study, str | None], dict[str, Any]]:
    """Settings of a stage: the named parts of the study, as plain JSON values."""
    return lambda study, _cell: study.model_dump(mode="json", include={"seed", *names})


# How fast a model is asked, what it costs, who makes it and what it learnt from change no answer, so they are in no digest.
_PACE = (
    "concurrency", "timeout_seconds", "tries", "batch", "price", "window_tokens", "family", "retires",
    "training", "cutoff",
)  # fmt: skip
# A pack is what its digest says, wherever the file lies.
_NOWHERE = frozenset((*_PACE, "pack"))


def _role(role: Role) -> dict[str, Any]:
    """What of a role decides its answers; what is not said of a reference or a judge is not there."""
    values = role.model_dump(mode="json", exclude=set(_NOWHERE))
    optional = {ReferenceRole: ("name", "digest"), JudgeRole: ("prompts",)}.get(type(role), ())
    return {key: value for key, value in values.items() if value or key not in optional}


def _roles(study: Study, *names: str) -> dict[str, Any]:
    values = study.model_dump(mode="json", include={"seed", *names})
    for name in names:
        if isinstance(values[name], list):
            values[name] = [_role(role) for role in getattr(study, name)]
    return values


def _generate_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    values = _roles(study, "teacher")
    if study.grader is not None:
        values["grader"] = _role(study.grader)
    return values


def _judge_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    """With what people said of pairs, where they did."""
    values = _roles(study, "judge", "reference", "judging")
    people = said_of_pairs(read_decisions(study.runs / study.name / FILE_NAME))
    return {**values, "people": people} if people else values


def _student_settings(*names: str) -> Callable[[Study, str | None], dict[str, Any]]:
    """Settings of one cell: its own role only, so that adding a model leaves the others done."""

    def settings(study: Study, cell: str | None) -> dict[str, Any]:
        values = _roles(study, *names)
        roles: dict[str, Role] = {role.cell: role for role in (*study.reference, *study.student)}
        if cell in roles:
            values["role"] = _decides(roles[cell])
        return values

    return settings


# What a grid's entry says is in its cells; whose cell a student is changes nothing of it. Its own
# recipe decides its training only, and is among that one's settings.
_OF_GRID = ("base", "methods", "entry", "train")


def _decides(role: Role) -> dict[str, Any]:
    """What of a role decides its answers; the data only where it is not all, as manifests are older."""
    values = {key: value for key, value in _role(role).items() if key not in _OF_GRID}
    if values.get("data") == [DataKind.ALL]:
        del values["data"]
    return values


def _train_settings(study: Study, cell: str | None) -> dict[str, Any]:
    """What decides the weights; where a training is followed does not."""
    values = _student_settings()(study, cell)
    recipe = study.train_of(study.student_of(cell))
    values["train"] = recipe.model_dump(mode="json", exclude=set(CHANGES_NO_WEIGHT))
    return values


def contracts_of(study: Study) -> list[str]:
    """Every contract a model of the study is asked in."""
    asked = [role.contract for role in study.teacher]
    asked += [role.contract for role in study.reference]
    asked += [role.contract for role in study.student]
    return sorted(set(asked))


def _render_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    contracts = contracts_of(study)
    return {
        **study.model_dump(mode="json", include={"seed", "render", "contract"}),
        "contracts": contracts,
        "varied_contracts": list(study.varied_contracts),
    }


Settings = Callable[[Study, str | None], dict[str, Any]]


def _with_tools(settings: Settings) -> Settings:
    """The settings, and what the user's own tools are made of; a study without any adds nothing."""

    def both(study: Study, cell: str | None) -> dict[str, Any]:
        tools = {"tools": study.tool_digests} if study.tool else {}
        return {**settings(study, cell), **tools}

    return both


def _select_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    """With what the file of exclusions says, so that a name added later makes select stale."""
    values = study.model_dump(mode="json", include={"seed", "select"})
    excluded = read_exclusions(study.select.exclude)
    values["select"]["exclude"] = excluded.model_dump(mode="json") if study.select.exclude else None
    return values


def _split_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    values = study.model_dump(mode="json", include={"seed", "split", "eval"})
    if study.split.benchmarks:
        values["benchmark_digests"] = [_file_digest(path) for path in study.split.benchmarks]
    if study.eval.chosen_by == "human":
        values["picks"] = _decided(study, ON_PICKS)
    return values


def _clean_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    paths = [Path(name.rpartition(":")[0]) for name in study.clean.rules]
    return {
        **study.model_dump(mode="json", include={"seed", "clean"}),
        "contracts": sorted({s.contract for s in study.student}),
        "reflecting": list(study.reflecting_contracts),
        "teachers": [[each.model, each.contract] for each in study.training_teachers],
        "rule_digests": [_file_digest(path) for path in paths],
        "decisions": _decided(study, ON_EXAMPLES),
    }


def _control_settings(study: Study, cell: str | None) -> dict[str, Any]:
    """Those of clean, as if the whole study were cleaned so."""
    values = _clean_settings(study, None)
    return {**values, "clean": {**values["clean"], "control": cell}}


def _rank_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    """With who is of which family and learnt until when: both make columns and slices."""
    roles = [*study.student, *study.reference, *study.judges]
    return {
        **study.model_dump(mode="json", include={"seed", "rank"}),
        "families": {role.label: role.known_family for role in roles},
        "cutoffs": {role.label: role.known_cutoff for role in study.student},
    }


def _report_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    """The name, and what is shown beside the numbers; a study that shows nothing adds nothing."""
    published = {"published": True} if study.report.published else {}
    return {"name": study.name, **published}


def _decided(study: Study, actions: Iterable[Action]) -> str:
    """A digest of what people decided so far."""
    return decided(read_decisions(study.runs / study.name / FILE_NAME), actions)


def _file_digest(path: Path) -> str:
    """A digest of a file that the study names; empty where it cannot be read, which its stage says."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


STAGES: tuple[StageSpec, ...] = (
    StageSpec("collect", "pullsmith.collect.stage", _after(), _keys("collect")),
    StageSpec("select", "pullsmith.select.stage", _after("collect"), _select_settings),
    StageSpec("split", "pullsmith.split.stage", _after("select"), _split_settings),
    StageSpec("render", "pullsmith.render.stage", _after("split"), _with_tools(_render_settings)),
    StageSpec("generate", "pullsmith.generate", _after("split", "render"), _with_tools(_generate_settings)),
    StageSpec("clean", "pullsmith.clean.stage", _after("split", "render", "generate"), _with_tools(_clean_settings)),
    StageSpec("control", "pullsmith.clean.stage", _after("split", "render", "generate", "clean"), _with_tools(_control_settings), lambda study: study.control_cells),
    StageSpec("train", "pullsmith.train.stage", _train_needs, _train_settings, lambda study: study.student_cells),
    StageSpec("respond", "pullsmith.respond", _respond_needs, _with_tools(_student_settings()), lambda study: study.respond_cells),
    StageSpec("judge", "pullsmith.judge.stage", _judge_needs, _with_tools(_judge_settings), lambda study: study.judge_cells),
    StageSpec("rank", "pullsmith.rank.stage", _rank_needs, _with_tools(_rank_settings)),
    StageSpec("report", "pullsmith.report.stage", _report_needs, _report_settings),
)  # fmt: skip
STAGE_NAMES = tuple(stage.name for stage in STAGES)


def jobs(study: Study, stages: Sequence[StageSpec] = STAGES) -> Iterator[tuple[StageSpec, JobKey]]:
    """Every job of the study, in the order they run."""
    for stage in stages:
        for cell in stage.cells(study):
            yield stage, JobKey(stage.name, cell)
