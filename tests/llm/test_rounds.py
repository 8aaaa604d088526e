"""Follow-up rounds: what is asked after an answer, what stays, and what each answer says of the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.tools import BUILT_IN
from pullsmith.errors import OutsideError, StudyError
from pullsmith.llm.asking import Entrant, answers_to
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Journal
from pullsmith.llm.protocol import Fault, Request
from pullsmith.llm.rounds import Followed, Rounds, check_second_looks
from pullsmith.llm.scripted import ScriptedModel, Turn
from pullsmith.records import Answer, Outcome, Prompt, repair_id
from pullsmith.rows import read_rows, write_sorted
from pullsmith.study.roles import StudentRole, TeacherRole
from tests.judged import study
from tests.llm.pulls import PATH, planted, prompt

PULLS = [planted(name="a1"), planted(None, name="b2")]
REVIEW = """review:
  estimated_effort_to_review_[1-5]: 1
  relevant_tests: 'No'
  key_issues_to_review: []
  security_concerns: 'No'
"""
SUGGESTION = f"""- relevant_file: {PATH}
  language: python
  existing_code: |
    path = find(path)
  suggestion_content: |
    {{why}}
  improved_code: |
    path = {{word}}(path)
  one_sentence_summary: |
    Use {{word}}
  label: possible bug
"""
IMPROVE = "code_suggestions:\n" + "".join(
    SUGGESTION.format(word=word, why=f"Because of {word}.") for word in ("seek", "look")
)
NOTHING = "code_suggestions: []\n"
BAD = "code_suggestions: [never closed"


def looks(*scores: int, words: tuple[str, ...] = ("seek", "look")) -> str:
    """A second look at IMPROVE's suggestions."""
    each = (
        f"- suggestion_summary: |\n    Use {word}\n  relevant_file: {PATH}\n"
        f"  relevant_lines_start: 5\n  relevant_lines_end: 5\n  suggestion_score: {score}\n"
        "  why: |\n    It may be.\n"
        for word, score in zip(words, scores, strict=True)
    )
    return "code_suggestions:\n" + "".join(each)


def kind(request: Request) -> str:
    """What a request asks: a tool, and whether once more."""
    system = request.messages[0].content
    tool = next(
        name
        for name, words in {
            "reflect": "suggestion_score", "improve": "improved_code", "review": "key_issues",
        }.items()
        if words in system
    )  # fmt: skip
    return tool + "+" * (len(request.messages) == 4)


def saying(**texts: str) -> Callable[[Request], Turn]:
    """Says what it is told to say to each kind of request; ``reflect_again`` is to reflect+."""
    said = {name.replace("_again", "+"): text for name, text in texts.items()}
    return lambda request: Turn(said[kind(request)])


def asked(
    folder: Path, script: Callable[[Request], Turn], *tools: str, **settings: object
) -> tuple[list[Answer], Followed, ScriptedModel]:
    """All answers, by id, of a model that goes through the rounds of ``settings``."""
    model = ScriptedModel(script)
    role = TeacherRole.model_validate({"model": "scripted:x", "concurrency": 1, **settings})
    entrant = Entrant(role, model)
    prompts = [prompt(pull, tool) for pull in PULLS for tool in tools]
    pulls = {pull.id: pull for pull in PULLS}
    door = Door(folder / "j")
    first = folder / "0.parquet"
    answers = answers_to(entrant, prompts, pulls, door=door)
    write_sorted(first, Answer, answers)
    rounds = Rounds({p.id: p for p in prompts}, pulls, door, find_contract, BUILT_IN, folder)
    followed = rounds.after(entrant, first)
    rows = [row for path in followed.paths for row in read_rows(path, Answer)]
    return sorted(rows, key=lambda row: row.id), followed, model


def one(answers: list[Answer], tool: str, *, mends: bool = False, pull: int = 0) -> Answer:
    (found,) = (
        each
        for each in answers
        if (each.tool, each.mends, each.pull_request_id) == (tool, mends, PULLS[pull].id)
    )
    return found


