"""A finished run whose every text attacks its reader: markup, scripts, overrides, null bytes, 1 MB lines."""

from __future__ import annotations

import json
from pathlib import Path

from pullsmith.contracts.answers import KeyIssue, Review
from pullsmith.rank.stage import run as rank
from pullsmith.records import (
    Answer,
    ChangeStatus,
    Checkpoint,
    Defect,
    FileChange,
    Order,
    Phase,
    Prompt,
    PullRequest,
    Result,
    Verdict,
    drop,
)
from pullsmith.report.stage import run as report
from pullsmith.store import JobKey, RunFolder
from pullsmith.study.train import LOSSES_NAME
from pullsmith.tally import Tally
from tests.judged import answer, context, finish, prompt, pull_request, store, study, verdict

# Each would say something on the console, ask for something, or turn the page around.
SCRIPT = "</script></style></title></pre></textarea>--><script>console.log('ran')</script>"
IMAGE = "<img src='https://example.org/seen.png' onerror=\"console.log('ran')\">"
STYLE = (
    "<style>@import 'https://example.org/x.css';</style><link rel=stylesheet href=//example.org/y>"
)
FRAME = "<iframe src=javascript:console.log(1)></iframe><base href=//example.org><meta http-equiv=refresh content='0;url=//example.org'>"
QUOTE = "\" onmouseover=\"console.log('ran')\" x='"
TEMPLATE = "{{ 7 * 191 }}{% raw %}"
HIDDEN = "a\u202eb\u2066c\u200bd\ufeffe\x00f\x1b[31mg\u2028h\U000e0041i\u00adj"
EVIL = " ".join((SCRIPT, IMAGE, STYLE, FRAME, QUOTE, TEMPLATE, HIDDEN))
LONG = "x" * 1_000_000
PATH = f"app/{QUOTE}{IMAGE}\u202e.py"
STUDENT = f"{SCRIPT}{QUOTE}\u202e"
JUDGE = f"http://127.0.0.1:1/v1#{IMAGE}"
STUDY = study(
    student=[{"model": "tiny", "name": STUDENT}],
    judge=[{"model": JUDGE}, {"model": "http://127.0.0.1:1/v1#plain"}],
    baselines=False,
    judging={"controls": 0},
)
CELL = STUDY.student[0].cell


def request(number: int) -> PullRequest:
    """A pull request of ``number``; every text of it is an attack, one line is a megabyte."""
    lines = [f" def f{number}():", f"+    {EVIL.replace(chr(10), ' ')}", f"+    {LONG if number < 2 else TEMPLATE}", "+    return '</span>'"]  # fmt: skip
    patch = "@@ -1,1 +1,4 @@ " + SCRIPT + "\n" + "\n".join(lines) + "\n"
    file = FileChange(
        path=PATH, status=ChangeStatus.RENAMED, old_path=f"old{IMAGE}", language=EVIL[:40], patch=patch,
        added_lines=3,
    )  # fmt: skip
    defect = Defect(
        kind="k", path=PATH, start_line=2, end_line=2, defective=(EVIL,), original=(EVIL,), header=EVIL,
        content=EVIL,
    )  # fmt: skip
    base = pull_request(f"bad{number}", defect=defect)
    return base.model_copy(
        update={
            "title": EVIL,
            "body": f"{EVIL}\n{LONG if number < 2 else TEMPLATE}",
            "repository": f"planted:{IMAGE}",
            "files": (file,),
        }
    )


def made(folder: Path, count: int = 8) -> Path:
    """The page of the run."""
    run = RunFolder(folder)
    requests = [request(number) for number in range(count)]
    prompts = [prompt(each, "review") for each in requests]
    store(run, "split", PullRequest, requests)
    store(run, "render", Prompt, prompts)
    theirs = [answer(each, _review(), model="rules") for each in requests]
    mine = [
        answer(each, None if n == 0 else _review(), model=STUDENT, phase=phase).model_copy(
            update={"text": f"{EVIL}\n{LONG}", "fault": f"not_yaml: {EVIL}"} if n == 0 else {}
        )
        for n, each in enumerate(requests)
        for phase in (Phase.BEFORE, Phase.AFTER)
    ]
    store(run, "respond", Answer, theirs, "rules")
    store(run, "respond", Answer, mine, CELL)
    verdicts = [_verdict(one, mine, theirs, judge, order) for one in mine for judge in STUDY.judge for order in Order]  # fmt: skip
    store(run, "judge", Verdict, verdicts, CELL)
    finish(run, "rank", None, rank(context(STUDY, run, "rank")).tally)
    for stage in ("collect", "generate", "clean"):
        finish(run, stage, None, Tally(records_in=0, records_out=0, dropped={}, rows=0))
    dropped = [drop("select", each, "bot", EVIL) for each in requests[:3]]
    job = context(STUDY, run, "select").job
    job.write_drops(dropped)
    finish(run, "select", None, Tally.of(records_in=3, records_out=0, drops=dropped))
    store(run, "train", Checkpoint, [], CELL)
    losses = [{"step": step, "loss": 3.0 / step} for step in (1, 2, 3)]
    (run.job(JobKey("train", CELL)).path / LOSSES_NAME).write_text(json.dumps(losses))
    job = context(STUDY, run, "report").job
    report(context(STUDY, run, "report"))
    return job.path / "index.html"


def _review() -> Review:
    issue = KeyIssue(
        relevant_file=PATH, issue_header=EVIL[:100], issue_content=EVIL, start_line=2, end_line=2
    )  # fmt: skip
    return Review(
        estimated_effort_to_review=1, relevant_tests="no", key_issues_to_review=(issue,), security_concerns=EVIL
    )  # fmt: skip


def _verdict(
    one: Answer, mine: list[Answer], theirs: list[Answer], judge: object, order: Order
) -> Verdict:
    place = mine.index(one)
    invalid = one.value_json is None
    result = (Result.LOSS, Result.WIN, Result.TIE, Result.UNREADABLE)[place // 2 % 4]
    made_ = verdict(
        one.pull_request_id, Result.LOSS if invalid else result, candidate=f"{STUDENT}@{one.phase}",
        judge=str(getattr(judge, "model", "")), order=order,
    )  # fmt: skip
    other = next(each for each in theirs if each.pull_request_id == one.pull_request_id)
    return made_.model_copy(
        update={
            "candidate_answer_id": one.id,
            "reference_answer_id": other.id,
            "why": f"{EVIL} {LONG if place < 3 else TEMPLATE}",
            "by_rule": "candidate_invalid" if invalid else "",
        }
    )
