"""The rank stage over a run folder: three tables, and the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.rank.stage import CONTRASTS_FILE, GROUPS_FILE, METRICS_FILE, STATISTICS_FILE, run
from pullsmith.records import (
    Answer,
    Claim,
    Contrast,
    GroupContrast,
    Metric,
    Phase,
    Prompt,
    PullRequest,
    Rating,
    Result,
    Statistic,
    Verdict,
    repair_id,
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
    told_of = {"tiny@after": pytest.approx(2 / 3), "tiny@before": 0, "rules": 0}
    for where in ("planted", "planted:kind:none_comparison"):  # all of one kind, and one language
        named_recall = [m for m in metrics if (m.name, m.slice) == ("planted_recall", where)]
        assert {m.entrant: m.value for m in named_recall} == told_of
    assert not any(m.slice.startswith("planted:language") for m in metrics)
    contrasts = list(read_rows(tmp_path / "rank" / CONTRASTS_FILE, Contrast))
    assert {c.name for c in contrasts} == {"better_rate", "planted_recall"}
    told = list(read_rows(tmp_path / "rank" / STATISTICS_FILE, Statistic))
    named = {(s.name, s.entrant): s.value for s in told}
    assert named["control_rate", "control:reference"] == 0.5
    assert named["unreadable_rate", ""] == 0
    assert ("strength", "tiny@after") in named
    groups = list(read_rows(tmp_path / "rank" / GROUPS_FILE, GroupContrast))
    assert {(row.claim, row.subject, row.reference) for row in groups} == {
        (Claim.FINE_TUNING, "tiny", "rules")
    }
    for rows in (metrics, contrasts, told, groups):
        ids = [row.id for row in rows]
        assert ids == sorted(set(ids))


def test_validity_is_of_first_answers_and_all_else_of_those_that_count(tmp_path: Path) -> None:
    run_ = RunFolder(tmp_path)
    store(run_, "split", PullRequest, REQUESTS)
    store(run_, "render", Prompt, [prompt(r, "review") for r in REQUESTS])
    firsts = [answer(REQUESTS[0], review(issue())), *(answer(r, None) for r in REQUESTS[1:])]
    mended = [
        answer(REQUESTS[1], review(issue())).model_copy(
            update={"id": repair_id(firsts[1].id), "parent_answer": firsts[1].id}
        ),
        firsts[2].model_copy(update={"id": repair_id(firsts[2].id), "parent_answer": firsts[2].id}),
    ]
    look = firsts[0].model_copy(update={"id": "look", "tool": "reflect", "parent_answer": "x"})
    store(run_, "respond", Answer, [*firsts, *mended, look], "tiny")
    store(run_, "respond", Answer, [answer(r, review(), model="rules") for r in REQUESTS], "rules")
    store(
        run_,
        "judge",
        Verdict,
        [verdict(r.id, Result.LOSS, candidate="tiny") for r in REQUESTS],
        "tiny",
    )
    student = [{"model": "tiny", "repair": True}]
    made = study(baselines=False, student=student, judging={"controls": 0})
    run(context(made, run_, "rank"))
    metrics = list(read_rows(tmp_path / "rank" / METRICS_FILE, Metric))
    mine = {
        m.name: (m.value, m.count)
        for m in metrics
        if (m.entrant, m.tool, m.slice) == ("tiny", "review", "planted")
    }
    for name, valid in (
        ("valid_rate", 1), ("lenient_rate", 1), ("repaired_rate", 2), ("grounded_rate", 2),
        ("planted_recall", 2),
    ):  # fmt: skip
        value, count = mine[name]
        assert value == pytest.approx(valid / 3), name
        assert count == 3
    assert not any(m.name == "repaired_rate" for m in metrics if m.entrant == "rules")
    assert {m.tool for m in metrics} == {"all", "review"}


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    names = ("rows-00000.parquet", METRICS_FILE, CONTRASTS_FILE, STATISTICS_FILE, GROUPS_FILE)
    one, two = (ranked(tmp_path / name).job(JobKey("rank")).path for name in ("a", "b"))
    assert [(one / n).read_bytes() for n in names] == [(two / n).read_bytes() for n in names]
