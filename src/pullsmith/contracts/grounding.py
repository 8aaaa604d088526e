"""Whether an answer speaks of what was shown: files, lines and quotes, and edits that do something.

Takes an answer's value and the shown diff; gives the faults, empty when the answer is grounded.
Knows no contract and no wire form. A quote is compared line by line: runs of blanks count as one,
blank lines and indentation as nothing, and a line that is only an ellipsis (also inside a comment)
stands for any lines of the file, because PR-Agent's contract lets a quote be shortened that way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from pullsmith.contracts.answers import (
    AnswerValue,
    Describe,
    Improve,
    KeyIssue,
    Reflect,
    Reflection,
    Review,
    Spot,
    SpottedDefect,
    Suggestion,
)
from pullsmith.diff.shown import ShownDiff, ShownFile, ShownLine, printable


class Fault(StrEnum):
    """Why an answer is not grounded; the first word of every fault."""

    FILE_NOT_SHOWN = "file_not_shown"
    LINE_NOT_SHOWN = "line_not_shown"
    LINES_REVERSED = "lines_reversed"
    QUOTE_NOT_FOUND = "quote_not_found"
    NO_OP = "no_op"
    ALREADY_APPLIED = "already_applied"
    DUPLICATE_FILE = "duplicate_file"
    DUPLICATE_ISSUE = "duplicate_issue"
    DUPLICATE_SUGGESTION = "duplicate_suggestion"
    OTHER_COUNT = "other_count"  # not one reflection a suggestion
    OTHER_SUGGESTION = "other_suggestion"  # not in the same order, or about another file


# Moving a line in or out is a change only where indentation is syntax.
_INDENTED = frozenset({"python", "py", "yaml", "yml", "haskell", "nim", "coffeescript", "f#"})
# "...", "…" or either inside a line comment or a one-line block comment.
_ELLIPSIS = re.compile(r"\s*(?:#|//|--|/\*|<!--|;)?\s*(?:\.{3,6}|…)\s*(?:\*/|-->)?\s*")
_Row = tuple[str, ShownLine]


def grounding_faults(value: AnswerValue, shown: ShownDiff) -> tuple[str, ...]:
    """What is wrong with ``value`` beside ``shown``, each as ``code: where``; empty when grounded.

    Codes are those of Fault. A quote that stands in several places is no fault.
    """
    if isinstance(value, Describe):
        return tuple(_describe_faults(value, shown))
    if isinstance(value, Review):
        return tuple(_review_faults(value, shown))
    if isinstance(value, Spot):
        return tuple(_issue_faults(value.issues, shown))
    if isinstance(value, Improve):
        return tuple(_suggestion_faults(value.code_suggestions, shown))
    if isinstance(value, Reflect):
        return tuple(_reflection_faults(value, shown))
    return ()


def follow_up_faults(value: AnswerValue, about: AnswerValue | None) -> tuple[str, ...]:
    """What is wrong with a second look beside the answer it is about; empty for every other answer.

    A reflection without suggestions to reflect on has a fault of its own.
    """
    if not isinstance(value, Reflect):
        return ()
    asked = about.code_suggestions if isinstance(about, Improve) else ()
    if len(asked) != len(value.code_suggestions):
        return (f"{Fault.OTHER_COUNT}: {len(value.code_suggestions)} of {len(asked)}",)
    pairs = zip(value.code_suggestions, asked, strict=True)
    return tuple(
        f"{Fault.OTHER_SUGGESTION}: {place}: {reflection.suggestion_summary.strip()[:60]}"
        for place, (reflection, suggestion) in enumerate(pairs)
        if not _same_suggestion(reflection, suggestion)
    )


def fault_code(fault: str) -> str:
    """The code of a fault: one of Fault, or one of a user's own tool."""
    return fault.partition(":")[0]


def is_no_op(value: AnswerValue) -> bool:
    """Whether a suggestion, or any suggestion of an improve answer, replaces code by itself.

    Only whitespace differs; in languages where indentation is syntax, not even the indentation
    of the lines to each other. Other answers are never one.
    """
    if isinstance(value, Improve):
        return any(is_no_op(suggestion) for suggestion in value.code_suggestions)
    if not isinstance(value, Suggestion):
        return False
    keep_indent = value.language.lower() in _INDENTED
    return _shape(value.existing_code, keep_indent) == _shape(value.improved_code, keep_indent)


