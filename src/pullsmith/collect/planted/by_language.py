"""One door to the languages code is planted in: Python here, the others through tree-sitter.

Takes the name of a language; calls what that language has. The other languages are only imported
where they are asked for, because they need an extra.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath

from pullsmith.collect.planted.harvest import Harvest, harvest_texts
from pullsmith.collect.planted.python import file_sites as python_sites
from pullsmith.collect.planted.python import makes_wrong as makes_python_wrong
from pullsmith.collect.planted.python import parse as parse_python
from pullsmith.collect.planted.sites import FileSite
from pullsmith.collect.planted.templates import TEMPLATES, Template
from pullsmith.records import Split

Templates = Mapping[Split, Mapping[str, tuple[Template, ...]]]
_PYTHON = "python"


def is_written_in(path: str, language: str) -> bool:
    """Whether a file is of the language, by its name."""
    if language == _PYTHON:
        return PurePosixPath(path).suffix == ".py"
    from pullsmith.collect.planted import languages

    return languages.language_of(path) == language


def harvest_language(
    files: Iterable[tuple[str, bytes]], *, language: str, max_lines: int
) -> Harvest:
    """The functions of files of one language; (path, content) by path. May be empty.

    Raises MissingExtraError for another language than Python without its extra.
    """
    if language == _PYTHON:
        return harvest_texts(files, max_lines=max_lines)
    from pullsmith.collect.planted import languages

    return languages.harvest_foreign_texts(files, language=language, max_lines=max_lines)


def file_sites(path: str, text: str, wanted: Collection[int]) -> tuple[FileSite, ...]:
    """The lines of a file, of those ``wanted`` (from 1), that can be made wrong."""
    if is_written_in(path, _PYTHON):
        return python_sites(text, wanted)
    from pullsmith.collect.planted import languages

    return languages.file_sites(path, text, lines=wanted)


def makes_wrong(text: str, site: FileSite, language: str) -> bool:
    """Whether a file with the site's defective line parses; for Python also, to another tree."""
    if language == _PYTHON:
        return makes_python_wrong(text, site)
    return site.defective != site.original and parses(with_defect(text, site), language)


def with_defect(text: str, site: FileSite) -> str:
    """The file with the defective line in its place."""
    lines = text.split("\n")
    lines[site.line - 1] = site.defective
    return "\n".join(lines)


def parses(text: str, language: str) -> bool:
    """Whether a whole file parses, or a function as far in as it stands."""
    if language == _PYTHON:
        return parse_python(text) is not None
    from pullsmith.collect.planted import languages

    return languages.parses(text, language)


@cache
def templates_of(language: str) -> Templates:
    """The templates of inserted lines of a language; none for a language that has none."""
    if language == _PYTHON:
        return TEMPLATES
    from pullsmith.collect.planted import languages

    return languages.foreign_templates(language)
