"""Answers as a person reads them in a terminal: what a review bot would have posted.

Takes values of the contracts, gives lines. Every text of a model passes through ``visible``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.text import Text

from pullsmith.cli.shown_records import Lines, line
from pullsmith.contracts.answers import (
    AnswerValue,
    Describe,
    Improve,
    KeyIssue,
    Review,
    Suggestion,
)
from pullsmith.contracts.merging import merged
from pullsmith.contracts.tools import Tools
from pullsmith.records import Answer, Prompt
from pullsmith.scoring import answer_value
from pullsmith.visible import visible

_LESS = "dim"


def shown_answers(asked: Sequence[tuple[Prompt, Answer]], tools: Tools) -> Lines:
    """One tool's answers to a pull request: a heading, and what the parts that can be read say together.

    A part that cannot be read is shown as its text, with what is wrong.
    """
    prompts, answers = zip(*asked, strict=True)
    several = f", merged from {len(asked)} parts" if len(asked) > 1 else ""
    yield line(f"── {prompts[0].tool}{several}", "bold", depth=0)
    omitted = (file.path for prompt in prompts for file in prompt.coverage.omitted)
    names = ", ".join(dict.fromkeys(omitted))
    if names:
        yield line(f"not shown to the model: {names}", _LESS)
    for prompt, answer in asked:
        if answer.value_json is None:
            yield from _failed(answer, f"part {prompt.part + 1}: " if several else "")
    yield from _readable([answer for answer in answers if answer.value_json is not None], tools)
    for fault in (fault for answer in answers for fault in answer.grounding_faults):
        yield line(f"careful: {fault}", "yellow")
    yield Text()


def _readable(answers: Sequence[Answer], tools: Tools) -> Lines:
    """The answers as one; each by itself where nobody knows how such are merged."""
    values = [value for each in answers if (value := answer_value(each, tools)) is not None]
    if not values:
        return
    whole = merged(values, [each.suggestion_scores for each in answers])
    for value in values if whole is None else [whole]:
        yield from _value(value)


def _failed(answer: Answer, part: str) -> Lines:
    yield line(f"{part}{answer.outcome}: {answer.fault or 'no reason given'}", "red")
    yield from _text(answer.text, style=_LESS)


def _value(value: AnswerValue) -> Lines:
    if isinstance(value, Describe):
        yield from _describe(value)
    elif isinstance(value, Review):
        yield from _review(value)
    elif isinstance(value, Improve):
        yield from _improve(value)
    else:
        yield from _text(json.dumps(value.model_dump(mode="json"), indent=2, ensure_ascii=False))


def _describe(value: Describe) -> Lines:
    yield line(value.title, "bold")
    yield line(", ".join(value.type), "cyan")
    yield from _text(value.description)
    for file in value.pr_files:
        named = line(file.filename, "bold")
        yield named.append(visible(f"  {file.changes_title}"), style="").append(
            visible(f"  [{file.label.strip()}]"), style=_LESS
        )
        yield from _text(file.changes_summary or "", depth=2)


def _review(value: Review) -> Lines:
    said = {
        "effort": "" if value.estimated_effort_to_review is None
        else f"{value.estimated_effort_to_review} of 5",
        "score": "" if value.score is None else str(value.score),
        "tests": value.relevant_tests or "",
        "security": value.security_concerns or "",
        "possible": value.possible_issues or "",
    }  # fmt: skip
    for name, text in said.items():
        if text:
            first, *rest = text.rstrip("\n").split("\n")
            yield line(f"{name:10}", _LESS).append(visible(first))
            yield from _text("\n".join(rest), depth=6)
    if not value.issues:
        yield line("nothing to look at in particular", "green")
    for issue in value.issues:
        yield from _issue(issue)


def _issue(issue: KeyIssue) -> Lines:
    place = f"{issue.relevant_file.strip()}:{_lines(issue.start_line, issue.end_line)}"
    yield line(place, "bold").append(visible(f"  {issue.issue_header.strip()}"), style="yellow")
    yield from _text(issue.issue_content, depth=2)


def _improve(value: Improve) -> Lines:
    if not value.code_suggestions:
        yield line("no suggestion", "green")
    for suggestion in value.code_suggestions:
        yield from _suggestion(suggestion)


def _suggestion(suggestion: Suggestion) -> Lines:
    start, end = suggestion.relevant_lines_start, suggestion.relevant_lines_end
    where = suggestion.relevant_file.strip()
    where += f":{_lines(start, end or start)}" if start else ""
    summary = f"  {suggestion.one_sentence_summary.strip()}"
    yield (
        line(where, "bold")
        .append(visible(summary))
        .append(visible(f"  [{suggestion.label.strip()}]"), style=_LESS)
    )
    yield from _text(suggestion.suggestion_content, depth=2)
    yield from _signed("-", suggestion.existing_code, "red")
    yield from _signed("+", suggestion.improved_code, "green")


def _signed(sign: str, code: str, style: str) -> Iterator[Text]:
    for each in code.rstrip("\n").split("\n") if code.strip() else ():
        yield line(f"{sign} {each}", style, depth=2)


def _lines(start: int, end: int) -> str:
    return str(start) if start == end else f"{start}-{end}"


def _text(text: str, *, style: str = "", depth: int = 1) -> Lines:
    for each in text.rstrip("\n").split("\n") if text.strip() else ():
        yield line(each, style, depth=depth)
