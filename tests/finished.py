"""A small run whose every stage is done, made by hand and judged by the real judge stage: for packs and comparisons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pullsmith.judge.stage import run as judge
from pullsmith.rank.stage import run as rank
from pullsmith.records import (
    Answer,
    Checkpoint,
    Drop,
    Example,
    LicenceEvidence,
    LicenceFile,
    Message,
    Phase,
    Prompt,
    PullRequest,
    Split,
    Verdict,
    checkpoint_id,
    drop,
)
from pullsmith.report.stage import run as report
from pullsmith.split.stage import MANIFEST_NAME
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study
from pullsmith.study.train import LOSSES_NAME
from pullsmith.tally import Tally
from tests.judged import (
    DEFECT,
    answer,
    context,
    finish,
    improve,
    issue,
    prompt,
    pull_request,
    review,
    store,
    study,
    suggestion,
)

TERSE = "openai:gpt-4"  # the second reference: nobody can ask it
MIT = LicenceEvidence(
    spdx="MIT",
    files=(LicenceFile(path="LICENSE", blob_sha="b" * 40, spdx="MIT"),),
    found_at="c" * 40,
)
FEW = [
    *(pull_request(f"bad{n}", defect=DEFECT) for n in range(4)),
    *(pull_request(f"good{n}") for n in range(2)),
    *(pull_request(f"real{n}", source="git") for n in range(4)),
]
PULLS = [record.model_copy(update={"licence": MIT, "author": "Ada"}) for record in FEW]
LEARNT = pull_request("learnt", source="git").model_copy(
    update={"licence": MIT, "author": "Bob", "repository": "f.test/o/learnt", "split": Split.TRAIN}
)
EXAMPLE = Example(
    id=f"{LEARNT.id}#review/native-1/0~t>native-1", answer_id="t", pull_request_id=LEARNT.id, tool="review",
    contract="native-1", messages=(Message(role="user", content="review it"),), target="fine",
)  # fmt: skip


def small_study(folder: Path, **settings: object) -> Study:
    """A study of one student and two references, whose runs are in ``folder``."""
    student = [{"model": "tiny", "contract": "native-1"}]
    references = [{"model": "rules"}, {"model": TERSE, "retires": "2024-09-13"}]
    tables: dict[str, object] = {
        "student": student, "reference": references, "baselines": False, "judging": {"controls": 2},
        "rank": {"resamples": 100}, "runs": folder / "runs",
    }  # fmt: skip
    return study(**(tables | settings))


def finished(
    made: Study,
    pulls: Sequence[PullRequest] = PULLS,
    *,
    found: Sequence[str] = ("bad0", "bad1", "bad2"),
    drops: Sequence[Drop] = (),
    reported: bool = True,
) -> RunFolder:
    """The run of ``made``; after training its student finds the defects of the pull requests ``found``.

    Without ``reported`` it ends with the verdicts.
    """
    run = RunFolder(made.runs / made.name)
    both = sorted((*pulls, LEARNT), key=lambda record: record.id)
    for stage in ("collect", "select"):
        store(run, stage, PullRequest, both)
    store(run, "split", PullRequest, [p.model_copy(update={"author": "<masked>"}) for p in both])
    (run.path / "split" / MANIFEST_NAME).write_text(json.dumps({"name": "main", "id": "m"}))
    store(run, "generate", Example, [])
    store(run, "clean", Example, [EXAMPLE])
    _dropped(run, drops or [drop("select", pull_request("x"), "bot", "author a-bot")])
    store(run, "render", Prompt, [p for pull in pulls for p in _prompts(pull)])
    for role in made.student:
        _trained(run, role.cell)
        store(run, "respond", Answer, _student(pulls, role.label, found), role.cell)
    for reference in made.reference:
        answers = [a for pull in pulls for a in _said(pull, reference.label, wise=False)]
        store(run, "respond", Answer, answers, reference.cell)
    for cell in made.judge_cells:
        stage_ = context(made, run, "judge", cell)
        finish(run, "judge", cell, judge(stage_).tally)
    for name, code in (("rank", rank), ("report", report)) if reported else ():
        finish(run, name, None, code(context(made, run, name)).tally)
    return run


def verdicts_of(run: RunFolder, cell: str = "tiny") -> list[Verdict]:
    """What was said of a cell."""
    return list(run.read("judge", Verdict, cell))


def _prompts(pull: PullRequest) -> list[Prompt]:
    return [prompt(pull, "review"), prompt(pull, "improve")]


def _said(pull: PullRequest, model: str, *, wise: bool, phase: Phase = Phase.NONE) -> list[Answer]:
    """A review and suggestions of one pull request; the wise one points at the planted line."""
    claims = [issue()] if wise else [issue(5)]
    better = [suggestion()] if wise else []
    return [
        answer(pull, review(*claims), model=model, phase=phase),
        answer(pull, improve(*better), model=model, phase=phase),
    ]


def _student(pulls: Sequence[PullRequest], label: str, found: Sequence[str]) -> list[Answer]:
    before = [answer(pull, None, tool=tool, model=label, phase=Phase.BEFORE)
              for pull in pulls for tool in ("review", "improve")]  # fmt: skip
    after = [
        each
        for pull in pulls
        for each in _said(pull, label, wise=pull.group in found, phase=Phase.AFTER)
    ]
    return [*before, *after]


def _trained(run: RunFolder, cell: str) -> None:
    rows = [
        Checkpoint(
            id=checkpoint_id(cell, phase=phase, weights_digest=phase), student=cell, phase=phase,
            folder=phase, weights_digest=phase, parameters=1000, steps=2, trained_tokens=10,
        )
        for phase in (Phase.BEFORE, Phase.AFTER)
    ]  # fmt: skip
    store(run, "train", Checkpoint, rows, cell)
    losses = [{"step": 1, "loss": 4.0}, {"step": 2, "loss": 2.0}]
    (run.job(JobKey("train", cell)).path / LOSSES_NAME).write_text(json.dumps(losses))


def _dropped(run: RunFolder, drops: Sequence[Drop]) -> None:
    job = run.job(JobKey("select"))
    kept = len(list(job.read(PullRequest)))
    job.write_drops(drops)
    tally = Tally.of(records_in=kept + len(drops), records_out=kept, drops=drops)
    finish(run, "select", None, tally)
