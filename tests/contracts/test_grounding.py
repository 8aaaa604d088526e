"""Grounding: each fault has an answer that has it and a twin that has not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.contracts.answers import (
    AnswerValue,
    ChangeType,
    CodeFeedback,
    Describe,
    DescribedFile,
    Improve,
    KeyIssue,
    Reflect,
    Reflection,
    Review,
    Spot,
    SpottedDefect,
    Suggestion,
)
from pullsmith.contracts.grounding import (
    Fault,
    fault_code,
    follow_up_faults,
    grounding_faults,
    is_no_op,
    quote_places,
)
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.records import ChangeStatus, FileChange, PullRequest

PATCH = """\
@@ -1,4 +1,6 @@ def load
 def load(path):
-    text = open(path)
+    with open(path) as handle:
+        text = handle.read()
+
     return text
 # end
@@ -20,2 +22,4 @@ def save
 def save(path, text):
+    check(path)
+    check(path)
     path.write_text(text)
"""


def shown(patch: str = PATCH) -> ShownDiff:
    files = (FileChange(path="src/a.py", status=ChangeStatus.MODIFIED, patch=patch),)
    pull_request = PullRequest(
        id="local:0@1", source="git", repository="local:0", group="local:0", title="t", files=files
    )
    return ShownDiff.of(pull_request, whole(pull_request))


def codes(value: AnswerValue, patch: str = PATCH) -> list[Fault]:
    return [Fault(fault_code(fault)) for fault in grounding_faults(value, shown(patch))]


def describe(*names: str) -> Describe:
    files = tuple(DescribedFile(filename=name, changes_title="t", label="tests") for name in names)
    return Describe(type=(ChangeType.TESTS,), description="- d", title="t", pr_files=files)


def issue(start: int, end: int, path: str = "src/a.py", header: str = "Open file") -> KeyIssue:
    return KeyIssue(
        relevant_file=path, issue_header=header, issue_content="c", start_line=start, end_line=end
    )


def review(*issues: KeyIssue) -> Review:
    return Review(
        estimated_effort_to_review=1,
        relevant_tests="No",
        key_issues_to_review=issues,
        security_concerns="No",
    )


def suggestion(
    existing: str, improved: str, path: str = "src/a.py", language: str = "python"
) -> Suggestion:
    return Suggestion(
        relevant_file=path,
        language=language,
        existing_code=existing,
        suggestion_content="s",
        improved_code=improved,
        one_sentence_summary="o",
        label="general",
    )


def improve(existing: str, improved: str = "other()", path: str = "src/a.py") -> Improve:
    return Improve(code_suggestions=(suggestion(existing, improved, path),))


def test_a_file_that_was_not_shown() -> None:
    assert codes(describe("src/a.py")) == []
    assert grounding_faults(describe("src/b.py"), shown()) == ("file_not_shown: src/b.py",)
    assert codes(review(issue(1, 1, "a.py"))) == [Fault.FILE_NOT_SHOWN]
    assert codes(improve("check(path)", path="b.py")) == [Fault.FILE_NOT_SHOWN]


def test_an_empty_answer_is_grounded() -> None:
    assert codes(review()) == codes(Improve(code_suggestions=())) == codes(Spot(issues=())) == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1, 6, []),
        (22, 25, []),
        (6, 7, [Fault.LINE_NOT_SHOWN]),  # 7 lies between the hunks
        (6, 22, [Fault.LINE_NOT_SHOWN]),
        (1, 10**9, [Fault.LINE_NOT_SHOWN]),
        (3, 2, [Fault.LINES_REVERSED]),
    ],
)
def test_lines_must_be_new_side_lines_that_were_shown(
    start: int, end: int, expected: list[Fault]
) -> None:
    assert codes(review(issue(start, end))) == expected
    spotted = SpottedDefect(
        relevant_file="src/a.py", issue_header="Open file", start_line=start, end_line=end
    )
    assert codes(Spot(issues=(spotted,))) == expected


def test_the_same_issue_twice() -> None:
    assert codes(review(issue(2, 3), issue(2, 3, header="open  file"))) == [Fault.DUPLICATE_ISSUE]
    assert codes(review(issue(2, 3), issue(2, 3, header="Other"), issue(3, 3))) == []


def test_the_same_file_described_twice() -> None:
    assert codes(describe("src/a.py", "src/a.py")) == [Fault.DUPLICATE_FILE]


@pytest.mark.parametrize(
    "quote",
    [
        "with open(path) as handle:",
        "    with open(path) as handle:\n        text = handle.read()\n",
        "with open(path) as handle:\n\n\n  text  =  handle.read()\n return text\r\n",
        "def load(path):\n    ...\n    return text",
        "def load(path):\n    # ...\n# end",
        "def load(path):\n    …\n    path.write_text(text)",  # across hunks, by an ellipsis only
    ],
)
def test_quotes_are_found_whatever_their_blanks(quote: str) -> None:
    assert codes(improve(quote)) == []


@pytest.mark.parametrize(
    "quote",
    [
        "text = open(path)",  # the old side
        "with open(path)",  # half a line
        "return text\ntext = handle.read()",
        "# end\ndef save(path, text):",  # two hunks
        "return text\n...\ndef load(path):",
        "...",
    ],
)
def test_quotes_that_were_not_shown(quote: str) -> None:
    assert codes(improve(quote)) == [Fault.QUOTE_NOT_FOUND]


def test_a_literal_ellipsis_can_be_quoted() -> None:
    assert codes(improve("..."), "@@ -1 +1,2 @@\n class A:\n+    ...\n") == []


def test_control_characters_are_quoted_as_they_were_shown() -> None:
    assert codes(improve("a = '\ufffd' b"), "@@ -0,0 +1 @@\n+a = '\x01'\x0cb\n") == []


def test_a_quote_in_two_places_is_ambiguous_but_grounded() -> None:
    assert codes(improve("check(path)")) == []
    file = shown().file("src/a.py")
    assert file is not None
    assert quote_places(" \n", file) == ()
    places = quote_places("check(path)", file)
    assert [(first.new_line, last.new_line) for first, last in places] == [(23, 23), (24, 24)]


def test_a_no_op_changes_only_blanks() -> None:
    assert codes(improve("return text", "    return  text\n\n")) == [Fault.NO_OP]
    assert codes(improve("return text", "return text2")) == []
    assert codes(improve("return text", "")) == []  # deletes


def test_indentation_counts_where_it_is_syntax() -> None:
    existing, moved = "if a:\n    b()\n    c()", "if a:\n    b()\nc()"
    assert not is_no_op(suggestion(existing, moved))
    assert is_no_op(suggestion(existing, moved, language="go"))
    assert is_no_op(suggestion(existing, existing.replace("    ", "\t")))
    patch = "@@ -0,0 +1,3 @@\n+if a:\n+    b()\n+    c()\n"
    assert codes(improve(existing, moved), patch) == []


def test_already_applied() -> None:
    # The old code is in the base only and the new code in the head.
    new = "with open(path) as handle:\n    text = handle.read()"
    assert codes(improve("text = open(path)", new)) == [Fault.ALREADY_APPLIED]
    # The new code stands around the old.
    around = "check(path)\ncheck(path)\npath.write_text(text)"
    assert codes(improve("path.write_text(text)", around)) == [Fault.ALREADY_APPLIED]
    assert codes(improve("path.write_text(text)", "log()\n" + around)) == []


def test_the_same_suggestion_twice() -> None:
    one, other = suggestion("return text", "return 1"), suggestion(" return text", "return  1")
    assert codes(Improve(code_suggestions=(one, other))) == [Fault.DUPLICATE_SUGGESTION]
    assert codes(Improve(code_suggestions=(one, suggestion("return text", "return 2")))) == []


def feedback(line: str, path: str = "src/a.py") -> Review:
    said = CodeFeedback(relevant_file=path, language="python", suggestion="s", relevant_line=line)
    return review().model_copy(update={"code_feedback": (said,)})


def test_feedback_in_a_review_quotes_a_shown_line() -> None:
    assert codes(feedback("+    check(path)")) == codes(feedback("check(path)")) == []
    assert codes(feedback("+    check(other)")) == [Fault.QUOTE_NOT_FOUND]
    assert codes(feedback("+    check(path)", "b.py")) == [Fault.FILE_NOT_SHOWN]


def reflect(*values: Reflection) -> Reflect:
    return Reflect(code_suggestions=values)


def reflection(
    start: int | None = 5, end: int | None = 5, path: str = "src/a.py", summary: str = "o"
) -> Reflection:
    return Reflection(
        suggestion_summary=summary,
        relevant_file=path,
        relevant_lines_start=start,
        relevant_lines_end=end,
        suggestion_score=7,
        why="w",
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (2, 3, []),
        (None, None, []),
        (6, 7, [Fault.LINE_NOT_SHOWN]),
        (3, 2, [Fault.LINES_REVERSED]),
    ],
)
def test_lines_that_an_answer_names_were_shown(
    start: int | None, end: int | None, expected: list[Fault]
) -> None:
    assert codes(reflect(reflection(start, end))) == expected
    named = {"relevant_lines_start": start, "relevant_lines_end": end}
    placed = suggestion("return text", "return 1").model_copy(update=named)
    assert codes(Improve(code_suggestions=(placed,))) == expected
    assert codes(reflect(reflection(path="b.py"))) == [Fault.FILE_NOT_SHOWN]


def test_a_reflection_is_about_each_suggestion_in_its_order() -> None:
    one, other = suggestion("return text", "1"), suggestion("# end", "2", path="src/b.py")
    about = Improve(code_suggestions=(one, other))
    same = reflect(reflection(summary=" O "), reflection(path="src/b.py"))
    assert follow_up_faults(same, about) == follow_up_faults(about, None) == ()
    turned = reflect(*reversed(same.code_suggestions))
    assert follow_up_faults(turned, about) == (
        "other_suggestion: 0: o",
        "other_suggestion: 1: O",
    )
    assert follow_up_faults(reflect(reflection()), about) == ("other_count: 1 of 2",)
    assert follow_up_faults(same, None) == ("other_count: 2 of 0",)
    assert follow_up_faults(reflect(), Improve(code_suggestions=())) == ()


@given(st.data())
def test_any_run_of_shown_lines_is_found_with_any_indentation(data: st.DataObject) -> None:
    file = shown().file("src/a.py")
    assert file is not None
    hunk = data.draw(st.sampled_from(file.hunks))
    lines = [line for line in hunk.lines if line.sign != "-" and line.text.strip()]
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start, len(lines) - 1))
    blanks = data.draw(st.sampled_from(["", "  ", "\t"]))
    quote = "\n".join(blanks + line.text.lstrip() for line in lines[start : end + 1])
    assert (lines[start], lines[end]) in quote_places(quote, file)
