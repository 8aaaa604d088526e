"""Where the code comes from that is planted in: the standard library, a folder, or a repository.

Takes the source's settings; gives an Origin: functions, the names its records get, and its licence.
A repository is read through a clean git dir, the files of its newest commit as blobs: nothing is
checked out, and nothing of the clone runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from pullsmith.collect.git import Clone
from pullsmith.collect.history import History
from pullsmith.collect.identity import repository_name
from pullsmith.collect.licence import is_licence_name, read_evidence
from pullsmith.collect.opening import open_clone
from pullsmith.collect.planted.by_language import harvest_language, is_written_in
from pullsmith.collect.planted.harvest import (
    SKIPPED_FOLDERS,
    Function,
    Harvest,
    read_files,
    source_files,
    standard_library,
)
from pullsmith.collect.planted.licence import interpreter_licence
from pullsmith.collect.roots import read_roots
from pullsmith.collect.trees import blob_sizes, read_objects
from pullsmith.errors import SourceError
from pullsmith.records import LicenceEvidence
from pullsmith.study.collect import PlantedRepository, PlantedSource

MAX_BYTES = 1 << 20  # of one file: longer ones are not written by people
_CHUNK = 500  # blobs read together
_FILE_MODES = (b"100644", b"100755", b"100664")


@dataclass(frozen=True)
class Origin:
    """Code to plant in. ``group`` and a path name what must stay on one side of the split."""

    repository: str
    group: str
    licence: LicenceEvidence | None
    harvest: Harvest


def read_origin(
    source: PlantedSource, *, folder: Path | None = None, file_limit: int | None = None
) -> Origin:
    """The functions of a source, its name and its licence.

    ``folder`` is used in the library's place, and at most ``file_limit`` files of it or of a
    folder. Raises SourceError where the code cannot be read or has no usable function, and
    MissingExtraError where a language needs an extra.
    """
    if isinstance(source.planted, PlantedRepository):
        return _of_repository(source, source.planted.repository)
    if isinstance(source.planted, Path):
        if not source.planted.is_dir():
            raise SourceError(f"planted source {source.planted}: no folder; give one of sources")
        name = f"planted:{source.planted.name}"
        licence = _licence_of(source.planted)
        return _of_folder(source, source.planted, (name, name, licence), file_limit)
    folder = folder or standard_library()
    names = (f"planted:{source.planted}", "planted", interpreter_licence(folder))
    return _of_folder(source, folder, names, file_limit)


def _of_folder(
    source: PlantedSource,
    folder: Path,
    names: tuple[str, str, LicenceEvidence | None],
    file_limit: int | None,
) -> Origin:
    harvests = []
    for language in source.languages:
        paths = source_files(folder, partial(is_written_in, language=language))
        files = read_files(folder, paths[:file_limit])
        harvests.append(
            harvest_language(files, language=language, max_lines=source.max_function_lines)
        )
    return Origin(*names, _together(harvests, source, folder))


def _licence_of(folder: Path) -> LicenceEvidence | None:
    """What the licence files of a folder say; None where it has none."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    found = {path.name: path.read_bytes() for path in paths if is_licence_name(path.name)}
    return read_evidence(found, folder.name)


def _of_repository(source: PlantedSource, path: Path) -> Origin:
    with open_clone(path) as clone:
        name = repository_name(clone, History(clone))
        harvests = [
            harvest_language(
                _files_of(clone, language), language=language, max_lines=source.max_function_lines
            )
            for language in source.languages
        ]
        licence = read_roots(clone, [clone.head])[clone.head].licence
    return Origin(name, name, licence, _together(harvests, source, path))


def _files_of(clone: Clone, language: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of the newest commit's files in a language, by path; absent ones left out."""
    blobs = dict(_blobs_of(clone, language))
    sizes = blob_sizes(clone, set(blobs.values()))
    waiting = iter(sorted(path for path, blob in blobs.items() if blob in sizes))
    while chunk := list(islice(waiting, _CHUNK)):
        usable = [path for path in chunk if sizes[blobs[path]] <= MAX_BYTES]
        contents = read_objects(clone, [blobs[path] for path in usable], max_bytes=MAX_BYTES)
        for path, content in zip(usable, contents, strict=True):
            if content is not None:
                yield path, content


def _blobs_of(clone: Clone, language: str) -> Iterator[tuple[str, bytes]]:
    for record in clone.records("ls-tree", "-r", "-z", "--full-tree", clone.head.decode()):
        facts, _, raw_path = record.partition(b"\t")
        mode, _, blob = facts.split(b" ")
        try:
            path = raw_path.decode("utf-8")
        except UnicodeDecodeError:
            continue  # a record's paths are text
        folders = PurePosixPath(path).parent.parts
        plain = mode in _FILE_MODES and path.isprintable()
        if plain and not SKIPPED_FOLDERS.intersection(folders) and is_written_in(path, language):
            yield path, blob


def _together(harvests: Iterable[Harvest], source: PlantedSource, path: Path) -> Harvest:
    """One harvest of several; raises SourceError where it has no function."""
    functions: list[Function] = []
    opening: list[Function] = []
    files: dict[str, tuple[str, ...]] = {}
    left_out: Counter[str] = Counter()
    for each in harvests:
        functions += each.functions
        opening += each.opening
        files.update(each.files)
        left_out.update(each.left_out)
    if not functions:
        raise SourceError(
            f"planted source {path}: no usable function in {', '.join(source.languages)} "
            f"({dict(left_out)}); give code in one of the languages, or raise max_function_lines"
        )
    return Harvest(tuple(functions), files, left_out, tuple(opening))
