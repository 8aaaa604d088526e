"""Answers of PR-Agent's contracts: not written yet."""

from __future__ import annotations

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.task import Task
from pullsmith.errors import AnswerError


def write_answer(version: str, task: Task, value: AnswerValue) -> str:  # noqa: ARG001  # not yet
    """The wire text; raises AnswerError."""
    raise AnswerError("not_writable", f"pr-agent-{version} cannot write {task.tool} yet")


def read_answer(version: str, task: Task, text: str) -> AnswerValue:  # noqa: ARG001  # not yet
    """The value, read strictly; raises AnswerError."""
    raise AnswerError("not_readable", f"pr-agent-{version} cannot read {task.tool} yet")


def read_leniently(version: str, task: Task, text: str) -> AnswerValue:
    """What PR-Agent would still accept; raises AnswerError."""
    return read_answer(version, task, text)
