"""Other MinHash chains over the same texts: datatrove's own, and Daft. What each would drop, and what it took.

    python bench/minhash.py datatrove|daft FOLDER

Near-duplicates only: no rules, no masking, no quotas. A chain whose library is not installed is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apart import run_apart
from copies import TOKEN


@dataclass(frozen=True)
class Peer:
    """What another chain needed, and the ids it would drop."""

    name: str
    cpu_seconds: float
    gigabytes: float
    dropped: frozenset[str]


def peers(folder: Path) -> Iterator[Peer]:
    # datatrove's reader of JSON lines wants orjson, which its package does not bring.
    for name, needed in (("datatrove", "datatrove, orjson"), ("daft", "daft")):
        present = subprocess.run(
            [sys.executable, "-c", f"import {needed}"], capture_output=True, check=False
        )
        if not present.returncode:
            done = run_apart(__file__, name, str(folder))
            dropped = frozenset(json.loads(done.output.splitlines()[-1]))
            yield Peer(name, done.cpu_seconds, done.gigabytes, dropped)


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


if __name__ == "__main__":
    {"datatrove": datatrove_chain, "daft": daft_chain}[sys.argv[1]](Path(sys.argv[2]))
