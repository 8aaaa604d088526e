"""``clean``: the examples, or with ``--control`` the random set of the same size beside them."""

from __future__ import annotations

from pathlib import Path

import click

from pullsmith.cli.run import STUDY, go


@click.command()
@click.argument("study", type=STUDY)
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option("--restart", is_flag=True, help="Move results made with other settings aside first.")
@click.option(
    "--control",
    type=click.Choice(["random"]),
    help="Only write control/random: as many examples, drawn whatever the rules say.",
)
@click.pass_context
def clean(
    ctx: click.Context,
    study: Path,
    overrides: tuple[str, ...],
    restart: bool,
    control: str | None,
) -> None:
    """Keep the answers that follow the contract and the diff. The stages before it must be done."""
    from pullsmith import pipeline
    from pullsmith.study import load_study

    loaded = load_study(study, overrides)
    if control:
        job, tally = pipeline.write_control(loaded)
        click.echo(f"{job.path}: {tally.records_out} of {tally.records_in} answers")
        return
    again = " ".join(["pullsmith clean", str(study), *overrides])
    go(ctx, loaded, resume_command=again, only="clean", restart=restart)
