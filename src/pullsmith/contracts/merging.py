"""One answer out of those to the parts of a pull request that took several prompts, for people.

Takes the values of one tool's answers, in the order of the parts; gives one value. Answers are cleaned,
judged and scored part by part; what a reader of a pull request sees is one answer. The merged value
may be longer than any contract lets one answer be, so it is shown and never written on a wire.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from pullsmith.contracts.answers import (
    AnswerValue,
    Describe,
    Improve,
    KeyIssue,
    Review,
    Suggestion,
)

T = TypeVar("T")
_NOTHING = frozenset({"", "no", "none", "no."})


def merged(
    values: Sequence[AnswerValue], scores: Sequence[Sequence[int]] = ()
) -> AnswerValue | None:
    """One value for all parts; None for a tool of which nobody knows how, or of values of two tools.

    Describe: every file once, and the texts of the part that shows most files, the other parts' own
    descriptions below. Review: every issue once, the highest effort, the lowest score, and what any
    part is concerned about. Improve: every suggestion once, the best first where ``scores`` (one
    tuple a value, one number a suggestion) has one for each of them. One value is itself.
    """
    if len(values) == 1 and not any(scores):
        return values[0]
    describes = [value for value in values if isinstance(value, Describe)]
    reviews = [value for value in values if isinstance(value, Review)]
    improves = [value for value in values if isinstance(value, Improve)]
    if describes and len(describes) == len(values):
        return _describe(describes)
    if reviews and len(reviews) == len(values):
        return _review(reviews)
    if improves and len(improves) == len(values):
        return _improve(improves, scores)
    return None


def _describe(values: Sequence[Describe]) -> Describe:
    files = _once((file for value in values for file in value.pr_files), lambda file: file.filename)
    main = max(values, key=lambda value: len(value.pr_files))  # the first of several
    texts = [main.description, *(value.description for value in values)]
    return main.model_copy(
        update={
            "type": _once((each for value in values for each in value.type), str),
            "description": "\n".join(_once((text.rstrip("\n") for text in texts), _plain)),
            "pr_files": files,
            "labels": _union(values, lambda value: value.labels),
        }
    )


def _review(values: Sequence[Review]) -> Review:
    efforts = [v.estimated_effort_to_review for v in values if v.estimated_effort_to_review]
    scores = [value.score for value in values if value.score is not None]
    hardest = max(values, key=lambda value: value.estimated_effort_to_review or 0)
    return hardest.model_copy(
        update={
            "estimated_effort_to_review": max(efforts, default=None),
            "score": min(scores, default=None),
            "key_issues_to_review": _issues(values),
            "relevant_tests": _something(value.relevant_tests for value in values),
            "possible_issues": _something(value.possible_issues for value in values),
            "security_concerns": _something(value.security_concerns for value in values),
            "todo_sections": _union(values, lambda value: value.todo_sections),
            "can_be_split": _union(values, lambda value: value.can_be_split),
            "code_feedback": _union(values, lambda value: value.code_feedback),
            "ticket_compliance_check": _union(values, lambda value: value.ticket_compliance_check),
        }
    )


def _issues(values: Sequence[Review]) -> tuple[KeyIssue, ...] | None:
    """Every issue once: the same header on overlapping lines of a file is the same issue."""
    lists = [value.key_issues_to_review for value in values]
    if all(each is None for each in lists):
        return None
    kept: list[KeyIssue] = []
    for issue in (issue for each in lists for issue in each or ()):
        if not any(_same_issue(issue, other) for other in kept):
            kept.append(issue)
    return tuple(kept)


def _same_issue(one: KeyIssue, other: KeyIssue) -> bool:
    return (
        one.relevant_file == other.relevant_file
        and _plain(one.issue_header) == _plain(other.issue_header)
        and one.start_line <= other.end_line
        and other.start_line <= one.end_line
    )


def _improve(values: Sequence[Improve], scores: Sequence[Sequence[int]]) -> Improve:
    found = [suggestion for value in values for suggestion in value.code_suggestions]
    flat = [score for each in scores for score in each]
    complete = [len(each) for each in scores] == [len(value.code_suggestions) for value in values]
    if complete:
        order = sorted(
            range(len(found)), key=lambda place: -flat[place]
        )  # stable: ties as they came
        found = [found[place] for place in order]
    return values[0].model_copy(update={"code_suggestions": _once(found, _edit)})


def _edit(suggestion: Suggestion) -> tuple[str, str, str]:
    """What makes a suggestion the same as another: the same edit at the same code."""
    code = (suggestion.existing_code, suggestion.improved_code)
    before, after = ("\n".join(line.strip() for line in text.strip().split("\n")) for text in code)
    return suggestion.relevant_file, before, after


def _something(texts: Iterable[str | None]) -> str | None:
    """What any part says beside No, each once; No where all say so, None where nobody was asked."""
    there = [text for text in texts if text is not None]
    said = _once((t for t in there if _plain(t) not in _NOTHING), _plain)
    return "\n".join(text.strip() for text in said) if said else next(iter(there), None)


def _union(
    values: Sequence[T], of: Callable[[T], tuple[Hashable, ...] | None]
) -> tuple[Hashable, ...] | None:
    """All entries once, in order; None where no part has such a list."""
    lists = [of(value) for value in values]
    if all(each is None for each in lists):
        return None
    return _once((entry for each in lists for entry in each or ()), lambda entry: entry)


def _once(entries: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    """The entries in their order, of those with one key the first."""
    seen: dict[Hashable, T] = {}
    for entry in entries:
        seen.setdefault(key(entry), entry)
    return tuple(seen.values())


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
