"""What a form has a place for, what is looked up, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pullsmith.contracts.answers import AnswerValue, Improve, Reflect, Reflection
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.fields import LANGUAGE, LINES, PLAIN_FIELDS, check_fields, fitted
from pullsmith.contracts.native_1.wire import FIELDS, read_answer
from pullsmith.errors import AnswerError
from tests.contracts.builders import DESCRIBE, IMPROVE, REVIEW, VALUES, pull_request, task_of

TASK = task_of("improve", pull_request())
NATIVE = find_contract("native-1")
FULL = (LANGUAGE, *LINES)


def test_the_shared_values_have_no_field_out_of_place() -> None:
    for tool, value in VALUES.items():
        check_fields(value, PLAIN_FIELDS[tool])


def test_the_first_field_out_of_place_is_named() -> None:
    value = REVIEW.model_copy(update={"possible_issues": "No", "effort_reason": "Short."})
    with pytest.raises(AnswerError, match="extra_field: effort_reason"):
        check_fields(value, PLAIN_FIELDS["review"])
    check_fields(value, {*PLAIN_FIELDS["review"], "possible_issues", "effort_reason"})


def test_languages_and_lines_are_looked_up_and_left_out() -> None:
    described = fitted(DESCRIBE, TASK, FULL)
    assert [file.language for file in described.pr_files] == ["python", "python"]  # type: ignore[attr-defined]
    assert fitted(described, TASK, ()) == DESCRIBE
    assert fitted(described, TASK, FULL) == described
    improved = fitted(IMPROVE, TASK, FULL)
    assert isinstance(improved, Improve)
    lines = [(s.relevant_lines_start, s.relevant_lines_end) for s in improved.code_suggestions]
    assert lines == [(12, 13), (2, 2)]
    assert fitted(improved, TASK, ()) == IMPROVE


def test_the_lines_of_a_reflection_are_those_of_its_suggestion() -> None:
    plain = Reflect(
        code_suggestions=tuple(
            Reflection(
                suggestion_summary=each.one_sentence_summary,
                relevant_file=each.relevant_file,
                suggestion_score=7,
                why="Right.",
            )
            for each in IMPROVE.code_suggestions
        )
    )
    full = fitted(plain, replace(TASK, about=IMPROVE), FULL)
    assert isinstance(full, Reflect)
    assert [each.relevant_lines_end for each in full.code_suggestions] == [13, 2]
    assert fitted(full, replace(TASK, about=IMPROVE), ()) == plain
    assert fitted(plain, TASK, FULL) == plain  # nobody knows what it is about
    assert fitted(full, TASK, ()) == full


@pytest.mark.parametrize("name", ["native-1", "compact-1"])
def test_what_says_something_else_than_the_diff_is_kept_and_refused(name: str) -> None:
    first, second = IMPROVE.code_suggestions
    other = first.model_copy(update={"relevant_lines_start": 1, "relevant_lines_end": 1})
    value = Improve(code_suggestions=(other, second))
    assert fitted(value, TASK, ()) == value
    with pytest.raises(
        AnswerError, match=r"extra_field: code_suggestions\.0\.relevant_lines_start"
    ):
        find_contract(name).write(TASK, value)


@pytest.mark.parametrize(
    ("tool", "more"),
    [
        ("describe", "changes_diagram: x"),
        ("describe", "labels: [x]"),
        ("review", "  possible_issues: x"),
        ("review", "  todo_sections: []"),
        ("review", "  ticket_compliance_check: []"),
        ("improve", "  relevant_lines_start: 1"),
    ],
)
def test_native_1_reads_no_field_of_another_version(tool: str, more: str) -> None:
    text = NATIVE.write(task_of(tool, pull_request()), VALUES[tool])
    assert read_answer(tool, text) == VALUES[tool]
    with pytest.raises(AnswerError, match="extra_field"):
        read_answer(tool, f"{text}\n{more}")


@pytest.mark.parametrize("tool", sorted(FIELDS))
def test_native_1_writes_what_it_reads(tool: str) -> None:
    task = task_of(tool, pull_request())
    value: AnswerValue = fitted(VALUES[tool], task, FULL)
    assert NATIVE.write(task, value) == NATIVE.write(task, VALUES[tool])