def test_a_refused_answer_is_asked_once_more_with_what_is_wrong_and_both_stay(
    tmp_path: Path,
) -> None:
    wrong = REVIEW.replace("'No'\n  key", "5\n  key").replace(": 1", ": 9")
    script = saying(review=wrong, review_again=REVIEW)
    rows, followed, model = asked(tmp_path, script, "review", repair=True)
    first, second = one(rows, "review"), one(rows, "review", mends=True)
    assert (first.outcome, first.text) == (Outcome.UNREADABLE, wrong)
    assert (second.outcome, second.text) == (Outcome.OK, REVIEW)
    assert second.id == repair_id(first.id)
    assert (second.parent_answer, second.prompt_id) == (first.id, first.prompt_id)
    *before, answered, told = model.asked[-1].messages
    assert tuple(before) == prompt(PULLS[1], "review").messages
    assert (answered.role, answered.content) == ("assistant", wrong)
    assert told.role == "user"
    for words in ("estimated_effort_to_review", "relevant_tests", "a number cannot be that"):
        assert words in told.content  # every fault, not the first alone
    assert "more)" not in told.content
    assert followed.asked == 2
    assert (followed.measured["repairs_asked"], followed.measured["repairs_mended"]) == (2, 2)


def test_it_is_asked_once_only_and_valid_answers_and_failed_calls_are_not(tmp_path: Path) -> None:
    def script(request: Request) -> Turn:
        if PULLS[0].files[0].patch.split("\n")[1].removeprefix("+") not in str(request.messages):
            raise AssertionError(request)
        if "is None" in str(request.messages):  # the second pull request
            return Turn("I will not", outcome=Outcome.REFUSED)
        return Turn(BAD)

    rows, followed, _ = asked(tmp_path, script, "review", repair=True)
    assert Counter((row.outcome, row.mends) for row in rows) == {
        (Outcome.UNREADABLE, False): 1, (Outcome.UNREADABLE, True): 1, (Outcome.REFUSED, False): 1,
    }  # fmt: skip
    assert (followed.asked, followed.measured["repairs_mended"]) == (1, 0)


def test_without_the_settings_nothing_is_asked(tmp_path: Path) -> None:
    rows, followed, model = asked(
        tmp_path, saying(review=BAD, improve=IMPROVE), "review", "improve"
    )
    assert (len(rows), len(model.asked), followed.asked) == (4, 4, 0)
    assert followed.paths == [tmp_path / "0.parquet"]
    assert all(row.reflect_score is None for row in rows)


def test_suggestions_are_looked_at_again_and_the_scores_stand_beside_them(tmp_path: Path) -> None:
    script = saying(review=REVIEW, improve=IMPROVE, reflect=looks(8, 3))
    rows, followed, model = asked(tmp_path, script, "review", "improve", reflect=True)
    improve, look = one(rows, "improve"), one(rows, "reflect")
    assert (improve.suggestion_scores, improve.reflect_score) == ((8, 3), 3.0)
    assert (look.parent_answer, look.mends) == (improve.id, False)
    assert look.id.partition("~")[0] == f"{PULLS[0].id}#reflect/native-1/0"
    assert look.grounding_faults == ()
    assert "Because of seek." in model.asked[-1].messages[1].content
    assert followed.asked == followed.measured["reflections_scored"] == 2
    assert one(rows, "review").reflect_score is None


def test_nothing_suggested_or_nothing_readable_is_not_looked_at(tmp_path: Path) -> None:
    def script(request: Request) -> Turn:
        assert kind(request) == "improve"
        return Turn(NOTHING if "is None" in str(request.messages) else BAD)

    rows, followed, _ = asked(tmp_path, script, "improve", reflect=True)
    assert (len(rows), followed.asked) == (2, 0)


@pytest.mark.parametrize(
    ("text", "fault"),
    [(looks(8, words=("seek",)), "other_count"), (looks(8, 3, words=("look", "seek")), "other_suggestion")],
)  # fmt: skip
def test_a_look_that_is_about_something_else_scores_nothing(
    tmp_path: Path, text: str, fault: str
) -> None:
    rows, _, _ = asked(tmp_path, saying(improve=IMPROVE, reflect=text), "improve", reflect=True)
    assert one(rows, "improve").suggestion_scores == ()
    assert one(rows, "improve").reflect_score is None
    look = one(rows, "reflect")
    assert look.outcome is Outcome.OK
    assert look.grounding_faults[0].startswith(fault)


