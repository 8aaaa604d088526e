"""What a study asks for, checked before anything is rendered: its tools, and who can be asked them.

Takes a study and the tools there are; raises StudyError naming the setting, what was found and what
to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.tools import Tools
from pullsmith.errors import StudyError
from pullsmith.study import Study
from pullsmith.study.roles import ReferenceRole, StudentRole, TeacherRole

_ANY_TOOL = "native-1"  # the contract that also puts tools of the user's own


def check_asked_tools(study: Study, tools: Tools) -> None:
    """Raise StudyError for an unknown tool or contract, and a contract without a tool it is asked."""
    _check_names(study.render.tools, study.tools)
    find = contracts_of(study.contract, tools)
    for part, role in _roles(study):
        contract = find(role.contract)
        for tool in study.render.tools:
            if tool not in contract.tools:
                raise StudyError(
                    f"{part} {role.label}: contract {role.contract} has no form for {tool}; "
                    f"use {_ANY_TOOL}"
                )


def _check_names(asked: Sequence[str], known: Sequence[str]) -> None:
    for tool in asked:
        if tool not in known:
            near = difflib.get_close_matches(tool, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise StudyError(f"render.tools: unknown tool {tool!r}; {hint}")
    if len(set(asked)) < len(asked):
        raise StudyError(f"render.tools: {', '.join(asked)}: a tool is named twice")


def _roles(study: Study) -> Iterator[tuple[str, TeacherRole | ReferenceRole | StudentRole]]:
    yield from (("teacher", role) for role in study.teacher)
    yield from (("reference", role) for role in study.reference)
    yield from (("student", role) for role in study.student)
