"""A tool of the tests' own, made in code: a note of one line about a file that must be shown."""

from __future__ import annotations

from types import MappingProxyType

from pullsmith.contracts.answers import AnswerValue, Text
from pullsmith.contracts.tools import BUILT_IN, Tool
from pullsmith.diff.shown import ShownDiff


class Note(AnswerValue):
    """A note about a file."""

    file: Text
    note: Text


def note_faults(value: AnswerValue, shown: ShownDiff) -> tuple[str, ...]:
    """A note is about a file that is shown."""
    assert isinstance(value, Note)
    return () if shown.file(value.file) else (f"wrong_place: {value.file}",)


NOTE = Tool("note", Note, "leave a note.", note_faults, limits={"note": 10}, digest="d1")
TOOLS = MappingProxyType({**BUILT_IN, "note": NOTE})
