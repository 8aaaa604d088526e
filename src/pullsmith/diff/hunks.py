r"""Hunks as bytes: parsed, written, applied, made.

Takes and gives bytes, and knows nothing of files, paths, encodings and records. Lines end at ``\n``
and nowhere else (``\r``, ``\x0c``, U+2028 are content), and inside a hunk they are counted from its
``@@`` header, so that content may look like a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from pullsmith.errors import PatchError

NO_NEWLINE = b"\\ No newline at end of file"
_HEADER = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(?: (.*))?", re.DOTALL)
_BODY_SIGNS = re.compile(rb"[ +\-\\\n]*")
_EMPTY = 10  # stands for an empty line among the first bytes; no line begins with a newline


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk. Starts count from 1; with a count of 0 the start is the line before.

    ``lines`` keep their sign byte; git's lines about a missing last newline are kept too.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: bytes
    lines: tuple[bytes, ...]


def parse_hunks(patch: bytes) -> tuple[Hunk, ...]:
    """The hunks of one file's patch, from its first ``@@`` line on; none for empty bytes.

    Raises PatchError on anything else than whole hunks.
    """
    lines = patch_lines(patch)
    hunks, end = read_hunks(lines, first_bytes(lines), 0)
    if end < len(lines):
        raise PatchError(f"line {end + 1}: expected a hunk, found {lines[end][:60]!r}")
    return hunks


def write_hunks(hunks: Iterable[Hunk]) -> bytes:
    """The hunks as git writes them; ``parse_hunks`` gives them back. Empty for no hunks."""
    out: list[bytes] = []
    for hunk in hunks:
        head = b"@@ -%s +%s @@" % (
            _range(hunk.old_start, hunk.old_count),
            _range(hunk.new_start, hunk.new_count),
        )
        out.append(head + b" " + hunk.section if hunk.section else head)
        out.extend(hunk.lines)
    return b"\n".join(out) + b"\n" if out else b""


def apply_hunks(old: bytes, hunks: Iterable[Hunk]) -> bytes:
    """The new text. Raises PatchError where a context or deleted line is not what ``old`` has.

    Only the old side's line numbers are looked at, so some of a patch's hunks apply without the
    others.
    """
    source = _text_lines(old)
    out: list[bytes] = []
    at = 0
    for hunk in hunks:
        start = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        if not at <= start <= len(source):
            raise PatchError(
                f"hunk at old line {hunk.old_start}: the text has {len(source)} lines and "
                f"{at} of them are used up"
            )
        out += source[at:start]
        before, after = _sides(hunk)
        at = start + len(before)
        if source[start:at] != before:
            raise PatchError(_mismatch(hunk, source[start:at], before))
        out += after
    out += source[at:]
    if any(line[-1:] != b"\n" for line in out[:-1]):
        raise PatchError("a line without a newline at its end would not be the last one")
    return b"".join(out)


def diff_hunks(
    old: bytes, new: bytes, *, context: int = 3, section: bytes = b""
) -> tuple[Hunk, ...]:
    """Hunks that turn ``old`` into ``new``, every one with ``section``; none where they are equal.

    Not git's own choice of lines: correct, but not always the smallest diff.
    """
    before, after = _text_lines(old), _text_lines(new)
    return tuple(
        _make_hunk(before, after, group, context=context, section=section)
        for group in _groups(_changes(before, after), context)
    )


def patch_lines(patch: bytes) -> list[bytes]:
    """The lines of a patch without their newlines; none for empty bytes."""
    lines = patch.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def first_bytes(lines: list[bytes]) -> bytes:
    """The first byte of every line: hunks are then found and counted without a Python loop."""
    return bytes([line[0] if line else _EMPTY for line in lines])


def read_hunks(lines: list[bytes], signs: bytes, at: int) -> tuple[tuple[Hunk, ...], int]:
    """The hunks that begin at line index ``at``, and the index after them; raises PatchError."""
    hunks: list[Hunk] = []
    while at < len(lines) and lines[at].startswith(b"@@ -"):
        match = _HEADER.fullmatch(lines[at])
        if match is None:
            raise PatchError(f"line {at + 1}: no hunk header: {lines[at][:60]!r}")
        old_start, old_count, new_start, new_count, section = match.groups()
        olds, news = int(old_count or 1), int(new_count or 1)
        end = _hunk_end(signs, at + 1, olds, news)
        body = tuple(lines[at + 1 : end])
        hunks.append(Hunk(int(old_start), olds, int(new_start), news, section or b"", body))
        at = end
    return tuple(hunks), at


def _hunk_end(signs: bytes, start: int, olds: int, news: int) -> int:
    """The index after a hunk's last line. Nearly always that is where the sign bytes end."""
    end = _BODY_SIGNS.match(signs, start).end()  # type: ignore[union-attr]  # * always matches
    both = signs.count(b" ", start, end) + signs.count(b"\n", start, end)
    if (
        both + signs.count(b"-", start, end) == olds
        and both + signs.count(b"+", start, end) == news
    ):
        return end
    return _counted_end(signs, start, olds, news)


