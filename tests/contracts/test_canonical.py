"""Canonical forms of answers, and the reasons a tree is refused for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pullsmith.contracts.answers import AnswerValue, tool_of
from pullsmith.contracts.canonical import (
    build_value,
    canonical_yaml,
    value_from_json,
    value_json,
    value_tree,
)
from pullsmith.contracts.yaml_read import read_yaml
from pullsmith.errors import AnswerError
from pullsmith.records import MOST_FINDINGS
from tests.contracts.builders import IMPROVE, REVIEW, VALUES, values


@settings(max_examples=30)
@given(values)
def test_json_gives_the_value_back(value: AnswerValue) -> None:
    assert value_from_json(tool_of(value), value_json(value)) == value


@settings(max_examples=30)
@given(values)
def test_yaml_says_the_whole_value(value: AnswerValue) -> None:
    tree = read_yaml(canonical_yaml(value))
    assert isinstance(tree, dict)
    assert build_value(tool_of(value), tree) == value


def test_the_style_of_a_review() -> None:
    assert canonical_yaml(REVIEW) == (
        "estimated_effort_to_review: 2\n"
        "relevant_tests: |\n  no\n"
        "key_issues_to_review:\n"
        "- relevant_file: src/upload.py\n"
        "  issue_header: |\n    Magic number\n"
        "  issue_content: |\n    Five: why?\n    Nobody says.\n"
        "  start_line: 12\n"
        "  end_line: 13\n"
        "security_concerns: |\n  No"
    )


def test_json_has_sorted_keys_and_no_unset_fields() -> None:
    text = value_json(VALUES["describe"])
    assert text.startswith('{"description":')
    assert "null" not in text


def test_the_shared_values_are_every_tools() -> None:
    assert [tool_of(value) for value in VALUES.values()] == list(VALUES)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("estimated_effort_to_review", 6, "out_of_range"),
        ("estimated_effort_to_review", "2", "wrong_type"),
        ("estimated_effort_to_review", True, "wrong_type"),
        ("relevant_tests", " \n", "blank_field"),
        ("relevant_tests", 1, "wrong_type"),
        ("key_issues_to_review", "none", "wrong_type"),
        ("key_issues_to_review", [value_tree(REVIEW)], "missing_field"),
        ("extra", "x", "extra_field"),
    ],
)
def test_why_a_review_is_refused(field: str, value: object, reason: str) -> None:
    good = value_tree(REVIEW)
    assert build_value("review", good) == REVIEW
    with pytest.raises(AnswerError) as caught:
        build_value("review", {**good, field: value})
    assert caught.value.reason == reason
    assert field in caught.value.detail


def test_more_than_an_answer_can_hold_is_refused() -> None:
    issues = list(value_tree(REVIEW)["key_issues_to_review"])  # type: ignore[arg-type]
    good = {**value_tree(REVIEW), "key_issues_to_review": issues * MOST_FINDINGS}
    build_value("review", good)
    with pytest.raises(AnswerError, match="too_many: key_issues_to_review"):
        build_value("review", {**good, "key_issues_to_review": issues * (MOST_FINDINGS + 1)})


def test_an_unknown_type_and_an_empty_list_of_types_are_refused() -> None:
    good = value_tree(VALUES["describe"])
    with pytest.raises(AnswerError, match=r"unknown_value: type\.0"):
        build_value("describe", {**good, "type": ["Feature"]})
    with pytest.raises(AnswerError, match="too_few: type"):
        build_value("describe", {**good, "type": []})


def test_json_that_is_none_is_refused() -> None:
    with pytest.raises(AnswerError, match="wrong_type"):
        value_from_json("improve", "{")
    assert value_from_json("improve", value_json(IMPROVE)) == IMPROVE
