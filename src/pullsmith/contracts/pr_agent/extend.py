"""Lines of the old file added around each hunk of a patch, as PR-Agent adds them.

Takes a patch as text, the lines that a record keeps around its hunks, and how far to go; gives the
longer patch. PR-Agent has the whole old file and looks lines up by the number in the hunk's header,
in a list made by ``str.splitlines``; where the file has other line breaks than newlines above a
hunk it looks too high up, and so does this. Where a header leaves out a count of 1 it reads 0, so
that the line after a hunk is the hunk's own; so is it here. Refuses to know files and budgets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pullsmith.contracts.pr_agent.hunks import Header, read_header
from pullsmith.contracts.pr_agent.versions import Extension
from pullsmith.records import HunkContext

_BREAKS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Reach:
    """How many lines are added, and how far up an enclosing function is looked for (0: not)."""

    before: int
    after: int
    dynamic: int
    style: Extension

    @property
    def most(self) -> int:
        """How many lines above a hunk may be looked at."""
        return max(self.before, self.dynamic)


@dataclass(frozen=True, slots=True)
class _Window:
    """What is known of the old file around a hunk; ``at`` is where PR-Agent takes it to begin.

    ``whole`` says whether the file begins with the window; ``new_above`` are the new file's lines
    above the hunk, as far as they matter.
    """

    old: list[str]
    at: int
    whole: bool
    new_above: list[str]

    def above(self, count: int) -> list[str]:
        return self.old[max(0, self.at - count) : self.at]


def extended(patch: str, context: Sequence[HunkContext], reach: Reach) -> str | None:
    """The patch with lines added; None where ``context`` does not fit it or not reach far enough."""
    lines = patch.splitlines()
    hunks = list(_hunks(lines))
    split_alike = len(lines) == patch.count("\n") and "\r" not in patch
    real = hunks if split_alike else list(_hunks(patch.split("\n")))
    if not len(hunks) == len(real) == len(context):
        return None  # a line that only looks like a header: nobody knows what stands there
    out: list[str] = []
    new_above: list[str] = []
    end = more = 0  # after the hunk before: the old line it ends on, the breaks its new lines add
    for (header, body), (_, real_body), around in zip(hunks, real, context, strict=True):
        start = header.old_start - (not header.old_empty)
        between = around.before[max(0, len(around.before) - (start - end)) :]
        above = [*new_above, *between]
        window = _window(header, real_body, around, above, more)
        if window.at < (0 if window.whole else reach.most):
            return None
        out += _written(header, body, window, reach)
        if reach.style is Extension.CHECKED:
            old, new = _side(real_body, "+"), _side(real_body, "-")
            more += _breaks(new) - _breaks(old)
            new_above = [*above, *new][-4 * reach.most :]
            end = start + len(old)
    return "\n".join(out)


def extended_nothing(patch: str, reach: Reach) -> str:
    """The patch as the oldest version leaves it where the old file is empty to it."""
    window = _Window([], 0, True, [])
    out: list[str] = []
    for header, body in _hunks(patch.splitlines()):
        out += _written(header, body, window, reach)
    return "\n".join(out)


def _hunks(lines: Iterable[str]) -> Iterator[tuple[Header, list[str]]]:
    header: Header | None = None
    body: list[str] = []
    for line in lines:
        found = read_header(line) if line.startswith("@@") else None
        if found is None:
            body.append(line)
            continue
        if header is not None:
            yield header, body
        header, body = found, []
    if header is not None:
        yield header, body


def _side(body: Iterable[str], other: str) -> list[str]:
    """A hunk's lines without their signs, save those of the ``other`` side and git's remarks."""
    return [line[1:] for line in body if line and line[0] not in (other, "\\")]


def _breaks(lines: Sequence[str]) -> int:
    """How many more lines PR-Agent makes of these."""
    return len(_split(lines)) - len(lines)


def _split(lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    return f"{text}\n".splitlines() if _BREAKS.search(text) else list(lines)


def _window(
    header: Header, body: Sequence[str], around: HunkContext, new_above: list[str], more: int
) -> _Window:
    before, start = _split(around.before), header.old_start - (not header.old_empty)
    old = [*before, *_split(_side(body, "+")), *_split(around.after)]
    breaks = around.breaks_above + len(before) - len(around.before)
    new = _split(new_above)
    at, new_at = (
        len(before) - breaks - header.old_empty,
        len(new) - breaks - more - header.new_empty,
    )
    return _Window(old, at, len(around.before) == start, new[: max(0, new_at)])


def _written(header: Header, body: list[str], window: _Window, reach: Reach) -> Iterator[str]:
    bare = reach.style is Extension.BARE
    sign = "" if bare else " "
    valid = reach.style is not Extension.CHECKED or _is_where_it_says(body, window)
    placed, before = _placed(header, window, reach) if valid else (header, [])
    if not bare:
        yield ""
    old, new = (placed.old_start, placed.old_count), (placed.new_start, placed.new_count)
    yield f"@@ -{old[0]},{old[1]} +{new[0]},{new[1]} @@ {placed.section}"
    yield from [sign + line for line in before]
    yield from body
    if valid:
        last = window.at + header.old_count
        yield from [sign + line for line in window.old[last : last + reach.after]]


def _is_where_it_says(body: list[str], window: _Window) -> bool:
    """Whether the hunk's first line, if it is a context line, is the old file's at that number."""
    if not body or not body[0].startswith(" ") or window.at >= len(window.old):
        return True
    return body[0].strip() == window.old[window.at].strip()


def _placed(header: Header, window: _Window, reach: Reach) -> tuple[Header, list[str]]:
    """The header of the longer hunk, and the lines that stand before the hunk's own."""
    longer = _enclosing(header, window, reach) if reach.dynamic else None
    if longer is None:
        longer = _longer(header, window, reach, reach.before)
    before = window.above(header.old_start - longer.old_start)
    if reach.style is Extension.CHECKED and before != _new_above(header, longer, window):
        return replace(header, section=longer.section), []
    clears = not reach.dynamic and reach.style is not Extension.BARE
    if clears and any(longer.section in f" {line}" for line in before):
        longer = replace(longer, section="")
    return longer, before


def _longer(header: Header, window: _Window, reach: Reach, count: int) -> Header:
    """``count`` lines up and ``reach.after`` down, but not beyond the end of the old file."""
    old_start, new_start = max(1, header.old_start - count), max(1, header.new_start - count)
    old_count = header.old_count + header.old_start - old_start + reach.after
    new_count = header.new_count + header.new_start - new_start + reach.after
    beyond = window.at + header.old_count + reach.after - len(window.old)
    if beyond > 0 and reach.style is not Extension.BARE:
        old_count = max(old_count - beyond, header.old_count)
        new_count = max(new_count - beyond, header.new_count)
    return Header(old_start, old_count, new_start, new_count, header.section)


def _enclosing(header: Header, window: _Window, reach: Reach) -> Header | None:
    """The hunk from the line on that its section names; None where that is too far up."""
    longer = _longer(header, window, reach, reach.dynamic)
    above = window.above(header.old_start - longer.old_start)
    if reach.style is Extension.CHECKED and above != _new_above(header, longer, window):
        return None
    for at, line in enumerate(above):
        if header.section in line:
            return Header(
                longer.old_start + at, longer.old_count - at, longer.new_start + at,
                longer.new_count - at, "",
            )  # fmt: skip
    return None


def _new_above(header: Header, longer: Header, window: _Window) -> list[str]:
    count = header.new_start - longer.new_start
    return window.new_above[max(0, len(window.new_above) - count) :]
