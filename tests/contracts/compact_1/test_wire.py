"""Answers of compact-1 on the wire: written, read back, and refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullsmith.contracts.answers import (
    AnswerValue,
    Describe,
    Improve,
    KeyIssue,
    Review,
    Suggestion,
    tool_of,
)
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.quoting import on_shown_lines
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import AnswerError
from tests.contracts.builders import (
    DESCRIBE,
    IMPROVE,
    REVIEW,
    SILENT,
    SPOT,
    VALUES,
    change,
    describes,
    free_texts,
    improves,
    pull_request,
    reviews,
    shown_whole,
    task_of,
    texts,
)

COMPACT = find_contract("compact-1")
SHOWN = shown_whole(pull_request())


def asked(shown: ShownDiff, tool: str = "review") -> Task:
    return task_of(tool, pull_request(), shown)


WIRE = {
    "describe": """\
type: Bug fix, Tests
title: Retry uploads
- Retries uploads
|   that hang
- Adds: notes
file: src/upload.py
change: Count tries
label: bug fix
summary: - Counts tries
| - Waits five seconds
file: new.py
change: Add constants
label: c# / other""",
    "review": """\
kind: Magic number
line: L3-L4
issue: Five: why?
| Nobody says.
effort: 2
tests: no
security: No""",
    "improve": """\
kind: Count before sending
line: L3-L4
+        tries += 1
+        answer = post(block, timeout=5)
why: Count first.
label: critical bug
kind: Remove it
line: L11
remove
why: Unused.
label: general
language: Python 3""",
    "spot": "kind: Magic number\nline: L3",
}


def reason_of(tool: str, text: str) -> str:
    with pytest.raises(AnswerError) as caught:
        COMPACT.parse(asked(SHOWN, tool), text)
    return caught.value.reason


def unwritable(value: AnswerValue) -> str:
    with pytest.raises(AnswerError) as caught:
        COMPACT.write(asked(SHOWN), value)
    return caught.value.reason


@pytest.mark.parametrize("tool", WIRE)
def test_the_form(tool: str) -> None:
    assert COMPACT.write(asked(SHOWN), VALUES[tool]) == WIRE[tool]
    assert COMPACT.parse(asked(SHOWN, tool), WIRE[tool]) == VALUES[tool]


def test_the_silent_form() -> None:
    assert COMPACT.write(asked(SHOWN), SILENT["review"]) == (
        "kind: nothing found\neffort: 2\ntests: no\nsecurity: No"
    )
    for tool in ("improve", "spot"):
        assert COMPACT.write(asked(SHOWN), SILENT[tool]) == "kind: nothing found"
    for tool, value in SILENT.items():
        assert COMPACT.parse(asked(SHOWN, tool), COMPACT.write(asked(SHOWN), value)) == value


def fields(text: str) -> list[str]:
    """The wire's fields: a line and those that go on with it; new code is one field."""
    found: list[str] = []
    for row in text.split("\n"):
        goes_on = row.startswith("| ") or (row.startswith("+") and found[-1].startswith("+"))
        if goes_on:
            found[-1] += f"\n{row}"
        else:
            found.append(row)
    return found


OMISSIONS = [
    (tool, index)
    for tool, text in WIRE.items()
    for index, field in enumerate(fields(text))
    if not field.startswith(("summary", "language", "- "))
]


@pytest.mark.parametrize(("tool", "index"), OMISSIONS)
def test_every_single_omission_is_refused(tool: str, index: int) -> None:
    left = fields(WIRE[tool])
    assert "\n".join(left) == WIRE[tool]
    gone = left.pop(index)
    # Without its "file" or "kind" line a block reads as part of the one before it.
    expected = {"missing_field", "extra_text"}
    assert reason_of(tool, "\n".join(left)) in expected, gone


def test_the_only_point_is_needed_too() -> None:
    one_point = "\n".join(f for f in fields(WIRE["describe"]) if not f.startswith("- "))
    assert reason_of("describe", one_point) == "missing_field"


def test_the_omissions_cover_every_field() -> None:
    # describe type, title, 3 a file; review 3 an issue and 3; improve 5 each; spot 2.
    assert len(OMISSIONS) == (2 + 3 * 2) + (3 + 3) + 5 * 2 + 2


@pytest.mark.parametrize("tool", WIRE)
def test_a_cut_answer_and_one_with_more_are_refused(tool: str) -> None:
    text = WIRE[tool]
    assert reason_of(tool, f"{text}\n") == "extra_text"
    assert reason_of(tool, f"{text}\nThat is all.") == "extra_text"
    assert reason_of(tool, f"Sure!\n{text}") == "missing_field"
    assert reason_of(tool, "") == "missing_field"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("L0", "bad_line"), ("3", "bad_line"), ("L3-4", "bad_line"), ("L3-L3", "bad_line"),
        ("L03", "bad_line"), ("L3 ", "bad_line"), ("", "bad_line"), ("L٣", "bad_line"),
        ("L4-L3", "line_not_shown"), ("L99", "line_not_shown"), ("L11-L12", "line_not_shown"),
        ("L9-L10", "lines_apart"),
    ],
)  # fmt: skip
def test_lines_that_are_no_place(line: str, reason: str) -> None:
    COMPACT.parse(
        asked(SHOWN, "spot"), "kind: x\nline: L10-L11"
    )  # two lines of one file are a place
    assert reason_of("spot", f"kind: x\nline: {line}") == reason


