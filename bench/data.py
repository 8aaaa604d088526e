"""Select, split and clean over 50,000 pull requests, a half of them copies with known truth.

    python bench/data.py [--quick] [--json] [--records N | --growth N … [--chart FILE]] [CLONE …]

The records are made by copies.py of the changes of a seeded corpus, or of the clones; the teacher's
answers to what is left for training (three tools, one contract) by answering.py, a fifth of them
damaged. Between the stages render runs, unmeasured. CPU seconds are of a process and all its
children; memory is of all of them together, sampled. Beside them other MinHash chains, for
near-duplicates only (minhash.py). With --growth the same for other numbers of records, on one chart.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path

from answering import value_of
from apart import run_apart
from collect import collected
from copies import CHARACTERS, Pair, added_text, hash_of, jaccard, make_records, runs_of
from figures import Figures, show
from growth_chart import Measured, growth_svg
from minhash import peers
from pullsmith.contracts.canonical import value_json
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN
from pullsmith.corpus import build_corpus
from pullsmith.engine import StageContext
from pullsmith.records import (
    Answer,
    Drop,
    FileChange,
    Outcome,
    Phase,
    Prompt,
    PullRequest,
    Split,
    answer_id,
)
from pullsmith.rows import count_rows, read_rows, write_rows, write_sorted
from pullsmith.store import JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import parse_study
from pullsmith.tally import Tally

ALL, QUICK = 50_000, 5_000
MEASURED = ("select", "split", "clean")
DAMAGED = 0.2
STUDY = """
name = "bench"
collect = {{ sources = [{{ planted = "stdlib" }}] }}
teacher = [{{ model = "scripted:x", contract = "compact-1" }}]
student = [{{ model = "tiny", contract = "compact-1" }}]
runs = "{folder}"
"""


def written(
    folder: Path, pool: Sequence[FileChange], count: int, *, truth: bool = True
) -> tuple[list[Pair], int]:
    """The records as a finished collect and as text for the peers; the pairs, and the size."""
    job = RunFolder(folder / "bench").job(JobKey("collect"))
    make_folder(job.path)
    pairs, size, parts = list[Pair](), 0, list[Path]()
    made = make_records(pool, count, truth=truth)
    texts = [(folder / f"texts-{n}.jsonl").open("w", encoding="utf-8") for n in range(4)]
    while some := list(islice(made, 2000)):
        rows = sorted((row for row, _ in some), key=lambda row: row.id)
        size += sum(len(file.patch) for row in rows for file in row.files)
        pairs += [pair for _, pair in some if pair]
        parts.append(folder / f"part-{len(parts)}.parquet")
        write_rows(parts[-1], PullRequest, rows)
        for row in rows:
            line = json.dumps({"id": row.id, "text": added_text(row)})
            texts[hash_of(row.id, 0) % 4].write(line + "\n")
    for text in texts:
        text.close()
    job.merge(PullRequest, parts)
    finish(folder, "collect")
    return pairs, size


def finish(folder: Path, name: str) -> None:
    """Give a job, whose rows are there, its manifest, as the pipeline does."""
    job = RunFolder(folder / "bench").job(JobKey(name))
    count = sum(count_rows(path) for path in job.shards())
    job.finish(
        Manifest(
            pullsmith_version="bench", stage=name, cell=None, settings={}, inputs={},
            tally=Tally.of(records_in=count, records_out=count, drops=()),
            output_digest="", versions={}, measured={},
        )
    )  # fmt: skip


# --- measuring -----------------------------------------------------------------------------------


def run_stage(folder: Path, name: str) -> None:
    """A whole stage, as the pipeline runs it; ``generate`` is what answering.py says."""
    study = parse_study(STUDY.format(folder=folder))
    run = RunFolder(folder / "bench")
    job = run.job(JobKey(name))
    make_folder(job.path)
    if name == "generate":
        answer_all(run)
    else:
        import_module(f"pullsmith.{name}.stage").run(StageContext(study=study, run=run, job=job))
    finish(folder, name)


def answer_all(run: RunFolder) -> None:
    """An answer to every training prompt."""
    pull_requests = {row.id: row for row in run.read("split", PullRequest)}
    path = run.job(JobKey("generate")).path / "rows-00000.parquet"
    prompts = (
        one
        for one in run.read("render", Prompt)
        if one.split is Split.TRAIN and one.contract == "compact-1"
    )
    write_sorted(
        path, Answer, (answered(one, pull_requests[one.pull_request_id]) for one in prompts)
    )


def answered(prompt: Prompt, pull_request: PullRequest) -> Answer:
    value, _ = value_of(prompt, pull_request, damaged=DAMAGED)
    said = value_json(value)
    return Answer(
        id=answer_id(prompt.id, model="scripted:x", phase=Phase.NONE, checkpoint="none", sample=0),
        prompt_id=prompt.id, pull_request_id=pull_request.id, tool=prompt.tool,
        contract=prompt.contract, model="scripted:x", outcome=Outcome.OK, text=said, value_json=said,
        grounding_faults=BUILT_IN[prompt.tool].faults_beside(value, Task.of(prompt, pull_request)),
    )  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """CPU seconds of each stage, and the most memory any of them had."""

    cpu_seconds: dict[str, float]
    gigabytes: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.cpu_seconds.values())


def take_through(folder: Path) -> Taken:
    """Every stage up to clean, each in a process of its own; render and the answers do not count."""
    taken = Taken({}, {})
    for name in ("select", "split", "render", "generate", "clean"):
        done = run_apart(__file__, "--stage", name, str(folder))
        if name in MEASURED:
            taken.cpu_seconds[name], taken.gigabytes[name] = done.cpu_seconds, done.gigabytes
    return taken


def recall(pairs: Sequence[Pair], dropped: frozenset[str], low: float, high: float) -> float:
    """The share of pairs of that Jaccard that are not both kept."""
    wanted = [pair for pair in pairs if low <= pair.jaccard < high]
    caught = [pair for pair in wanted if pair.copy in dropped or pair.origin in dropped]
    return len(caught) / max(1, len(wanted))


def false_share(folder: Path, drops: Sequence[Drop]) -> float:
    """The share of near-duplicates with less than half in common with the one that is named."""
    named = {one.record_id: one.detail.split()[1] for one in drops}
    wanted = {*named, *named.values()}
    job = RunFolder(folder / "bench").job(JobKey("collect"))
    runs = {
        row.id: runs_of(row)
        for path in job.shards()
        for row in read_rows(path, PullRequest)
        if row.id in wanted
    }
    false = [one for one, other in named.items() if jaccard(runs[one], runs[other]) < 0.5]
    return len(false) / max(1, len(named))


def measure(pool: Sequence[FileChange], folder: Path, count: int) -> Figures:
    pairs, size = written(folder, pool, count)
    taken = take_through(folder)
    drops = list(read_rows(folder / "bench" / "select" / "dropped.parquet", Drop))
    copies = {"near_duplicate", "exact_duplicate"}
    gone = frozenset(one.record_id for one in drops if one.reason in copies)
    by_rules = {one.record_id for one in drops if one.reason not in copies}
    pairs = [pair for pair in pairs if by_rules.isdisjoint((pair.copy, pair.origin))]
    others = list(peers(folder))
    scale, peak = ALL / count, max(taken.gigabytes.values())
    near = [one for one in drops if one.reason == "near_duplicate"]
    answers = count_rows(folder / "bench" / "generate" / "rows-00000.parquet")
    examples = sum(count_rows(path) for path in (folder / "bench" / "clean").glob("rows-*.parquet"))

    def said(what: dict[str, str]) -> str:
        return "; ".join(f"{name} {value}" for name, value in what.items()) or "no peer installed"

    times = {f"{p.name} near-duplicates only": f"{p.cpu_seconds * scale:.0f}" for p in others}
    figures: Figures = {
        "cpu_s_per_50k": {
            "value": round(taken.total * scale, 1),
            "unit": f"CPU seconds: select, split, clean; {count} records of {size / 1e6:.0f} MB, scaled",
            "peer": said({"target": "90", **times}), "ratio": round(90 / (taken.total * scale), 2),
        },
        **{
            f"cpu_s_per_50k_{name}": {
                "value": round(used * scale, 1), "unit": units[name],
                "peer": f"{taken.gigabytes[name]:.2f} GB at most", "ratio": "",
            }
            for units in [{
                "select": "CPU seconds", "split": "CPU seconds",
                "clean": f"CPU seconds; {answers} answers, {examples} examples before scaling",
            }]
            for name, used in taken.cpu_seconds.items()
        },
        "peak_gb": {
            "value": round(peak, 2), "unit": f"GB at most, all processes, {count} records",
            "peer": said({"target": "0.6", **{p.name: f"{p.gigabytes:.2f}" for p in others}}),
            "ratio": round(0.6 / peak, 2) if peak else "",
        },
        "false_drop_share": {
            "value": round(false_share(folder, near), 5),
            "unit": f"of {len(near)} near-duplicates dropped, under .5 to the one kept",
            "peer": "target 0.003", "ratio": "",
        },
    }  # fmt: skip
    for name, low, high, target in (
        ("near_duplicate_recall", 0.8, 0.9, ".99"),
        ("near_duplicate_recall_above_.9", 0.9, 1.01, ".999"),
        ("near_duplicates_below_.7", 0.0, 0.7, "the fewer the better"),
    ):
        total = sum(low <= pair.jaccard < high for pair in pairs)
        found = {p.name: f"{recall(pairs, p.dropped, low, high):.4f}" for p in others}
        figures[name] = {
            "value": round(recall(pairs, gone, low, high), 5),
            "unit": f"of {total} pairs, Jaccard {low} to {min(high, 1)}",
            "peer": said({"target": target, **found}), "ratio": "",
        }  # fmt: skip
    return figures


def growth(pool: Sequence[FileChange], folder: Path, counts: Sequence[int]) -> list[Measured]:
    """Seconds and memory of other numbers of records, without truth and peers."""
    found = []
    for count in counts:
        place = folder / str(count)
        place.mkdir()
        _, size = written(place, pool, count, truth=False)
        taken = take_through(place)
        shutil.rmtree(place)
        found.append(Measured(count, size / 1e6, taken.cpu_seconds, max(taken.gigabytes.values())))
        print(f"{count}: {taken.total:.1f} CPU seconds", file=sys.stderr)
    return found


def as_figures(found: Sequence[Measured]) -> Figures:
    return {
        f"cpu_s_of_{one.records}": {
            "value": round(one.total, 1),
            "unit": f"CPU seconds for {one.megabytes:.0f} MB, {one.gigabytes:.2f} GB at most",
            "peer": f"{one.total * 10_000 / one.records:.2f} per 10,000", "ratio": "",
        }
        for one in found
    }  # fmt: skip


def pool_of(places: Sequence[Path], folder: Path) -> list[FileChange]:
    """The text changes of some clones."""
    rows = (
        row
        for place in places
        for path in collected(place, folder).shards()
        for row in read_rows(path, PullRequest)
    )
    return [file for row in rows for file in row.files if 100 < len(file.patch) < CHARACTERS]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--records", type=int, help="how many, instead of 50,000")
    parser.add_argument("--growth", type=int, nargs="+", help="seconds and memory of so many")
    parser.add_argument("--chart", type=Path, help="where the chart of --growth goes, as SVG")
    parser.add_argument("--stage", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        run_stage(Path(options.stage[1]), options.stage[0])
        return 0
    os.environ["DO_NOT_TRACK"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clones = options.clones or [build_corpus(folder / "corpus", seed=1, changes=3000)]
        pool = pool_of(clones, folder)
        if options.growth:
            found = growth(pool, folder, options.growth)
            if options.chart:
                options.chart.write_text(growth_svg(found), encoding="utf-8")
            figures = as_figures(found)
        else:
            count = options.records or (QUICK if options.quick else ALL)
            figures = measure(pool, folder, count)
        show(figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
