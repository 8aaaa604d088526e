"""The desk without a page: opening many examples, and decisions that several processes append at once.

Part of ``bench/curate.py``. The run folder is made here, of records of our own.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from figures import Figures, peak_bytes
from pullsmith.contracts.answers import KeyIssue, Review
from pullsmith.contracts.canonical import value_json
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.task import Task
from pullsmith.curate.desk import open_desk
from pullsmith.decisions import FILE_NAME, TO_REVIEW_NAME, Action, decide, read_decisions
from pullsmith.diff.shown import whole
from pullsmith.records import (
    Answer,
    ChangeStatus,
    Example,
    FileChange,
    Message,
    Outcome,
    Phase,
    Prompt,
    PullRequest,
    Record,
    SecretScan,
    Split,
    answer_id,
    example_id,
    prompt_id,
)
from pullsmith.rows import write_rows, write_sorted
from pullsmith.store import ROWS_PER_SHARD, JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study
from pullsmith.tally import Tally

R = TypeVar("R", bound=Record)
SAMPLES = 3  # answers a pull request: examples come in threes, as with three tools
WRITERS, EACH = 4, 300
LINES = 12  # of a diff: a prompt of about two kilobytes


def figures(*, quick: bool) -> Figures:
    """Seconds and megabytes of opening, whole lines of appending."""
    count = 7_500 if quick else 75_000
    with tempfile.TemporaryDirectory() as folder:
        make_run(Path(folder), count)
        opened = json.loads(
            subprocess.run(
                [sys.executable, __file__, folder], check=True, stdout=subprocess.PIPE
            ).stdout
        )
    with tempfile.TemporaryDirectory() as folder:
        whole_lines, seconds = append_at_once(Path(folder) / FILE_NAME)
    return {
        f"open_seconds_{count}": _one(opened["seconds"], "s", "at most 5", opened["seconds"] / 5),
        f"open_mb_{count}": _one(opened["mb"], "MB", "at most 500", opened["mb"] / 500),
        "open_bare_mb": _one(opened["bare_mb"], "MB", "the same process before it opens", 1),
        "item_ms": _one(opened["item_ms"], "ms", "one after the other, without a page", 1),
        "appended_whole_lines": _one(
            whole_lines, "lines", f"{WRITERS} processes x {EACH}", whole_lines / (WRITERS * EACH)
        ),
        "append_ms": _one(round(1000 * seconds / (WRITERS * EACH), 2), "ms", "fsync of each", 1),
    }


def _one(value: float, unit: str, peer: str, ratio: float) -> dict[str, object]:
    return {"value": value, "unit": unit, "peer": peer, "ratio": round(ratio, 3)}


def study(folder: Path) -> Study:
    return Study.model_validate(
        {
            "name": "bench",
            "runs": str(folder),
            "collect": {"sources": [{"planted": "stdlib", "count": 1}]},
            "student": [{"model": "tiny"}],
            "clean": {"review": 100},
        }
    )


def make_run(folder: Path, count: int, request: Callable[[int], PullRequest] | None = None) -> None:
    """What clean leaves for people: ``count`` examples, of a third as many pull requests."""
    of = request or _request
    run, requests = RunFolder(folder / "bench"), count // SAMPLES
    _job(run, "split", PullRequest, (of(n) for n in range(requests)))
    _job(run, "render", Prompt, (_prompt(of(n)) for n in range(requests)))
    _job(run, "generate", Answer, (a for n in range(requests) for a in _answers(of(n), n)))
    job = run.job(JobKey("clean"))
    make_folder(job.path)
    examples = (e for n in range(requests) for e in _examples(of(n), n))
    write_sorted(job.path / TO_REVIEW_NAME, Example, examples)


def _job(run: RunFolder, stage: str, record_type: type[R], rows: Iterator[R]) -> None:
    job = run.job(JobKey(stage))
    make_folder(job.path)
    written = 0
    for number, shard in enumerate(iter(lambda: list(islice(rows, ROWS_PER_SHARD)), [])):
        write_rows(job.path / f"rows-{number:05d}.parquet", record_type, shard)
        written += len(shard)
    tally = Tally(records_in=written, records_out=written, dropped={}, rows=written)
    job.finish(
        Manifest(
            pullsmith_version="bench", stage=stage, cell=None, settings={}, inputs={}, tally=tally,
            output_digest="", versions={}, measured={},
        )
    )  # fmt: skip


def _request(number: int) -> PullRequest:
    added = "".join(f"+    value_{n} = compute({number}, {n})\n" for n in range(LINES))
    changed = FileChange.model_construct(
        path=f"app/part_{number % 97}.py", status=ChangeStatus.MODIFIED, language="python",
        patch=f"@@ -1,1 +1,{LINES + 1} @@\n def f():\n{added}", added_lines=LINES, deleted_lines=0,
    )  # fmt: skip
    return PullRequest.model_construct(
        id=f"forge.test/o/r@{number:07d}", source="git", repository="forge.test/o/r", group="g",
        title=f"Change {number}", files=(changed,), split=Split.TRAIN,
    )  # fmt: skip


def _prompt(request: PullRequest) -> Prompt:
    return Prompt.model_construct(
        id=prompt_id(request.id, tool="review", contract="native-1"), tool="review",
        pull_request_id=request.id, contract="native-1", split=Split.TRAIN,
        messages=(Message.model_construct(role="user", content=request.files[0].patch),),
        coverage=whole(request), scan=SecretScan(rules_version="bench"),
    )  # fmt: skip


def _value(number: int) -> Review:
    issue = KeyIssue(
        relevant_file=f"app/part_{number % 97}.py", issue_header="Wrong value",
        issue_content=f"compute gets {number} " + "and more than it needs " * (5 + number % 7),
        start_line=2 + number % LINES, end_line=2 + number % LINES,
    )  # fmt: skip
    return Review(
        estimated_effort_to_review=1, relevant_tests="No", key_issues_to_review=(issue,),
        security_concerns="No",
    )  # fmt: skip


def _answers(request: PullRequest, number: int) -> Iterator[Answer]:
    asked, text = (
        prompt_id(request.id, tool="review", contract="native-1"),
        value_json(_value(number)),
    )
    for sample in range(SAMPLES):
        yield Answer.model_construct(
            id=answer_id(asked, model="rules", phase=Phase.NONE, checkpoint="none", sample=sample),
            prompt_id=asked, pull_request_id=request.id, tool="review", contract="native-1",
            model="rules", sample=sample, outcome=Outcome.OK, text="", value_json=text,
            grounding_faults=("line_not_shown: x:1-1",) if number % 50 == 0 else (),
        )  # fmt: skip


def _examples(request: PullRequest, number: int) -> Iterator[Example]:
    prompt = _prompt(request)
    target = find_contract("native-1").write(Task.of(prompt, request), _value(number))
    for answer in _answers(request, number):
        yield Example.model_construct(
            id=example_id(answer.id, contract="native-1"), answer_id=answer.id,
            pull_request_id=request.id, tool="review", contract="native-1",
            messages=prompt.messages, target=target,
        )  # fmt: skip


def open_it(folder: Path) -> dict[str, float]:
    """What opening takes in this very process, and how long one item after the other."""
    bare, began = peak_bytes(), time.perf_counter()
    desk = open_desk(study(folder))
    names = desk.clean.names()
    seconds = time.perf_counter() - began
    opened = peak_bytes()
    began = time.perf_counter()
    for name in names[:200]:
        desk.clean.item(name)
    each = (time.perf_counter() - began) / 200
    return {
        "seconds": round(seconds, 2), "mb": round(opened / 1e6), "bare_mb": round(bare / 1e6),
        "item_ms": round(1000 * each, 1),
    }  # fmt: skip


def _append(path: Path, who: str) -> None:
    for n in range(EACH):
        decide(
            path, at="now", who=who, action=Action.REJECT, record_id=f"{who}{n}", of="d",
            text="x" * (n * 10),
        )  # fmt: skip


def append_at_once(path: Path) -> tuple[int, float]:
    """Whole lines that are there in the end, and seconds."""
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_append, args=(path, f"w{n}")) for n in range(WRITERS)]
    began = time.perf_counter()
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    read = read_decisions(path)
    distinct = {line.record_id for line in read.lines}
    return (0 if read.unreadable else len(distinct)), time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(open_it(Path(sys.argv[1]))))
