"""``export``: a trained model in the form that another program takes."""

from __future__ import annotations

import json
from pathlib import Path

import click

# Those of export.targets, which is not imported for --help.
_TARGETS = (
    "safetensors", "adapter", "gguf", "ollama", "llama-factory", "axolotl", "pr-agent",
)  # fmt: skip


@click.command()
@click.argument("model")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--to", "target", required=True, type=click.Choice(_TARGETS), help="What to write.")
@click.option("--base", default="", metavar="MODEL", help="What an adapter in a folder sits on: hf:ORG/NAME or ./FOLDER.")  # fmt: skip
@click.option("--api-base", metavar="URL", help="Where the model is served (pr-agent); else http://127.0.0.1:8000/v1.")  # fmt: skip
@click.option("--served-name", default="", metavar="NAME", help="What its server calls it (pr-agent).")  # fmt: skip
@click.option("--window", "window_tokens", type=click.IntRange(min=1), metavar="N", help="Tokens its server allocates for a prompt and its answer.")  # fmt: skip
@click.option("--contract", default="", metavar="NAME", help="The contract a model in a folder was trained in.")  # fmt: skip
@click.option("--prompts", default=20, show_default=True, type=click.IntRange(min=1), metavar="N", help="Prompts put to the adapter and to its merge.")  # fmt: skip
@click.option("--least-equal", default=0.5, show_default=True, type=click.FloatRange(0, 1), metavar="SHARE", help="A merge with fewer equal answers is refused.")  # fmt: skip
@click.option("--llama-cpp", type=click.Path(file_okay=False, path_type=Path), help="A checkout of llama.cpp (gguf, ollama); else what is on PATH.")  # fmt: skip
@click.option("--quantise", "--quantize", default="", metavar="TYPE", help="What llama-quantize makes of it: Q4_K_M, Q8_0, …; else 16 bits.")  # fmt: skip
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="The data set that pullsmith publish made (llama-factory, axolotl).")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    model: str,
    folder: Path,
    target: str,
    base: str,
    api_base: str | None,
    served_name: str,
    window_tokens: int | None,
    contract: str,
    prompts: int,
    least_equal: float,
    llama_cpp: Path | None,
    quantise: str,
    data: Path | None,
    as_json: bool,
) -> None:
    """Write MODEL into FOLDER in the form that --to names.

    MODEL is a student that a run has trained (STUDY.toml#STUDENT, or STUDY.toml where it has one),
    or a folder with weights or an adapter. FOLDER must be empty or not there. Texts are scanned for
    secrets once more; nothing is sent anywhere.
    """
    from pullsmith.export.source import find_source
    from pullsmith.export.targets import API_BASE, Choices
    from pullsmith.export.targets import export as write_export

    choices = Choices(
        api_base=api_base or API_BASE, served_name=served_name, window_tokens=window_tokens,
        contract=contract, prompts=prompts, least_equal=least_equal,
        llama_cpp=llama_cpp, quantise=quantise, data=data,
    )  # fmt: skip
    made = write_export(find_source(model, base=base), target, folder, choices)
    for note in made.notes:
        click.echo(f"  {note}", err=True)
    if as_json:
        told = {"folder": str(made.folder), "files": made.files, "notes": made.notes}
        click.echo(json.dumps({**told, "measured": dict(made.measured)}, indent=2))
        return
    click.echo(f"{made.folder}: {', '.join(made.files)}")


@click.command()
@click.argument("model")
@click.argument("other")
@click.option("--base", default="", metavar="MODEL", help="What an adapter in a folder sits on.")
@click.option("--prompts", default=20, show_default=True, type=click.IntRange(min=1), metavar="N", help="Prompts put to both.")  # fmt: skip
@click.option("--least-equal", default=0.0, show_default=True, type=click.FloatRange(0, 1), metavar="SHARE", help="Fewer equal answers are an error; weights in four bits seldom keep the words.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def fidelity(
    model: str, other: str, base: str, prompts: int, least_equal: float, as_json: bool
) -> None:
    """Ask MODEL and OTHER the same eval prompts, greedily, and say how alike they answer.

    MODEL is named as for export. OTHER is what it became: an endpoint that serves it
    (http://127.0.0.1:11434/v1#NAME) or a folder (./merged). An OTHER whose answers follow their
    contract less often than noise explains is an error, exit code 1.
    """
    from pullsmith.export.fidelity import check, compare_with
    from pullsmith.export.source import find_source

    found = compare_with(find_source(model, base=base), other, count=prompts)
    if as_json:
        click.echo(json.dumps(found.figures(), indent=2))
    else:
        click.echo(found.told())
    check(found, other, least_equal=least_equal)
