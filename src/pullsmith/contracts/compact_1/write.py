"""Writing an answer's value as lines of compact-1; ``read`` gives the same value back.

Refuses, with AnswerError, what the lines cannot say: a line or quote that is not shown, a
description that is no list of points, "nothing found" beside a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.contracts.answers import (
    AnswerValue,
    Describe,
    Improve,
    KeyIssue,
    Review,
    Spot,
    SpottedDefect,
    Suggestion,
)
from pullsmith.contracts.compact_1.form import MARK, MORE, NOTHING, REMOVE, number_of, run_of
from pullsmith.contracts.fields import PLAIN_FIELDS, check_fields, fitted
from pullsmith.contracts.quoting import on_shown_lines
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import AnswerError

FIELDS = PLAIN_FIELDS["describe"] | PLAIN_FIELDS["review"]


def write_answer(value: AnswerValue, task: Task) -> str:
    """The lines, a quote as it stands in the shown file.

    Raises AnswerError: line_not_shown, quote_not_found, not_points, not_writable, extra_field.
    """
    value, shown = fitted(value, task, FIELDS), task.shown
    check_fields(value, FIELDS)
    if isinstance(value, Describe):
        return "\n".join(_describe(value))
    if isinstance(value, Review):
        return "\n".join([*_issues(value, shown), *_review_end(value)])
    if isinstance(value, Improve):
        return "\n".join(_improve(value, shown))
    if isinstance(value, Spot):
        return "\n".join(_spot(value, shown))
    raise AnswerError("not_writable", f"compact-1 has no form for a {type(value).__name__}")


def _describe(value: Describe) -> Iterator[str]:
    yield f"type: {', '.join(value.type)}"
    yield from _field("title", value.title)
    yield from _points(value.description)
    if not value.pr_files:
        raise AnswerError("not_writable", "pr_files: compact-1 names at least one file")
    for file in value.pr_files:
        if "\n" in file.filename:
            raise AnswerError("not_writable", f"filename: {file.filename!r} has a line break")
        yield f"file: {file.filename}"
        yield from _field("change", file.changes_title)
        yield from _field("label", file.label)
        if file.changes_summary is not None:
            yield from _field("summary", file.changes_summary)


def _points(description: str) -> Iterator[str]:
    lines = description.split("\n")
    if not lines[0].startswith("- "):
        raise AnswerError("not_points", f"description: {lines[0][:60]!r} does not begin with '- '")
    for line in lines:
        yield line if line.startswith("- ") else MORE + line


def _issues(value: Review, shown: ShownDiff) -> Iterator[str]:
    for issue in value.issues:
        yield from _kind(issue.issue_header)
        yield _place(issue, shown)
        yield from _field("issue", issue.issue_content)
    if not value.issues:
        yield f"kind: {NOTHING}"


def _review_end(value: Review) -> Iterator[str]:
    yield f"effort: {value.estimated_effort_to_review}"
    yield from _field("tests", value.relevant_tests or "")
    yield from _field("security", value.security_concerns or "")


def _spot(value: Spot, shown: ShownDiff) -> Iterator[str]:
    for issue in value.issues:
        yield from _kind(issue.issue_header)
        yield _place(issue, shown)
    if not value.issues:
        yield f"kind: {NOTHING}"


def _improve(value: Improve, shown: ShownDiff) -> Iterator[str]:
    for suggestion in value.code_suggestions:
        yield from _suggestion(suggestion, shown)
    if not value.code_suggestions:
        yield f"kind: {NOTHING}"


def _suggestion(value: Suggestion, shown: ShownDiff) -> Iterator[str]:
    span = _locate(value, shown)
    if span is None:  # with other white space than the file's
        value = on_shown_lines(value, shown)
        span = _locate(value, shown)
    assert span is not None
    yield from _kind(value.one_sentence_summary)
    yield _span(*span)
    if value.improved_code:
        yield from (f"+{line}" for line in value.improved_code.split("\n"))
    else:
        yield REMOVE
    yield from _field("why", value.suggestion_content)
    yield from _field("label", value.label)
    file = shown.file(value.relevant_file)
    if file is None or value.language != file.language:  # else it is looked up with the lines
        yield from _field("language", value.language)


def _kind(text: str) -> Iterator[str]:
    if text == NOTHING:
        raise AnswerError("not_writable", f"a finding may not be called {NOTHING!r}")
    return _field("kind", text)


def _field(name: str, text: str) -> Iterator[str]:
    first, *more = text.split("\n")
    yield f"{name}: {first}"
    yield from (MORE + line for line in more)


def _place(issue: KeyIssue | SpottedDefect, shown: ShownDiff) -> str:
    first = number_of(shown, issue.relevant_file, issue.start_line)
    last = number_of(shown, issue.relevant_file, issue.end_line)
    if first is None or last is None or run_of(shown, first, last) is None:
        raise AnswerError(
            "line_not_shown", f"{issue.relevant_file} {issue.start_line}-{issue.end_line}"
        )
    return _span(first, last)


def _span(first: int, last: int) -> str:
    return f"line: {MARK}{first}" + ("" if first == last else f"-{MARK}{last}")


def _locate(value: Suggestion, shown: ShownDiff) -> tuple[int, int] | None:
    """Where the very lines stand; of several places the one with most added lines, then the first."""
    wanted = value.existing_code.split("\n")
    places = []
    for first, line in enumerate(shown.new_side, start=1):
        if line.path != value.relevant_file or line.text != wanted[0]:
            continue
        run = run_of(shown, first, first + len(wanted) - 1)
        if run and [found.text for found in run] == wanted:
            places.append((-sum(found.sign == "+" for found in run), first))
    if not places:
        return None
    first = min(places)[1]
    return first, first + len(wanted) - 1
