"""An answer as a bot would post it: in pieces that a page lays out, and as Markdown.

Takes values of the contracts; gives pieces in the order they are read. A tool of the user's own is
shown as its YAML, as nobody knows how it would be posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pullsmith.contracts.answers import (
    AnswerValue,
    Describe,
    Improve,
    KeyIssue,
    Reflect,
    Review,
    Spot,
    Suggestion,
)
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.curate.findings import lines_of
from pullsmith.curate.items import Piece, Show
from pullsmith.diff.shown import ShownDiff

_TICKS = re.compile("`+")


def pieces(value: AnswerValue, shown: ShownDiff) -> tuple[Piece, ...]:
    """What would be posted; ``shown`` tells the lines that a quote stands on."""
    if isinstance(value, Describe):
        return tuple(_describe(value))
    if isinstance(value, Review):
        return tuple(_review(value, shown))
    if isinstance(value, Improve):
        return tuple(_improve(value, shown))
    if isinstance(value, Reflect):
        return tuple(_reflect(value))
    if isinstance(value, Spot):
        return tuple(_spot(value))
    return (Piece(Show.CODE, canonical_yaml(value), language="yaml"),)


def markdown(posted: Iterable[Piece]) -> str:
    """The pieces as Markdown; the answer's own text stays as it is, as it would on a forge."""
    return "\n\n".join(filter(None, map(_markdown, posted)))


def _describe(value: Describe) -> Iterator[Piece]:
    yield Piece(Show.HEADING, value.title)
    yield Piece(Show.LABEL, ", ".join(value.type))
    yield Piece(Show.TEXT, value.description)
    if value.changes_diagram:
        yield Piece(Show.CODE, value.changes_diagram, language="mermaid")
    for file in value.pr_files:
        yield Piece(Show.PLACE, file.changes_title, path=file.filename)
        yield Piece(Show.LABEL, file.label)
        if file.changes_summary:
            yield Piece(Show.TEXT, file.changes_summary)
    if value.labels:
        yield Piece(Show.LABEL, ", ".join(value.labels))


def _review(value: Review, shown: ShownDiff) -> Iterator[Piece]:
    for name, said in _said(value):
        yield Piece(Show.TEXT, f"{name}: {said}")
    if value.key_issues_to_review is not None and not value.issues:
        yield Piece(Show.TEXT, "Nothing to look at in particular.")
    for issue in value.issues:
        yield from _issue(issue, shown)
    for part in value.can_be_split or ():
        yield Piece(Show.TEXT, f"Could be a pull request of its own: {part.title}")
        for path in part.relevant_files:
            yield Piece(Show.PLACE, "", path=path)
    for each in value.code_feedback or ():
        yield Piece(Show.PLACE, "", path=each.relevant_file)
        yield Piece(Show.TEXT, each.suggestion)
        yield Piece(Show.CODE, each.relevant_line, language=each.language)


def _said(value: Review) -> Iterator[tuple[str, str]]:
    effort = value.estimated_effort_to_review
    reason = f", {value.effort_reason}" if value.effort_reason else ""
    named = {
        "Effort to review": None if effort is None else f"{effort} of 5{reason}",
        "Score": None if value.score is None else f"{value.score} of 100",
        "Relevant tests": value.relevant_tests,
        "Security": value.security_concerns,
        "Possible issues": value.possible_issues,
        "Answers of the author": value.insights_from_user_answers,
    }
    for name, said in named.items():
        if said:
            yield name, said
    for ticket in value.ticket_compliance_check or ():
        yield f"Ticket {ticket.ticket_url}", ticket.ticket_requirements
        yield "Done", ticket.fully_compliant_requirements
        yield "Not done", ticket.not_compliant_requirements
        yield "To be looked at", ticket.requires_further_human_verification
    if cost := value.contribution_time_cost_estimate:
        yield "Time it took", f"{cost.best_case} / {cost.average_case} / {cost.worst_case}"
    for section in value.todo_sections or ():
        yield "To do", section


def _issue(issue: KeyIssue, shown: ShownDiff) -> Iterator[Piece]:
    start, end = lines_of(issue, shown)
    yield Piece(
        Show.PLACE, issue.issue_header, path=issue.relevant_file, start_line=start, end_line=end
    )
    yield Piece(Show.TEXT, issue.issue_content)


def _improve(value: Improve, shown: ShownDiff) -> Iterator[Piece]:
    if not value.code_suggestions:
        yield Piece(Show.TEXT, "No suggestion.")
    for suggestion in value.code_suggestions:
        yield from _suggestion(suggestion, shown)


def _suggestion(suggestion: Suggestion, shown: ShownDiff) -> Iterator[Piece]:
    path, language = suggestion.relevant_file, suggestion.language
    start, end = lines_of(suggestion, shown)
    summary = suggestion.one_sentence_summary
    yield Piece(Show.PLACE, summary, path=path, start_line=start, end_line=end)
    yield Piece(Show.LABEL, suggestion.label)
    yield Piece(Show.TEXT, suggestion.suggestion_content)
    yield Piece(Show.CODE, suggestion.existing_code, language, path, start, end)
    yield Piece(Show.NEW_CODE, suggestion.improved_code, language, path, start, end)


def _reflect(value: Reflect) -> Iterator[Piece]:
    for each in value.code_suggestions:
        start, end = each.relevant_lines_start or 0, each.relevant_lines_end or 0
        yield Piece(
            Show.PLACE,
            each.suggestion_summary,
            path=each.relevant_file,
            start_line=start,
            end_line=end,
        )
        yield Piece(Show.LABEL, f"{each.suggestion_score} of 10")
        yield Piece(Show.TEXT, each.why)


def _spot(value: Spot) -> Iterator[Piece]:
    if not value.issues:
        yield Piece(Show.TEXT, "Nothing found.")
    for each in value.issues:
        yield Piece(
            Show.PLACE,
            each.issue_header,
            path=each.relevant_file,
            start_line=each.start_line,
            end_line=each.end_line,
        )


def _markdown(piece: Piece) -> str:
    text = piece.text.strip("\n")
    if piece.show is Show.HEADING:
        return f"### {' '.join(text.split())}"
    if piece.show is Show.LABEL:
        return f"_{text.strip()}_"
    if piece.show is Show.PLACE:
        said = f" **{text.strip()}**" if text.strip() else ""
        return f"{_code_span(_place(piece))}{said}"
    if piece.show in (Show.CODE, Show.NEW_CODE):
        fence = _fence(text, least=3)
        mark = "suggestion" if piece.show is Show.NEW_CODE else piece.language
        return f"{fence}{mark}\n{text}\n{fence}"
    return text


def _place(piece: Piece) -> str:
    if not piece.start_line:
        return piece.path
    last = f"-{piece.end_line}" if piece.end_line != piece.start_line else ""
    return f"{piece.path}:{piece.start_line}{last}"


def _code_span(text: str) -> str:
    fence = _fence(text, least=1)
    blank = " " if "`" in text else ""
    return f"{fence}{blank}{' '.join(text.split())}{blank}{fence}"


def _fence(text: str, *, least: int) -> str:
    """More back-ticks than stand together anywhere in ``text``."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    return "`" * max(least, longest + 1)
