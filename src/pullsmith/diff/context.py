"""The old file's lines around each hunk, beside the very patch git prints with its three lines.

Takes a patch that git printed with more than three lines around each change, gives it cut down to
the bytes git itself prints with three, and what stood around. So one pass of git gives both, and a
record's patch never depends on how much context was asked for. Refuses to know files and paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pullsmith.diff.hunks import Hunk, first_bytes, parse_hunks, write_hunks
from pullsmith.records import HunkContext

SHOWN = 3  # lines that git shows around a change
# Changes that git puts into one hunk: at most twice as many unchanged lines are between them.
_CORE = re.compile(rb"[-+][-+\\]*(?:[ \n]{1,%d}[-+][-+\\]*)*" % (2 * SHOWN))
_NOTHING_BEFORE = b"@@ -0,0 "
_HEADING_BYTES = 80  # git's buffer: the line is cut here, then trimmed
# No characters to git, but to Python; as many bytes that are none to both.
_NONCHARACTERS = {b"\xef\xbf\xbe": b"\xff\xff\xff", b"\xef\xbf\xbf": b"\xff\xff\xff"}


@dataclass(frozen=True, slots=True)
class Around:
    """The old file's lines directly before and after those a hunk shows, without their newlines."""

    before: tuple[bytes, ...]
    after: tuple[bytes, ...]


def narrowed(patch: bytes, lines: int) -> tuple[bytes, tuple[Around, ...]]:
    """The hunks as git prints them with three lines around each change, and ``lines`` more for each.

    ``patch`` is one file's hunks, printed with ``SHOWN + lines``. Fewer lines only where the file
    begins or ends. Raises PatchError on anything else than whole hunks.
    """
    if patch.startswith(_NOTHING_BEFORE):  # an added file: the one hunk shows all there is
        return patch, (Around((), ()),)
    found = [one for wide in parse_hunks(patch) for one in _split(wide, lines)]
    return write_hunks(hunk for hunk, _ in found), tuple(around for _, around in found)


def lines_around(old: Sequence[bytes], hunks: Iterable[Hunk], lines: int) -> tuple[Around, ...]:
    """The same for hunks of whatever width, where all lines of the old file are known."""
    return tuple(
        _around(old, hunk.old_start - bool(hunk.old_count), hunk.old_count, lines) for hunk in hunks
    )


def as_records(around: Iterable[Around], encoding: str) -> tuple[HunkContext, ...] | None:
    """The lines as text; None where the bytes are not of the encoding that the patch is in."""
    try:
        return tuple(
            HunkContext(before=_text(one.before, encoding), after=_text(one.after, encoding))
            for one in around
        )
    except UnicodeDecodeError:
        return None


def _text(lines: tuple[bytes, ...], encoding: str) -> tuple[str, ...]:
    return tuple(b"\n".join(lines).decode(encoding).split("\n")) if lines else ()


def _split(wide: Hunk, lines: int) -> Iterator[tuple[Hunk, Around]]:
    """The hunks that ``wide`` would be with less context; time is linear in its lines."""
    signs = first_bytes(list(wide.lines))
    old = [line[1:] for sign, line in zip(signs, wide.lines, strict=True) if sign in b" -\n"]
    old_first, new_first = (
        wide.old_start - bool(wide.old_count),
        wide.new_start - bool(wide.new_count),
    )
    at = old_at = new_at = 0  # lines before the next hunk: of all, of the old side, of the new
    heading = wide.section
    for core in _CORE.finditer(signs):
        start, end = max(core.start() - SHOWN, 0), core.end() + SHOWN
        end += signs[end : end + 1] == b"\\"  # the mark belongs to the last line before it
        passed = old_at
        old_at += _count(signs, b"-", at, start)
        new_at += _count(signs, b"+", at, start)
        heading = _heading(old[passed:old_at]) or heading
        olds, news = _count(signs, b"-", start, end), _count(signs, b"+", start, end)
        yield (
            Hunk(
                old_first + old_at + bool(olds), olds,
                new_first + new_at + bool(news), news,
                heading, wide.lines[start:end],
            ),
            _around(old, old_at, olds, lines),
        )  # fmt: skip
        at = start


def _count(signs: bytes, sign: bytes, start: int, end: int) -> int:
    """Lines of the side whose own lines have ``sign``."""
    both = signs.count(b" ", start, end) + signs.count(b"\n", start, end)
    return both + signs.count(sign, start, end)


def _around(old: Sequence[bytes], start: int, count: int, lines: int) -> Around:
    end = start + count
    return Around(tuple(old[max(0, start - lines) : start]), tuple(old[end : end + lines]))


def _heading(lines: Sequence[bytes]) -> bytes:
    """What git writes behind a hunk's header: the nearest line before it that begins like a name.

    Empty where none does; git then repeats the heading of the hunk before.
    """
    for line in reversed(lines):
        if line[:1].isalpha() or line[:1] in (b"_", b"$"):
            return _characters(line[:_HEADING_BYTES].rstrip(b" \t\r\n"))
    return b""


def _characters(text: bytes) -> bytes:
    """``text`` up to the first byte that is no UTF-8, where git ends a header."""
    checked = text
    for one, other in _NONCHARACTERS.items():
        checked = checked.replace(one, other)
    try:
        checked.decode("utf-8")
    except UnicodeDecodeError as error:
        return text[: error.start]
    return text
