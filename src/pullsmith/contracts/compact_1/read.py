"""Reading an answer of compact-1, line by line and strictly: nothing is skipped, repaired or supplied.

The reader looks up what a line number means (file, language, absolute lines, their text) and
nothing else; every other field is what the model wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import build_value
from pullsmith.contracts.compact_1.form import MARK, MORE, NOTHING, REMOVE, run_of
from pullsmith.diff.shown import ShownDiff, ShownLine
from pullsmith.errors import AnswerError

Tree = Mapping[str, object]
_SPAN = re.compile(rf"{MARK}([1-9]\d{{0,8}})(?:-{MARK}([1-9]\d{{0,8}}))?", re.ASCII)


def read_answer(tool: str, text: str, shown: ShownDiff) -> AnswerValue:
    """The value; raises AnswerError.

    Reasons: missing_field, extra_text, blank_field, bad_line, line_not_shown, lines_apart,
    nothing_and_something, not_text, and those of ``build_value``.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise AnswerError("not_text", f"half a character at position {error.start}") from error
    lines = _Lines(text, shown)
    tree = _TOOLS[tool](lines)
    lines.end()
    return build_value(tool, tree)


class _Lines:
    """The lines of an answer, taken one after the other."""

    def __init__(self, text: str, shown: ShownDiff) -> None:
        self._rows = text.split("\n")
        self._at = 0
        self.shown = shown

    def next_is(self, prefix: str) -> bool:
        """Whether the next line begins with ``prefix``."""
        return self._at < len(self._rows) and self._rows[self._at].startswith(prefix)

    def take(self, prefix: str) -> str:
        """The next line behind ``prefix``, which it must have."""
        if not self.next_is(prefix):
            found = repr(self._rows[self._at][:60]) if self._at < len(self._rows) else "the end"
            raise AnswerError(
                "missing_field", f"line {self._at + 1}: expected {prefix!r}, found {found}"
            )
        self._at += 1
        return self._rows[self._at - 1][len(prefix) :]

    def field(self, prefix: str) -> str:
        """A value of one or more lines that is not blank."""
        line = self._at + 1
        parts = [self.take(prefix)]
        while self.next_is(MORE):
            parts.append(self.take(MORE))
        value = "\n".join(parts)
        if not value.strip():
            raise AnswerError("blank_field", f"line {line}: nothing after {prefix!r}")
        return value

    def run(self) -> tuple[ShownLine, ...]:
        """The shown lines that the next line names."""
        text = self.take("line: ")
        match = _SPAN.fullmatch(text)
        if match is None or match[1] == match[2]:
            raise AnswerError("bad_line", f"line {self._at}: {text[:60]!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last <= len(self.shown.new_side):
            raise AnswerError("line_not_shown", f"line {self._at}: {text[:60]!r}")
        run = run_of(self.shown, first, last)
        if run is None:
            raise AnswerError("lines_apart", f"line {self._at}: {text[:60]!r} is not one piece")
        return run

    def findings(self, read_one: Callable[[str], Tree]) -> list[Tree]:
        """The findings, each begun by its kind; none for the kind that says so."""
        found: list[Tree] = []
        while not found or self.next_is("kind: "):
            kind = self.field("kind: ")
            if kind != NOTHING:
                found.append(read_one(kind))
            elif found:
                raise AnswerError("nothing_and_something", f"line {self._at}")
            else:
                return []
        return found

    def end(self) -> None:
        """Raise AnswerError where text is left."""
        if self._at < len(self._rows):
            left = self._rows[self._at][:60]
            raise AnswerError("extra_text", f"line {self._at + 1}: {left!r}")


def _describe(lines: _Lines) -> Tree:
    types = lines.take("type: ").split(", ")
    title = lines.field("title: ")
    points = [lines.field("- ")]
    while lines.next_is("- "):
        points.append(lines.field("- "))
    files = [_described_file(lines)]
    while lines.next_is("file: "):
        files.append(_described_file(lines))
    description = "\n".join(f"- {point}" for point in points)
    return {"type": types, "title": title, "description": description, "pr_files": files}


def _described_file(lines: _Lines) -> Tree:
    file = {
        "filename": lines.take("file: "),
        "changes_title": lines.field("change: "),
        "label": lines.field("label: "),
    }
    return (
        {**file, "changes_summary": lines.field("summary: ")}
        if lines.next_is("summary: ")
        else file
    )


def _review(lines: _Lines) -> Tree:
    def issue(kind: str) -> Tree:
        return {**_place(kind, lines.run()), "issue_content": lines.field("issue: ")}

    issues = lines.findings(issue)
    effort = lines.take("effort: ")
    if not re.fullmatch("[1-5]", effort):
        raise AnswerError("out_of_range", f"effort: {effort[:60]!r} is not 1 to 5")
    return {
        "key_issues_to_review": issues,
        "estimated_effort_to_review": int(effort),
        "relevant_tests": lines.field("tests: "),
        "security_concerns": lines.field("security: "),
    }


def _improve(lines: _Lines) -> Tree:
    def suggestion(kind: str) -> Tree:
        run = lines.run()
        file = lines.shown.file(run[0].path)
        tree = {
            "relevant_file": run[0].path,
            "existing_code": "\n".join(line.text for line in run),
            "improved_code": _new_code(lines),
            "one_sentence_summary": kind,
            "suggestion_content": lines.field("why: "),
            "label": lines.field("label: "),
        }
        looked_up = file.language if file else ""
        if not lines.next_is("language: "):
            return {**tree, "language": looked_up}
        language = lines.field("language: ")
        if language == looked_up:
            raise AnswerError("extra_text", f"language: {language[:60]!r} is the file's own")
        return {**tree, "language": language}

    return {"code_suggestions": lines.findings(suggestion)}


def _new_code(lines: _Lines) -> str:
    if lines.next_is(REMOVE):
        rest = lines.take(REMOVE)
        if rest:
            raise AnswerError("extra_text", f"{rest[:60]!r} after {REMOVE!r}")
        return ""
    rows = [lines.take("+")]
    while lines.next_is("+"):
        rows.append(lines.take("+"))
    if rows == [""]:
        raise AnswerError("blank_field", f"new code of one empty line; {REMOVE!r} deletes")
    return "\n".join(rows)


def _spot(lines: _Lines) -> Tree:
    return {"issues": lines.findings(lambda kind: _place(kind, lines.run()))}


def _place(kind: str, run: tuple[ShownLine, ...]) -> dict[str, object]:
    return {
        "relevant_file": run[0].path,
        "issue_header": kind,
        "start_line": run[0].new_line,
        "end_line": run[-1].new_line,
    }


_TOOLS: dict[str, Callable[[_Lines], Tree]] = {
    "describe": _describe,
    "review": _review,
    "improve": _improve,
    "spot": _spot,
}
