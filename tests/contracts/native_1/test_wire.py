"""Answers of native-1 on the wire."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from pullsmith.contracts.answers import AnswerValue, Review, tool_of
from pullsmith.contracts.canonical import value_tree
from pullsmith.contracts.native_1.wire import WIRE_EFFORT, read_answer, write_answer
from pullsmith.contracts.yaml_read import read_yaml
from pullsmith.contracts.yaml_write import write_yaml
from pullsmith.errors import AnswerError
from tests.contracts.builders import DESCRIBE, IMPROVE, REVIEW, SILENT, SPOT, VALUES, values

TOOLS = ("describe", "review", "improve", "reflect")


def reason_of(tool: str, text: str) -> str:
    with pytest.raises(AnswerError) as caught:
        read_answer(tool, text)
    return caught.value.reason


@settings(max_examples=50)
@given(values)
def test_what_is_written_is_read_back(value: AnswerValue) -> None:
    text = write_answer(value)
    assert read_answer(tool_of(value), text) == value
    assert read_answer(tool_of(value), f"```yaml\n{text}\n```\n") == value


def field_paths(tree: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield (*path, key)
            yield from field_paths(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from field_paths(value, (*path, index))


def without(tree: Any, path: tuple[str | int, ...]) -> Any:
    tree = copy.deepcopy(tree)
    at = tree
    for part in path[:-1]:
        at = at[part]
    del at[path[-1]]
    return tree


OMISSIONS = [
    (tool, path)
    for tool in TOOLS
    for path in field_paths(read_yaml(write_answer(VALUES[tool])))
    if path[-1] != "changes_summary"
]


@pytest.mark.parametrize(("tool", "path"), OMISSIONS)
def test_every_single_omission_is_refused(tool: str, path: tuple[str | int, ...]) -> None:
    tree = read_yaml(write_answer(VALUES[tool]))
    assert reason_of(tool, write_yaml(without(tree, path))) == "missing_field"


def test_the_omissions_cover_every_field() -> None:
    # describe 4 + 3 a file, review 1 + 4 + 5 an issue, improve 1 + 7 a suggestion, reflect 1 + 6.
    assert len(OMISSIONS) == (4 + 3 * 2) + (1 + 4 + 5) + (1 + 7 * 2) + (1 + 6 * 2)


def test_only_the_summary_of_a_file_may_be_left_out() -> None:
    tree = read_yaml(write_answer(DESCRIBE))
    read = read_answer("describe", write_yaml(without(tree, ("pr_files", 0, "changes_summary"))))
    assert value_tree(read)["pr_files"] == value_tree(DESCRIBE)["pr_files"] or read != DESCRIBE
    assert read != DESCRIBE


def test_pr_agents_shape() -> None:
    # What PR-Agent does with an answer: a safe load, then these keys.
    review = yaml.safe_load(write_answer(REVIEW))
    assert list(review) == ["review"]
    assert list(review["review"]) == [
        "estimated_effort_to_review_[1-5]", "relevant_tests", "key_issues_to_review", "security_concerns",
    ]  # fmt: skip
    assert review["review"]["key_issues_to_review"][0]["start_line"] == 12
    described = yaml.safe_load(write_answer(DESCRIBE))
    assert list(described) == ["type", "description", "title", "pr_files"]
    assert list(described["pr_files"][0]) == [
        "filename", "changes_summary", "changes_title", "label",
    ]  # fmt: skip
    improved = yaml.safe_load(write_answer(IMPROVE))
    assert improved["code_suggestions"][0]["existing_code"].startswith("        answer")


@pytest.mark.parametrize("effort", ["2", "|\n    2", '"2"', "'2'", "|-\n    2"])
def test_the_effort_may_be_a_text_of_one_digit(effort: str) -> None:
    text = write_answer(REVIEW).replace(f"{WIRE_EFFORT}: 2", f"{WIRE_EFFORT}: {effort}")
    assert read_answer("review", text) == REVIEW


@pytest.mark.parametrize(
    ("effort", "reason"),
    [("6", "out_of_range"), ('"6"', "out_of_range"), ("2.0", "wrong_type"), ('"2, easy"', "wrong_type"),
     ("yes", "wrong_type"), ("[2]", "wrong_type"), ('"٢"', "wrong_type")],
)  # fmt: skip
def test_no_other_effort_is_taken(effort: str, reason: str) -> None:
    text = write_answer(REVIEW).replace(f"{WIRE_EFFORT}: 2", f"{WIRE_EFFORT}: {effort}")
    assert reason_of("review", text) == reason


def test_numbers_and_texts_are_not_mistaken_for_each_other() -> None:
    text = write_answer(REVIEW)
    assert reason_of("review", text.replace("start_line: 12", "start_line: '12'")) == "wrong_type"
    assert reason_of("review", text.replace("  relevant_tests: |\n    no", "  relevant_tests: no")) == "wrong_type"  # fmt: skip
    assert read_answer("review", text.replace("  relevant_tests: |\n    no", "  relevant_tests: 'no'")) == REVIEW  # fmt: skip


def test_fences_are_tolerated_and_nothing_else_around_the_answer() -> None:
    text = write_answer(SILENT["improve"])
    for good in (
        text,
        f"{text}\n```",
        f"```yaml\n{text}\n```",
        f"\n```yml\n{text}\n```\n \n",
        f"\n\n{text}\n",
    ):
        assert read_answer("improve", good) == SILENT["improve"]
    for bad in (
        f"```yaml\n{text}",
        f"Here you are:\n{text}",
        f"```yaml\n{text}\n```\nBye!",
        f"```json\n{text}\n```",
    ):
        assert reason_of("improve", bad) in ("not_yaml", "extra_field", "wrong_type")


def test_a_review_is_nested_and_alone() -> None:
    inner = write_yaml(value_tree(REVIEW))
    assert reason_of("review", inner) == "missing_field"
    assert reason_of("review", write_answer(REVIEW) + "\nscore: 3") == "extra_field"
    assert reason_of("review", "review: fine") == "wrong_type"
    assert reason_of("review", "- review") == "wrong_type"
    plain_name = write_answer(REVIEW).replace(WIRE_EFFORT, "estimated_effort_to_review")
    assert reason_of("review", plain_name) == "extra_field"


def test_an_answer_to_another_tool_is_refused() -> None:
    assert reason_of("describe", write_answer(IMPROVE)) in ("missing_field", "extra_field")


def test_what_has_no_form_is_not_written() -> None:
    with pytest.raises(AnswerError, match="no form for spot"):
        write_answer(SPOT)
    half = Review.model_construct(**{**dict(REVIEW), "relevant_tests": "\ud800"})
    with pytest.raises(AnswerError, match="not_writable"):
        write_answer(half)
