"""Planted pull requests: functions become changes, changes become records with their truth.

Takes a harvest and the source's settings; gives the same records for the same seed. Each record
draws from its own number, so making more does not change the first ones. Refuses to know what a
prompt looks like; nothing in title, path or messages depends on the defect.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pullsmith.collect.planted.edits import Change, Edit, EditMaker, Truth
from pullsmith.collect.planted.harvest import TELLING_WORDS, Function, Harvest
from pullsmith.collect.planted.kinds import KINDS, chosen_kinds
from pullsmith.collect.planted.origins import Origin
from pullsmith.collect.planted.patches import (
    added_numbers,
    apart,
    edit_hunks,
    file_change,
    hunk_contexts,
)
from pullsmith.collect.planted.words import invented_path
from pullsmith.diff.patch import Hunk
from pullsmith.errors import SourceError
from pullsmith.records import Defect, FileChange, PullRequest, Split, digest
from pullsmith.study.collect import PlantedSource

_TRIES = 400  # a rare kind in a small pool runs out of distinct changes before it runs out of draws
_BESIDE = (1, 1, 2)  # how many other functions of its file change too, where any does
_MIXED_CASE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_VERBS = {Change.ADD: "Add", Change.GROW: "Extend", Change.EDIT: "Change", Change.FIX: "Change"}


@dataclass(frozen=True, slots=True)
class Planted:
    """A record with the edits it was made of: the main one, those beside it, the second file's."""

    record: PullRequest
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The edits of one file, the main one first, with their hunks and the path they are shown under."""

    edits: tuple[Edit, ...]
    path: str
    hunks: tuple[Hunk, ...]

    @property
    def lines(self) -> int:
        """How many lines its patch has, hunk headers apart."""
        return sum(len(hunk.lines) for hunk in self.hunks)


def pool_of(path: str, source: PlantedSource) -> Split:
    """The side of the study a source file belongs to: by a hash of its path, never by chance."""
    place = int(digest(["planted", path])[:8], 16) / 0x1_0000_0000
    return Split.EVAL if place < source.eval_files else Split.TRAIN


class Generator:
    """Makes the records of one source; distinct in what they show."""

    def __init__(
        self, origin: Origin, source: PlantedSource, *, seed: int, lines_around: int = 0
    ) -> None:
        """Divide the functions between the pools; SourceError on an unknown kind.

        Records have ``lines_around`` lines of the old file beside each hunk, none where it is 0.
        """
        harvest = origin.harvest
        self.source = source
        self.seed = seed
        self._lines_around = lines_around
        self._origin = origin
        self._files = harvest.files
        self._kinds = chosen_kinds(source.kinds)
        self._makers = {pool: self._maker(harvest, pool) for pool in Split}
        self._names = _name_words(self._makers[Split.TRAIN].functions)
        self._seen: set[str] = set()

    def _maker(self, harvest: Harvest, pool: Split) -> EditMaker:
        functions, opening = (
            [each for each in group if pool_of(each.path, self.source) is pool]
            for group in (harvest.functions, harvest.opening)
        )
        return EditMaker(functions, pool, opening=opening)

    def pull_request(self, pool: Split, number: int) -> Planted:
        """The ``number``-th pull request of ``pool``; SourceError where distinct ones run out."""
        return self.distinct(pool, f"{self.seed}/{pool}/{number}", self._pull_request)

    def distinct(
        self,
        pool: Split,
        name: str,
        make: Callable[[random.Random, EditMaker, Edit], Planted | None],
    ) -> Planted:
        """What ``make`` makes of the first edit drawn under ``name`` that gives something new.

        The kind and whether there is a defect are drawn once, so no kind is rarer for being harder
        to place; only where a kind has nothing new left is another drawn.
        """
        draw = random.Random(name)
        maker = self._makers[pool]
        kinds = list(maker.usable(self._kinds))
        clean = draw.random() < self.source.clean_share
        while kinds:
            kind = draw.choice(kinds)
            for _ in range(_TRIES):
                edit = maker.draw(draw, kind, clean=clean)
                made = make(draw, maker, edit) if edit is not None else None
                if made is not None and self._is_new(made.record):
                    return made
            kinds.remove(kind)
        raise SourceError(
            f"planted source: only {len(self._seen) // 2} different pull requests can be made of its "
            f"{len(maker.functions)} functions for {pool}; lower count or spots, or raise "
            "max_function_lines"
        )

    def _is_new(self, record: PullRequest) -> bool:
        """Whether neither the patches are known nor the lines they add to files of that name.

        The first because a made-up path makes nothing new; the second because select would take
        such records for copies of each other.
        """
        patches = digest([each.patch for each in record.files])
        lines = digest(sorted((each.path, _shown(each.patch)) for each in record.files))
        if patches in self._seen or lines in self._seen:
            return False
        self._seen.update((patches, lines))
        return True

    def _pull_request(self, draw: random.Random, maker: EditMaker, edit: Edit) -> Planted | None:
        parts = self._parts(draw, maker, edit)
        if parts is None or sum(part.lines for part in parts) > self.source.max_patch_lines:
            return None
        if maker.pool is Split.TRAIN and draw.random() < self.source.invented_share:
            parts = [replace(part, path=self._invented(draw, part.path)) for part in parts]
        if len({part.path for part in parts}) < len(parts):
            return None
        record = self.record(parts, maker.pool, flags=("planted",))
        if record is None:
            return None
        if len(parts) == 2 and draw.random() < 0.5:
            record = _with_files(record, record.files[::-1])
        return Planted(record, tuple(each for part in parts for each in part.edits))

    def _parts(self, draw: random.Random, maker: EditMaker, edit: Edit) -> list[Part] | None:
        """The file of ``edit`` and perhaps a second one; None where a draw failed."""
        beside: tuple[Edit, ...] | None = ()
        if self.source.more_hunks_share and draw.random() < self.source.more_hunks_share:
            beside = self._beside(draw, maker, edit)
        if beside is None:
            return None
        parts = [self.part(edit, *beside)]
        if draw.random() < self.source.second_file_share:
            second = maker.draw_clean_growth(draw)
            if second is None or second.function.path == edit.function.path:
                return None
            parts.append(self.part(second))
        return parts

    def _beside(self, draw: random.Random, maker: EditMaker, edit: Edit) -> tuple[Edit, ...] | None:
        """One or two clean edits of other functions of the same file; None where the draw failed."""
        path = edit.function.path
        drawn = [maker.draw_clean_growth(draw, path) for _ in range(draw.choice(_BESIDE))]
        beside = tuple(each for each in drawn if each is not None)
        whole = len(beside) == len(drawn)
        return (
            beside if whole and apart((edit, *beside), context=self.source.context_lines) else None
        )

    def part(self, *edits: Edit) -> Part:
        """``edits`` of one file with their hunks, under the file's own path."""
        path = edits[0].function.path
        hunks = edit_hunks(edits, self._files[path], context=self.source.context_lines)
        return Part(edits, path, hunks)

    def record(
        self, parts: list[Part], pool: Split, *, flags: tuple[str, ...]
    ) -> PullRequest | None:
        """The record of ``parts``, the first of which has the truth.

        None where the truth is not on an added line: equal neighbours can be shown as the added
        ones in its place.
        """
        main = parts[0]
        edit = main.edits[0]
        defect = _defect(edit, main.path)
        if defect is not None:
            lines = range(defect.start_line, defect.end_line + 1)
            if not set(lines) <= set(added_numbers(main.hunks)):
                return None
        files = tuple(map(self._file, parts))
        title = f"{_VERBS[edit.change]} {edit.function.name}"
        record = PullRequest(
            id="planted:",
            source="planted",
            repository=self._origin.repository,
            group=f"{self._origin.group}:{edit.function.path}",
            evidence=f"planted:{edit.change}",
            title=title,
            commit_messages=(title,),
            flags=(*flags, *_secret_flag(edit, files[0])),
            files=files,
            licence=self._origin.licence,
            defect=defect,
            pool=pool,
        )
        return _with_files(record, files)

    def _file(self, part: Part) -> FileChange:
        function = part.edits[0].function
        lines = self._files[function.path]
        context = hunk_contexts(part.edits, lines, part.hunks, self._lines_around)
        return file_change(part.path, part.hunks, language=function.language, context=context)

    def _invented(self, draw: random.Random, path: str) -> str:
        return invented_path(draw, Path(path).name, self._names)


