"""Planting: pull requests with known truth per CPU-second, from source files to written Parquet.

    python bench/planting.py [--quick] [--json] [CLONE …]

The standard library is harvested, pull requests of every kind are made and written; one process, so
CPU seconds are those of one core. Then the same without the harvest, which happens once. With CLONE,
also on top of its newest hundred usable pull requests in Python: whole files are parsed for those.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from figures import Figures, cpu_seconds, show
from pullsmith.collect.planted import planted_pull_requests
from pullsmith.collect.planted.generate import Generator
from pullsmith.collect.planted.origins import read_origin
from pullsmith.records import PullRequest, Split
from pullsmith.store import JobFolder
from pullsmith.study.collect import PlantedSource

ON_TOP = 100
TARGET = 200  # pull requests a second on one core
SOURCE = PlantedSource(kinds=("all",), max_patch_lines=24)


def figure(count: int, spent: float, unit: str) -> dict[str, object]:
    rate = count / spent
    return {
        "value": round(rate),
        "unit": unit,
        "peer": f"target {TARGET}",
        "ratio": round(rate / TARGET, 1),
    }


def write(folder: Path, records: list[PullRequest]) -> None:
    folder.mkdir(exist_ok=True)
    JobFolder(folder).write(PullRequest, records)


def whole(folder: Path, count: int) -> Figures:
    """Harvest, make, validate, write."""
    spent = cpu_seconds(
        lambda: write(folder / "all", planted_pull_requests(SOURCE, seed=0, count=count))
    )
    unit = f"pull requests per CPU-second, {count} of them, harvest to Parquet"
    return {"planted_per_second": figure(count, spent, unit)}


def made(folder: Path, count: int) -> Figures:
    """The same without the harvest."""
    generator = Generator(read_origin(SOURCE), SOURCE, seed=0)
    spent = cpu_seconds(
        lambda: write(
            folder / "made",
            [generator.pull_request(Split.TRAIN, each).record for each in range(count)],
        )
    )
    return {"planted_after_harvest": figure(count, spent, "pull requests per CPU-second")}


def on_top(folder: Path, clone: Path) -> Figures:
    planted = {"repository": clone, "on": "pull-requests"}
    source = PlantedSource.model_validate({"planted": planted})
    folder.mkdir()
    spent = cpu_seconds(
        lambda: write(folder / "top", planted_pull_requests(source, seed=0, count=ON_TOP))
    )
    unit = "pull requests per CPU-second of Python, mining to Parquet"
    return {f"planted_on_mined ({clone.parent.name})": figure(ON_TOP, spent, unit)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    count = 2000 if options.quick else 3000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = whole(folder, count) | made(folder, count // 3)
        for number, clone in enumerate(options.clones):
            figures |= on_top(folder / str(number), clone)
    show(figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
