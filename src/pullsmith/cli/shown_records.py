"""Records as lines for a terminal: the pieces every record is shown with.

Every piece of text passes through ``line``, which lets nothing through that could steer a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.text import Text

from pullsmith.records import Drop, Record
from pullsmith.visible import visible

Lines: TypeAlias = Iterator[Text]
STEP = 2
_WIDTH = 12  # of the names on the left
_LONG_CHARACTERS = 2000


@dataclass(frozen=True)
class Cut:
    """How many lines are shown of one text, of one file's patch, and of all patches together."""

    text_lines: int = 30
    patch_lines: int = 60
    all_patch_lines: int = 300
    line_characters: int = _LONG_CHARACTERS

    @classmethod
    def nothing(cls) -> Cut:
        """Show everything."""
        return cls(*(1 << 60,) * 4)


def line(text: str, style: str = "", *, depth: int = 1) -> Text:
    """One line, with everything in it that is no visible character written out."""
    # The style is the text's, not the line's: what is appended later has its own.
    return Text(" " * STEP * depth).append(visible(text), style=style)


def head(job: str, record: Record) -> Text:
    """The heading of a record: which job made it, what it is, its id."""
    name = record.record_id if isinstance(record, Drop) else str(getattr(record, "id", ""))
    return line(f"── {job}: {type(record).__name__} {name}", "bold", depth=0)


def field(name: str, value: str, style: str = "", *, depth: int = 1) -> Text:
    """``name  value``; the value in ``style``."""
    made = line(f"{name:{_WIDTH}} ", "dim", depth=depth)
    return made.append(visible(value), style=style)


def more(count: int, what: str, *, depth: int) -> Text:
    """The line that stands for what was left out."""
    return line(
        f"… {count} more {what}; --full shows {'it' if count == 1 else 'them'}",
        "italic dim",
        depth=depth,
    )


def long_text(text: str, cut: Cut, *, depth: int, style: str = "") -> Lines:
    """A text of several lines, cut after some; nothing for an empty one. Lines end only at newlines."""
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    for one in lines[: cut.text_lines]:
        yield line(short(one, cut), style, depth=depth)
    if len(lines) > cut.text_lines:
        yield more(len(lines) - cut.text_lines, "lines", depth=depth)


def short(text: str, cut: Cut) -> str:
    """A line as it is, or its beginning and how much is not shown."""
    if len(text) <= cut.line_characters:
        return text
    return f"{text[: cut.line_characters]} … {len(text) - cut.line_characters} more characters"


def plain(record: Record, cut: Cut) -> Lines:
    """Any record: a field a line, long texts and messages indented, defaults left out."""
    values = record.model_dump(mode="json", exclude_defaults=True)
    # The heading has said these; a drop's record has been shown where it was still kept.
    for key in (
        "id",
        "record_id",
        "pull_request_id",
        *(("stage",) if isinstance(record, Drop) else ()),
    ):
        values.pop(key, None)
    kept = values.pop("record_json", "")
    for key, value in values.items():
        yield from _value(key, value, cut)
    if kept:
        yield from _kept_record(kept, cut)


def _value(key: str, value: object, cut: Cut) -> Lines:
    if key == "messages" and isinstance(value, Sequence):
        for message in value:
            yield line(f"[{message['role']}]", "bold")
            yield from long_text(message["content"], cut, depth=2)
    elif isinstance(value, str) and "\n" in value:
        yield field(key, "")
        yield from long_text(value, cut, depth=2)
    else:
        yield field(
            key,
            short(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), cut),
        )


def _kept_record(text: str, cut: Cut) -> Lines:
    """The short fields of a dropped record: what it was, not all that was in it."""
    values = json.loads(text)
    for key in (
        "title",
        "number",
        "evidence",
        "base_sha",
        "head_sha",
        "tool",
        "contract",
        "model",
        "text",
    ):
        if values.get(key) not in (None, ""):
            yield from _value(key, values[key], cut)
