"""Detection: how often a number's own pull head agrees with what was collected.

    python bench/detection.py [--quick] [--json] [--misses] [CLONE …]

For clones that have refs/pull/*/head. Merges: the second parent is the pull head. Squashes, at most
150 a clone, spread evenly: the commit has the same patch id as merge base .. pull head. Without
CLONE a seeded corpus is built, which has the heads of its merges only.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from figures import Figures, show
from pullsmith.collect.candidates import Candidate, find_candidates
from pullsmith.collect.git import Clone
from pullsmith.collect.history import History
from pullsmith.collect.opening import open_clone
from pullsmith.collect.pull_refs import PullRefs, read_pull_refs
from pullsmith.corpus import build_corpus
from pullsmith.errors import SourceError
from pullsmith.study.collect import Changes

SQUASHES = 150
_DIFF = (
    "diff-tree",
    "-r",
    "-p",
    "--full-index",
    "--no-ext-diff",
    "--no-textconv",
    "--end-of-options",
)


@dataclass
class Checked:
    """Outcomes by name, and what was amiss, for people."""

    merges: Counter[str] = field(default_factory=Counter)
    squashes: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)


def check(path: Path) -> Checked:
    """Every merge and a sample of the squashes of a clone, against its pull heads."""
    checked = Checked()
    with open_clone(path) as clone:
        refs = read_pull_refs(clone)
        # Without the refs: what is checked is what the messages alone would have given.
        found = find_candidates(History(clone), Changes.PULL_REQUESTS)
        known = [one for one in found.candidates if refs.head(one.mark.tracker, one.mark.number)]
        singles = [one for one in known if one.head == one.merge]
        for one in known:
            if one.head != one.merge:
                outcome = of_merge(one, refs)
                checked.merges[outcome] += 1
                note(checked, one, outcome)
        count = min(len(singles), SQUASHES)
        for one in (singles[at * len(singles) // count] for at in range(count)):
            outcome = of_squash(clone, one, refs.head(one.mark.tracker, one.mark.number))
            checked.squashes[outcome] += 1
            note(checked, one, outcome)
    return checked


def note(checked: Checked, one: Candidate, outcome: str) -> None:
    if outcome != "same":
        checked.misses.append(
            f"#{one.mark.number} {one.merge.decode()[:10]} {one.evidence} ({one.reason}): "
            f"{outcome}; {one.subject[:90]}"
        )


def of_merge(one: Candidate, refs: PullRefs) -> str:
    head = refs.head(one.mark.tracker, one.mark.number)
    if one.head == head:
        return "same"
    return "commits on top" if head in one.commits else "differs"


def of_squash(clone: Clone, one: Candidate, head: bytes) -> str:
    try:
        bases = clone.output("merge-base", "--end-of-options", head.decode(), one.base.decode())
        theirs = diff(clone, bases.split()[0], head)
        ours = diff(clone, one.base, one.head)
        if patch_id(clone, theirs) == patch_id(clone, ours):
            return "same"
    except SourceError:
        return "unreadable"
    left, right = set(files(theirs)), set(files(ours))
    if left == right:
        return "same files"
    return "some files" if left & right else "other files"


def diff(clone: Clone, old: bytes, new: bytes) -> bytes:
    return clone.output(*_DIFF, old.decode(), new.decode())


def patch_id(clone: Clone, patch: bytes) -> bytes:
    return clone.output("patch-id", "--stable", feed=patch).partition(b" ")[0]


def files(patch: bytes) -> Iterator[bytes]:
    return (line for line in patch.split(b"\n") if line.startswith(b"diff --git "))


def figure(name: str, outcomes: Counter[str]) -> dict[str, dict[str, object]]:
    """{} where nothing could be checked; unreadable ones are no outcome."""
    total = outcomes.total() - outcomes["unreadable"]
    if not total:
        return {}
    return {
        name: {
            "value": outcomes["same"],
            "unit": "of those with a pull head agree with it",
            "peer": total,
            "ratio": round(outcomes["same"] / total, 4),
        }
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        changes = 300 if options.quick else 1500
        clones = options.clones or [build_corpus(Path(name), seed=1, changes=changes)]
        for path in clones:
            checked = check(path)
            suffix = f" ({path.parent.name})" if options.clones else ""
            figures |= figure(f"merge_heads{suffix}", checked.merges)
            figures |= figure(f"squash_patches{suffix}", checked.squashes)
            if not options.json:
                print(path, dict(checked.merges), dict(checked.squashes))
            if options.misses:
                print(*checked.misses, sep="\n")
    show(figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
