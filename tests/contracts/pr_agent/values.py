"""Answers that have every field of each version, and the options and settings that ask for them."""

from __future__ import annotations

from dataclasses import replace

from pullsmith.contracts.answers import (
    AnswerValue,
    CodeFeedback,
    Describe,
    Improve,
    Reflect,
    Reflection,
    Review,
    SplitPart,
    TicketCompliance,
    TimeCost,
)
from pullsmith.contracts.fields import LINES, fitted
from pullsmith.contracts.task import Task
from pullsmith.records import PromptOptions
from tests.contracts.builders import DESCRIBE, IMPROVE, REVIEW, pull_request, task_of

VERSIONS = ("2024-06", "0.2.4", "2025-03", "2026-04")
TOOLS = ("describe", "review", "improve", "reflect")
OLD = ("2024-06", "0.2.4")
ALL_ON = PromptOptions(require_score=True, require_can_be_split=True)
SUBJECT = pull_request()

_TICKET = TicketCompliance(
    ticket_url="#12",
    ticket_requirements="- Retry",
    fully_compliant_requirements="- Retry",
    not_compliant_requirements="",
    requires_further_human_verification="",
)
_FEEDBACK = CodeFeedback(
    relevant_file="src/upload.py",
    language="python",
    suggestion="Count first. [important]",
    relevant_line="+        tries += 1",
)
_MORE: dict[str, dict[str, object]] = {
    "2024-06": {"insights_from_user_answers": "None.", "code_feedback": (_FEEDBACK,),
                "possible_issues": "- Endless loop: it never ends", "effort_reason": "because: short",
                "key_issues_to_review": None},
    "0.2.4": {"insights_from_user_answers": "None.", "code_feedback": (_FEEDBACK,)},
    "2025-03": {"insights_from_user_answers": "None.", "ticket_compliance_check": (_TICKET,)},
    "2026-04": {"insights_from_user_answers": "None.", "ticket_compliance_check": (_TICKET,),
                "todo_sections": ("Fix it later",), "contribution_time_cost_estimate": TimeCost(
                    best_case="1h", average_case="2h", worst_case="1d")},
}  # fmt: skip


def asked(version: str, tool: str) -> frozenset[str]:
    """Every optional field that no option switches."""
    if tool == "review":
        return frozenset(
            _MORE[version].keys() - {"possible_issues", "effort_reason", "key_issues_to_review"}
        )
    if tool == "describe":
        new = (
            {"changes_summary", "changes_diagram"} if version == "2026-04" else {"changes_summary"}
        )
        return frozenset({"labels"} if version in OLD else new)
    return frozenset()


def task(version: str, tool: str) -> Task:
    """The task of an answer with every field."""
    made = replace(task_of(tool, SUBJECT), options=ALL_ON)
    return replace(made, about=IMPROVE) if tool == "reflect" else made


def value(version: str, tool: str) -> AnswerValue:
    """The answer with every field of its version."""
    found = {"describe": _describe, "review": _review, "improve": _improve, "reflect": _reflect}
    return found[tool](version)


def _describe(version: str) -> Describe:
    files = tuple(
        file.model_copy(
            update={
                "changes_summary": "- It counts",
                "language": "python" if version in OLD else None,
            }
        )
        for file in DESCRIBE.pr_files
    )
    more: dict[str, object] = {"labels": ("ui", "db: x")} if version in OLD else {}
    if version == "2026-04":
        more = {"changes_diagram": "flowchart LR\n  a --> b"}
    return DESCRIBE.model_copy(update={"pr_files": files, **more})


def _review(version: str) -> Review:
    part = SplitPart(relevant_files=("new.py", "a: b"), title="New")
    more = {"score": 80, "can_be_split": (part,), **_MORE[version]}
    return REVIEW.model_copy(update=more)


def _improve(version: str) -> Improve:
    found = fitted(IMPROVE, task(version, "improve"), LINES if version in OLD else ())
    assert isinstance(found, Improve)
    return found


def _reflect(version: str) -> Reflect:
    plain = Reflect(
        code_suggestions=tuple(
            Reflection(
                suggestion_summary=each.one_sentence_summary,
                relevant_file=each.relevant_file,
                suggestion_score=score,
                why="Right: it hangs.",
            )
            for score, each in enumerate(IMPROVE.code_suggestions)
        )
    )
    found = fitted(plain, task(version, "reflect"), () if version in OLD else LINES)
    assert isinstance(found, Reflect)
    return found