def quote_places(code: str, file: ShownFile) -> tuple[tuple[ShownLine, ShownLine], ...]:
    """Where ``code`` stands among the new-side lines shown of ``file``: first and last line of each.

    Lines follow each other inside one hunk, except across an ellipsis line. Empty when it is
    nowhere, or when ``code`` is blank; more than one place means the quote is ambiguous.
    """
    hunks = _rows(file)
    segments = _segments(code)
    if not segments:  # nothing but ellipses: they may be meant as code
        segments = [lines] if (lines := _normal_lines(code)) else []
    if not segments:
        return ()
    places = []
    for hunk, rows in enumerate(hunks):
        for at in _matches(rows, segments[0]):
            last = _follow(hunks, segments, (hunk, at))
            if last is not None:
                places.append((rows[at][1], last))
    return tuple(places)


def is_ellipsis(line: str) -> bool:
    """Whether ``line`` stands for any lines: dots alone, or in a comment of their own."""
    return _ELLIPSIS.fullmatch(line) is not None


def _describe_faults(value: Describe, shown: ShownDiff) -> Iterable[str]:
    seen: set[str] = set()
    for file in value.pr_files:
        if shown.file(file.filename) is None:
            yield f"{Fault.FILE_NOT_SHOWN}: {file.filename}"
        elif file.filename in seen:
            yield f"{Fault.DUPLICATE_FILE}: {file.filename}"
        seen.add(file.filename)


def _issue_faults(issues: Iterable[KeyIssue | SpottedDefect], shown: ShownDiff) -> Iterable[str]:
    seen: set[tuple[str, int, int, str]] = set()
    for issue in issues:
        path, start, end = issue.relevant_file, issue.start_line, issue.end_line
        where = f"{path}:{start}-{end}"
        if shown.file(path) is None:
            yield f"{Fault.FILE_NOT_SHOWN}: {path}"
        elif start > end:
            yield f"{Fault.LINES_REVERSED}: {where}"
        elif len(shown.new_lines(path, start, end)) != end - start + 1:
            yield f"{Fault.LINE_NOT_SHOWN}: {where}"
        key = (path, start, end, _normal(issue.issue_header).casefold())
        if key in seen:
            yield f"{Fault.DUPLICATE_ISSUE}: {where}"
        seen.add(key)


def _review_faults(value: Review, shown: ShownDiff) -> Iterable[str]:
    yield from _issue_faults(value.issues, shown)
    parts = [path for part in value.can_be_split or () for path in part.relevant_files]
    feedback = [each.relevant_file for each in value.code_feedback or ()]
    for path in dict.fromkeys(parts + feedback):
        if shown.file(path) is None:
            yield f"{Fault.FILE_NOT_SHOWN}: {path}"
    for each in value.code_feedback or ():
        file = shown.file(each.relevant_file)
        if file and not quote_places(each.relevant_line.strip().removeprefix("+"), file):
            yield f"{Fault.QUOTE_NOT_FOUND}: {each.relevant_file}: {each.relevant_line[:60]}"


def _reflection_faults(value: Reflect, shown: ShownDiff) -> Iterable[str]:
    for each in value.code_suggestions:
        if shown.file(each.relevant_file) is None:
            yield f"{Fault.FILE_NOT_SHOWN}: {each.relevant_file}"
        else:
            yield from _line_faults(each, shown)


def _line_faults(placed: Suggestion | Reflection, shown: ShownDiff) -> Iterable[str]:
    """Of the lines it names, if it names any."""
    path, start, end = placed.relevant_file, placed.relevant_lines_start, placed.relevant_lines_end
    if start is None or end is None:
        return
    if start > end:
        yield f"{Fault.LINES_REVERSED}: {path}:{start}-{end}"
    elif len(shown.new_lines(path, start, end)) != end - start + 1:
        yield f"{Fault.LINE_NOT_SHOWN}: {path}:{start}-{end}"


def _same_suggestion(reflection: Reflection, suggestion: Suggestion) -> bool:
    return reflection.relevant_file == suggestion.relevant_file and (
        _normal(reflection.suggestion_summary).casefold()
        == _normal(suggestion.one_sentence_summary).casefold()
    )


def _suggestion_faults(suggestions: Iterable[Suggestion], shown: ShownDiff) -> Iterable[str]:
    seen: set[tuple[str, tuple[str, ...], tuple[str, ...]]] = set()
    for suggestion in suggestions:
        yield from _edit_faults(suggestion, shown)
        keep_indent = suggestion.language.lower() in _INDENTED
        key = (
            suggestion.relevant_file,
            _shape(suggestion.existing_code, keep_indent),
            _shape(suggestion.improved_code, keep_indent),
        )
        if key in seen:
            yield f"{Fault.DUPLICATE_SUGGESTION}: {suggestion.relevant_file}"
        seen.add(key)


