"""The judge stage over a run folder: the rubric, and a language model behind the door."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pullsmith.judge.stage import judge_cell, run
from pullsmith.llm.protocol import Model, Request
from pullsmith.llm.rubric import RubricModel
from pullsmith.llm.scripted import ScriptedModel, Turn
from pullsmith.records import Answer, Phase, Prompt, PullRequest, Result, Verdict, repair_id
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study
from pullsmith.study.roles import JudgeRole
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
)

DEFECTIVE, CLEAN = pull_request(defect=DEFECT), pull_request("clean")
LLM = "http://127.0.0.1:1/v1#judge"
GOOD = "why: so\nscore_response1: 6\nscore_response2: 6\nwhich_response_was_better: 1\n"


def run_folder(folder: Path, *, differ: bool = False) -> RunFolder:
    """Two students' phases and a silent reference; on the clean one they say the same unless they ``differ``."""
    run_ = RunFolder(folder)
    store(run_, "split", PullRequest, [DEFECTIVE, CLEAN])
    store(run_, "render", Prompt, [prompt(r, "review") for r in (DEFECTIVE, CLEAN)])
    before = [answer(r, None, phase=Phase.BEFORE) for r in (DEFECTIVE, CLEAN)]
    after = [
        answer(DEFECTIVE, review(issue()), phase=Phase.AFTER),
        answer(CLEAN, review(issue(kind="Other")) if differ else review(), phase=Phase.AFTER),
    ]
    store(run_, "respond", Answer, before + after, "tiny")
    silent = [answer(r, review(), model="rules") for r in (DEFECTIVE, CLEAN)]
    store(run_, "respond", Answer, silent, "rules")
    return run_


def silent_first(request: Request) -> bool:
    """Whether the judge sees the silent answer to the defective pull request first."""
    text = request.messages[1].content
    first = text.partition("END response 1")[0]
    return DEFECT.header in text and DEFECT.header not in first


def judged(run_: RunFolder, made: Study) -> list[Verdict]:
    result = run(context(made, run_, "judge", "tiny"))
    finish(run_, "judge", "tiny", result.tally)
    return list(run_.job(JobKey("judge", "tiny")).read(Verdict))


def test_every_entrant_meets_the_reference_in_both_orders(tmp_path: Path) -> None:
    made = judged(run_folder(tmp_path), study())
    results = Counter((v.candidate, v.pull_request_id, v.result, v.by_rule) for v in made)
    assert results == {
        ("tiny@before", DEFECTIVE.id, Result.LOSS, "candidate_invalid"): 2,
        ("tiny@before", CLEAN.id, Result.LOSS, "candidate_invalid"): 2,
        ("tiny@after", DEFECTIVE.id, Result.WIN, ""): 2,
        ("tiny@after", CLEAN.id, Result.TIE, "equal_answers"): 2,
    }


def test_of_a_mended_answer_the_mended_one_is_judged_once(tmp_path: Path) -> None:
    run_ = run_folder(tmp_path)
    firsts = [answer(r, None, phase=Phase.AFTER) for r in (DEFECTIVE, CLEAN)]
    mended = answer(DEFECTIVE, review(issue()), phase=Phase.AFTER).model_copy(
        update={"id": repair_id(firsts[0].id), "parent_answer": firsts[0].id}
    )
    failed = firsts[1].model_copy(
        update={"id": repair_id(firsts[1].id), "parent_answer": firsts[1].id}
    )
    look = mended.model_copy(
        update={"id": "look", "tool": "reflect", "prompt_id": f"{CLEAN.id}#reflect/native-1/0"}
    )
    store(run_, "respond", Answer, [*firsts, mended, failed, look], "tiny")
    results = Counter((v.pull_request_id, v.result, v.by_rule) for v in judged(run_, study()))
    assert results == {
        (DEFECTIVE.id, Result.WIN, ""): 2,
        (CLEAN.id, Result.LOSS, "candidate_invalid"): 2,
    }
    assert not list(run_.job(JobKey("judge", "tiny")).drops())


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        judged(run_folder(tmp_path / name), study())
    one, two = (
        (tmp_path / name / "judge" / "tiny" / "rows-00000.parquet").read_bytes()
        for name in ("one", "two")
    )
    assert one == two


def test_judges_are_asked_through_the_journal_and_kept_apart(tmp_path: Path) -> None:
    run_ = run_folder(tmp_path, differ=True)
    made = study(judge=[{"model": LLM}])  # rubric judges beside it without being named
    model = ScriptedModel(lambda request: Turn("Hm." if silent_first(request) else GOOD))

    def opener(role: JudgeRole) -> Model:
        return model if role.model == LLM else RubricModel()

    result = judge_cell(context(made, run_, "judge", "tiny"), opener)
    finish(run_, "judge", "tiny", result.tally)
    rows = list(run_.job(JobKey("judge", "tiny")).read(Verdict))
    assert Counter((v.judge, v.result) for v in rows if v.candidate == "tiny@after") == {
        ("rubric", Result.WIN): 2,
        ("rubric", Result.LOSS): 2,  # it reports something on a clean one
        (LLM, Result.WIN): 2,
        (LLM, Result.LOSS): 1,
        (LLM, Result.UNREADABLE): 1,
    }
    assert model.closed
    asked = len(model.asked)
    again = judge_cell(context(made, run_, "judge", "tiny"), opener)
    assert len(model.asked) == asked
    assert again.tally == result.tally


def test_tasks_without_a_partner_are_counted_and_kept(tmp_path: Path) -> None:
    run_ = run_folder(tmp_path)
    store(run_, "respond", Answer, [answer(CLEAN, review(), model="rules")], "rules")
    result = run(context(study(), run_, "judge", "tiny"))
    assert result.tally.model_dump(exclude={"steps"}) == {
        "records_in": 4,
        "records_out": 2,
        "dropped": {"no_reference_answer": 2},
        "rows": 4,
    }
    drops = list(run_.job(JobKey("judge", "tiny")).drops())
    assert len({drop.id for drop in drops}) == 2