def _shown(patch: str) -> list[str]:
    """The added lines of a patch without their blanks; the deleted ones where there are none."""
    rows = patch.split("\n")
    added, deleted = (
        [" ".join(row[1:].split()) for row in rows if row[:1] == sign and row[1:].strip()]
        for sign in "+-"
    )
    return added or ["-", *deleted]


def _with_files(record: PullRequest, files: tuple[FileChange, ...]) -> PullRequest:
    """``record`` with ``files`` and the id that follows from its content."""
    content = [record.group, record.title, [[each.path, each.patch] for each in files]]
    return record.model_copy(update={"files": files, "id": f"planted:{digest(content)}"})


def _secret_flag(edit: Edit, file: FileChange) -> tuple[str, ...]:
    """The mark of a patch in which a made-up secret stands; also where it is taken out again."""
    shown = edit.truth is not None or (edit.change is Change.FIX and file.deleted_lines > 0)
    return ("planted-secret",) if edit.kind == "secret" and shown else ()


def _defect(edit: Edit, path: str) -> Defect | None:
    truth: Truth | None = edit.truth
    if truth is None:
        return None
    kind = KINDS[truth.kind]
    # What changes beside it ends as the file has it, so no line of the new file is moved.
    start = edit.function.first_line + truth.at
    return Defect(
        kind=kind.name,
        path=path,
        start_line=start,
        end_line=start + len(truth.defective) - 1,
        defective=truth.defective,
        original=truth.original,
        header=kind.header,
        content=kind.content,
        security=kind.security,
    )


def _name_words(functions: tuple[Function, ...]) -> tuple[str, ...]:
    """Words out of the names of functions, for invented paths."""
    words = {word.lower() for each in functions for word in _words(each)}
    return tuple(
        sorted(word for word in words - TELLING_WORDS if 3 <= len(word) <= 9 and word.isalpha())
    )


def _words(function: Function) -> list[str]:
    """The words of a function's name, by its language's custom."""
    if function.language == "python":
        return function.name.split("_")
    return _MIXED_CASE.findall(function.name)
