"""The report stage over a run folder: which files, the same bytes, and no second in them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError
from pullsmith.rank.stage import run as rank
from pullsmith.records import (
    Answer,
    Checkpoint,
    Phase,
    Prompt,
    PullRequest,
    Result,
    Verdict,
)
from pullsmith.report.board import Board, read_board
from pullsmith.report.stage import run as report
from pullsmith.store import JobKey, RunFolder, make_folder, of_phase
from pullsmith.study import Study
from pullsmith.tally import Tally
from tests.judged import (
    DEFECT,
    answer,
    context,
    finish,
    issue,
    prompt,
    pull_request,
    review,
    store,
    study,
    verdict,
)
from tests.report.clock import without_clock

REQUESTS = [pull_request(f"bad{n}", defect=DEFECT) for n in range(3)]
STUDY = study(baselines=False, judging={"controls": 0})
PURE = ("board.json", "board.md", "board.csv")


def ranked(folder: Path, *, phases: tuple[Phase, ...], results: list[Result]) -> RunFolder:
    """Answers of a student that count tokens, verdicts, and every other job empty."""
    run = RunFolder(folder)
    store(run, "split", PullRequest, REQUESTS)
    store(run, "render", Prompt, [prompt(r, "review") for r in REQUESTS])
    told = {"input_tokens": 100, "output_tokens": 20, "cost_usd": 0.0}
    rows = [
        answer(r, review(issue()) if phase is Phase.AFTER else None, phase=phase).model_copy(
            update=told
        )
        for phase in phases
        for r in REQUESTS
    ]
    store(run, "respond", Answer, rows, "tiny")
    references = {r.id: answer(r, review(), model="rules") for r in REQUESTS}
    store(run, "respond", Answer, list(references.values()), "rules")
    by_request = {r.id: result for r, result in zip(REQUESTS, results, strict=True)}
    verdicts = [
        verdict(
            row.pull_request_id, by_request[row.pull_request_id], candidate=f"tiny@{row.phase}"
        ).model_copy(
            update={
                "candidate_answer_id": row.id,
                "reference_answer_id": references[row.pull_request_id].id,
            }
        )
        for row in rows
    ]
    store(run, "judge", Verdict, verdicts, "tiny")
    finish(run, "rank", None, rank(context(STUDY, run, "rank")).tally)
    for stage in ("collect", "select", "generate", "clean"):
        finish(run, stage, None, Tally(records_in=0, records_out=0, dropped={}, rows=0))
    store(run, "train", Checkpoint, [], "tiny")
    return run


def reported(run: RunFolder, made: Study = STUDY) -> tuple[Path, Board]:
    job = context(made, run, "report")
    make_folder(job.job.path)
    report(job)
    return job.job.path, read_board(job.job.path / "board.json")


BOTH = (Phase.AFTER, Phase.BEFORE)
WON = [Result.WIN, Result.WIN, Result.LOSS]


def timed(run: RunFolder, seconds: float) -> None:
    """Another machine's clock in the manifest of the answers."""
    job = run.job(JobKey("respond", "tiny"))
    manifest = job.manifest()
    assert manifest is not None
    figures = {
        of_phase("after", "timed_answers"): 3.0,
        of_phase("after", "latency_median_seconds"): seconds,
    }
    job.finish(manifest.model_copy(update={"measured": figures, "machine": f"{seconds} cores"}))


def test_the_same_records_give_the_same_bytes_whatever_the_clock_said(tmp_path: Path) -> None:
    run = ranked(tmp_path, phases=BOTH, results=WON)
    timed(run, 1.5)
    folder, _ = reported(run)
    first = [(folder / name).read_bytes() for name in PURE]
    measured = (folder / "measured.json").read_bytes()
    timed(run, 2.5)
    folder, _ = reported(run)
    assert [(folder / name).read_bytes() for name in PURE] == first
    assert (folder / "measured.json").read_bytes() != measured
    assert "2.5 cores" in (folder / "measured.md").read_text()
    for content in first:
        assert b"5 cores" not in content


