"""The kinds of planted defect: what each is called, what is said about it, who can see it.

Takes nothing; gives a closed table. Refuses to know how a defect is made (operators and twins do).
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pullsmith.errors import SourceError


class Group(StrEnum):
    """Whether a linter could see the defect, or only a reader who knows what is meant."""

    SURFACE = "surface"
    SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind; ``header`` and ``content`` are the issue_header and issue_content of its truth."""

    name: str
    header: str
    content: str
    group: Group = Group.SURFACE
    security: bool = False


_SIMPLE = (
    Kind("debug_print", "Debug print", "A debugging print was left in the code."),
    Kind("secret", "Hard-coded secret", "A credential is stored in the source.", security=True),
    Kind("shell", "Shell injection", "Input reaches a shell command line.", security=True),
    Kind("sql", "SQL injection", "Input is pasted into an SQL string.", security=True),
    Kind("tls", "TLS check off", "The certificate is not verified.", security=True),
    Kind("none_eq", "None comparison", "None is compared with an equality operator."),
    Kind("mutable_default", "Mutable default", "The default value is shared between calls."),
    Kind("bare_except", "Bare except", "The handler hides every error."),
    Kind("is_literal", "Identity comparison", "A literal is compared by identity."),
    Kind("lost_raise", "Lost raise", "The exception is built but never raised."),
)
_SURFACE = (
    Kind("swallowed", "Swallowed exception", "The error is ignored without a trace."),
    Kind("unclosed", "Unclosed resource", "What is opened is never closed."),
    Kind("eval", "Eval of input", "Evaluating input runs arbitrary code.", security=True),
    Kind("assertion", "Assert for validation", "The check vanishes when Python runs with -O."),
)
_SEMANTIC = (
    Kind(
        "lost_return", "Lost return", "The result is computed but not returned.", Group.SEMANTIC
    ),
    Kind(
        "inverted", "Inverted condition", "The condition is the opposite of what is meant.",
        Group.SEMANTIC,
    ),
    Kind(
        "boundary", "Wrong boundary", "The comparison is wrong at the boundary.", Group.SEMANTIC
    ),
    Kind("off_by_one", "Off by one", "The bound is off by one.", Group.SEMANTIC),
    Kind("swapped", "Swapped arguments", "The arguments are in the wrong order.", Group.SEMANTIC),
    Kind(
        "missing_none", "Missing None check", "A value that can be None is used unchecked.",
        Group.SEMANTIC,
    ),
    Kind("wrong_variable", "Wrong variable", "Another variable is meant here.", Group.SEMANTIC),
    Kind("lost_await", "Lost await", "The coroutine is never awaited.", Group.SEMANTIC),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*_SIMPLE, *_SURFACE, *_SEMANTIC)}
SIMPLE: tuple[str, ...] = tuple(kind.name for kind in _SIMPLE)


def chosen_kinds(names: Sequence[str]) -> tuple[str, ...]:
    """``names`` once each and in the table's order; the ten simple ones if there are none.

    "all" stands for every kind. Raises SourceError on a name that is no kind, with the nearest one.
    """
    if "all" in names:
        return tuple(KINDS)
    for name in names:
        if name not in KINDS:
            near = difflib.get_close_matches(name, list(KINDS), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(KINDS)}"
            raise SourceError(f"planted source: kinds: unknown kind {name!r}; {hint}")
    return tuple(name for name in KINDS if name in names) or SIMPLE
