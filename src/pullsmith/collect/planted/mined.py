"""Defects on top of real pull requests: one of the lines a pull request adds is made wrong.

Takes a repository's mined pull requests and the files at their heads; gives them again with one
added line changed, and the truth of that line. Nothing is said of their other lines: a real pull
request may have defects of its own, so none is ever given as clean.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from pullsmith.collect.git import Clone
from pullsmith.collect.opening import open_clone
from pullsmith.collect.planted.by_language import file_sites, is_written_in, makes_wrong
from pullsmith.collect.planted.kinds import KINDS, chosen_kinds
from pullsmith.collect.planted.sites import FileSite
from pullsmith.collect.source_git import Limits, read_repository
from pullsmith.collect.trees import read_objects
from pullsmith.diff.patch import Hunk, parse_hunks, write_hunks
from pullsmith.errors import SourceError
from pullsmith.records import ChangeStatus, Defect, Drop, FileChange, PullRequest, digest
from pullsmith.study.collect import GitSource, PlantedSource

EVIDENCE = "planted:mined"
_CHUNK = 200  # pull requests whose files are read together
# What nobody reviews line by line; and tests, where a wrong line is no defect of the program.
_LEFT_ALONE = frozenset(["lock", "generated", "vendored", "minified", "docs", "test", "submodule"])


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a pull request as it is at its head, and what each line it adds says."""

    change: FileChange
    language: str
    text: str
    added: Mapping[int, str]


def plant_on_mined(
    source: PlantedSource,
    repository: Path,
    *,
    seed: int,
    count: int,
    limits: Limits,
) -> list[PullRequest]:
    """``count`` of the repository's pull requests, the newest first, each with one defect.

    Each is its mined record with another patch, the truth, evidence "planted:mined" and an id of
    its own; it has no pool, because nothing in it comes from templates or words: it belongs on the
    side of the record it was made of. Its head commit does not hold the defect. Raises SourceError
    where the repository cannot be read, or a defect fits into fewer of its pull requests.
    """
    kinds = chosen_kinds(source.kinds or ("all",))
    made: list[PullRequest] = []
    looked_at = 0
    mined = read_repository(repository, GitSource(git=repository), limits)
    with open_clone(repository) as clone:
        for one in _planted(clone, mined, source, kinds=kinds, seed=seed):
            looked_at += 1
            made += [one] if one is not None else []
            if len(made) == count:
                return made
    raise SourceError(
        f"planted source {repository}: {count} pull requests wanted, but of {looked_at} only "
        f"{len(made)} add a line that one of the kinds fits; lower count, or give more kinds "
        "or languages"
    )


def _planted(
    clone: Clone,
    mined: Iterable[PullRequest | Drop],
    source: PlantedSource,
    *,
    kinds: tuple[str, ...],
    seed: int,
) -> Iterator[PullRequest | None]:
    """Each mined record with a defect, or None."""
    waiting = (one for one in mined if isinstance(one, PullRequest))
    while chunk := list(islice(waiting, _CHUNK)):
        for record, files in _with_files(clone, chunk, source):
            yield plant(record, files, kinds=kinds, seed=seed)


def _with_files(
    clone: Clone, chunk: list[PullRequest], source: PlantedSource
) -> Iterator[tuple[PullRequest, list[_File]]]:
    """Each record with its usable files, read in one go."""
    wanted = [
        (number, file, language)
        for number, record in enumerate(chunk)
        for file in record.files
        if (language := _usable(file, source)) is not None
    ]
    names = [f"{chunk[number].head_sha}:{file.path}".encode() for number, file, _ in wanted]
    files: defaultdict[int, list[_File]] = defaultdict(list)
    contents = read_objects(clone, names, max_bytes=1 << 20)
    for (number, file, language), content in zip(wanted, contents, strict=True):
        read = _file(file, language, content)
        if read is not None:
            files[number].append(read)
    for number, record in enumerate(chunk):
        yield record, files[number]


def _usable(file: FileChange, source: PlantedSource) -> str | None:
    """The language of a file a defect may be planted in; None for others."""
    there = file.status is not ChangeStatus.DELETED and file.added_lines and file.patch
    plain = file.encoding == "utf-8" and not file.binary and "\n" not in file.path
    if not (there and plain) or _LEFT_ALONE.intersection(file.flags):
        return None
    return next((each for each in source.languages if is_written_in(file.path, each)), None)


def _file(change: FileChange, language: str, content: bytes | None) -> _File | None:
    """The file with its text; None where that is absent or no text."""
    if content is None:
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return _File(change, language, text, dict(_added(parse_hunks(change.patch.encode("utf-8")))))


def _added(hunks: Iterable[Hunk]) -> Iterator[tuple[int, str]]:
    for hunk in hunks:
        at = hunk.new_start
        for line in hunk.lines:
            if line[:1] == b"+":
                yield at, line[1:].decode("utf-8")
            at += line[:1] in b"+ "


def plant(
    record: PullRequest, files: Sequence[_File], *, kinds: Iterable[str], seed: int
) -> PullRequest | None:
    """The record with a defect on one added line; None where none of the kinds fits any.

    What is drawn depends on the seed and the record's id: first the file, then the kind, so that a
    common one does not crowd out the others, then the place.
    """
    draw = random.Random(f"{seed}/mined/{record.id}")
    for file in draw.sample(files, len(files)):
        places: dict[str, list[FileSite]] = {kind: [] for kind in kinds}
        for site in file_sites(file.change.path, file.text, file.added):
            if site.kind in places and file.added.get(site.line) == site.original:
                places[site.kind].append(site)
        found = _drawn(draw, file, places)
        if found is not None:
            return _record(record, file, found)
    return None


def _drawn(draw: random.Random, file: _File, places: dict[str, list[FileSite]]) -> FileSite | None:
    """One of the places, by kind; None where none is left that makes the file wrong."""
    left = [kind for kind, found in places.items() if found]
    while left:
        kind = draw.choice(left)
        site = places[kind].pop(draw.randrange(len(places[kind])))
        if not places[kind]:
            left.remove(kind)
        if makes_wrong(file.text, site, file.language):
            return site
    return None


def _record(record: PullRequest, file: _File, site: FileSite) -> PullRequest:
    kind = KINDS[site.kind]
    changed = file.change.model_copy(update={"patch": _patch(file.change.patch, site)})
    content = [record.id, file.change.path, site.line, site.defective]
    return record.model_copy(
        update={
            "id": f"planted:{digest(content)}",
            "source": "planted",
            "evidence": EVIDENCE,
            "flags": (*record.flags, "planted"),
            "files": tuple(changed if each is file.change else each for each in record.files),
            "defect": Defect(
                kind=kind.name,
                path=file.change.path,
                start_line=site.line,
                end_line=site.line,
                defective=(site.defective,),
                original=(site.original,),
                header=kind.header,
                content=kind.content,
                security=kind.security,
            ),
        }
    )


def _patch(patch: str, site: FileSite) -> str:
    """The patch with the site's line changed: the same line numbers, one other line."""
    return write_hunks(_hunk(hunk, site) for hunk in parse_hunks(patch.encode("utf-8"))).decode(
        "utf-8"
    )


def _hunk(hunk: Hunk, site: FileSite) -> Hunk:
    at, lines = hunk.new_start, list(hunk.lines)
    for place, line in enumerate(lines):
        if line[:1] == b"+" and at == site.line:
            lines[place] = b"+" + site.defective.encode("utf-8")
        at += line[:1] in b"+ "
    return replace(hunk, lines=tuple(lines))
