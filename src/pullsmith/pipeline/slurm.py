"""A grid as Slurm jobs: one for what all share, one array task a cell, one for the rest.

Takes a study; gives the text of a script that sends them. Sends nothing. Every cell works in the run
folder, which all machines reach by one path, and has a journal of its own there: a journal lives on
one machine at a time. Cells train and answer; judges are asked by the last job, from one journal, so
that a budget is one budget.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pullsmith.models.names import LOCAL, parse_model_name
from pullsmith.pipeline.runner import JobState, run_folder, status
from pullsmith.study import Study
from pullsmith.study.roles import Role
from pullsmith.train.launch import Layout, accelerate_settings, launch_words, slurm_lines

_CELL_STAGES = ("train", "respond")


@dataclass(frozen=True)
class _Plan:
    study: Study
    layout: Layout
    words: str  # the study's path and the overrides, quoted

    def job(self, name: str, lines: Sequence[str], *, gpu: bool, array: str = "") -> str:
        """The script of one job."""
        layout = self.layout if gpu else Layout(gpus=0)
        cluster = self.study.cluster
        head = slurm_lines(f"pullsmith-{name}-{self.study.name}", cluster, layout)
        return "\n".join(
            [
                "#!/bin/bash", *head, *([f"#SBATCH --array={array}"] if array else []),
                "set -euo pipefail", *([cluster.setup] if cluster.setup else []), *lines,
            ]
        )  # fmt: skip

    @property
    def settings_file(self) -> Path:
        """Where accelerate's settings are, for a cell on several GPUs."""
        return run_folder(self.study).path / f"accelerate-{self.layout.sharding}.yaml"


def slurm_script(study: Study, *, path: Path, overrides: Sequence[str] = (), gpus: int = 1) -> str:
    """A shell script that sends the study's jobs, for a login node; cells that are done are left out.

    ``gpus`` is of one cell; with several its weights are divided among them. Raises StudyError where
    the batches of a step cannot be shared.
    """
    plan = _Plan(study, Layout(gpus=gpus), shlex.join([str(path), *overrides]))
    shared = _sent(
        plan.job("shared", _shared(plan), gpu=_needs_gpu(study.teacher, study.reference))
    )
    cells = _waiting(study)
    lines = [
        "#!/bin/bash",
        f"# Slurm jobs for the study {study.name}: read this, then run it on a login node.",
        "# Run it again after a failure: what is done is not done again.",
        "set -euo pipefail",
        f"shared={shared}",
        'after="${shared%%;*}"',
    ]
    if cells:
        limit = f"%{study.cluster.processes}" if study.cluster.processes else ""
        job = plan.job("cell", _cell(plan, cells), gpu=True, array=f"0-{len(cells) - 1}{limit}")
        lines += [f"cells={_sent(job, after=True)}", 'after="${cells%%;*}"']
    rest = plan.job("rest", [f"pullsmith run {plan.words}"], gpu=_needs_gpu(study.judge))
    lines += [f"rest={_sent(rest, after=True)}", 'echo "the board: job ${rest%%;*}"']
    return "\n".join(lines) + "\n"


def _shared(plan: _Plan) -> list[str]:
    """Everything up to the examples, and the answers that all are compared with."""
    lines = [f"pullsmith run {plan.words} --until control"]
    if plan.layout.gpus > 1:
        recipes = [plan.study.train_of(student) for student in plan.study.student]
        each = [recipe.gradient_accumulation_steps for recipe in recipes]
        # With FSDP they are the same text for every number that can be shared.
        settings = {accelerate_settings(plan.layout, accumulation=steps) for steps in each}
        file = shlex.quote(str(plan.settings_file))
        folder = shlex.quote(str(plan.settings_file.parent))
        lines += [f"mkdir -p {folder}", f"cat > {file} <<'YAML'\n{settings.pop()}YAML"]
    cells = plan.study.reference_cells
    return [*lines, *(f"pullsmith run {plan.words} --only {shlex.quote(cell)}" for cell in cells)]


def _cell(plan: _Plan, cells: Sequence[str]) -> list[str]:
    """One array task: its cell by its number, trained and asked."""
    own = f'run {plan.words} --only "$cell" --journal "$cell"'
    lines = [f"cells=({shlex.join(cells)})", 'cell="${cells[$SLURM_ARRAY_TASK_ID]}"']
    if plan.layout.gpus > 1:
        launch = launch_words(plan.settings_file)
        lines.append(f"{launch} -m pullsmith {own} --until train")
    return [*lines, f"pullsmith {own} --until respond"]


def _waiting(study: Study) -> list[str]:
    """The students that are not trained and asked yet."""
    done = {state.key for state in status(study) if state.state is JobState.DONE}
    finished = {
        cell
        for cell in study.student_cells
        if {(key.stage, key.cell) for key in done} >= {(name, cell) for name in _CELL_STAGES}
    }
    return [cell for cell in study.student_cells if cell not in finished]


def _needs_gpu(*roles: Sequence[Role]) -> bool:
    return any(parse_model_name(role.model).kind in LOCAL for some in roles for role in some)


def _sent(job: str, *, after: bool = False) -> str:
    """The shell words that send a job and give its number; its end mark is in no line of it."""
    mark = "JOB"
    while mark in job.splitlines():
        mark += "_"
    depends = ' --dependency=afterok:"$after" --kill-on-invalid-dep=yes' if after else ""
    return f"$(sbatch --parsable{depends} <<'{mark}'\n{job}\n{mark}\n)"