def _counted_end(signs: bytes, start: int, olds: int, news: int) -> int:
    """The same by counting line by line: text may follow the hunk, or the hunk be damaged."""
    at = start
    while olds > 0 or news > 0:
        sign = signs[at : at + 1]
        if sign not in (b" ", b"-", b"+", b"\\", b"\n"):
            raise PatchError(f"line {at + 1}: the hunk ends {max(olds, news)} lines early")
        olds -= sign in (b" ", b"-", b"\n")
        news -= sign in (b" ", b"+", b"\n")
        at += 1
    if olds or news:
        raise PatchError(f"line {at}: the hunk has more lines than its header says")
    while signs[at : at + 1] == b"\\":
        at += 1
    return at


def _range(start: int, count: int) -> bytes:
    return b"%d" % start if count == 1 else b"%d,%d" % (start, count)


def _text_lines(text: bytes) -> list[bytes]:
    """Lines with their newline; only the last may lack it."""
    lines = text.split(b"\n")
    last = lines.pop()
    out = [line + b"\n" for line in lines]
    return [*out, last] if last else out


def _sides(hunk: Hunk) -> tuple[list[bytes], list[bytes]]:
    """(old lines, new lines) of a hunk, each with its newline unless git says it has none."""
    before: list[bytes] = []
    after: list[bytes] = []
    previous = b""
    for line in hunk.lines:
        sign = line[:1] or b" "  # diff.suppressBlankEmpty leaves blank context lines without a sign
        if sign == b"\\":
            for side in _ended_by(previous, before, after):
                side[-1] = side[-1][:-1]
            continue
        if sign != b"+":
            before.append(line[1:] + b"\n")
        if sign != b"-":
            after.append(line[1:] + b"\n")
        previous = sign
    return before, after


def _ended_by(sign: bytes, before: list[bytes], after: list[bytes]) -> list[list[bytes]]:
    """The sides whose last line a no-newline mark speaks of."""
    sides = {b" ": [before, after], b"-": [before], b"+": [after]}
    if sign not in sides:
        raise PatchError("a hunk begins with a mark about the newline of the line before it")
    return sides[sign]


def _mismatch(hunk: Hunk, found: list[bytes], expected: list[bytes]) -> str:
    for number, line in enumerate(expected):
        if number >= len(found):
            return f"old line {hunk.old_start + number}: the text ends, the patch has {line[:60]!r}"
        if found[number] != line:
            return (
                f"old line {hunk.old_start + number}: the text has {found[number][:60]!r}, "
                f"the patch {line[:60]!r}"
            )
    return f"old line {hunk.old_start}: the patch does not apply"


Change = tuple[int, int, int, int]  # old lines [0:1) become new lines [2:3), counted from 0


def _changes(before: list[bytes], after: list[bytes]) -> list[Change]:
    """What differs; equal lines at both ends are cut off first, because matching is quadratic."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(
        None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False
    )
    return [
        (head + i1, head + i2, head + j1, head + j2)
        for tag, i1, i2, j1, j2 in middle.get_opcodes()
        if tag != "equal"
    ]


def _groups(changes: list[Change], context: int) -> Iterator[list[Change]]:
    """Changes whose context lines touch or overlap, together."""
    group = changes[:1]
    for last, change in pairwise(changes):
        if change[0] - last[1] > 2 * context:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _make_hunk(
    before: list[bytes], after: list[bytes], group: list[Change], *, context: int, section: bytes
) -> Hunk:
    start = max(0, group[0][0] - context)
    new_start = group[0][2] - (group[0][0] - start)
    end = min(len(before), group[-1][1] + context)
    lines: list[bytes] = []
    at = start
    for i1, i2, j1, j2 in group:
        lines += _signed(b" ", before[at:i1])
        lines += _signed(b"-", before[i1:i2])
        lines += _signed(b"+", after[j1:j2])
        at = i2
    lines += _signed(b" ", before[at:end])
    olds, news = end - start, group[-1][3] + (end - group[-1][1]) - new_start
    return Hunk(start + bool(olds), olds, new_start + bool(news), news, section, tuple(lines))


def _signed(sign: bytes, lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield sign + line.removesuffix(b"\n")
        if not line.endswith(b"\n"):
            yield NO_NEWLINE
