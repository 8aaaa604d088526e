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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pullsmith.collect.planted.lint import smell
from pullsmith.collect.planted.operators import FunctionNode, Site, sites
from pullsmith.errors import SourceError

# Tests and vendored packages are unlike the code people review; site-packages is not the library's.
_SKIPPED = {
    "site-packages", "test", "tests", "idle_test", "__pycache__", "turtledemo", "lib2to3",
    "ensurepip", "pydoc_data", "__phello__",
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
    """The functions, the lines of the files they stand in, and how many were left out and why."""

    functions: tuple[Function, ...]
    files: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, int]


def standard_library() -> Path:
    """The folder of the running interpreter's standard library."""
    return Path(sysconfig.get_paths()["stdlib"])


def harvest(folder: Path, *, max_lines: int, file_limit: int | None = None) -> Harvest:
    """The clean functions of at most ``max_lines`` lines under ``folder``, by path and line.

    Of functions with the same text only the first is kept, so that no text is on both sides of a
    split by file. ``file_limit`` reads only so many files, the first by path. Raises SourceError
    if there is no usable function.
    """
    left_out: Counter[str] = Counter()
    functions: list[Function] = []
    files: dict[str, tuple[str, ...]] = {}
    seen: set[bytes] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old escapes in what is parsed are not ours to mend
        for path in _python_files(folder)[:file_limit]:
            lines, tree = _parsed(folder / path, left_out)
            for node, crowded in _functions_of(tree):
                made = _function(path.as_posix(), node, lines, max_lines=max_lines)
                reason = made if isinstance(made, str) else _repeated(made, seen)
                reason = reason or ("lonely" if crowded < 2 else None)
                if isinstance(made, str) or reason:
                    left_out[str(reason)] += 1
                    continue
                functions.append(made)
                files[made.path] = lines
    if not functions:
        raise SourceError(
            f"planted source {folder}: no usable function in it ({dict(left_out)}); "
            "give a folder of Python sources"
        )
    return Harvest(tuple(functions), files, left_out)


def _python_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _SKIPPED]  # not even walked through
        found += (Path(parent, name).relative_to(folder) for name in names if name.endswith(".py"))
    return sorted(found, key=lambda path: path.as_posix())


def _parsed(path: Path, left_out: Counter[str]) -> tuple[tuple[str, ...], ast.Module]:
    """The lines and the tree of a file; nothing where it cannot be used, with the reason counted.

    Columns of the tree are bytes: only in ASCII files are they characters too.
    """
    nothing = ast.Module(body=[], type_ignores=[])
    try:
        text = path.read_bytes().decode("ascii")
        tree = ast.parse(text)
    except (UnicodeDecodeError, SyntaxError, ValueError, OSError) as error:
        left_out[f"file:{type(error).__name__}"] += 1
        return (), nothing
    if not text.endswith("\n") or any(mark in text for mark in "\r\f"):
        left_out["file:line_ends"] += 1
        return (), nothing
    return tuple(text.split("\n")[:-1]), tree


def _functions_of(tree: ast.Module) -> Iterator[tuple[FunctionNode, int]]:
    """Functions of modules and classes, with how many statements stand beside each (itself too)."""
    blocks: list[ast.Module | ast.ClassDef] = [tree]
    while blocks:
        block = blocks.pop(0)
        for node in block.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node, len(block.body)
            elif isinstance(node, ast.ClassDef):
                blocks.append(node)


def _function(
    path: str, node: FunctionNode, file_lines: tuple[str, ...], *, max_lines: int
) -> Function | str:
    """The function, or the reason it is left out."""
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    lines = file_lines[first - 1 : node.end_lineno]
    if not _MIN_LINES <= len(lines) <= max_lines:
        return "length"
    if any(len(line) > _MAX_COLUMNS or "\t" in line for line in lines):
        return "columns"
    if lines[node.body[0].lineno - first][: node.body[0].col_offset].strip():
        return "one_line"
    if TELLING_WORDS.intersection(re.split(r"_+", node.name.lower())):
        return "telling_name"
    commented = any(_COMMENTED_CALL.search(line) for line in lines)
    found = "comment" if commented else smell(node)
    if found is not None:
        return f"smell:{found}"
    return Function(
        path=path,
        name=node.name,
        keyword="async def" if isinstance(node, ast.AsyncFunctionDef) else "def",
        first_line=first,
        lines=lines,
        argument=_argument(node),
        insert_at=_insert_at(node, first),
        removable=_removable(node, first, len(lines)),
        sites=sites(node, lines, first_line=first),
    )


def _repeated(function: Function, seen: set[bytes]) -> str | None:
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
