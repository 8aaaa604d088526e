"""What is shown of single comparisons, out of a run's records; and how much room it may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.records import Answer, Order, Phase, Prompt, PullRequest, Result, Verdict
from pullsmith.report.exhibits import sample
from pullsmith.report.sample import Ending
from pullsmith.store import RunFolder
from tests.judged import (
    DEFECT,
    answer,
    issue,
    prompt,
    pull_request,
    review,
    store,
    study,
    verdict,
)

STUDY = study(baselines=False)
BAD, CLEAN = pull_request("bad", defect=DEFECT), pull_request("clean")
REQUESTS = [BAD, CLEAN, pull_request("real", source="git")]


def made(folder: Path, *, judged: bool = True) -> RunFolder:
    run = RunFolder(folder)
    store(run, "split", PullRequest, REQUESTS)
    store(run, "render", Prompt, [prompt(each, "review") for each in REQUESTS])
    mine = {
        (each.id, phase): answer(each, None if each is CLEAN else review(issue()), phase=phase)
        for each in REQUESTS
        for phase in (Phase.BEFORE, Phase.AFTER)
    }
    theirs = {each.id: answer(each, review(), model="rules") for each in REQUESTS}
    store(run, "respond", Answer, list(mine.values()), "tiny")
    store(run, "respond", Answer, list(theirs.values()), "rules")
    verdicts = [
        verdict(name, Result.WIN if "bad" in name else Result.LOSS, candidate=f"tiny@{phase}", order=order).model_copy(
            update={
                "candidate_answer_id": one.id, "reference_answer_id": theirs[name].id, "why": f"Because of {name}.",
                "by_rule": "" if one.value_json else "candidate_invalid", "candidate_score": 7.0, "reference_score": 4.5,
            }
        )
        for (name, phase), one in mine.items()
        for order in Order
    ]  # fmt: skip
    if judged:
        store(run, "judge", Verdict, verdicts, "tiny")
    return run


def test_a_comparison_has_both_answers_and_every_verdict_with_its_reason(tmp_path: Path) -> None:
    found = sample(STUDY, made(tmp_path))
    assert (found.shown, found.every, found.reference) == (6, 6, "rules")
    by_id = {each.pull_request_id: each for each in found.exhibits}
    exhibit = by_id[BAD.id]
    assert exhibit.truth == f"Planted defect: {DEFECT.header}, at app/load.py:2; no model was told"
    (task,) = exhibit.tasks
    assert task.diff.lines[0] == "## File: 'app/load.py'"
    assert " 2 +    if path == None:" in task.diff.lines
    assert "key_issues_to_review: []" in task.answer.cut.lines
    after, before = task.compared
    assert (after.candidate, after.ending, after.summary) == ("tiny@after", Ending.WON, "2 verdicts: 2 won")  # fmt: skip
    assert any(DEFECT.header in line for line in after.answer.cut.lines)
    assert [(one.place, one.result, one.scores, one.why) for one in after.said] == [
        ("first", "win", "7 : 4.5", f"Because of {BAD.id}."),
        ("second", "win", "7 : 4.5", f"Because of {BAD.id}."),
    ]
    assert after.anchor != before.anchor


def test_an_invalid_answer_is_shown_as_it_came_with_its_fault(tmp_path: Path) -> None:
    found = sample(STUDY, made(tmp_path))
    (exhibit,) = (each for each in found.exhibits if each.pull_request_id == CLEAN.id)
    assert exhibit.truth == "No defect was planted: to claim nothing is right"
    one = exhibit.tasks[0].compared[0]
    assert one.ending is Ending.INVALID
    assert one.answer.cut.lines == ("…",)
    assert one.answer.note == "does not follow its contract: not_yaml: …; as it came"


def test_a_real_pull_request_has_no_known_truth(tmp_path: Path) -> None:
    found = sample(STUDY, made(tmp_path))
    (exhibit,) = (each for each in found.exhibits if "real" in each.pull_request_id)
    assert exhibit.truth == ""
    assert exhibit.origin == "Real, of stdlib; 1 file, +2 -1"


def test_what_has_no_room_is_left_out_and_counted(tmp_path: Path) -> None:
    run = made(tmp_path)
    sizes = [sample(STUDY, run, most_bytes=size).shown for size in (0, 5_000, 9_000, 100_000)]
    assert sizes[0] == 0
    assert sizes == sorted(sizes)
    assert sizes[1] in (1, 2)
    assert sizes[-1] == 6
    assert sample(STUDY, run, most_bytes=5_000).every == 6


@pytest.mark.parametrize(
    ("judged", "gone", "said"),
    [(False, "", "nothing was judged"), (True, "split", "the records of split are not here")],
)
def test_without_records_it_says_so(tmp_path: Path, judged: bool, gone: str, said: str) -> None:
    run = made(tmp_path, judged=judged)
    if gone:
        (tmp_path / gone / "manifest.json").unlink()
    found = sample(STUDY, run)
    assert (found.exhibits, found.missing) == ((), said)


def test_an_answer_that_is_not_here_is_said_and_a_change_that_is_not_is_left_out(
    tmp_path: Path,
) -> None:
    run = made(tmp_path)
    store(run, "respond", Answer, [], "rules")
    store(run, "split", PullRequest, [BAD])
    found = sample(STUDY, run)
    assert [each.pull_request_id for each in found.exhibits] == [BAD.id]
    assert found.exhibits[0].tasks[0].answer.note == "the answer is not among the records here"
    assert (found.shown, found.every) == (2, 6)


def test_a_cell_that_is_not_done_is_not_shown(tmp_path: Path) -> None:
    run = made(tmp_path)
    more = study(baselines=False, student=[{"model": "tiny"}, {"model": "tiny", "name": "later"}])
    assert sample(more, run) == sample(STUDY, run)
