"""Short, clean functions of the Python code on this machine, each with the places for a defect.

Takes a folder of Python sources; gives functions in a fixed order. Caches nothing on disk, runs
nothing of what it reads, and refuses to know what is planted.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sysconfig
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pullsmith.collect.planted.lint import OPENING, smell
from pullsmith.collect.planted.operators import FunctionNode, Site, sites
from pullsmith.errors import SourceError

# Tests and vendored packages are unlike the code people review; site-packages is not the library's.
SKIPPED_FOLDERS = {
    "site-packages", "test", "tests", "testing", "idle_test", "__pycache__", "turtledemo",
    "lib2to3", "ensurepip", "pydoc_data", "__phello__", ".git", "node_modules", "vendor",
    "vendored", "_vendor", "third_party", "testdata", "__tests__", ".venv", "target",
    "build", "dist",
}  # fmt: skip
_MAX_COLUMNS = 79
_COMMENTED_CALL = re.compile(r"#.*\b(?:print|eval|exec|open)\(")  # the tree has no comments
_MIN_LINES = 3
_MAX_REMOVED = 8
# A title is made of a function's name, and no title may hint at a defect.
TELLING_WORDS = frozenset(
    [
        "assert",
        "bad",
        "bare",
        "bug",
        "check",
        "compare",
        "comparison",
        "condition",
        "credential",
        "debug",
        "default",
        "defect",
        "error",
        "except",
        "exception",
        "fault",
        "fix",
        "identity",
        "inject",
        "injection",
        "invert",
        "key",
        "literal",
        "lost",
        "mutable",
        "none",
        "null",
        "off",
        "pass",
        "password",
        "passwd",
        "planted",
        "print",
        "raise",
        "return",
        "secret",
        "security",
        "shell",
        "sql",
        "ssl",
        "swap",
        "tls",
        "token",
        "unsafe",
        "verify",
        "wrong",
    ]
)


@dataclass(frozen=True, slots=True)
class Function:
    """A function as it stands in its file, decorators included.

    ``first_line`` counts from 1 in the file; all else counts from 0 in ``lines``. ``argument`` is
    its first named parameter, "" if it has none. A new first statement goes before the line
    ``insert_at`` (None where there is no room); ``removable`` are the line ranges [a, b) of
    statements it can do without.
    """

    path: str
    name: str
    keyword: str  # "def" or "async def"
    first_line: int
    lines: tuple[str, ...]
    argument: str
    insert_at: int | None
    removable: tuple[tuple[int, int], ...]
    sites: tuple[Site, ...]
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Harvest:
    """The functions, the lines of the files they stand in, and how many were left out and why.

    ``opening`` are functions that open something in a with block: places to plant in, but counted
    as left out, because what opens is too near to a defect to be shown as clean.
    """

    functions: tuple[Function, ...]
    files: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, int]
    opening: tuple[Function, ...] = ()


def standard_library() -> Path:
    """The folder of the running interpreter's standard library."""
    return Path(sysconfig.get_paths()["stdlib"])


def harvest(folder: Path, *, max_lines: int, file_limit: int | None = None) -> Harvest:
    """The clean functions of at most ``max_lines`` lines under ``folder``, by path and line.

    ``file_limit`` reads only so many files, the first by path. Raises SourceError if there is no
    usable function.
    """
    paths = source_files(folder, lambda path: path.endswith(".py"))[:file_limit]
    found = harvest_texts(read_files(folder, paths), max_lines=max_lines)
    if not found.functions:
        raise SourceError(
            f"planted source {folder}: no usable function in it ({dict(found.left_out)}); "
            "give a folder of Python sources"
        )
    return found


def harvest_texts(files: Iterable[tuple[str, bytes]], *, max_lines: int) -> Harvest:
    """The clean functions of at most ``max_lines`` lines in files of Python, in their order.

    Of functions with the same text only the first is kept, so that no text is on both sides of a
    split by file. Empty if there is no usable function.
    """
    gathered = _Gathered()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old escapes in what is parsed are not ours to mend
        for path, content in files:
            gathered.add(path, content, max_lines)
    return Harvest(
        tuple(gathered.functions), gathered.files, gathered.left_out, tuple(gathered.opening)
    )


