r"""PR-Agent's ways with one file's patch as text: hunks told apart, deletions left out, halves split.

Takes a patch and facts of a version, gives text to the byte. It splits where ``str.splitlines``
does, so a form feed or U+2028 in a line makes two, drops whatever line speaks of a missing newline,
and takes any line that looks like a hunk's header for one; all that is done here as it does it.
One thing is not: a line that begins with ``@@`` and is no header makes PR-Agent fail altogether,
here it is left out. Refuses to know files, budgets and records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pullsmith.contracts.pr_agent.versions import Sections

HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@[ ]?(.*)")
_NO_NEWLINE = "no newline at end of file"


@dataclass(frozen=True, slots=True)
class Header:
    """The numbers of a hunk's header; a count that git leaves out, because it is 1, is 0 here.

    ``old_empty`` and ``new_empty`` say that the side has no line; its start is then the line before.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    old_empty: bool = False
    new_empty: bool = False


def read_header(line: str) -> Header | None:
    """The header in ``line``, None where it is none."""
    match = HEADER.match(line)
    if match is None:
        return None
    old_start, old_count, new_start, new_count, section = match.groups()
    old, new = int(old_count or 0), int(new_count or 0)
    old_empty, new_empty = old_count is not None and not old, new_count is not None and not new
    return Header(int(old_start), old, int(new_start), new, section, old_empty, new_empty)


def without_trailing_deletions(patch: str) -> str:
    """The patch up to its last hunk that adds; empty where none does.

    PR-Agent means to leave out every hunk that only removes; those before one that adds it keeps.
    """
    kept: list[str] = []
    waiting: list[str] = []
    adds = inside = False
    for line in patch.splitlines():
        if not line.startswith("@@"):
            waiting.append(line)
            adds = adds or line.startswith("+")
        elif HEADER.match(line):
            if inside and adds:
                kept += waiting
                waiting = []
                adds = False
            waiting.append(line)
            inside = True
    if inside and adds:
        kept += waiting
    return "\n".join(kept)


def decoupled(patch: str, sections: Sections) -> Iterator[str]:
    """The text of each hunk, new and old lines apart; joined and stripped at the end they are the file's."""
    header_line, start = "", -1
    new: list[str] = []
    old: list[str] = []
    for line in _kept_lines(patch, sections):
        if line.startswith("@@"):
            header = read_header(line)
            if header is None:
                continue
            if new or (old and sections is not Sections.BOTH):
                if header_line:  # else what is written is the gap before the first hunk
                    yield _hunk(header_line, start, new, old, sections=sections)
                new, old = [], []
            header_line, start = line, header.new_start
        elif line.startswith("+"):
            new.append(line)
        elif line.startswith("-"):
            old.append(line)
        else:
            new.append(line)
            old.append(line)
    if new and header_line:  # a last hunk that leaves nothing of its lines is not written
        yield _hunk(header_line, start, new, old, sections=sections)


def _kept_lines(patch: str, sections: Sections) -> list[str]:
    lines = patch.splitlines()
    kept = lines
    if sections is Sections.NEW_ALWAYS:
        kept = [line for at, line in enumerate(lines) if line or not _is_gap(lines, at)]
    if _NO_NEWLINE in patch.lower():  # seldom: spares lowering every line
        kept = [line for line in kept if _NO_NEWLINE not in line.lower()]
    return kept


def _is_gap(lines: list[str], at: int) -> bool:
    """Whether the empty line there stands before a header or at the end."""
    return at > 0 and (at + 1 == len(lines) or lines[at + 1].startswith("@@"))


def _hunk(header: str, start: int, new: list[str], old: list[str], *, sections: Sections) -> str:
    both = sections is Sections.BOTH
    shows_old = bool(old) if both else any(line.startswith("-") for line in old)
    shows_new = both or any(line.startswith("+") for line in new)
    if sections is Sections.NEW_ALWAYS:
        shows_new = shows_new or shows_old
    text = f"\n{header}\n"
    if shows_new:
        numbered = "".join([f"{number} {line}\n" for number, line in enumerate(new, start)])
        text = f"{text.rstrip()}\n__new hunk__\n{numbered}"
    if shows_old:
        text = f"{text.rstrip()}\n__old hunk__\n" + "".join([f"{line}\n" for line in old])
    return text