@pytest.mark.parametrize(
    ("tool", "old", "new", "reason"),
    [
        ("describe", "Bug fix, Tests", "Bug fix,Tests", "unknown_value"),
        ("describe", "title: Retry uploads", "title:  ", "blank_field"),
        ("describe", "file: new.py", "file: ", "blank_field"),
        ("review", "effort: 2", "effort: 6", "out_of_range"),
        ("review", "effort: 2", "effort: two", "out_of_range"),
        ("review", "effort: 2", "kind: nothing found\neffort: 2", "nothing_and_something"),
        ("review", "kind: Magic number", "kind: nothing found", "missing_field"),
        ("improve", "remove", "removed", "extra_text"),
        ("improve", "remove", "+", "blank_field"),
        ("improve", "Python 3", "python", "extra_text"),
        ("spot", "Magic number\nline: L3", "a\nline: L3\nkind: b\nline: L4", "too_many"),
        ("spot", "Magic", "\ud800", "not_text"),
    ],
)
def test_other_faults(tool: str, old: str, new: str, reason: str) -> None:
    assert old in WIRE[tool]
    assert reason_of(tool, WIRE[tool].replace(old, new)) == reason


def issue(**more: object) -> Review:
    changed = REVIEW.issues[0].model_copy(update=more)
    return REVIEW.model_copy(update={"key_issues_to_review": (changed,)})


def suggestion(**more: object) -> Improve:
    changed = IMPROVE.code_suggestions[0].model_copy(update=more)
    return Improve(code_suggestions=(changed,))


def described_file(**more: object) -> Describe:
    changed = DESCRIBE.pr_files[0].model_copy(update=more)
    return DESCRIBE.model_copy(update={"pr_files": (changed,)})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (issue(start_line=99, end_line=99), "line_not_shown"),
        (issue(start_line=13, end_line=12), "line_not_shown"),
        (issue(relevant_file="other.py"), "line_not_shown"),
        (issue(issue_header="nothing found"), "not_writable"),
        (suggestion(existing_code="answer = post(block, timeout=9)"), "quote_not_found"),
        (suggestion(existing_code="        answer = post(block)"), "quote_not_found"),
        (suggestion(relevant_file="new.py"), "quote_not_found"),
        (DESCRIBE.model_copy(update={"description": "Prose."}), "not_points"),
        (DESCRIBE.model_copy(update={"description": "- a\n- "}), "blank_field"),
        (DESCRIBE.model_copy(update={"pr_files": ()}), "not_writable"),
        (described_file(filename="a\nb.py"), "not_writable"),
        (AnswerValue(), "not_writable"),
    ],
)
def test_what_the_lines_cannot_say_is_not_written(value: AnswerValue, reason: str) -> None:
    assert unwritable(value) == reason


def test_a_quote_with_other_white_space_is_said_as_the_file_has_it() -> None:
    dedented = suggestion(
        existing_code="answer = post(block,  timeout=5)\ntries += 1",
        improved_code="tries += 1\n\nanswer = post(block, timeout=5)",
    )
    text = COMPACT.write(asked(SHOWN), dedented)
    assert "line: L3-L4\n+        tries += 1\n+\n+        answer = post" in text
    read = COMPACT.parse(asked(SHOWN, "improve"), text)
    assert isinstance(read, Improve)
    assert read.code_suggestions[0].existing_code == IMPROVE.code_suggestions[0].existing_code


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (described_file(language="rust"), "pr_files.0.language"),
        (DESCRIBE.model_copy(update={"labels": ("x",)}), "labels"),
        (REVIEW.model_copy(update={"possible_issues": "No"}), "possible_issues"),
        (REVIEW.model_copy(update={"todo_sections": ()}), "todo_sections"),
        (suggestion(relevant_lines_start=13, relevant_lines_end=13), "relevant_lines_start"),
    ],
)
def test_what_it_has_no_place_for_is_refused(value: AnswerValue, place: str) -> None:
    with pytest.raises(AnswerError, match=f"extra_field: .*{place}"):
        COMPACT.write(asked(SHOWN), value)


def test_what_the_diff_says_anyway_is_left_out() -> None:
    known = described_file(language="Python")
    assert COMPACT.write(asked(SHOWN), known) == COMPACT.write(asked(SHOWN), described_file())
    placed = suggestion(relevant_lines_start=12, relevant_lines_end=13)
    assert COMPACT.write(asked(SHOWN), placed) == COMPACT.write(asked(SHOWN), suggestion())