class _Gathered:
    """What was found so far."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.functions: list[Function] = []
        self.opening: list[Function] = []
        self.files: dict[str, tuple[str, ...]] = {}
        self.seen: set[bytes] = set()

    def add(self, path: str, content: bytes, max_lines: int) -> None:
        lines, tree = _parsed(content, self.left_out)
        for node, crowded in functions_of(tree):
            made, found = _function(path, node, lines, max_lines=max_lines)
            reason = found or _repeated(made, self.seen) or ("lonely" if crowded < 2 else None)
            if reason is None and made is not None:
                self.functions.append(made)
                self.files[path] = lines
                continue
            self.left_out[str(reason)] += 1
            if reason == f"smell:{OPENING}" and made is not None and made.sites:
                self.opening.append(made)
                self.files[path] = lines


def source_files(folder: Path, wanted: Callable[[str], bool]) -> list[Path]:
    """The files under ``folder`` whose name is wanted, by path, tests and others' code left out."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        found += (Path(parent, name).relative_to(folder) for name in names if wanted(name))
    return sorted(found, key=lambda path: path.as_posix())


def read_files(folder: Path, paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file, one at a time; those that cannot be read are passed over."""
    for path in paths:
        with suppress(OSError):
            yield path.as_posix(), (folder / path).read_bytes()


def _parsed(content: bytes, left_out: Counter[str]) -> tuple[tuple[str, ...], ast.Module]:
    """The lines and the tree of a file; nothing where it cannot be used, with the reason counted.

    Columns of the tree are bytes: only in ASCII files are they characters too.
    """
    nothing = ast.Module(body=[], type_ignores=[])
    try:
        text = content.decode("ascii")
        tree = ast.parse(text)
    except (UnicodeDecodeError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        left_out[f"file:{type(error).__name__}"] += 1
        return (), nothing
    if text and (not text.endswith("\n") or any(mark in text for mark in "\r\f")):
        left_out["file:line_ends"] += 1
        return (), nothing
    return tuple(text.split("\n")[:-1]), tree


def functions_of(tree: ast.Module) -> Iterator[tuple[FunctionNode, int]]:
    """Functions of modules and classes, with how many statements stand beside each (itself too)."""
    blocks: list[ast.Module | ast.ClassDef] = [tree]
    while blocks:
        block = blocks.pop(0)
        for node in block.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node, len(block.body)
            elif isinstance(node, ast.ClassDef):
                blocks.append(node)


def first_line(node: FunctionNode) -> int:
    """The number of a function's first line, decorators included."""
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _function(
    path: str, node: FunctionNode, file_lines: tuple[str, ...], *, max_lines: int
) -> tuple[Function | None, str | None]:
    """The function, and the reason it is left out; one that opens something comes with both."""
    first = first_line(node)
    lines = file_lines[first - 1 : node.end_lineno]
    reason = _unusable(node, lines, first, max_lines)
    if reason is not None:
        return None, reason
    commented = any(_COMMENTED_CALL.search(line) for line in lines)
    found = "comment" if commented else smell(node)
    if found not in (None, OPENING):
        return None, f"smell:{found}"
    places = sites(node, lines, first_line=first)
    if found:
        places = tuple(site for site in places if site.kind == "unclosed")
    function = Function(
        path=path,
        name=node.name,
        keyword="async def" if isinstance(node, ast.AsyncFunctionDef) else "def",
        first_line=first,
        lines=lines,
        argument=_argument(node),
        insert_at=_insert_at(node, first),
        removable=_removable(node, first, len(lines)),
        sites=places,
    )
    return function, f"smell:{found}" if found else None


def _unusable(node: FunctionNode, lines: tuple[str, ...], first: int, max_lines: int) -> str | None:
    if not _MIN_LINES <= len(lines) <= max_lines:
        return "length"
    if any(len(line) > _MAX_COLUMNS or "\t" in line for line in lines):
        return "columns"
    if lines[node.body[0].lineno - first][: node.body[0].col_offset].strip():
        return "one_line"
    if TELLING_WORDS.intersection(re.split(r"_+", node.name.lower())):
        return "telling_name"
    return None


def _repeated(function: Function | None, seen: set[bytes]) -> str | None:
    if function is None:
        return None
    key = hashlib.sha256(" ".join(" ".join(function.lines).split()).encode()).digest()
    if key in seen:
        return "duplicate"
    seen.add(key)
    return None


def _argument(node: FunctionNode) -> str:
    named = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return next((each.arg for each in named if each.arg not in {"self", "cls", "mcls"}), "")


def _is_docstring(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _insert_at(node: FunctionNode, first: int) -> int | None:
    body = node.body[1:] if _is_docstring(node.body[0]) else node.body
    return body[0].lineno - first if body else None


def _removable(node: FunctionNode, first: int, length: int) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for inner in ast.walk(node):
        for block in (getattr(inner, "body", None), getattr(inner, "orelse", None)):
            if not isinstance(block, list) or len(block) < 2:
                continue
            for statement in block:
                start, end = statement.lineno - first, (statement.end_lineno or 0) - first + 1
                enough = 1 <= end - start <= min(_MAX_REMOVED, length - 2)
                if enough and not (statement is node.body[0] and _is_docstring(statement)):
                    found.append((start, end))
    return tuple(found)