def test_a_repaired_answer_is_looked_at_and_a_refused_look_is_repaired(tmp_path: Path) -> None:
    script = saying(improve=BAD, improve_again=IMPROVE, reflect=BAD, reflect_again=looks(9, 7))
    rows, followed, model = asked(tmp_path, script, "improve", repair=True, reflect=True)
    mended, refused = one(rows, "improve", mends=True), one(rows, "reflect")
    look = one(rows, "reflect", mends=True)
    assert one(rows, "improve").suggestion_scores == ()
    assert mended.suggestion_scores == (9, 7)
    assert (refused.parent_answer, look.parent_answer) == (mended.id, refused.id)
    assert look.prompt_id == refused.prompt_id
    assert followed.asked == 6
    assert len(model.asked) == len(rows) == 8
    assert followed.measured["repairs_mended"] == 4


def test_a_run_that_is_stopped_between_rounds_asks_nothing_twice(tmp_path: Path) -> None:
    script = saying(improve=BAD, improve_again=IMPROVE, reflect=BAD, reflect_again=looks(9, 7))
    (tmp_path / "whole").mkdir()
    whole, _, _ = asked(tmp_path / "whole", script, "improve", repair=True, reflect=True)
    seen: Counter[str] = Counter()
    for stops_at in range(1, 10):

        def dying(request: Request, stops_at: int = stops_at) -> Turn:
            if seen.total() == stops_at:
                return Turn(fault=Fault.WRONG_KEY)
            seen[request.key] += 1
            return script(request)

        try:
            rows, _, _ = asked(tmp_path, dying, "improve", repair=True, reflect=True)
        except OutsideError:
            continue
    assert rows == whole
    assert set(seen.values()) == {1}
    assert seen.total() == 8
    with Journal(tmp_path / "j") as journal:
        assert sum(spent.answers for spent in journal.spending().values()) == 8


def test_the_budget_caps_follow_ups(tmp_path: Path) -> None:
    model = ScriptedModel(saying(review=BAD, review_again=REVIEW))
    settings = {"model": "scripted:x", "repair": True, "concurrency": 1, "max_tokens": 100}
    role = TeacherRole.model_validate({**settings, "price": {"input": 0, "output": 1000}})
    prompts: list[Prompt] = [prompt(PULLS[0], "review")]
    pulls = {pull.id: pull for pull in PULLS}
    # 100 tokens at $1000 a million: $0.1 an answer at most; the first costs a little of it.
    door = Door(tmp_path / "j", budget_usd=0.101)
    entrant = Entrant(role, model)
    write_sorted(tmp_path / "0.parquet", Answer, answers_to(entrant, prompts, pulls, door=door))
    rounds = Rounds({p.id: p for p in prompts}, pulls, door, find_contract, BUILT_IN, tmp_path)
    with pytest.raises(StudyError, match="budget_usd"):
        rounds.after(entrant, tmp_path / "0.parquet")
    assert len(model.asked) == 1


def test_a_contract_without_a_second_look_is_refused_before_anything_is_asked() -> None:
    teacher = {"model": "scripted:x", "contract": "compact-1", "reflect": True}
    collect = {"sources": [{"planted": "stdlib", "count": 5}]}
    with pytest.raises(StudyError, match=r"scripted:x: reflect = true, and compact-1 has no"):
        check_second_looks(study(collect=collect, teacher=[teacher]), find_contract)
    teacher["contract"] = "native-1"
    check_second_looks(study(collect=collect, teacher=[teacher]), find_contract)


@pytest.mark.parametrize("setting", ["repair", "reflect"])
def test_who_is_no_language_model_cannot_be_asked_again(setting: str) -> None:
    with pytest.raises(ValueError, match=f"{setting} of rules: there is no language model"):
        TeacherRole.model_validate({"model": "rules", setting: True})
    assert not getattr(TeacherRole(model="rules"), setting)


def test_a_student_that_learns_to_reflect_needs_a_teacher_that_does() -> None:
    student = StudentRole(model="tiny", reflect=True).model_dump(mode="json", exclude_defaults=True)
    collect = {"sources": [{"planted": "stdlib", "count": 5}]}
    teacher = {"model": "openai:x", "training": "allowed"}
    with pytest.raises(ValueError, match="nobody shows it how"):
        study(collect=collect, student=[student], teacher=[teacher])
    study(collect=collect, student=[student], teacher=[{**teacher, "reflect": True}])
