"""Selecting 50,000 pull requests, a half of them copies with known truth, beside other MinHash chains.

    python bench/data.py [--quick] [--json] [--records N] [CLONE …]

The records are made by copies.py of the changes of a seeded corpus, or of the clones. CPU seconds
are of a process and all its children; memory is the proportional set size of all of them together,
sampled. Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from collect import collected
from copies import CHARACTERS, TOKEN, Pair, added_text, hash_of, jaccard, make_records, runs_of
from figures import Figures, show
from pullsmith.corpus import build_corpus
from pullsmith.engine import StageContext
from pullsmith.records import Drop, FileChange, PullRequest
from pullsmith.rows import read_rows, write_rows
from pullsmith.select import stage
from pullsmith.store import JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import parse_study
from pullsmith.tally import Tally

ALL, QUICK = 50_000, 5_000
STUDY = """
name = "bench"
collect = {{ sources = [{{ planted = "stdlib" }}] }}
student = [{{ model = "tiny" }}]
runs = "{folder}"
"""


def written(folder: Path, pool: Sequence[FileChange], count: int) -> tuple[list[Pair], int]:
    """The records as a finished collect and as text for the peers; the pairs, and the size."""
    job = RunFolder(folder / "bench").job(JobKey("collect"))
    make_folder(job.path)
    pairs, size, parts = list[Pair](), 0, list[Path]()
    made = make_records(pool, count)
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
    merged = job.merge(PullRequest, parts).rows
    job.finish(
        Manifest(
            pullsmith_version="bench", stage="collect", cell=None, settings={}, inputs={},
            tally=Tally.of(records_in=merged, records_out=merged, drops=()),
            output_digest="", versions={}, measured={},
        )
    )  # fmt: skip
    return pairs, size


# --- measuring -----------------------------------------------------------------------------------


def select(folder: Path) -> None:
    """The whole stage, as the pipeline runs it."""
    study = parse_study(STUDY.format(folder=folder))
    run = RunFolder(folder / "bench")
    job = run.job(JobKey("select"))
    make_folder(job.path)
    stage.run(StageContext(study=study, run=run, job=job))


def apart(*arguments: str) -> tuple[float, float, str]:
    """(CPU seconds, gigabytes at most, output) of this script in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = 0
    with tempfile.TemporaryFile() as output:  # a pipe would be full before anybody reads it
        process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=output)
        while process.poll() is None:
            peak = max(peak, sum(map(proportional_bytes, family(process.pid))))
            time.sleep(0.1)
        output.seek(0)
        said = output.read().decode()
    if process.returncode:
        raise SystemExit(f"{arguments[0]} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, peak / 1e9, said


def family(pid: int) -> list[int]:
    """A process and all that it started; Linux only, else none."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def proportional_bytes(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


@dataclass(frozen=True)
class Peer:
    """What another chain needed, and the ids it would drop."""

    name: str
    cpu_seconds: float
    gigabytes: float
    dropped: frozenset[str]


def peers(folder: Path) -> Iterator[Peer]:
    for name, module in (("datatrove", "datatrove"), ("daft", "daft")):
        present = subprocess.run(
            [sys.executable, "-c", f"import {module}"], capture_output=True, check=False
        )
        if not present.returncode:
            used, peak, said = apart(f"--{name}", str(folder))
            yield Peer(name, used, peak, frozenset(json.loads(said.splitlines()[-1])))


def datatrove_chain(folder: Path) -> None:
    """Four stages, its own text normalisation and signature; words are split without a model."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter
    from datatrove.utils.hashing import HashConfig
    from datatrove.utils.logging import logger
    from datatrove.utils.word_tokenizers import WhitespaceTokenizer

    logger.disable("datatrove")

    class Words(WhitespaceTokenizer):  # type: ignore[misc]  # datatrove has no types
        def __init__(self) -> None:
            super().__init__()

        def word_tokenize(self, text: str) -> list[str]:
            return TOKEN.findall(text)

    place = {n: str(folder / "datatrove" / n) for n in ("sig", "buckets", "remove", "kept", "gone")}
    sha1 = HashConfig(precision=64, hash_fc="sha1")  # its default fails with xxhash 4
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8, hash_config=sha1)
    reader = JsonlReader(str(folder), glob_pattern="texts-*.jsonl")
    chain = (
        ([reader, MinhashDedupSignature(place["sig"], config=config, language=Words())], 4),
        ([MinhashDedupBuckets(place["sig"], place["buckets"], config=config)], 14),
        ([MinhashDedupCluster(place["buckets"], place["remove"], config=config)], 1),
        (
            [
                reader,
                MinhashDedupFilter(place["remove"], exclusion_writer=JsonlWriter(place["gone"], compression=None)),
                JsonlWriter(place["kept"], compression=None),
            ],
            4,
        ),
    )  # fmt: skip
    for number, (steps, tasks) in enumerate(chain):
        logs = str(folder / "datatrove" / f"logs-{number}")
        LocalPipelineExecutor(pipeline=steps, tasks=tasks, workers=1, logging_dir=logs).run()
    gone = Path(place["gone"]).rglob("*.jsonl")
    print(json.dumps([json.loads(line)["id"] for path in gone for line in path.open()]))


def daft_chain(folder: Path) -> None:
    """Signatures and bands in Daft, union-find of the buckets here; the first of each is kept."""
    import daft
    from daft import col

    texts = daft.read_json(str(folder / "texts-*.jsonl"))
    words = texts.with_column("text", col("text").regexp_replace(r"(\W)", " $1 "))
    rows = words.with_column("m", col("text").minhash(num_hashes=112, ngram_size=5, seed=1))
    found = rows.select("id", "m").to_pydict()
    above = {name: name for name in found["id"]}

    def first(name: str) -> str:
        while above[name] != name:
            above[name] = name = above[above[name]]
        return name

    for band in range(14):
        buckets: dict[tuple[int, ...], str] = {}
        for name, row in zip(found["id"], found["m"], strict=True):
            other = buckets.setdefault(tuple(row[band * 8 : band * 8 + 8]), name)
            above[first(name)] = first(other)
    print(json.dumps([name for name in above if first(name) != name]))


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
    used, peak, _ = apart("--select", str(folder))
    drops = list(read_rows(folder / "bench" / "select" / "dropped.parquet", Drop))
    gone = frozenset(one.record_id for one in drops)
    others = list(peers(folder))
    scale = ALL / count
    near = [one for one in drops if one.reason == "near_duplicate"]

    def said(what: dict[str, str]) -> str:
        return "; ".join(f"{name} {value}" for name, value in what.items()) or "no peer installed"

    times = {f"{p.name} near-duplicates only": f"{p.cpu_seconds * scale:.0f}" for p in others}
    figures: Figures = {
        "cpu_s_per_50k": {
            "value": round(used * scale, 1),
            "unit": f"CPU seconds for all of select, {count} records of {size / 1e6:.0f} MB, scaled",
            "peer": said({"target": "60", **times}), "ratio": round(60 / (used * scale), 2),
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
    for name in ("select", "datatrove", "daft"):
        parser.add_argument(f"--{name}", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for given, act in (
        (options.select, select), (options.datatrove, datatrove_chain), (options.daft, daft_chain)
    ):  # fmt: skip
        if given:
            act(given)
            return 0
    os.environ["DO_NOT_TRACK"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clones = options.clones or [build_corpus(folder / "corpus", seed=1, changes=3000)]
        pool = pool_of(clones, folder)
        count = options.records or (QUICK if options.quick else ALL)
        show(measure(pool, folder, count), as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