def test_the_board_has_what_answers_cost_and_what_is_known(tmp_path: Path) -> None:
    folder, board = reported(ranked(tmp_path, phases=BOTH, results=WON))
    rows = {row.entrant: row for row in board.models}
    after = rows["tiny@after"]
    assert after.spent is not None
    assert (after.spent.prompts, after.spent.input_tokens) == (3, 100)
    assert after.planted_f1 == pytest.approx(1)
    assert (after.runs, rows["rules"].runs) == ("here", "no model")
    lines = list(csv.DictReader((folder / "board.csv").read_text().splitlines()))
    assert [line["entrant"] for line in lines] == [row.entrant for row in board.models]
    assert float(lines[0]["better_rate"]) == after.better_rate


def test_a_model_without_a_before_and_one_judge_are_said(tmp_path: Path) -> None:
    folder, board = reported(ranked(tmp_path, phases=(Phase.AFTER,), results=WON))
    assert any("no answers from before" in line for line in board.shows)
    assert any("judged alone" in line for line in board.shows)
    assert "| tiny | – | 66.7 %" in (folder / "board.md").read_text()  # noqa: RUF001  # a dash


def test_no_readable_verdict_is_no_rate(tmp_path: Path) -> None:
    _, board = reported(ranked(tmp_path, phases=BOTH, results=[Result.UNREADABLE] * 3))
    assert {row.better_rate for row in board.models} == {None}
    assert {row.tier for row in board.models} == {None}
    assert any("No verdict on tiny@after could be read" in line for line in board.shows)


def test_the_table_of_2024_is_there_where_the_study_asks_for_it(tmp_path: Path) -> None:
    run = ranked(tmp_path, phases=BOTH, results=WON)
    folder, plain = reported(run)
    assert "2024" not in (folder / "board.md").read_text()
    folder, beside = reported(run, STUDY.model_copy(update={"report": STUDY.report.model_copy(update={"published": True})}))  # fmt: skip
    assert len(beside.published) == 14
    assert beside.models == plain.models
    assert beside.findings == plain.findings
    stored = json.loads((folder / "board.json").read_text())
    assert {row["label"] for row in stored["published"]} == {"published 2024, not rerun"}


def test_a_run_that_an_older_version_ranked_is_refused_with_the_way_out(tmp_path: Path) -> None:
    run = ranked(tmp_path, phases=(Phase.AFTER,), results=[Result.WIN] * 3)
    (tmp_path / "rank" / "group-contrasts.parquet").unlink()
    with pytest.raises(RunFolderError, match=r"group-contrasts\.parquet: not there.*remove the folder"):  # fmt: skip
        report(context(STUDY, run, "report"))


def test_the_page_and_the_charts_are_the_same_bytes_but_for_what_the_clock_said(
    tmp_path: Path,
) -> None:
    run = ranked(tmp_path, phases=BOTH, results=WON)
    timed(run, 1.5)
    folder, _ = reported(run)
    page = (folder / "index.html").read_text()
    charts = {path.name: path.read_bytes() for path in (folder / "charts").iterdir()}
    assert {"forest.svg", "before-after.svg", "judges-lean.svg"} <= charts.keys()
    (folder / "charts" / "of-an-earlier-version.svg").write_text("old")
    timed(run, 2.5)
    folder, _ = reported(run)
    again = (folder / "index.html").read_text()
    assert again != page
    assert without_clock(again) == without_clock(page)
    assert {path.name: path.read_bytes() for path in (folder / "charts").iterdir()} == charts


def test_the_page_has_the_way_down_from_the_board_to_a_verdict(tmp_path: Path) -> None:
    folder, _ = reported(ranked(tmp_path, phases=BOTH, results=WON))
    page = (folder / "index.html").read_text()
    (place,) = set(re.findall(r'<th scope="row"><a href="#(m-[0-9a-f]+)">tiny \(after\)</a>', page))
    row = page.partition(f'<tr id="{place}">')[2].partition("</tr>")[0]
    assert "won 2" in row
    anchor = re.findall(r'class="eg" href="#(c-[0-9a-f]+)"', row)[0]
    shown = page.partition(f'<div id="{anchor}">')[2].partition("</details>")[0]
    assert "key_issues_to_review" in shown
    assert "<b>rubric</b>, answer shown first" in shown
