"""The command line: it parses, loads, calls one function and formats; one file per command group.

Heavy modules are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys

import click

from pullsmith.cli.attempt import attempt
from pullsmith.cli.clean import clean
from pullsmith.cli.costs import estimate
from pullsmith.cli.curate import curate
from pullsmith.cli.demo import demo
from pullsmith.cli.discover import discover
from pullsmith.cli.doctor import doctor
from pullsmith.cli.export import export, fidelity
from pullsmith.cli.init import init
from pullsmith.cli.journal import journal
from pullsmith.cli.pack import pack
from pullsmith.cli.publish import publish
from pullsmith.cli.rank import rank
from pullsmith.cli.report import report
from pullsmith.cli.run import run, stage_command, status
from pullsmith.cli.serve import serve
from pullsmith.cli.show import show
from pullsmith.cli.train import train
from pullsmith.cli.verdicts import verdicts
from pullsmith.errors import PullsmithError

STAGES = {
    "collect": "Collect pull requests from the study's sources.",
    "select": "Keep the good ones; every drop with its reason.",
    "split": "Mark them train or eval and freeze the choice.",
    "render": "Write the prompts.",
    "generate": "Ask the teachers.",
    "respond": "Ask students and references the eval prompts.",
    "judge": "Compare candidates with references.",
}


class _Commands(click.Group):
    """A group that turns pullsmith's errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PullsmithError as error:
            click.echo(f"pullsmith: {error}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            # The reader (less, head) has gone; say nothing more on a closed pipe.
            sys.stderr.close()
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pullsmith")
def main() -> None:
    """Turn pull requests into fine-tuned code models, and tell honestly whether they beat a reference.

    Exit codes: 0 done, 1 the study or its input is wrong, 2 usage, 3 an outside system failed
    (run again to go on), 4 people are asked for, 130 stopped by Ctrl-C.
    """


for _command in (
    demo, init, estimate, run, status, show, clean, curate, train, report, publish, export, fidelity,
    serve, attempt, journal, pack, rank, verdicts, discover, doctor,
):  # fmt: skip
    main.add_command(_command)
for _name, _help in STAGES.items():
    main.add_command(stage_command(_name, _help))

__all__ = ["main"]
