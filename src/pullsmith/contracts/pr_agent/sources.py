"""Constants of PR-Agent that stand in its source and not in its settings, read as literals.

Takes its package folder, gives a few short texts; parses the files, runs nothing of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import StudyError

LANGUAGE = "\0"  # stands for the language where it is asked for
_LISTS = ("ADDED_FILES_", "MORE_MODIFIED_FILES_", "DELETED_FILES_")


@dataclass(frozen=True)
class Marks:
    """``own_headings`` begin descriptions that it wrote itself, the first one the user's part of them.

    ``walkthrough`` begins the part that review and improve are not shown; empty where they are.
    ``languages`` ask for an answer in a LANGUAGE, alone and behind other instructions; empty where
    the version has no such setting.
    """

    added: str
    modified: str
    deleted: str
    own_headings: tuple[str, ...]
    walkthrough: str
    languages: tuple[str, ...]


def read_marks(package: Path) -> Marks:
    """The constants; raises StudyError where they are not where they used to be."""
    lists = dict(_assigned(_parsed(package / "algo" / "pr_processing.py")))
    provider = _parsed(package / "git_providers" / "git_provider.py")
    headings = [
        node.value
        for function in ast.walk(provider)
        if isinstance(function, ast.FunctionDef) and function.name == "_possible_headers"
        for node in function.body
        if isinstance(node, ast.Return) and node.value is not None
    ]
    walkthroughs = [
        value
        for node in ast.walk(_parsed(package / "algo" / "utils.py"))
        if isinstance(node, ast.ClassDef) and node.name == "PRDescriptionHeader"
        for name, value in _assigned(node)
        if name == "CHANGES_WALKTHROUGH"
    ]
    try:
        added, modified, deleted = (ast.literal_eval(lists[name]) for name in _LISTS)
        own = tuple(ast.literal_eval(headings[0]))
        walkthrough = ast.literal_eval(walkthroughs[0]) if walkthroughs else ""
    except (KeyError, IndexError, ValueError) as error:
        raise StudyError(
            f"contract.pr_agent: {package}: a constant is not in its source as expected: {error}"
        ) from error
    languages = tuple(_asking_for_a_language(_parsed(package / "agent" / "pr_agent.py")))
    return Marks(added, modified, deleted, own, walkthrough, languages)


def _asking_for_a_language(module: ast.Module) -> Iterator[str]:
    """Alone first: it stands in the ``else``, but as a bare f-string."""
    found = [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Attribute)
        and node.targets[0].attr == "extra_instructions"
    ]
    alone = [node for node in found if isinstance(node, ast.JoinedStr)]
    behind = [node.right for node in found if isinstance(node, ast.BinOp)]
    if len(alone) == len(behind) == 1 and isinstance(behind[0], ast.JoinedStr):
        yield from (_filled(node) for node in (alone[0], behind[0]))


def _filled(text: ast.JoinedStr) -> str:
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else LANGUAGE for part in text.values
    )


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise StudyError(f"contract.pr_agent: {path}: cannot be read: {error}") from error


def _assigned(parent: ast.Module | ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for node in parent.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
