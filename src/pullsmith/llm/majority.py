"""The row of every board that flags by habit: the commonest kind, on the first added line.

Takes the values of the training examples; gives a model that looks at paths and at nothing else.
Every field it does not look up has its most frequent value. Ties go to the smaller text, so the
same examples give the same model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pullsmith.contracts.answers import (
    TOOLS,
    AnswerValue,
    ChangeType,
    Describe,
    DescribedFile,
    Improve,
    KeyIssue,
    Review,
    Suggestion,
)
from pullsmith.contracts.contract import Contract
from pullsmith.contracts.options import as_asked
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff, ShownLine
from pullsmith.errors import AnswerError
from pullsmith.llm.baseline import most_frequent, task_of
from pullsmith.llm.protocol import Completion, Request
from pullsmith.records import Example, Outcome, digest

MOST_FILES = 20  # the contract's
_SILENT = Review(
    estimated_effort_to_review=1,
    relevant_tests="No",
    key_issues_to_review=(),
    security_concerns="No",
)


@dataclass(frozen=True)
class Prior:
    """The most frequent values of each field; ``review`` and ``improve`` of the most frequent kind."""

    types: tuple[ChangeType, ...]
    changes_title: str
    label: str
    issue: KeyIssue | None
    review: Review
    suggestion: Suggestion | None

    @classmethod
    def of(cls, values: Sequence[AnswerValue]) -> Prior:
        """Count ``values``; a tool without any is answered with nothing found."""
        describes = [value for value in values if isinstance(value, Describe)]
        reviews = [value for value in values if isinstance(value, Review)]
        improves = [value for value in values if isinstance(value, Improve)]
        files = [file for value in describes for file in value.pr_files]
        issues = [issue for value in reviews for issue in value.issues]
        issue = _most_frequent_issue(issues)
        suggestions = [each for value in improves for each in value.code_suggestions]
        return cls(
            types=most_frequent([value.type for value in describes], (ChangeType.OTHER,)),
            changes_title=most_frequent(
                [file.changes_title for file in files], "Changes some lines"
            ),
            label=most_frequent([file.label for file in files], "enhancement"),
            issue=issue,
            review=_most_frequent_review(reviews, issue),
            suggestion=_most_frequent_suggestion(suggestions, issue),
        )


def _most_frequent_issue(issues: Sequence[KeyIssue]) -> KeyIssue | None:
    if not issues:
        return None
    header = most_frequent([issue.issue_header for issue in issues], "")
    same = [issue for issue in issues if issue.issue_header == header]
    content = most_frequent([issue.issue_content for issue in same], "")
    return most_frequent(same, same[0]).model_copy(update={"issue_content": content})


def _most_frequent_review(reviews: Sequence[Review], issue: KeyIssue | None) -> Review:
    """The review most often seen around ``issue``, without its issues."""
    header = issue.issue_header if issue else None
    around = []
    for review in reviews:
        headers = [each.issue_header for each in review.issues]
        if header in headers or (header is None and not headers):
            around.append(review.model_copy(update={"key_issues_to_review": ()}))
    return most_frequent(around, _SILENT)


def _most_frequent_suggestion(
    suggestions: Sequence[Suggestion], issue: KeyIssue | None
) -> Suggestion | None:
    """The same kind as ``issue`` where improve knows it, else improve's own most frequent one."""
    if not suggestions:
        return None
    summaries = [each.one_sentence_summary for each in suggestions]
    header = issue.issue_header if issue else ""
    kind = header if header in summaries else most_frequent(summaries, "")
    same = [each for each in suggestions if each.one_sentence_summary == kind]
    content = most_frequent([each.suggestion_content for each in same], "")
    label = most_frequent([each.label for each in same], "")
    words = {"suggestion_content": content, "label": label}
    return most_frequent(same, same[0]).model_copy(update=words)


class MajorityModel:
    """Flags the first added line of every pull request as the most frequent kind of defect."""

    def __init__(self, values: Sequence[AnswerValue], contract: Contract) -> None:
        """Learn from ``values``; write in ``contract``."""
        self._prior = Prior.of(values)
        self._contract = contract

    @property
    def checkpoint(self) -> str:
        """The digest of what was learned."""
        prior = self._prior
        parts = (prior.issue, prior.review, prior.suggestion)
        return digest([*parts, prior.types, prior.changes_title, prior.label])

    async def complete(self, request: Request) -> Completion:
        """The answer as text; REFUSED where the contract cannot say it."""
        task = task_of(request).as_task()
        try:
            value = as_asked(self._value(task), task.options)
            text = self._contract.write(task, value)
        except AnswerError as error:
            return Completion(outcome=Outcome.REFUSED, text="", detail=str(error))
        return Completion(outcome=Outcome.OK, text=text)

    async def close(self) -> None:
        """Nothing to give back."""

    def _value(self, task: Task) -> AnswerValue:
        shown = task.shown
        added = (line for line in shown.lines if line.sign == "+" and line.text.strip())
        first = next(added, None)
        if task.tool == "describe":
            return self._describe(task)
        if task.tool == "review":
            return self._review(first)
        if task.tool == "improve":
            return self._improve(first, shown)
        raise AnswerError("unknown_tool", f"the majority row has no habit for {task.tool}")

    def _describe(self, task: Task) -> Describe:
        prior = self._prior
        paths = list(dict.fromkeys(file.path for file in task.shown.files))[:MOST_FILES]
        return Describe(
            type=prior.types,
            description=f"- {prior.changes_title}",
            title=task.pull_request.title.strip() or prior.changes_title,
            pr_files=tuple(
                DescribedFile(filename=path, changes_title=prior.changes_title, label=prior.label)
                for path in paths
            ),
        )

    def _review(self, first: ShownLine | None) -> Review:
        issue = self._prior.issue
        if issue is None or first is None or first.new_line is None:
            return self._prior.review
        place = {"start_line": first.new_line, "end_line": first.new_line}
        flagged = issue.model_copy(update={"relevant_file": first.path, **place})
        return self._prior.review.model_copy(update={"key_issues_to_review": (flagged,)})

    def _improve(self, first: ShownLine | None, shown: ShownDiff) -> Improve:
        suggestion = self._prior.suggestion
        if suggestion is None or first is None:
            return Improve(code_suggestions=())
        file = shown.file(first.path)
        removal = {
            "relevant_file": first.path,
            "language": (file.language if file else "") or "text",
            "existing_code": first.text,
            "improved_code": "",
        }
        return Improve(code_suggestions=(suggestion.model_copy(update=removal),))


def majority_values(
    examples: Iterable[Example],
    task: Callable[[Example], Task],
    contract: Contract,
) -> list[AnswerValue]:
    """What ``examples`` say of the three tools, read back in their contract; ``task`` finds what they answer."""
    return [
        contract.parse(task(example), example.target)
        for example in examples
        if example.tool in TOOLS
    ]
