"""``verdicts``: a verdict store by itself: rated, compared, taken from other tools and given to them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.cli.plain_table import print_table
from pullsmith.errors import PullsmithError, RunFolderError

if TYPE_CHECKING:
    from pullsmith.records import Rating, Statistic
    from pullsmith.verdicts.rate import Bridge

FORMATS = click.Choice(["alpaca-eval", "arena-hard", "published"])
STORES = click.Path(exists=True, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def verdicts() -> None:
    """Verdicts by themselves: rate them, bridge two judges, import and export them.

    STORE is a Parquet file of verdicts, a folder of such files, or a run's folder.
    """


@verdicts.command()
@click.argument("stores", nargs=-1, required=True, type=STORES, metavar="STORE...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rate(stores: tuple[Path, ...], as_json: bool) -> None:
    """Rates with intervals from stored verdicts alone, and what the judges are like."""
    from pullsmith.verdicts.rate import rate as rate_all
    from pullsmith.verdicts.store import read_verdicts

    rated = rate_all(read_verdicts(stores))
    if as_json:
        told = {
            "ratings": [row.model_dump(mode="json") for row in rated.ratings],
            "statistics": [row.model_dump(mode="json") for row in rated.statistics],
        }
        click.echo(json.dumps(told, indent=2))
        return
    print_table([("entrant", "reference", "judge", "tool", "better"), *map(_rating, rated.ratings)])
    click.echo()
    print_table([("judge", "and", "of", "number", "value"), *map(_statistic, rated.statistics)])


@verdicts.command()
@click.argument("stores", nargs=-1, required=True, type=STORES, metavar="STORE...")
@click.option("--old", required=True, metavar="JUDGE", help="The judge that was.")
@click.option("--new", required=True, metavar="JUDGE", help="Its successor, on a part at least.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bridge(stores: tuple[Path, ...], old: str, new: str, as_json: bool) -> None:
    """What changes when NEW judges in the place of OLD, on what both judged."""
    from pullsmith.verdicts.rate import bridge as bridge_of
    from pullsmith.verdicts.store import read_verdicts

    found = bridge_of(read_verdicts(stores), old, new)
    if as_json:
        kappa = found.kappa.model_dump(mode="json") if found.kappa else None
        shift = {name: asdict(interval) for name, interval in found.shift.items()}
        told = {"old": old, "new": new, "prompts": found.prompts, "tau": found.tau}
        click.echo(json.dumps({**told, "kappa": kappa, "shift": shift}, indent=2))
        return
    _print_bridge(found)


@verdicts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("store", type=FILE)
@click.option("--from", "source", required=True, type=FORMATS, help="What FILE is.")
@click.option("--candidate", default="", help="Who is rated, where FILE does not say.")
@click.option("--reference", default="", help="What it is compared with, where FILE does not say.")
@click.option("--judge", default="", help="Who judged, where FILE does not say.")
def import_(
    file: Path, store: Path, source: str, candidate: str, reference: str, judge: str
) -> None:
    """Make a STORE (*.parquet) of another tool's FILE."""
    from pullsmith.verdicts.formats import READERS, Names
    from pullsmith.verdicts.store import write_verdicts

    _not_there(store)
    try:
        text = file.read_text(encoding="utf-8")
        found = READERS[source](text, Names(candidate, reference, judge))
    except UnicodeDecodeError as error:
        raise RunFolderError(f"{file}: not UTF-8: {error}") from error
    except PullsmithError as error:
        raise type(error)(f"{file}: {error}") from error
    click.echo(f"{store}: {write_verdicts(store, found)} verdicts")


@verdicts.command("export")
@click.argument("store", type=STORES)
@click.argument("file", type=FILE)
@click.option("--to", "target", required=True, type=FORMATS, help="What FILE shall be.")
def export(store: Path, file: Path, target: str) -> None:
    """Write the verdicts of STORE as another tool's FILE; out of a run's folder, with the answers."""
    from pullsmith.store import write_bytes
    from pullsmith.verdicts.formats import (
        fits,
        write_alpaca_eval,
        write_arena_hard,
        write_published,
    )
    from pullsmith.verdicts.store import answer_texts, read_verdicts

    _not_there(file)
    found = read_verdicts([store])
    if target == "alpaca-eval":
        text = write_alpaca_eval(found, answer_texts(store))
    else:
        text = write_arena_hard(found) if target == "arena-hard" else write_published(found)
    write_bytes(file, text.encode())
    written = sum(fits(target, verdict) for verdict in found)
    click.echo(f"{file}: {written} verdicts")
    if written < len(found):
        click.echo(
            f"{len(found) - written} left out, for which {target} has no place: what could not be read, has "
            "no scores, or was asked once more",
            err=True,
        )


def _not_there(path: Path) -> None:
    if path.exists():
        raise RunFolderError(f"{path}: is there already; name another file or remove it")


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return "-"
    return f"{value:.3f} [{low:.3f} to {high:.3f}]"


def _rating(row: Rating) -> tuple[str, ...]:
    better = _interval(row.better_rate, row.better_low, row.better_high)
    return row.entrant, row.reference, row.judge, row.tool, better


def _statistic(row: Statistic) -> tuple[str, ...]:
    value = _interval(row.value, row.low, row.high)
    return row.judge, row.other or "-", row.entrant or "-", row.name, value


def _print_bridge(found: Bridge) -> None:
    click.echo(f"{found.new} in the place of {found.old}, on {found.prompts} prompts both judged")
    if found.kappa:
        kappa = found.kappa
        click.echo(f"kappa of single verdicts: {_interval(kappa.value, kappa.low, kappa.high)}")
    if found.tau is not None:
        click.echo(f"tau of the entrants' order: {found.tau:+.3f}")
    rows = [("entrant", "better rate, new minus old")]
    rows += [(name, _interval(i.value, i.low, i.high)) for name, i in found.shift.items()]
    print_table(rows)
