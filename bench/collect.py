"""Collecting: from git to written, validated Parquet, beside the floor of git itself and beside peers.

    python bench/collect.py [--quick] [--json] [CLONE …]

Seconds are CPU seconds of this process and its children, git's among them; what is compared takes
turns in one run and the fastest round of each counts. ``mining_vs_floor`` is the whole stage beside
``git diff-tree --stdin -p > /dev/null`` over the same pairs. ``two_workers`` is wall time: two workers
on two cores beside one on one. ``memory_mb`` is the peak of Python, without its children. Without
CLONE a seeded corpus is built. Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from figures import Figures, cpu_seconds, peak_bytes, show
from pullsmith.collect import stage
from pullsmith.collect.planted import planted_pull_requests
from pullsmith.corpus import build_corpus
from pullsmith.diff.patch import parse_patch
from pullsmith.engine import StageContext
from pullsmith.records import PullRequest
from pullsmith.rows import count_rows, read_rows
from pullsmith.store import JobFolder, JobKey, RunFolder
from pullsmith.study import parse_study
from pullsmith.study.collect import PlantedSource

Pairs = Sequence[tuple[str, str]]
MEGABYTE = 1 << 20


def wall_seconds(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def collected(source: Path, folder: Path, workers: int = 1) -> JobFolder:
    """The whole stage over one source, in a folder of its own each time."""
    run = Path(tempfile.mkdtemp(dir=folder))
    text = f'name = "b"\nruns = "{run}"\n[collect]\nsources = [{{ git = "{source}" }}]\n'
    study = parse_study(text + '[[student]]\nmodel = "tiny"\ncontract = "compact-1"\n')
    found = RunFolder(run / "b")
    job = found.job(JobKey("collect"))
    stage.run(StageContext(study=study, run=found, job=job, report=lambda _: None, workers=workers))
    return job


def git_patches(clone: Path, pairs: Pairs, output: Path = Path("/dev/null")) -> None:
    """The floor: git alone, to nowhere; or the patches themselves, to a file."""
    feed = "".join(f"{head} {base}\n" for base, head in pairs).encode()
    command = ["git", "-C", str(clone), "diff-tree", "--stdin", "-p"]
    with output.open("wb") as sink, tempfile.TemporaryFile() as source:
        source.write(feed)
        source.seek(0)
        subprocess.run(command, stdin=source, stdout=sink, check=True)


def mining(clone: Path, folder: Path, rounds: int) -> tuple[Figures, Pairs]:
    job = collected(clone, folder)  # also warms the page cache
    rows = [row for path in job.shards() for row in read_rows(path, PullRequest)]
    pairs = [(row.base_sha, row.head_sha) for row in rows]
    del rows
    ours, floor = [], []
    for _ in range(rounds):
        floor.append(cpu_seconds(lambda: git_patches(clone, pairs)))
        ours.append(cpu_seconds(lambda: collected(clone, folder)))
    rates = len(pairs) / min(ours), len(pairs) / min(floor)
    facts: dict[str, object] = {
        "value": round(rates[0]),
        "unit": f"pull requests per CPU-second, {len(pairs)} of them, git to Parquet",
        "peer": f"git diff-tree alone {rates[1]:.0f}",
        "ratio": round(rates[0] / rates[1], 2),
    }
    return {"mining_vs_floor": facts}, pairs


def against_pydriller(clone: Path, pairs: Pairs, rate: float, folder: Path) -> Figures:
    """PyDriller on at most 100 of the pairs, patch text only; nothing where it is not installed.

    It gets a clone of its own, with a work tree, because it writes into a repository's config.
    """
    if find_spec("pydriller") is None:
        return {}
    git_class = import_module("pydriller").Git
    few = pairs[:: max(1, len(pairs) // 100)]
    tree = folder / "tree"
    subprocess.run(["git", "clone", "--quiet", str(clone), str(tree)], check=True)
    git = git_class(str(tree))

    def read() -> None:
        for base, head in few:
            for file in git.diff(base, head):
                len(file.diff)

    theirs = len(few) / cpu_seconds(read)
    facts: dict[str, object] = {
        "value": round(rate),
        "unit": "pull requests per CPU-second",
        "peer": f"PyDriller {theirs:.0f}",
        "ratio": round(rate / theirs, 1),
    }
    return {"mining_vs_pydriller": facts}


def parsing(clone: Path, pairs: Pairs, folder: Path) -> Figures:
    """Megabytes of patch per CPU-second, ours and unidiff's; nothing where it is not installed."""
    if find_spec("unidiff") is None:
        return {}
    from unidiff import PatchSet
    from unidiff.errors import UnidiffParseError

    git_patches(clone, pairs, folder / "patches")
    patch = (folder / "patches").read_bytes()
    # unidiff gives up on odd paths, so it reads each pull request apart and only what it can.
    parts = [part for part in patch.split(b"\ndiff --git ") if b"odd/" not in part[:80]]
    whole = b"diff --git " + b"\ndiff --git ".join(parts[1:]) + b"\n"
    text = whole.decode("utf-8", "replace")

    def theirs() -> None:
        try:
            PatchSet(text)
        except UnidiffParseError as error:
            raise SystemExit(f"unidiff cannot read this corpus: {error}") from error

    ours_seconds = min(cpu_seconds(lambda: parse_patch(whole)) for _ in range(3))
    their_seconds = cpu_seconds(theirs)
    facts: dict[str, object] = {
        "value": round(len(whole) / 1e6 / ours_seconds, 1),
        "unit": "MB of patch per CPU-second",
        "peer": f"unidiff {len(whole) / 1e6 / their_seconds:.1f}",
        "ratio": round(their_seconds / ours_seconds, 1),
    }
    return {"parsing_vs_unidiff": facts}


