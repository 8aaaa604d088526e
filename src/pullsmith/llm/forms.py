"""What was found, as the answers of a tool: one form for every field that contracts differ in.

Takes findings and what is shown; gives values, the usual form first. Which of them a contract takes
is its own to say. Supplies nothing but what the findings and the diff say.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.contracts.answers import (
    CodeFeedback,
    Describe,
    Improve,
    KeyIssue,
    Review,
    Spot,
    SpottedDefect,
    Suggestion,
)
from pullsmith.diff.shown import ShownDiff
from pullsmith.llm.describing import effort, relevant_tests
from pullsmith.llm.findings import Finding
from pullsmith.llm.telling import diagram

MOST_ISSUES = 3
MOST_FEEDBACK = 4
MOST_SUGGESTIONS = (4, 3)  # of most contracts, of the newest
MANY_FILES = 8  # above, summaries of files are not wanted
MOST_FILES_ONCE = 15  # of the oldest contracts
NO_LANGUAGE = "text"


def described_forms(value: Describe, shown: ShownDiff) -> Iterator[Describe]:
    """With and without summaries, with a diagram, and with the language of every file."""
    bare = _with_files(value, {"changes_summary": None})
    yield from (bare, value) if len(value.pr_files) > MANY_FILES else (value, bare)
    drawn = {"changes_diagram": diagram(value)}
    yield value.model_copy(update=drawn)
    yield bare.model_copy(update=drawn)
    # A language that the diff knows is looked up; here is a word for files that have none.
    known = {file.path: file.language or NO_LANGUAGE for file in shown.files}
    named = tuple(
        file.model_copy(update={"language": known[file.filename]}) for file in value.pr_files
    )
    yield value.model_copy(update={"pr_files": named[:MOST_FILES_ONCE]})


def _with_files(value: Describe, update: dict[str, None]) -> Describe:
    files = tuple(file.model_copy(update=update) for file in value.pr_files)
    return value.model_copy(update={"pr_files": files})


def review_forms(found: tuple[Finding, ...], shown: ShownDiff) -> Iterator[Review]:
    """Issues as a list, then as the text that the oldest contract has."""
    # The same kind on the same line is one issue, whatever number of checks found it.
    issues = dict.fromkeys(
        KeyIssue(
            relevant_file=each.lines[0].path,
            issue_header=each.header,
            issue_content=each.content,
            start_line=each.lines[0].new_line or 0,
            end_line=each.lines[-1].new_line or 0,
        )
        for each in found
    )
    concerns = dict.fromkeys(each.header for each in found if each.security)
    review = Review(
        estimated_effort_to_review=effort(shown),
        relevant_tests=relevant_tests(shown),
        key_issues_to_review=tuple(issues)[:MOST_ISSUES],
        security_concerns=", ".join(concerns) or "No",
    )
    yield review
    yield review.model_copy(update=_told_as_text(review, found, shown))


def _told_as_text(
    review: Review, found: tuple[Finding, ...], shown: ShownDiff
) -> dict[str, object]:
    said = [
        f"- {each.relevant_file}, line {each.start_line}: {each.issue_content}"
        for each in review.issues
    ]
    changed = sum(line.sign != " " for line in shown.lines)
    feedback = {
        (each.lines[0].path, each.lines[0].text): CodeFeedback(
            relevant_file=each.lines[0].path,
            language=_language(shown, each),
            suggestion=each.content,
            relevant_line=f"+{each.lines[0].text}",
        )
        for each in found
        if each.instead is not None and each.lines[0].text.strip()
    }
    return {
        "key_issues_to_review": None,
        "possible_issues": "\n".join(said) or "No",
        "effort_reason": f"because {changed} changed lines of {len(shown.files)} files are shown",
        "code_feedback": tuple(feedback.values())[:MOST_FEEDBACK],
    }


def improve_forms(found: tuple[Finding, ...], shown: ShownDiff) -> Iterator[Improve]:
    """As many suggestions as most contracts take, then as the others take."""
    suggestions: dict[tuple[str, str], Suggestion] = {}
    for each in found:
        existing = "\n".join(line.text for line in each.lines)
        if each.instead is None or not existing.strip():
            continue
        path = each.lines[0].path
        # A quote says which lines are meant, so two fixes of one quote could not be told apart.
        suggestions.setdefault(
            (path, existing),
            Suggestion(
                relevant_file=path,
                language=_language(shown, each),
                existing_code=existing,
                suggestion_content=each.content,
                improved_code="\n".join(each.instead),
                one_sentence_summary=each.header,
                label=each.label,
            ),
        )
    for most in MOST_SUGGESTIONS:
        yield Improve(code_suggestions=tuple(suggestions.values())[:most])


def spot(found: tuple[Finding, ...]) -> Spot:
    """The first finding, or none."""
    issues = tuple(
        SpottedDefect(
            relevant_file=each.lines[0].path,
            issue_header=each.header,
            start_line=each.lines[0].new_line or 0,
            end_line=each.lines[-1].new_line or 0,
        )
        for each in found[:1]
    )
    return Spot(issues=issues)


def _language(shown: ShownDiff, found: Finding) -> str:
    file = shown.file(found.lines[0].path)
    return (file.language if file else "") or NO_LANGUAGE
