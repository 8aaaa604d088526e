"""``pack``: a reference's answers as one file that studies pin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pullsmith.reference_pack import PackedPrompt

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def pack() -> None:
    """Reference packs: a reference's answers with their prompts, pinned by a digest.

    A study takes a reference from a pack with model, pack and digest under [[reference]]; nobody is asked then,
    and the reference may be gone.
    """


@pack.command("export")
@click.argument("study", metavar="STUDY[#REFERENCE]")
@click.argument("file", type=_FILE)
@click.option("--exclude", type=_FILE, help="A file of repositories, pull requests and authors to leave out.")  # fmt: skip
def export(study: str, file: Path, exclude: Path | None) -> None:
    """Write the answers of STUDY's reference, and their prompts, to FILE (*.parquet).

    Prints the lines for [[reference]] of the studies that shall use it. Texts are scanned for secrets once
    more; what is left out is a prompt that the pack has no answer to. FILE is never written over.
    """
    from pullsmith.pipeline import run_folder
    from pullsmith.publish.reference import may_be_handed_on, packed_reference, reference_named
    from pullsmith.reference_pack import write_pack
    from pullsmith.study import load_study

    path, _, label = study.partition("#")
    loaded = load_study(Path(path))
    run = run_folder(loaded)
    rows = packed_reference(run, reference_named(loaded, label))
    rows, left_out = may_be_handed_on(loaded, run, rows, exclude=exclude)
    digest = write_pack(file, rows)
    if left_out:
        said = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        click.echo(f"  prompts that were left out: {said}", err=True)
    _print_lines(file, digest, rows[0])


@pack.command("show")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(file: Path, as_json: bool) -> None:
    """Say whose answers FILE holds, how many of each outcome, and its digest."""
    from collections import Counter

    from pullsmith.reference_pack import read_pack
    from pullsmith.visible import visible

    found = read_pack(file)
    head = found.head
    outcomes = Counter(answer.outcome.value for row in found.rows for answer in row.answers)
    if as_json:
        told = {
            "reference": head.label, "model": head.model, "contract": head.contract,
            "prompts": len(found.rows), "outcomes": dict(sorted(outcomes.items())),
            "prompts_digest": head.prompts_digest, "digest": found.digest,
        }  # fmt: skip
        click.echo(json.dumps(told, indent=2))
        return
    said = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
    click.echo(
        visible(f"{head.label}, {head.contract}: {len(found.rows)} prompts; answers: {said}")
    )
    _print_lines(file, found.digest, head)


def _print_lines(file: Path, digest: str, head: PackedPrompt) -> None:
    """What a study writes to use the pack; strings as JSON writes them, which TOML reads."""
    keys = {"model": head.model, "contract": head.contract, "pack": str(file), "digest": digest}
    if head.label != head.model:
        keys = {"name": head.label, **keys}
    click.echo("[[reference]]")
    for key, value in keys.items():
        click.echo(f"{key} = {json.dumps(value)}")