def two_workers(clone: Path, folder: Path, rounds: int) -> Figures:
    """Wall time of eight copies of the clone; nothing where there is one core, or none can be chosen."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return {}
    clones = folder / "clones"
    for number in range(8):
        copy = shutil.copytree(clone, clones / f"{number}.git")
        # An address of its own: else seven of eight rows are repeated ids, and most time goes there.
        address = f"https://git.example.org/a/{number}.git"
        subprocess.run(["git", "-C", copy, "config", "remote.origin.url", address], check=True)
    all_cores = os.sched_getaffinity(0)
    spent: dict[int, list[float]] = {1: [], 2: []}
    try:
        for _ in range(rounds):
            for workers, times in spent.items():
                os.sched_setaffinity(0, sorted(all_cores)[:workers])
                times.append(wall_seconds(lambda: collected(clones, folder, workers)))  # noqa: B023
    finally:
        os.sched_setaffinity(0, all_cores)
    facts: dict[str, object] = {
        "value": round(min(spent[2]), 2),
        "unit": "seconds for eight clones, two workers on two cores",
        "peer": f"one worker on one core {min(spent[1]):.2f}",
        "ratio": round(min(spent[1]) / min(spent[2]), 2),
    }
    return {"two_workers": facts}


def memory(folder: Path, changes: int) -> Figures:
    """Peak of Python over a corpus of its own, in a process of its own; Linux only."""
    if not Path("/proc/self/status").exists():
        return {}
    clone = build_corpus(folder / "large", seed=2, changes=changes)
    done = subprocess.run(
        [sys.executable, __file__, "--peak", str(clone)],
        capture_output=True,
        text=True,
        check=True,
    )
    peak, count = map(int, done.stdout.split())
    facts: dict[str, object] = {
        "value": round(peak / MEGABYTE),
        "unit": f"MB of Python at most, {count} pull requests",
        "peer": "target 150",
        "ratio": round(peak / MEGABYTE / 150, 2),
    }
    return {"memory_mb": facts}


class NoPandas:
    """As in a plain installation: pyarrow imports pandas (55 MB) wherever it finds it."""

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(name)


def print_peak(clone: Path) -> None:
    sys.meta_path.insert(0, NoPandas())
    with tempfile.TemporaryDirectory() as name:
        job = collected(clone, Path(name))
        print(peak_bytes(), sum(map(count_rows, job.shards())))


def planting(count: int) -> Figures:
    """Harvest of the standard library, defects and validation; bench/planting.py has more."""
    source = PlantedSource(kinds=("all",), max_patch_lines=24)
    spent = cpu_seconds(lambda: planted_pull_requests(source, seed=0, count=count))
    facts: dict[str, object] = {
        "value": round(count / spent),
        "unit": f"pull requests per CPU-second, {count} of them",
        "peer": "target 200",
        "ratio": round(count / spent / 200, 1),
    }
    return {"planted_per_second": facts}


def measure(clone: Path, folder: Path, rounds: int) -> Figures:
    figures, pairs = mining(clone, folder, rounds)
    rate = figures["mining_vs_floor"]["value"]
    assert isinstance(rate, int)
    return figures | against_pydriller(clone, pairs, rate, folder) | parsing(clone, pairs, folder)


def on_corpus(folder: Path, *, quick: bool) -> Figures:
    """Everything, on seeded corpora."""
    clone = build_corpus(folder / "corpus", seed=1, changes=600 if quick else 3000)
    return (
        measure(clone, folder, 3 if quick else 7)
        | two_workers(clone, folder, 2)
        | memory(folder, 2000 if quick else 23_500)
        | planting(1000 if quick else 3000)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print_peak(options.peak)
        return 0
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        for number, clone in enumerate(options.clones):
            folder = Path(name, str(number))
            folder.mkdir()
            found = measure(clone, folder, 3 if options.quick else 7)
            figures |= {f"{each} ({clone.parent.name})": facts for each, facts in found.items()}
        if not options.clones:
            figures = on_corpus(Path(name), quick=options.quick)
    show(figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
