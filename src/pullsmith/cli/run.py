"""``run``, ``status`` and one command a stage."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.cli.costs import print_spending
from pullsmith.cli.states import print_states, print_status

if TYPE_CHECKING:
    from pullsmith.study import Study

INTERRUPTED = 130
STUDY = click.Path(dir_okay=False, path_type=Path)
_study_argument = click.argument("study", type=STUDY)
_overrides_argument = click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
_new_split_option = click.option(
    "--new-split",
    metavar="NAME",
    help="Make another split beside the frozen one; the same as split.name=NAME.",
)
_workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that collect and render at the same time; one a core unless given. Changes no result.",
)

_batch_option = click.option(
    "--batch",
    is_flag=True,
    help="Ask through the providers' batch APIs; may be stopped and gone on with at any time.",
)


@click.command()
@_study_argument
@_overrides_argument
@click.option("--until", metavar="STAGE", help="Stop after this stage.")
@click.option(
    "--only",
    metavar="STAGE|MODEL",
    help="Run one stage, one model, or all of a [[student]] entry; the stages before must be done.",
)
@click.option(
    "--journal",
    metavar="NAME",
    default="",
    help="Keep this process's calls in journals/NAME.sqlite: for several machines in one run folder.",
)
@click.option(
    "--restart",
    is_flag=True,
    help="Move results made with other settings aside and make them anew.",
)
@click.option("--dry-run", is_flag=True, help="Say what would run; touch and ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the job states as JSON.")
@click.option(
    "--print-slurm",
    is_flag=True,
    help="Print a script that runs a cell a machine by Slurm; start nothing.",
)
@click.option(
    "--gpus", type=click.IntRange(min=0), default=1, help="GPUs of a cell, with --print-slurm."
)
@_new_split_option
@_workers_option
@click.pass_context
def run(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context,
    study: Path,
    overrides: tuple[str, ...],
    until: str | None,
    only: str | None,
    journal: str,
    restart: bool,
    dry_run: bool,
    as_json: bool,
    print_slurm: bool,
    gpus: int,
    new_split: str | None,
    workers: int | None,
) -> None:
    """Run every stage of STUDY that is not done yet, then print the board."""
    from pullsmith.engine import processes_of
    from pullsmith.study import load_study

    overrides = (*overrides, *_named_split(new_split))
    loaded = load_study(study, overrides)
    if print_slurm:
        from pullsmith import pipeline

        script = pipeline.slurm_script(loaded, path=study, overrides=overrides, gpus=gpus)
        click.echo(script, nl=False)
        return
    if dry_run:
        print_states(loaded, as_json=as_json, until=until, only=only)
        return
    more = [
        word
        for name, value in (("--until", until), ("--only", only), ("--journal", journal))
        if value
        for word in (name, value)
    ]
    command = shlex.join(["pullsmith", "run", str(study), *overrides, *more])
    go(
        ctx, loaded, resume_command=command, until=until, only=only, restart=restart,
        workers=workers, journal=journal,
    )  # fmt: skip
    if as_json:
        print_states(loaded, as_json=True)
    elif processes_of(os.environ).first:  # one of them says what all have done
        print_board(loaded)


def stage_command(name: str, text: str) -> click.Command:
    """The command that runs one stage."""

    @click.command(name, help=f"{text} The stages before it must be done.")
    @_study_argument
    @_overrides_argument
    @click.option(
        "--restart", is_flag=True, help="Move results made with other settings aside first."
    )
    @click.pass_context
    def command(  # noqa: PLR0913, PLR0917  # click passes every option by itself
        ctx: click.Context,
        study: Path,
        overrides: tuple[str, ...],
        restart: bool,
        workers: int | None = None,
        new_split: str | None = None,
        batch: bool = False,
    ) -> None:
        from pullsmith.study import load_study

        overrides = (*overrides, *_named_split(new_split))
        loaded = load_study(study, overrides)
        if batch:
            loaded = loaded.with_batches()
        again = " ".join([f"pullsmith {name}", str(study), *overrides, *["--batch"] * batch])
        # Another split takes the place of the rows that were made for the old one.
        aside = restart or new_split is not None
        go(ctx, loaded, resume_command=again, only=name, restart=aside, workers=workers)
        if name in ("generate", "respond", "judge"):
            print_spending(loaded)

    if name == "split":
        command = _new_split_option(command)
    if name == "generate":
        command = _batch_option(command)
    return _workers_option(command) if name in ("collect", "render") else command


def _named_split(name: str | None) -> tuple[str, ...]:
    """The override that ``--new-split`` stands for; it says where to write it down."""
    if name is None:
        return ()
    override = f"split.name={json.dumps(name)}"
    click.echo(
        f"  write this into the study file for the commands after this: {override}", err=True
    )
    return (override,)


@click.command()
@_study_argument
@_overrides_argument
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--verify", is_flag=True, help="Also read every file that is done: after copying folders."
)
def status(study: Path, overrides: tuple[str, ...], as_json: bool, verify: bool) -> None:
    """Say what is done, started, stale, dropped and spent."""
    from pullsmith import pipeline
    from pullsmith.study import load_study

    loaded = load_study(study, overrides)
    print_status(loaded, as_json=as_json)
    if verify:
        pipeline.check_files(loaded)


def go(  # noqa: PLR0913  # pipeline.run's choices, and what to say when it is stopped
    ctx: click.Context,
    study: Study,
    *,
    resume_command: str,
    until: str | None = None,
    only: str | None = None,
    restart: bool = False,
    workers: int | None = None,
    journal: str = "",
) -> None:
    """Run the pipeline with progress on stderr; Ctrl-C keeps the state and says how to go on."""
    from pullsmith import pipeline
    from pullsmith.engine import processes_of

    processes = processes_of(os.environ)
    try:
        pipeline.run(
            study, until=until, only=only, restart=restart, workers=workers, processes=processes,
            journal=journal, report=_progress() if processes.first else _silent,
        )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(
            f"\nstopped; everything finished is kept. Go on with: {resume_command}", err=True
        )
        ctx.exit(INTERRUPTED)


def _progress() -> Callable[[str], None]:
    return lambda message: click.echo(f"  {message}", err=True)


def _silent(_message: str) -> None:
    """Say nothing: the first process does."""


def print_board(study: Study, *, folder: Path | None = None, published: bool = False) -> None:
    """What was spent, the terminal board and the page's path; ``folder`` is another report's.

    Of a study without a report only what was spent.
    """
    from pullsmith.pipeline import run_folder
    from pullsmith.report.terminal import print_board as print_to_terminal

    print_spending(study)
    folder = folder or run_folder(study).path / "report"
    if (folder / "board.json").exists():
        print_to_terminal(folder / "board.json", published=published)
        click.echo(f"report: {folder / 'index.html'}")
