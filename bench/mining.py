"""Mining: pull requests per CPU-second, from git to written Parquet, beside the floor of git itself.

    python bench/mining.py [--quick] [--json] [CLONE …]

The floor is ``git diff-tree --stdin -p > /dev/null`` over the same (head, base) pairs, in the same
run, the two taking turns. Seconds are CPU seconds of this process and its children, the fastest
round of each. Without CLONE a seeded corpus is built. Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from pullsmith.collect.source_git import Collected, Limits, read_git_source
from pullsmith.corpus import build_corpus
from pullsmith.diff.patch import parse_patch
from pullsmith.records import PullRequest
from pullsmith.store import JobFolder
from pullsmith.study.collect import GitSource

LIMITS = Limits(max_files=50, max_blob_bytes=1 << 20)
Figures = dict[str, dict[str, object]]


def cpu_seconds(act: Callable[[], object]) -> float:
    """CPU seconds of this process and its children while ``act`` runs."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    before = used()
    act()
    return used() - before


def mine(clone: Path, folder: Path) -> Collected:
    """Git to Parquet."""
    collected = read_git_source(GitSource(git=clone), LIMITS)
    folder.mkdir(exist_ok=True)
    job = JobFolder(folder)
    job.write(PullRequest, collected.pull_requests)
    job.write_drops(collected.drops)
    return collected


def git_patches(clone: Path, pairs: Sequence[tuple[str, str]], output: Path | None = None) -> None:
    """The floor: git alone, to nowhere; or the patches themselves, to a file."""
    feed = "".join(f"{head} {base}\n" for base, head in pairs).encode()
    command = ["git", "-C", str(clone), "diff-tree", "--stdin", "-p"]
    with (output or Path("/dev/null")).open("wb") as sink, tempfile.TemporaryFile() as source:
        source.write(feed)
        source.seek(0)
        subprocess.run(command, stdin=source, stdout=sink, check=True)


def mining(clone: Path, folder: Path, rounds: int) -> tuple[Figures, list[tuple[str, str]]]:
    collected = mine(clone, folder)  # also warms the page cache
    pairs = [(one.base_sha, one.head_sha) for one in collected.pull_requests]
    ours, floor = [], []
    for _ in range(rounds):
        floor.append(cpu_seconds(lambda: git_patches(clone, pairs)))
        ours.append(cpu_seconds(lambda: mine(clone, folder)))
    rates = len(pairs) / min(ours), len(pairs) / min(floor)
    return {
        "mining_vs_floor": {
            "value": round(rates[0]),
            "unit": "pull requests per CPU-second, to Parquet",
            "peer": f"git diff-tree alone {rates[1]:.0f}",
            "ratio": round(rates[0] / rates[1], 2),
        }
    }, pairs


def against_pydriller(
    clone: Path, pairs: Sequence[tuple[str, str]], rate: float, folder: Path
) -> Figures:
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
    return {
        "mining_vs_pydriller": {
            "value": round(rate),
            "unit": "pull requests per CPU-second",
            "peer": f"PyDriller {theirs:.0f}",
            "ratio": round(rate / theirs, 1),
        }
    }


def parsing(clone: Path, pairs: Sequence[tuple[str, str]], folder: Path) -> Figures:
    """Megabytes of patch per CPU-second, ours and unidiff's."""
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
    return {
        "parsing_vs_unidiff": {
            "value": round(len(whole) / 1e6 / ours_seconds, 1),
            "unit": "MB of patch per CPU-second",
            "peer": f"unidiff {len(whole) / 1e6 / their_seconds:.1f}",
            "ratio": round(their_seconds / ours_seconds, 1),
        }
    }


def measure(clone: Path, folder: Path, *, quick: bool) -> Figures:
    figures, pairs = mining(clone, folder / "rows", rounds=3 if quick else 5)
    rate = figures["mining_vs_floor"]["value"]
    assert isinstance(rate, int)
    figures |= against_pydriller(clone, pairs, rate, folder)
    if find_spec("unidiff") is not None:
        figures |= parsing(clone, pairs, folder)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clones = options.clones
        if not clones:
            clones = [build_corpus(folder / "c", seed=1, changes=600 if options.quick else 3000)]
        for number, clone in enumerate(clones):
            (folder / str(number)).mkdir()
            found = measure(clone, folder / str(number), quick=options.quick)
            suffix = f" ({clone.parent.name})" if options.clones else ""
            figures |= {figure + suffix: facts for figure, facts in found.items()}
    if options.json:
        print(json.dumps(figures, indent=2))
        return 0
    for figure, facts in figures.items():
        print(
            f"{figure:38} {facts['value']:>8} {facts['unit']}; {facts['peer']}; ratio {facts['ratio']}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
