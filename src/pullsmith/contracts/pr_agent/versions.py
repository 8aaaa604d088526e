"""What PR-Agent's code does differently from version to version, as data.

Takes nothing, gives frozen facts. Only what stands in its code is here: what stands in its settings
is read from the installation. Read in source up to v0.29 (Apache-2.0); ``2026-04`` was written from
notes on that version alone and was never compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum


class Form(StrEnum):
    """How a tool is shown a diff."""

    PLAIN = "plain"
    NUMBERED = "numbered"  # new and old lines apart, the new ones with their numbers
    UNNUMBERED = "unnumbered"  # the same, numbers taken out again


class Sections(Enum):
    """Which halves of a decoupled hunk are written."""

    BOTH = "both, whatever changed"
    CHANGED = "only those with a changed line"
    NEW_ALWAYS = "the new one whatever changed, the old one where lines were removed"


class Extension(Enum):
    """How lines around a hunk are added."""

    BARE = "without a sign before them, and whether the file has them or not"
    SIGNED = "as context lines, as far as the file reaches"
    CHECKED = "the same, and only where the old and the new file agree"


@dataclass(frozen=True)
class Tool:
    """How one tool is put: its prompt's table, its diff, whether lines around hunks are added."""

    table: str  # in PR-Agent's settings
    form: Form
    extended: bool = True
    parts: bool = False  # a diff over the budget becomes several prompts


@dataclass(frozen=True)
class Heads:
    """The lines that begin a file; ``{path}`` and ``{patch}`` are filled in."""

    extended: str  # a plain diff that fits whole
    pruned: str  # a plain diff that does not
    decoupled: str
    deleted: str = ""  # stands in place of a deleted file's decoupled diff; empty: it does not


@dataclass(frozen=True)
class Version:
    """One form of PR-Agent's prompts. ``digests`` are those of the prompt tables, by tool."""

    name: str
    tools: Mapping[str, Tool]
    heads: Heads
    sections: Sections
    extension: Extension
    soft_reserve: int
    hard_reserve: int
    stripped: bool  # the path above an extended file
    stops_late: bool  # a part more than allowed is begun before it stops
    lists_large_only: bool  # not the files there was no room left to try
    most_loaded: int  # of the files in a pull request, so many are read whole
    suggestions: int
    needs_lines: bool  # a suggestion without line numbers is dropped before reflect
    softens_labels: bool  # and a critical one is called an issue; edits of nothing stay as they are
    digests: Mapping[str, str]


_HEADS_2024 = Heads(
    extended="\n\n## {path}\n{patch}\n",
    pruned="\n\n## file: '{path}\n\n{patch}\n'",
    decoupled="\n\n## file: '{path}'\n",
    deleted="\n\n## file '{path}' was deleted\n",
)
_HEADS_2025 = Heads(
    extended="\n\n## File: '{path}'\n{patch}\n",
    pruned="\n\n## File: '{path}'\n\n{patch}\n",
    decoupled="\n\n## File: '{path}'\n",
    deleted="\n\n## File '{path}' was deleted\n",
)


def _tools(review: Tool, improve: Form, *, extended: bool = True) -> Mapping[str, Tool]:
    table = "pr_code_suggestions"
    apart = "" if improve is not Form.PLAIN else "_not_decoupled"
    return {
        "describe": Tool("pr_description_prompt", Form.PLAIN),
        "review": review,
        "improve": Tool(f"{table}_prompt{apart}", improve, extended, parts=True),
        "reflect": Tool(f"{table}_reflect_prompt", Form.NUMBERED, extended, parts=True),
    }


_REVIEW = "pr_review_prompt"
VERSIONS: dict[str, Version] = {
    version.name: version
    for version in (
        Version(
            name="2024-06",
            tools=_tools(Tool(_REVIEW, Form.PLAIN), Form.NUMBERED, extended=False),
            heads=Heads(
                extended="\n\n## {path}\n\n{patch}\n",
                pruned=_HEADS_2024.pruned,
                decoupled=_HEADS_2024.decoupled,
            ),
            sections=Sections.BOTH,
            extension=Extension.BARE,
            soft_reserve=1000,
            hard_reserve=600,
            stripped=False,
            stops_late=True,
            lists_large_only=True,
            most_loaded=1 << 30,
            suggestions=4,
            needs_lines=False,
            softens_labels=False,
            digests={
                "describe": "7c12cab9",
                "review": "ad8e97ac",
                "improve": "01a7338b",
                "reflect": "9278601b",
            },
        ),
        Version(
            name="0.2.4",
            tools=_tools(Tool(_REVIEW, Form.NUMBERED, extended=False), Form.NUMBERED),
            heads=_HEADS_2024,
            sections=Sections.CHANGED,
            extension=Extension.SIGNED,
            soft_reserve=1500,
            hard_reserve=1000,
            stripped=False,
            stops_late=False,
            lists_large_only=False,
            most_loaded=49,
            suggestions=4,
            needs_lines=True,
            softens_labels=False,
            digests={
                "describe": "f383495e",
                "review": "875570e1",
                "improve": "c5e4087b",
                "reflect": "46ee0e43",
            },
        ),
        Version(
            name="2025-03",
            tools=_tools(Tool(_REVIEW, Form.NUMBERED), Form.UNNUMBERED),
            heads=_HEADS_2025,
            sections=Sections.NEW_ALWAYS,
            extension=Extension.CHECKED,
            soft_reserve=1500,
            hard_reserve=1000,
            stripped=True,
            stops_late=False,
            lists_large_only=False,
            most_loaded=49,
            suggestions=4,
            needs_lines=False,
            softens_labels=True,
            digests={
                "describe": "ef2d632b",
                "review": "3eacc969",
                "improve": "229b1647",
                "reflect": "32dcc07b",
            },
        ),
        Version(
            name="2026-04",
            tools=_tools(Tool(_REVIEW, Form.NUMBERED), Form.PLAIN),
            heads=_HEADS_2025,
            sections=Sections.NEW_ALWAYS,
            extension=Extension.CHECKED,
            soft_reserve=1500,
            hard_reserve=1000,
            stripped=True,
            stops_late=False,
            lists_large_only=False,
            most_loaded=49,
            suggestions=3,
            needs_lines=False,
            softens_labels=True,
            digests={},  # nobody looked: told by its marks
        ),
    )
}
