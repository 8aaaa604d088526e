"""``train``: fine-tune the students, here or, with ``--print-launch``, as a script for several GPUs."""

from __future__ import annotations

from pathlib import Path

import click

from pullsmith.cli.run import STUDY, go


@click.command()
@click.argument("study", type=STUDY)
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option("--restart", is_flag=True, help="Move results made with other settings aside first.")
@click.option(
    "--print-launch",
    is_flag=True,
    help="Print a shell and Slurm script that trains on several GPUs; start nothing.",
)
@click.option("--gpus", type=click.IntRange(min=1), default=8, help="GPUs of a machine.")
@click.option("--nodes", type=click.IntRange(min=1), default=1, help="Machines.")
@click.option(
    "--sharding",
    type=click.Choice(["fsdp", "deepspeed", "none"]),
    default="fsdp",
    help="How weights lie on the GPUs: divided by FSDP2 or ZeRO-3, or whole on each.",
)
@click.pass_context
def train(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context,
    study: Path,
    overrides: tuple[str, ...],
    restart: bool,
    print_launch: bool,
    gpus: int,
    nodes: int,
    sharding: str,
) -> None:
    """Fine-tune the students. The stages before it must be done."""
    from pullsmith.study import load_study

    loaded = load_study(study, overrides)
    if not print_launch:
        again = " ".join(["pullsmith train", str(study), *overrides])
        go(ctx, loaded, resume_command=again, only="train", restart=restart)
        return
    from pullsmith.train.launch import Layout, launch_script, torchrun_command

    layout = Layout(nodes, gpus, sharding)  # type: ignore[arg-type]  # click lets only these pass
    click.echo(launch_script(loaded, layout, path=study, overrides=overrides), nl=False)
    if nodes == 1:
        plain = torchrun_command(layout, path=study, overrides=overrides)
        click.echo(f"\n# Or, every GPU with all weights on it:\n# {plain}")