def test_more_issues_than_asked_for_are_not_read() -> None:
    kind, end = WIRE["review"].split("effort")
    three = "".join(kind.replace("number", f"number {n}") for n in range(3))
    COMPACT.parse(asked(SHOWN), f"{three}effort{end}")
    assert reason_of("review", f"{kind}{three}effort{end}") == "too_many"


def test_a_quote_that_stands_twice_is_taken_where_it_was_added() -> None:
    patch = "@@ -1,3 +1,4 @@\n x = 1\n y = 2\n+x = 1\n z = 3\n"
    shown = shown_whole(pull_request(change("a.py", patch)))
    value = suggestion(relevant_file="a.py", existing_code="x = 1")
    text = COMPACT.write(asked(shown), value)
    assert "line: L3\n" in text
    assert COMPACT.parse(asked(shown, "improve"), text) == value


def test_the_language_is_looked_up_only_where_the_file_has_one() -> None:
    shown = shown_whole(pull_request(change("a", "@@ -0,0 +1 @@\n+x = 1\n", language="")))
    value = suggestion(relevant_file="a", existing_code="x = 1")
    text = COMPACT.write(asked(shown), value)
    assert text.endswith("\nlanguage: python")
    with pytest.raises(AnswerError, match=r"blank_field: code_suggestions\.0\.language"):
        COMPACT.parse(asked(shown, "improve"), text.removesuffix("\nlanguage: python"))


kinds = texts.filter(lambda text: text != "nothing found")
new_lines = st.sampled_from([line for line in SHOWN.new_side if line.text.strip()])


@st.composite
def placed_reviews(draw: st.DrawFn) -> Review:
    """Reviews whose lines are shown, or without any issue."""
    value = draw(reviews)
    assert isinstance(value, Review)
    line = draw(new_lines)
    issue = KeyIssue(
        relevant_file=line.path,
        issue_header=draw(kinds),
        issue_content=draw(texts),
        start_line=line.new_line or 0,
        end_line=line.new_line or 0,
    )
    issues = draw(st.sampled_from([(), (issue,), (issue, issue)]))
    return value.model_copy(update={"key_issues_to_review": issues})


@st.composite
def placed_improves(draw: st.DrawFn) -> Improve:
    """Suggestions whose quotes are shown."""
    line = draw(new_lines)
    return Improve(
        code_suggestions=(
            Suggestion(
                relevant_file=line.path,
                language=draw(st.just("python") | texts),
                existing_code=line.text,
                improved_code=draw(free_texts),
                suggestion_content=draw(texts),
                one_sentence_summary=draw(kinds),
                label=draw(texts),
            ),
        )
    )


@st.composite
def pointed_describes(draw: st.DrawFn) -> AnswerValue:
    """Descriptions made of points, of files without a line break in their name."""
    value = draw(describes.filter(lambda v: isinstance(v, Describe) and bool(v.pr_files)))
    assert isinstance(value, Describe)
    points = draw(st.lists(texts.filter(lambda text: "\n- " not in text), min_size=1, max_size=3))
    files = tuple(
        file.model_copy(update={"filename": file.filename.replace("\n", "x")})
        for file in value.pr_files
    )
    description = "\n".join(f"- {point}" for point in points)
    return value.model_copy(update={"description": description, "pr_files": files})


@settings(max_examples=60)
@given(placed_reviews() | placed_improves() | pointed_describes())
def test_what_is_shown_can_be_said_and_is_read_back(value: AnswerValue) -> None:
    text = COMPACT.write(asked(SHOWN), value)
    assert COMPACT.parse(asked(SHOWN, tool_of(value)), text) == value


@settings(max_examples=60)
@given(reviews | improves | describes)
def test_any_value_is_said_truly_or_refused(value: AnswerValue) -> None:
    try:
        text = COMPACT.write(asked(SHOWN), value)
    except AnswerError:
        return
    assert COMPACT.parse(asked(SHOWN, tool_of(value)), text) == exact(value)


def exact(value: AnswerValue) -> AnswerValue:
    """``value`` with its quotes as the file has them, where they have other white space."""
    if not isinstance(value, Improve):
        return value
    found = tuple(
        each
        if any(line.text == each.existing_code for line in SHOWN.new_side)
        else on_shown_lines(each, SHOWN)
        for each in value.code_suggestions
    )
    return Improve(code_suggestions=found)


@settings(max_examples=60)
@given(st.sampled_from(sorted(WIRE)), free_texts, st.integers(0, 12))
def test_nothing_but_our_own_error_comes_out(tool: str, text: str, at: int) -> None:
    rows = WIRE[tool].split("\n")
    rows[min(at, len(rows) - 1)] += text
    for answer in (text, "\n".join(rows)):
        try:
            value = COMPACT.parse(asked(SHOWN, tool), answer)
        except AnswerError:
            continue
        assert COMPACT.parse(asked(SHOWN, tool), COMPACT.write(asked(SHOWN), value)) == value


def test_spots_have_no_text_of_their_own() -> None:
    assert COMPACT.write(asked(SHOWN), SPOT) == WIRE["spot"]
