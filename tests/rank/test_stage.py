"""The rank stage over a run folder: three tables, and the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.rank.stage import CONTRASTS_FILE, METRICS_FILE, STATISTICS_FILE, run
from pullsmith.records import (
    Answer,
    Contrast,
    Metric,
    Phase,
    Prompt,
    PullRequest,
    Rating,
    Result,
    Statistic,
    Verdict,
)
from pullsmith.rows import read_rows
from pullsmith.store import JobKey, RunFolder
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

REQUESTS = [pull_request(f"bad{n}", defect=DEFECT) for n in range(3)]
STUDY = study(baselines=False)


def ranked(folder: Path) -> RunFolder:
    run_ = RunFolder(folder)
    store(run_, "split", PullRequest, REQUESTS)
    store(run_, "render", Prompt, [prompt(r, "review") for r in REQUESTS])
    before = [answer(r, None, phase=Phase.BEFORE) for r in REQUESTS]
    after = [
        answer(r, review(issue()) if n else review(), phase=Phase.AFTER)
        for n, r in enumerate(REQUESTS)
    ]
    store(run_, "respond", Answer, [*before, *after], "tiny")
    store(run_, "respond", Answer, [answer(r, review(), model="rules") for r in REQUESTS], "rules")
    verdicts = [verdict(r.id, Result.LOSS, candidate="tiny@before") for r in REQUESTS]
    verdicts += [verdict(r.id, Result.WIN if n else Result.TIE) for n, r in enumerate(REQUESTS)]
    store(run_, "judge", Verdict, verdicts, "tiny")
    controls = [
        verdict(r.id, Result.TIE, candidate="control:reference", judge="rubric") for r in REQUESTS
    ]
    store(run_, "judge", Verdict, controls, "controls")
    result = run(context(STUDY, run_, "rank"))
    assert result.tally.records_in == result.tally.records_out == 9
    finish(run_, "rank", None, result.tally)
    return run_


def test_ratings_metrics_and_contrasts_are_written(tmp_path: Path) -> None:
    run_ = ranked(tmp_path)
    rates = {
        (r.entrant, r.judge, r.tool, r.slice): r.better_rate for r in run_.read("rank", Rating)
    }
    assert rates["tiny@after", "all", "all", "all"] == pytest.approx(2 / 3)
    assert rates["tiny@before", "rubric", "review", "planted"] == 0
    metrics = list(read_rows(tmp_path / "rank" / METRICS_FILE, Metric))
    recall = {m.entrant: m.value for m in metrics if m.name == "planted_recall"}
    assert recall == {"tiny@after": pytest.approx(2 / 3), "tiny@before": 0, "rules": 0}
    contrasts = list(read_rows(tmp_path / "rank" / CONTRASTS_FILE, Contrast))
    assert {c.name for c in contrasts} == {"better_rate", "planted_recall"}
    told = list(read_rows(tmp_path / "rank" / STATISTICS_FILE, Statistic))
    named = {(s.name, s.entrant): s.value for s in told}
    assert named["control_rate", "control:reference"] == 0.5
    assert named["unreadable_rate", ""] == 0
    assert ("strength", "tiny@after") in named
    for rows in (metrics, contrasts, told):
        ids = [row.id for row in rows]
        assert ids == sorted(set(ids))


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    names = ("rows-00000.parquet", METRICS_FILE, CONTRASTS_FILE, STATISTICS_FILE)
    one, two = (ranked(tmp_path / name).job(JobKey("rank")).path for name in ("a", "b"))
    assert [(one / n).read_bytes() for n in names] == [(two / n).read_bytes() for n in names]
