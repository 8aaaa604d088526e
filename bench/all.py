"""Run the benchmarks of this folder and rewrite their sections of docs/benchmarks.md.

    python bench/all.py [--quick] [--minutes N] [--read NAME=FILE … [--note TEXT]] [NAME …]

Each ``bench/NAME.py --json`` runs in a process of its own and prints one object: {figure: {"value": …,
"unit": …, "peer": …, "ratio": …}}. One that fails, or takes longer than so many minutes, is told in its
section; the others go on. Without NAME all of them run; the sections of those that did not run stay as
they were. With --read a section is made of the object that an earlier run printed into FILE. The
exit code is 1 where any failed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
CHARTS = {"data": "data-growth.svg"}  # made by bench/data.py --growth … --chart
# What the others share.
NO_BENCHMARK = {
    "all",
    "answering",
    "apart",
    "board_run",
    "board_texts",
    "copies",
    "desk",
    "figures",
    "gpu_training",
    "growth_chart",
    "judge_peers",
    "loopback",
    "minhash",
    "page",
}
HEAD = """# Benchmarks

Written by `make bench`. Each figure stands beside its floor or peer, measured in the same run on the same machine;
ratios travel between machines, values do not. What a benchmark measures is said at the top of `bench/NAME.py`.
"""
BUSY = 0.5  # of a core's load by others before a benchmark starts: more is told


@dataclass(frozen=True)
class Ran:
    """How a benchmark ended; ``figures`` is None where it failed, and ``fault`` says how."""

    figures: dict[str, dict[str, object]] | None
    fault: str
    how: str  # when and where it ran


def names() -> list[str]:
    """Every benchmark, by the name of its file."""
    return sorted({path.stem for path in HERE.glob("*.py")} - NO_BENCHMARK)


def run(name: str, *, quick: bool, minutes: float) -> Ran:
    """One benchmark in a process of its own, ended with all it started when its time is over."""
    how = conditions(quick=quick)
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", *(["--quick"] if quick else [])]
    began = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        output, errors = process.communicate(timeout=minutes * 60)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Ran(None, f"not done after {minutes:g} minutes", how)
    how += f" {time.monotonic() - began:.0f} seconds."
    if process.returncode:
        last = (errors.strip().splitlines() or ["it said nothing"])[-1]
        return Ran(None, f"it ended with {process.returncode}: {without_places(last)[:300]}", how)
    return read(output, how)


def read(output: str, how: str) -> Ran:
    """The object a benchmark printed."""
    try:
        return Ran(json.loads(output), "", how)
    except json.JSONDecodeError as error:
        return Ran(None, f"what it printed is no JSON: {error}", how)


def conditions(*, quick: bool, now: bool = True) -> str:
    """The day, what kind of machine, and, of a run that begins ``now``, whether others use it too."""
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    told = f"{datetime.now(UTC):%d %B %Y}, Python {platform.python_version()}, {cores} cores ({platform.machine()})"
    if now and load > BUSY * cores:
        told += f", **a busy machine**: load {load:.1f} before it began, so seconds are too many"
    return f"{told}.{' Quick: fewer rounds, smaller inputs.' if quick else ''}"


def without_places(text: str) -> str:
    """No folder of the machine it ran on."""
    return re.sub(r"/[\w.+-]+(?:/[\w.+-]+)+/", "…/", text)


def section(name: str, ran: Ran) -> str:
    """What the page says of a benchmark."""
    lines = [f"## {name}", "", ran.how, ""]
    if ran.figures is None:
        lines += [f"**Not measured**: {ran.fault}.", ""]
    else:
        lines += ["| figure | value | unit | beside | ratio |", "|---|---|---|---|---|"]
        for figure, facts in ran.figures.items():
            cells = [cell(facts.get(key, "")) for key in ("value", "unit", "peer", "ratio")]
            lines.append(f"| {cell(figure)} | {' | '.join(cells)} |")
        lines.append("")
    chart = CHARTS.get(name, "")
    if chart and (PAGE.parent / chart).exists():
        lines += [f"![What 10,000 records cost, by how many there are]({chart})", ""]
    return "\n".join(lines)


def cell(value: object) -> str:
    return without_places(" ".join(str(value).split())).replace("|", "\\|")


def write(made: dict[str, str]) -> None:
    """The page with these sections, and those it has already of other benchmarks."""
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = {part.split("\n", 1)[0]: f"## {part}" for part in re.split(r"^## ", old, flags=re.M)[1:]}
    known = {
        name: text.rstrip() + "\n" for name, text in {**kept, **made}.items() if name in names()
    }
    PAGE.write_text("\n".join([HEAD, *(known[name] for name in sorted(known))]), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all where none is named")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--minutes", type=float, help="at most for each: 180, or 10 with --quick")
    parser.add_argument("--read", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--note", default="", help="what else the page says of those that are read")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names()):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; known: {', '.join(names())}")
    minutes = options.minutes or (10 if options.quick else 180)
    found: dict[str, Ran] = {}
    for given in options.read:
        name, _, path = given.partition("=")
        how = f"{conditions(quick=options.quick, now=False)} {options.note}".rstrip()
        found[name] = read(Path(path).read_text(encoding="utf-8"), how)
    for name in options.names or ([] if options.read else names()):
        found[name] = run(name, quick=options.quick, minutes=minutes)
        print(f"{name}: {found[name].fault or 'done'}", flush=True)
        write({name: section(name, found[name])})  # at once: what comes later may be stopped
    write({name: section(name, ran) for name, ran in found.items()})
    print(f"wrote {PAGE}")
    return 1 if any(ran.figures is None for ran in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
