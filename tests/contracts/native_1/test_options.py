"""Options in the words of native-1."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullsmith.contracts.answers import SplitPart
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.native_1.wire import read_answer, write_answer
from pullsmith.contracts.options import as_asked
from pullsmith.errors import AnswerError
from pullsmith.records import PromptOptions
from tests.contracts.builders import REVIEW, free_texts, pull_request, task_of

NATIVE = find_contract("native-1")
SWITCHES = (
    "require_effort", "require_score", "require_tests", "require_security", "require_can_be_split",
)  # fmt: skip
ALL_ON = PromptOptions.model_validate(dict.fromkeys(SWITCHES, True))
FULL = REVIEW.model_copy(
    update={
        "score": 80,
        "can_be_split": (SplitPart(relevant_files=("a: b.py", "new.py"), title="Retry"),),
    }
)


def system(tool: str, **options: object) -> str:
    task = task_of(tool, pull_request())
    asked = replace(task, options=PromptOptions.model_validate(options))
    return NATIVE.messages(asked)[0].content


@pytest.mark.parametrize("on", list(product((False, True), repeat=len(SWITCHES))))
def test_fields_explanation_example_and_answer_follow_the_switches(on: tuple[bool, ...]) -> None:
    options = PromptOptions.model_validate(dict(zip(SWITCHES, on, strict=True)))
    text = system("review", **options.model_dump())
    example = re.findall(r"```yaml\n(.*?)\n```", text, re.DOTALL)[0]
    assert write_answer(read_answer("review", example, options), options) == example
    fields = re.findall(r"^- (\S+): ", text, re.MULTILINE)
    assert fields == re.findall(r"^  ([^ :]+):", example, re.MULTILINE)
    value = as_asked(FULL, options)
    assert read_answer("review", write_answer(value, options), options) == value
    if value != FULL:
        with pytest.raises(AnswerError, match="extra_field"):
            write_answer(FULL, options)
        with pytest.raises(AnswerError, match="missing_field"):
            read_answer("review", write_answer(value, options), ALL_ON)


@pytest.mark.parametrize("tool", ["describe", "review", "improve"])
def test_every_option_that_it_speaks_changes_the_system_message_and_no_other_does(
    tool: str,
) -> None:
    changed = {
        "extra_instructions": "Look at locks.", "response_language": "German", "max_findings": 1,
        "focus_only_on_problems": False, "max_suggestions": 2,
        **{name: not PromptOptions.model_fields[name].default for name in SWITCHES},
    }  # fmt: skip
    assert set(changed) == set(PromptOptions.model_fields)
    plain = system(tool)
    found = {name for name, value in changed.items() if system(tool, **{name: value}) != plain}
    assert found == NATIVE.speaks(tool)


def test_a_prompt_may_ask_for_more_and_for_fewer_than_three_findings() -> None:
    issue = REVIEW.issues[0]
    five = REVIEW.model_copy(update={"key_issues_to_review": (issue,) * 5})
    asked = PromptOptions(max_findings=5)
    text = write_answer(five, asked)
    assert read_answer("review", text, asked) == five
    for most in (3, 4):
        with pytest.raises(AnswerError, match="too_many: key_issues_to_review: 5"):
            read_answer("review", text, PromptOptions(max_findings=most))
    assert "at most 5 problems that" in system("review", max_findings=5)


def test_numbers_are_said_in_grammar() -> None:
    assert "at most 1 problem that" in system("review", max_findings=1)
    assert "at most 2 problems that" in system("review", max_findings=2)
    assert "at most 1 suggestion, the" in system("improve", max_suggestions=1)


@pytest.mark.parametrize("tool", ["describe", "review", "improve"])
def test_the_users_words_stand_before_the_example(tool: str) -> None:
    text = system(tool, extra_instructions=" Mind the locks.\n", response_language="Greek")
    assert "\n======\nMind the locks.\n======\n\nAn answer looks like this:\n" in text
    assert "in this language: Greek." in text


@settings(max_examples=60)
@given(free_texts | st.text("=\n a", max_size=30))
def test_no_instruction_ends_its_place_by_itself(text: str) -> None:
    said = system("review", extra_instructions=text)
    if not text.strip():
        assert said == system("review")
        return
    fence = re.findall("^(={6,})$", said, re.MULTILINE)
    longest = max(fence, key=len)
    assert fence.count(longest) == 2
    assert f"\n{longest}\n{text.strip()}\n{longest}\n" in said
