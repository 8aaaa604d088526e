"""``rules`` and ``rules+truth``: answers without a model, from the diff, two linters and the truth.

Takes a request's subject and gives an answer through the writer of the asked contract. ``rules``
says what can be seen; it is the floor every model must beat. ``rules+truth`` says the same, and on
planted pull requests what was planted: a teacher, never a reference. Neither is a language model,
and neither says more than it knows: without a finding the answer is empty, which is an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pullsmith.contracts.answers import (
    AnswerValue,
    Improve,
    KeyIssue,
    Review,
    Spot,
    SpottedDefect,
    Suggestion,
)
from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.options import as_asked
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff, ShownLine
from pullsmith.errors import AnswerError, StudyError
from pullsmith.llm.describing import describe, effort, relevant_tests
from pullsmith.llm.lint import findings
from pullsmith.llm.protocol import Completion, Request
from pullsmith.records import Defect as PlantedDefect
from pullsmith.records import Outcome, PullRequest

RULES_VERSION = "rules-1"  # changed when the same pull request would get another answer
MOST_ISSUES = 3
MOST_SUGGESTIONS = 4
_MATTER_OF_STYLE = {"debug_print", "none_eq"}
_CORRECTION = "planted:fix"


@dataclass(frozen=True)
class Said:
    """One thing that is said: on which shown lines, and the lines that should stand there instead.

    ``instead`` is None where no fix is known, empty where the lines should go.
    """

    lines: tuple[ShownLine, ...]
    header: str
    content: str
    label: str
    instead: tuple[str, ...] | None
    security: bool = False


class RulesModel:
    """The rules as a ChatModel; with ``truth`` it is rules+truth."""

    def __init__(
        self, *, truth: bool = False, contracts: Callable[[str], Contract] = find_contract
    ) -> None:
        """``contracts`` finds a contract by name."""
        self._truth = truth
        self._contract = lru_cache(maxsize=None)(contracts)

    async def complete(self, request: Request) -> Completion:
        """The answer as text; REFUSED where nothing is shown or the contract cannot say it.

        Raises StudyError for a request that is no task.
        """
        if request.task is None:
            raise StudyError("rules answers tasks only; name it under teacher or reference")
        task = request.task.as_task()
        if not task.shown.files:
            return Completion(outcome=Outcome.REFUSED, text="", detail="nothing is shown")
        try:
            value = as_asked(self.value(task), task.options)
            text = self._contract(request.task.contract).write(task, value)
        except AnswerError as error:
            return Completion(outcome=Outcome.REFUSED, text="", detail=str(error))
        return Completion(outcome=Outcome.OK, text=text)

    async def close(self) -> None:
        """Nothing to give back."""

    def value(self, task: Task) -> AnswerValue:
        """The answer to ``task``; raises AnswerError for a tool that no rule knows."""
        pull_request, shown = task.pull_request, task.shown
        knows = self._truth and pull_request.planted
        if task.tool == "describe":
            return describe(pull_request, shown, corrects=_corrected(pull_request) if knows else "")
        said = _planted(pull_request, shown) if knows else _linted(shown)
        if task.tool == "review":
            return _review(said, shown)
        if task.tool == "improve":
            return _improve(said, shown)
        if task.tool == "spot":
            return _spot(said)
        raise AnswerError(
            "unknown_tool", f"rules knows describe, review, improve and spot, not {task.tool}"
        )


def _corrected(pull_request: PullRequest) -> str:
    """The file a planted correction is in: the one from which a line was taken; empty if none is."""
    if pull_request.evidence != _CORRECTION:
        return ""
    return next((file.path for file in pull_request.files if file.deleted_lines), "")


def _planted(pull_request: PullRequest, shown: ShownDiff) -> tuple[Said, ...]:
    """What was planted; nothing on a clean pull request, and nothing about lines not shown."""
    defect = pull_request.defect
    if defect is None:
        return ()
    lines = shown.new_lines(defect.path, defect.start_line, defect.end_line)
    if tuple(line.text for line in lines) != defect.defective:
        return ()
    return (
        Said(
            lines,
            defect.header,
            defect.content,
            _planted_label(defect),
            instead=defect.original,
            security=defect.security,
        ),
    )


def _planted_label(defect: PlantedDefect) -> str:
    if defect.security:
        return "security"
    return "general" if defect.kind in _MATTER_OF_STYLE else "possible bug"


def _linted(shown: ShownDiff) -> tuple[Said, ...]:
    return tuple(
        Said(
            (found.line,),
            found.defect.header,
            found.defect.content,
            found.defect.label,
            instead=None if found.fixed is None else (found.fixed,),
        )
        for found in findings(shown)
    )


def _review(said: tuple[Said, ...], shown: ShownDiff) -> Review:
    # The same kind on the same line is one issue, whatever number of checks found it.
    issues = dict.fromkeys(
        KeyIssue(
            relevant_file=each.lines[0].path,
            issue_header=each.header,
            issue_content=each.content,
            start_line=each.lines[0].new_line or 0,
            end_line=each.lines[-1].new_line or 0,
        )
        for each in said
    )
    concerns = dict.fromkeys(each.header for each in said if each.security)
    return Review(
        estimated_effort_to_review=effort(shown),
        relevant_tests=relevant_tests(shown),
        key_issues_to_review=tuple(issues)[:MOST_ISSUES],
        security_concerns=", ".join(concerns) or "No",
    )


def _improve(said: tuple[Said, ...], shown: ShownDiff) -> Improve:
    suggestions: dict[tuple[str, str], Suggestion] = {}
    for each in said:
        existing = "\n".join(line.text for line in each.lines)
        if each.instead is None or not existing.strip():
            continue
        path = each.lines[0].path
        file = shown.file(path)
        # A quote says which lines are meant, so two fixes of one quote could not be told apart.
        suggestions.setdefault(
            (path, existing),
            Suggestion(
                relevant_file=path,
                language=(file.language if file else "") or "text",
                existing_code=existing,
                suggestion_content=each.content,
                improved_code="\n".join(each.instead),
                one_sentence_summary=each.header,
                label=each.label,
            ),
        )
    return Improve(code_suggestions=tuple(suggestions.values())[:MOST_SUGGESTIONS])


def _spot(said: tuple[Said, ...]) -> Spot:
    issues = tuple(
        SpottedDefect(
            relevant_file=each.lines[0].path,
            issue_header=each.header,
            start_line=each.lines[0].new_line or 0,
            end_line=each.lines[-1].new_line or 0,
        )
        for each in said[:1]
    )
    return Spot(issues=issues)
