"""A diff in parts: as many lines as a browser fills in without a stutter, in sections of many parts.

Takes a shown diff, gives its sections, and where a line of a file is. A part is lines of one file; the
page is given the first ones and asks for others as it goes. A section is what is on the page at a
time: a diff of 100 kB is one, one of 5 MB some ten. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pullsmith.diff.shown import ShownDiff, ShownFile, ShownHunk, ShownLine

PART_LINES = 100
PART_CHARACTERS = 40_000
SECTION_LINES = 6_000
SECTION_CHARACTERS = 800_000
SECTION_FILES = 300
LONGEST_LINE = 2_000  # characters that are shown of one


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of one hunk that follow each other; ``begins`` says whether its header stands above."""

    hunk: ShownHunk
    lines: tuple[ShownLine, ...]
    begins: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that are filled in together; ``first`` is the number of its first line, and its name."""

    first: int
    lines: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file, or what a section has of it; ``continued`` if it began in the section before."""

    file: ShownFile
    parts: tuple[Part, ...]
    continued: bool

    def count(self, sign: str) -> int:
        """How many lines of the whole file have that sign."""
        return sum(line.sign == sign for hunk in self.file.hunks for line in hunk.lines)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line is: its section, from 0, its part's name and its own number."""

    section: int
    part: int
    number: int


@dataclass(frozen=True)
class Sections:
    """All of a diff; at least one section, which may be empty."""

    all: tuple[tuple[FilePart, ...], ...]
    lines: int
    _places: dict[tuple[str, int], Place] = field(repr=False)

    @classmethod
    def of(cls, shown: ShownDiff) -> Sections:
        """The sections of ``shown``, in its order."""
        made = tuple(_sections(shown.files)) or ((),)
        return cls(made, len(shown.lines), dict(_places(made)))

    def place(self, path: str, new_line: int) -> Place | None:
        """Where that line of the new file is, None where it is not shown."""
        return self._places.get((path, new_line))

    def parts(self, section: int) -> Iterator[Part]:
        """The parts of a section, file by file; none of a section there is not."""
        if 0 <= section < len(self.all):
            for piece in self.all[section]:
                yield from piece.parts


def _sections(files: Sequence[ShownFile]) -> Iterator[tuple[FilePart, ...]]:
    section: list[FilePart] = []
    lines = characters = 0
    for file in files:
        kept: list[Part] = []
        continued = False
        for part in _parts(file):
            size = _characters(part.runs)
            full = lines + part.lines > SECTION_LINES or characters + size > SECTION_CHARACTERS
            if lines and full:
                yield (*section, FilePart(file, tuple(kept), continued)) if kept else tuple(section)
                continued = continued or bool(kept)
                section, kept, lines, characters = [], [], 0, 0
            kept.append(part)
            lines, characters = lines + part.lines, characters + size
        section.append(FilePart(file, tuple(kept), continued))
        if len(section) >= SECTION_FILES:
            yield tuple(section)
            section, lines, characters = [], 0, 0
    if section:
        yield tuple(section)


def _parts(file: ShownFile) -> Iterator[Part]:
    runs: list[Run] = []
    lines = characters = 0
    for hunk in file.hunks:
        begins = True
        for run in _runs(hunk, PART_LINES - lines):
            runs.append(Run(hunk, run, begins))
            begins = False
            lines, characters = lines + len(run), characters + _length(run)
            if lines >= PART_LINES or characters >= PART_CHARACTERS:
                yield _part(runs)
                runs, lines, characters = [], 0, 0
    if runs:
        yield _part(runs)


def _runs(hunk: ShownHunk, room: int) -> Iterator[tuple[ShownLine, ...]]:
    """The hunk in pieces, the first of which has at most ``room`` lines."""
    run: list[ShownLine] = []
    characters = 0
    for line in hunk.lines:
        run.append(line)
        characters += min(len(line.text), LONGEST_LINE)
        if len(run) >= room or characters >= PART_CHARACTERS:
            yield tuple(run)
            run, characters, room = [], 0, PART_LINES
    if run:
        yield tuple(run)


def _part(runs: Sequence[Run]) -> Part:
    return Part(runs[0].lines[0].number, sum(len(run.lines) for run in runs), tuple(runs))


def _characters(runs: Sequence[Run]) -> int:
    return sum(_length(run.lines) for run in runs)


def _length(lines: Sequence[ShownLine]) -> int:
    return sum(min(len(line.text), LONGEST_LINE) for line in lines)


def _places(
    sections: Sequence[Sequence[FilePart]],
) -> Iterator[tuple[tuple[str, int], Place]]:
    for number, section in enumerate(sections):
        for piece in section:
            for part in piece.parts:
                for run in part.runs:
                    for line in run.lines:
                        if line.new_line is not None:
                            yield (line.path, line.new_line), Place(number, part.first, line.number)
