"""Our YAML as it is read: nothing loose is let in."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given

from pullsmith.contracts.yaml_read import read_yaml
from pullsmith.contracts.yaml_write import write_yaml
from pullsmith.errors import AnswerError
from tests.contracts.builders import free_texts


def reason_of(text: str) -> str:
    with pytest.raises(AnswerError) as caught:
        read_yaml(text)
    return caught.value.reason


@pytest.mark.parametrize("text", ["bool: yes", "null: ~", "float: 1.5", "int: 017", "int: 1:30",
                                  "date: 2024-01-01", "empty:", "big: 99999999999999999999"])  # fmt: skip
def test_what_yaml_reads_as_something_else_is_refused(text: str) -> None:
    assert reason_of(text) == "wrong_type"
    key, _, value = text.partition(":")
    assert read_yaml(f'{key}: "{value.strip()}"') == {key: value.strip()}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x b\nc: *x", "alias"),
        ("a: *x", "alias"),
        ("a: !!python/object/apply:os.system [ls]", "tag"),
        ("a: !x b", "tag"),
        ("a: 1\na: 2", "duplicate_key"),
        ("a:\n- b: 1\n  b: 1", "duplicate_key"),
        ("? [a]\n: b", "wrong_type"),
        ("&k a: b", "wrong_type"),
        ("a: b\n---\nc: d", "not_one_document"),
        ("a: b: c", "not_yaml"),
        ("", "not_yaml"),
        ("# only a remark", "not_yaml"),
        ("a:\n\t- b", "not_yaml"),
        ("a: \x00", "not_yaml"),
        ("a: \ud800", "not_yaml"),
        ("\ufeffa: b", "not_yaml"),
        ("a: " + "[" * 9 + "]" * 9, "too_deep"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    assert reason_of(text) == reason


def test_a_billion_laughs_and_deep_nests_cost_nothing() -> None:
    laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
    assert reason_of(laughs) == "alias"
    assert reason_of("a: " + "[" * 200_000) == "too_deep"
    assert reason_of("x" * 4_000_001) == "too_long"


def test_a_long_line_is_read() -> None:
    tree = {"title": "x" * 100_000, "label": "y: " * 50_000}
    assert read_yaml(write_yaml(tree)) == tree


@pytest.mark.parametrize(
    ("header", "text"), [("|", "x"), ("|-", "x"), ("|+", "x\n\n"), ("|2+", "x\n\n"), (">", "x")]
)
def test_the_line_break_that_ends_a_block_belongs_to_it_only_if_it_says_so(
    header: str, text: str
) -> None:
    assert read_yaml(f"a: {header}\n  x\n\nb: 1") == {"a": text, "b": 1}


@given(free_texts)
def test_nothing_but_our_own_error_comes_out(text: str) -> None:
    with contextlib.suppress(AnswerError):
        read_yaml(text)
