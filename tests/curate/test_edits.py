"""Edits: what can be kept becomes a target, and every fault stands at its line."""

from __future__ import annotations

import pytest

from pullsmith.contracts.answers import AnswerValue, Improve, Review
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN
from pullsmith.curate.edits import LONGEST_EDIT, Editor
from tests.clean.made import PULL_REQUEST, improve, prompt, review

TWO = Improve(
    code_suggestions=(
        *improve("a = 1", "a = 2").code_suggestions,
        *improve("b = 2", "b = 3").code_suggestions,
    )
)


def editor(tool: str, contract: str = "native-1") -> Editor:
    return Editor(Task.of(prompt(tool, contract), PULL_REQUEST), find_contract(contract), BUILT_IN)


@pytest.mark.parametrize("contract", ["native-1", "compact-1"])
@pytest.mark.parametrize("value", [review(2), TWO, improve("b = 2", "b = 3")])
def test_what_is_written_is_read_again_in_every_contract(value: AnswerValue, contract: str) -> None:
    edit = editor("review" if isinstance(value, Review) else "improve", contract)
    target, faults = edit.read(canonical_yaml(value))
    assert faults == []
    assert canonical_yaml(edit.contract.parse(edit.task, target)) == canonical_yaml(value)


def at(text: str, fragment: str) -> int:
    """The line of the first of ``text`` that has ``fragment``."""
    return next(n for n, line in enumerate(text.split("\n"), 1) if fragment in line)


REVIEW, IMPROVE = canonical_yaml(review(2)), canonical_yaml(TWO)
GONE = IMPROVE.replace("    b = 2", "    c = 2")


@pytest.mark.parametrize(
    ("tool", "text", "flag", "line"),
    [
        ("review", REVIEW.replace("relevant_tests: ", "relevant_tests "), "not_yaml", 4),
        ("review", "", "not_yaml", 1),
        ("review", "- a list", "wrong_type", 1),
        ("review", REVIEW + "\nscore: 101", "out_of_range", at(REVIEW, "security_concerns") + 2),
        ("review", REVIEW + "\nmood: good", "extra_field", at(REVIEW, "security_concerns") + 2),
        ("review", REVIEW.replace("end_line: 2", "end_line: two"), "wrong_type", at(REVIEW, "end_line")),
        ("review", REVIEW.replace("  end_line: 2", ""), "missing_field", at(REVIEW, "- relevant_file")),
        ("review", REVIEW.replace("start_line: 2", "start_line: 7"), "lines_reversed", at(REVIEW, "- relevant_file")),
        ("review", REVIEW.replace("app/a.py", "app/b.py"), "file_not_shown", at(REVIEW, "- relevant_file")),
        ("improve", GONE, "quote_not_found", 0),
        ("improve", IMPROVE.replace("    b = 3", "    b = 2"), "no_op", 0),
        ("improve", IMPROVE + "\nx: \x00", "not_yaml", 1),
        ("improve", "a: &x [1]\nb: *x", "alias", 1),
        ("improve", "a: 1\n? [b]\n: 2", "wrong_type", 1),
        ("improve", "\ud800", "not_yaml", 1),
        ("improve", "x" * (LONGEST_EDIT + 1), "too_long", 1),
        ("improve", "a: !!python/object:os.system x", "tag", 1),
        ("improve", "[" * 100_000, "too_deep", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("contract", ["native-1", "compact-1"])
def test_every_fault_has_its_line(
    tool: str, text: str, flag: str, line: int, contract: str
) -> None:
    target, faults = editor(tool, contract).read(text)
    assert target == ""
    assert flag in [fault.flag for fault in faults], faults
    found = next(fault for fault in faults if fault.flag == flag)
    # Of the two suggestions the second is the one that is broken, where no line is given.
    second = [n for n, each in enumerate(text.split("\n"), 1) if each.startswith("- ")][-1:]
    assert found.line == (line or second[0]), faults


def test_all_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = REVIEW.replace("end_line: 2", "end_line: two") + "\nmood: good\nscore: 200"
    _, faults = editor("review").read(text)
    assert [fault.flag for fault in faults] == ["wrong_type", "extra_field", "out_of_range"]
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)


def test_of_two_that_say_the_same_the_second_is_at_fault() -> None:
    twice = Improve(code_suggestions=improve("b = 2", "b = 3").code_suggestions * 2)
    text = canonical_yaml(twice)
    (fault,) = editor("improve").read(text)[1]
    assert fault.flag == "duplicate_suggestion"
    assert fault.line == [n for n, each in enumerate(text.split("\n"), 1) if each[:2] == "- "][1]


def test_a_text_longer_than_any_reader_needs_is_a_fault_at_its_field() -> None:
    long = review(2).model_copy(update={"security_concerns": "word " * 400})
    text = canonical_yaml(long)
    (fault,) = editor("review").read(text)[1]
    assert (fault.flag, fault.line) == ("too_long", at(text, "security_concerns"))


def test_what_the_contract_cannot_say_is_told_in_its_name() -> None:
    value = review(2).model_copy(update={"score": 50})
    target, faults = editor("review", "compact-1").read(canonical_yaml(value))
    assert target == ""
    assert [(fault.flag, fault.message.partition(":")[0]) for fault in faults] == [
        ("extra_field", "compact-1")
    ]
