"""What options mean for an answer, whatever the words."""

from __future__ import annotations

import pytest

from pullsmith.contracts.answers import AnswerValue, Review, SplitPart
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.grounding import grounding_faults
from pullsmith.contracts.options import DEFAULTS, as_asked, check_asked, spoken
from pullsmith.errors import AnswerError
from pullsmith.records import PromptOptions
from tests.contracts.builders import DESCRIBE, IMPROVE, REVIEW, pull_request, shown_whole, task_of

SPLIT = (SplitPart(relevant_files=("src/upload.py", "new.py"), title="Retry uploads"),)
FULL = REVIEW.model_copy(update={"score": 80, "can_be_split": SPLIT})
SWITCHES = {
    "require_effort": "estimated_effort_to_review",
    "require_score": "score",
    "require_tests": "relevant_tests",
    "require_security": "security_concerns",
    "require_can_be_split": "can_be_split",
}
ALL_ON = PromptOptions.model_validate(dict.fromkeys(SWITCHES, True))


def reason(value: AnswerValue, options: PromptOptions) -> str:
    with pytest.raises(AnswerError) as caught:
        check_asked(value, options)
    return caught.value.reason


@pytest.mark.parametrize(("option", "field"), SWITCHES.items())
def test_a_field_is_there_exactly_where_it_is_asked_for(option: str, field: str) -> None:
    check_asked(FULL, ALL_ON)
    off = ALL_ON.model_copy(update={option: False})
    without = FULL.model_copy(update={field: None})
    check_asked(without, off)
    assert reason(FULL, off) == "extra_field"
    assert reason(without, ALL_ON) == "missing_field"
    assert as_asked(FULL, off) == without


def test_a_list_is_no_longer_than_asked_for() -> None:
    issue = REVIEW.issues[0]
    two = REVIEW.model_copy(
        update={"key_issues_to_review": (issue, issue.model_copy(update={"start_line": 11}))}
    )
    one = PromptOptions(max_findings=1, max_suggestions=1)
    check_asked(two, DEFAULTS)
    check_asked(REVIEW, one)
    assert reason(two, one) == "too_many"
    assert as_asked(two, one) == REVIEW
    assert reason(IMPROVE, one) == "too_many"
    check_asked(as_asked(IMPROVE, one), one)


def test_what_has_no_switch_is_as_it_is() -> None:
    check_asked(DESCRIBE, ALL_ON)
    assert as_asked(DESCRIBE, ALL_ON) is DESCRIBE


def test_what_a_contract_cannot_say_is_asked_as_by_default() -> None:
    options = PromptOptions(max_findings=1, response_language="French", require_score=True)
    assert spoken(options, frozenset()) == DEFAULTS
    assert spoken(options, frozenset({"max_findings"})) == PromptOptions(max_findings=1)
    assert spoken(options, find_contract("native-1").speaks("review")) == options
    assert spoken(options, find_contract("native-1").speaks("describe")) == PromptOptions(
        response_language="French"
    )
    assert find_contract("compact-1").speaks("review") == frozenset()


def test_compact_1_says_the_default_fields_and_no_other() -> None:
    task = task_of("review", pull_request())
    for value, code in ((FULL, "extra_field"), (Review(key_issues_to_review=()), "missing_field")):
        with pytest.raises(AnswerError, match=code):
            find_contract("compact-1").write(task, value)


def test_compact_1_holds_three_findings_and_four_suggestions() -> None:
    issue, suggestion = REVIEW.issues[0], IMPROVE.code_suggestions[0]
    contract = find_contract("compact-1")
    for tool, field, item, value, most in (
        ("review", "key_issues_to_review", issue, REVIEW, 3),
        ("improve", "code_suggestions", suggestion, IMPROVE, 4),
    ):
        task = task_of(tool, pull_request())
        text = contract.write(task, value.model_copy(update={field: (item,) * most}))
        with pytest.raises(AnswerError, match="too_many"):
            contract.write(task, value.model_copy(update={field: (item,) * (most + 1)}))
        first = text[text.index("kind: ") : text.index("kind: ", 1)]
        with pytest.raises(AnswerError, match="too_many"):
            contract.parse(task, first + text)


def test_a_part_names_files_that_were_shown() -> None:
    shown = shown_whole(pull_request())
    assert grounding_faults(FULL, shown) == ()
    lost = SplitPart(relevant_files=("lost.py",), title="Lost")
    faults = grounding_faults(FULL.model_copy(update={"can_be_split": (*SPLIT, lost)}), shown)
    assert faults == ("file_not_shown: lost.py",)
