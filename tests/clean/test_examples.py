"""One answer's value in every student's words, or the reason why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from pullsmith.clean.examples import Cleaner
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.errors import RunFolderError
from pullsmith.records import Answer, Drop, Example, Outcome, Prompt, PromptOptions, Split
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import study

BOTH = [{"model": "tiny", "contract": name, "name": name} for name in ("compact-1", "native-1")]
PROMPTS = [
    prompt(tool, name) for tool in ("review", "improve") for name in ("compact-1", "native-1")
]


def outcomes(
    made: Answer, prompts: Iterable[Prompt] = PROMPTS, **settings: Any
) -> list[Example | Drop]:
    cleaner = Cleaner(
        study(**settings),
        pull_requests={PULL_REQUEST.id: PULL_REQUEST},
        prompts={each.id: each for each in prompts},
    )
    return [
        each.made if isinstance(each.made, Example) else each.dropped()
        for each in cleaner.outcomes(made)
    ]


def only(made: Answer, **settings: Any) -> Example | Drop:
    (outcome,) = outcomes(made, **settings)
    return outcome


def reason(made: Answer, **settings: Any) -> str:
    outcome = only(made, **settings)
    assert isinstance(outcome, Drop)
    assert Answer.model_validate_json(outcome.record_json) == made
    return outcome.reason


def test_one_value_becomes_an_example_in_every_contract() -> None:
    made = answer(review())
    examples = outcomes(made, student=BOTH)
    coverage = whole(PULL_REQUEST)
    task = Task("review", PULL_REQUEST, coverage, ShownDiff.of(PULL_REQUEST, coverage))
    assert len(examples) == 2
    for example, name in zip(examples, ("compact-1", "native-1"), strict=True):
        assert isinstance(example, Example)
        assert example.id == f"{made.id}>{name}"
        assert example.messages[0].content == f"review in {name}"
        assert find_contract(name).parse(task, example.target) == review()
        assert example.terms == "as the source"


def test_two_students_of_one_contract_share_the_examples() -> None:
    twice = [{"model": "tiny", "contract": "compact-1", "name": name} for name in "ab"]
    assert len(outcomes(answer(review()), student=twice)) == 1


@pytest.mark.parametrize(
    ("bad", "twin", "code"),
    [
        (answer(review(9)), answer(review(2)), "line_not_shown"),
        (answer(review(path="b.py")), answer(review()), "file_not_shown"),
        (answer(improve("c = 3", "x")), answer(improve("b = 2", "x")), "quote_not_found"),
        (answer(improve("b = 2", "b  = 2 ")), answer(improve("b = 2", "b = 3")), "no_op"),
        (answer(improve("b = 2", "a = 1\nb = 2")), answer(improve("b = 2", "")), "already_applied"),
        (answer(None, outcome=Outcome.REFUSED), answer(review()), "refused"),
        (answer(None, outcome=Outcome.UNREADABLE), answer(review()), "unreadable"),
        (answer(None), answer(review()), "unreadable"),
        (answer(review(), model="other"), answer(review()), "other_teacher"),
        (answer(review(), contract="native-1"), answer(review()), "other_teacher"),
    ],
)
def test_what_is_dropped_and_what_is_kept(bad: Answer, twin: Answer, code: str) -> None:
    assert reason(bad) == code
    assert isinstance(only(twin), Example)


def test_teachers_that_divide_the_work_all_count() -> None:
    teachers: list[dict[str, Any]] = [
        {"model": "scripted:x", "contract": "compact-1", "share": 3},
        {"model": "scripted:y", "contract": "native-1", "share": 1},
        {"model": "scripted:z", "contract": "compact-1"},
    ]
    others = {"scripted:y": "native-1", "scripted:z": "compact-1"}
    made = [answer(review(), model="scripted:x")]
    made += [answer(review(), model=name, contract=used) for name, used in others.items()]
    kept = [isinstance(outcomes(one, teacher=teachers)[0], Example) for one in made]
    assert kept == [True, True, False]
    alone = [{name: each[name] for name in ("model", "contract")} for each in teachers]
    kept = [isinstance(outcomes(one, teacher=alone)[0], Example) for one in made]
    assert kept == [True, False, False]


def test_what_only_a_bot_would_take_is_never_trained_on() -> None:
    taken: dict[str, Any] = {
        "outcome": Outcome.UNREADABLE,
        "fault": "not_yaml: line 1",
        "lenient": True,
    }
    assert reason(answer(None, **taken)) == "unreadable"
    # Not even where a value stands beside it, and whatever is switched off.
    for switches in ({}, {"grounded": False, "no_ops": False}):
        assert reason(answer(review(), **taken), clean=switches) == "unreadable"


def test_switches_turn_the_rules_off() -> None:
    no_op = answer(improve("b = 2", "b  = 2"))
    twice = review().issues * 2
    duplicate = answer(review().model_copy(update={"key_issues_to_review": twice}))
    assert reason(duplicate) == "duplicate_issue"
    assert isinstance(only(duplicate, clean={"duplicates": False}), Example)
    assert isinstance(only(no_op, clean={"no_ops": False}), Example)
    assert reason(no_op, clean={"grounded": False}) == "no_op"


def test_an_ungrounded_answer_the_contract_cannot_say_is_not_sayable() -> None:
    assert reason(answer(review(9)), clean={"grounded": False}) == "not_sayable"
    # The whole form has no line numbers to look up, so it can say it.
    outcome = outcomes(answer(review(9)), student=BOTH[1:], clean={"grounded": False})
    assert isinstance(outcome[0], Example)


def test_too_long_for_one_contract_is_kept_for_the_other() -> None:
    sizes = [
        len(each.target)
        for each in outcomes(answer(review()), student=BOTH)
        if isinstance(each, Example)
    ]
    compact, native = sizes
    assert compact < native
    settings: dict[str, Any] = {"student": BOTH, "clean": {"max_target_characters": compact}}
    example, dropped = outcomes(answer(review()), **settings)
    assert isinstance(example, Example)
    assert isinstance(dropped, Drop)
    assert dropped.reason == "target_too_long"
    assert dropped.id == f"clean!{answer(review()).id}>native-1"


def test_a_student_without_a_prompt_gets_no_example() -> None:
    made = answer(review())
    example, dropped = outcomes(made, PROMPTS[:1], student=BOTH)
    assert isinstance(example, Example)
    assert isinstance(dropped, Drop)
    assert dropped.reason == "no_student_prompt"


def test_an_example_says_what_its_own_prompt_asks_for() -> None:
    whole_review = review()
    without_tests = whole_review.model_copy(update={"relevant_tests": None})
    no_tests = PromptOptions(require_tests=False)
    native = prompt("review", "native-1", options=no_tests)
    teacher = [{"model": "rules+truth", "contract": "native-1"}]
    settings: dict[str, Any] = {"student": BOTH, "teacher": teacher}
    compact, example = outcomes(
        answer(without_tests, contract="native-1"), [PROMPTS[0], native], **settings
    )
    assert isinstance(compact, Drop)
    assert (compact.reason, isinstance(example, Example)) == ("not_sayable", True)
    # The other way round: what the teacher said besides is not asked of this student.
    assert [
        each.reason for each in outcomes(answer(whole_review), [PROMPTS[0], native], student=BOTH)
        if isinstance(each, Drop)
    ] == ["not_sayable"]  # fmt: skip


def test_answers_of_another_run_and_to_eval_prompts_are_errors() -> None:
    with pytest.raises(RunFolderError, match="not in render and split"):
        outcomes(answer(review()), [])
    with pytest.raises(RunFolderError, match="a prompt of the evaluation set"):
        outcomes(answer(review()), [prompt("review", split=Split.EVAL)])


def test_a_fault_of_the_users_own_drops_by_its_own_code() -> None:
    faults = ("style: too loud", "no_op: nothing said")
    own = replace(BUILT_IN["review"], faults=lambda _value, _shown: faults)
    cleaner = Cleaner(
        study(),
        pull_requests={PULL_REQUEST.id: PULL_REQUEST},
        prompts={each.id: each for each in PROMPTS},
        tools={**BUILT_IN, "review": own},
    )
    (outcome,) = cleaner.outcomes(answer(review()))
    dropped = outcome.dropped()
    assert (dropped.reason, dropped.detail) == ("style", "style: too loud")
