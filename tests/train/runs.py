"""A run folder whose clean stage is done, and the context to train in it.

``python -m tests.train.runs ROOT MODEL STEP`` trains there with the network cut off and kills
itself at the report of STEP, as a machine that loses power would.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pullsmith.engine import StageContext, StageResult
from pullsmith.records import Example, PullRequest, Split
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study, parse_study
from pullsmith.tally import Tally
from tests.curated import finish as write_job
from tests.curated import planted
from tests.train.builders import examples

STUDY = """
name = "study"
runs = "{root}"
seed = 3
[[collect.sources]]
git = "."
[[student]]
name = "pupil"
model = "{model}"
contract = "compact-1"
method = "{method}"
[train]
steps = 6
checkpoint_steps = 2
warmup_steps = 2
max_length_tokens = 256
[train.tiny]
vocabulary = 400
[train.lora]
rank = 4
"""


def study(
    root: Path, model: str = "tiny", *, method: str = "full", overrides: Sequence[str] = ()
) -> Study:
    """A study of one student called ``pupil``."""
    text = STUDY.format(root=root, model=model, method=method)
    return parse_study(text, overrides=overrides)


def context(
    chosen: Study,
    rows: Sequence[Example] | None = None,
    *,
    report: Callable[[str], None] = lambda _: None,
) -> StageContext:
    """The context of the train job, with ``rows`` as what clean kept."""
    run = RunFolder(chosen.runs / chosen.name)
    clean = run.job(JobKey("clean"))
    if clean.manifest() is None:
        make_folder(clean.path)
        clean_rows = examples() if rows is None else rows
        count = clean.write(Example, clean_rows)
        finish(clean, Tally(records_in=count, records_out=count, dropped={}, rows=count))
        names = {row.pull_request_id.partition(":")[2] for row in clean_rows}
        pulls = [planted(name, split=Split.TRAIN) for name in sorted(names)]
        write_job(run, "split", PullRequest, pulls)
    job = run.job(JobKey("train", "pupil"))
    make_folder(job.path)
    return StageContext(study=chosen, run=run, job=job, cell="pupil", report=report)


def finish(job: JobFolder, tally: Tally) -> None:
    """Write the manifest as the pipeline would."""
    manifest = Manifest(
        pullsmith_version="0", stage="clean", cell=None, settings={}, inputs={}, tally=tally,
        output_digest="", versions={}, measured={},
    )  # fmt: skip
    job.finish(manifest)


def train(in_context: StageContext) -> StageResult:
    """Run the stage."""
    from pullsmith.train.stage import run

    in_context.job.clear_rows()
    return run(in_context)


def _no_network(_socket: socket.socket, address: object) -> None:
    raise AssertionError(f"training tried to reach {address}")


def _kill_at(step: str) -> Callable[[str], None]:
    def report(message: str) -> None:
        if message.startswith(f"step {step} "):
            os.kill(os.getpid(), signal.SIGKILL)

    return report


if __name__ == "__main__":
    os.environ.pop("HF_HUB_OFFLINE", None)
    socket.socket.connect = _no_network  # type: ignore[method-assign,assignment]
    root, model, step = sys.argv[1:]
    train(context(study(Path(root), model), report=_kill_at(step)))
