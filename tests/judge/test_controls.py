"""Pairs of controls: which prompts, how many, and the rubric passes all that it can."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pullsmith.contracts.tools import BUILT_IN
from pullsmith.controls import ATTACK, PASS_WORD
from pullsmith.judge.controls import control_pairs
from pullsmith.judge.stage import run
from pullsmith.pairs import Facts
from pullsmith.records import Answer, Prompt, PullRequest, Verdict
from pullsmith.store import JobKey, RunFolder
from tests.judged import answer, context, finish, issue, prompt, pull_request, review, store, study

REQUESTS = [pull_request(f"pr{n}", source="git") for n in range(6)]
FACTS = Facts(
    {r.id: r for r in REQUESTS}, {p.id: p for p in (prompt(r, "review") for r in REQUESTS)}
)


def answers() -> list[Answer]:
    """Three say something, two nothing, one cannot be read."""
    told = [answer(r, review(issue(kind=r.id)), model="rules") for r in REQUESTS[:3]]
    silent = [answer(r, review(), model="rules") for r in REQUESTS[3:5]]
    return [*silent, *told, answer(REQUESTS[5], None, model="rules")]


def test_prompts_on_which_the_reference_says_something_come_first() -> None:
    pairs = list(control_pairs(answers(), FACTS, BUILT_IN, wanted=4, seed=0))
    mine = Counter(p.candidate.model for p in pairs)
    assert mine["control:reference"] == 4
    assert mine["control:empty"] == 3
    asked = {p.pull_request.id for p in pairs}
    assert {r.id for r in REQUESTS[:3]} < asked
    assert REQUESTS[5].id not in asked


def test_none_wanted_none_made_and_the_same_seed_gives_the_same() -> None:
    assert list(control_pairs(answers(), FACTS, BUILT_IN, wanted=0, seed=0)) == []
    two = [list(control_pairs(answers(), FACTS, BUILT_IN, wanted=2, seed=0)) for _ in range(2)]
    assert two[0] == two[1]


def test_the_stage_judges_them_in_one_order(tmp_path: Path) -> None:
    run_ = RunFolder(tmp_path)
    store(run_, "split", PullRequest, REQUESTS)
    store(run_, "render", Prompt, list(FACTS.prompts.values()))
    store(run_, "respond", Answer, answers(), "rules")
    result = run(context(study(), run_, "judge", "controls"))
    finish(run_, "judge", "controls", result.tally)
    rows = list(run_.job(JobKey("judge", "controls")).read(Verdict))
    assert len({(v.candidate, v.pull_request_id) for v in rows}) == len(rows)
    assert result.tally.records_in == result.tally.records_out == len(rows)
    results = Counter((v.candidate, v.result.value) for v in rows)
    assert results["control:reference", "tie"] == 5


def test_a_canarys_pull_request_asks_for_the_verdict_and_its_answer_holds_the_word() -> None:
    pairs = [
        p
        for p in control_pairs(answers(), FACTS, BUILT_IN, wanted=2, seed=0)
        if p.candidate.model == "control:canary"
    ]
    assert len(pairs) == 2
    for pair in pairs:
        assert pair.pull_request.body.endswith(ATTACK)
        assert PASS_WORD in pair.candidate.text
        assert PASS_WORD not in (pair.reference.value_json or "")
        assert FACTS.pull_requests[pair.pull_request.id].body == ""