def _edit_faults(suggestion: Suggestion, shown: ShownDiff) -> Iterable[str]:
    path = suggestion.relevant_file
    file = shown.file(path)
    if file is None:
        yield f"{Fault.FILE_NOT_SHOWN}: {path}"
        return
    yield from _line_faults(suggestion, shown)
    quoted = quote_places(suggestion.existing_code, file)
    if is_no_op(suggestion):
        yield f"{Fault.NO_OP}: {path}"
    elif _already_applied(suggestion, quoted, file):
        yield f"{Fault.ALREADY_APPLIED}: {path}"
        return
    if not quoted:
        first = suggestion.existing_code.strip().partition("\n")[0]
        yield f"{Fault.QUOTE_NOT_FOUND}: {path}: {first[:60]}"


def _already_applied(
    suggestion: Suggestion, quoted: Sequence[tuple[ShownLine, ShownLine]], file: ShownFile
) -> bool:
    """Whether the new code stands in the head, and the old nowhere but as a part of it.

    A shortened quote says too little to know, so an ellipsis on either side never counts.
    """
    old, new = suggestion.existing_code, suggestion.improved_code
    if any(is_ellipsis(line) for line in _lines(f"{old}\n{new}")):
        return False
    if quoted and len(_normal_lines(new)) <= len(_normal_lines(old)):
        return False  # the same lines: only their indentation differs
    improved = quote_places(new, file)
    return bool(improved) and all(
        any(new_first.number <= first.number and last.number <= new_last.number
            for new_first, new_last in improved)
        for first, last in quoted
    )  # fmt: skip


def _normal(text: str) -> str:
    # As it was printed: the prompt shows control characters in a printable form.
    return " ".join(printable(text).split())


def _lines(code: str) -> list[str]:
    return code.replace("\r", "").split("\n")


def _normal_lines(code: str) -> list[str]:
    return [line for line in map(_normal, _lines(code)) if line]


def _shape(code: str, keep_indent: bool) -> tuple[str, ...]:
    """The lines without what does not count, for comparing two pieces of code."""
    if not keep_indent:
        return tuple(_normal_lines(code))
    lines = [line.expandtabs(8) for line in _lines(code) if line.strip()]
    widths = [len(line) - len(line.lstrip()) for line in lines]
    # Which line is deeper than which is syntax; by how many blanks is style.
    depth = {width: rank for rank, width in enumerate(sorted(set(widths)))}
    return tuple(
        "\t" * depth[width] + _normal(line) for width, line in zip(widths, lines, strict=True)
    )


def _rows(file: ShownFile) -> list[list[_Row]]:
    """The non-blank new-side lines of each hunk."""
    return [
        [(text, line) for line in hunk.lines if line.sign != "-" and (text := _normal(line.text))]
        for hunk in file.hunks
    ]


def _segments(code: str) -> list[list[str]]:
    """The runs of lines between ellipses."""
    segments: list[list[str]] = [[]]
    for line in _lines(code):
        if is_ellipsis(line):
            segments.append([])
        elif line.strip():
            segments[-1].append(_normal(line))
    return [segment for segment in segments if segment]


def _matches(rows: Sequence[_Row], segment: Sequence[str], start: int = 0) -> Iterable[int]:
    for at in range(start, len(rows) - len(segment) + 1):
        if all(rows[at + offset][0] == text for offset, text in enumerate(segment)):
            yield at


def _follow(
    hunks: Sequence[Sequence[_Row]], segments: Sequence[Sequence[str]], start: tuple[int, int]
) -> ShownLine | None:
    """The last line of a quote whose first segment is at ``start``; None if a later one is missing.

    The nearest match of each segment leaves most room for those after it, so no search back.
    """
    hunk, at = start
    last = hunks[hunk][at + len(segments[0]) - 1][1]
    at += len(segments[0])
    for segment in segments[1:]:
        found = next(
            (
                (number, place)
                for number in range(hunk, len(hunks))
                for place in _matches(hunks[number], segment, at if number == hunk else 0)
            ),
            None,
        )
        if found is None:
            return None
        hunk, at = found[0], found[1] + len(segment)
        last = hunks[hunk][at - 1][1]
    return last
