"""What operators are made of: a piece of one line, or whole lines, and what is put in their place.

Takes nodes of a syntax tree; gives Spans and Blocks. Knows no kind of defect.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

SIGNS: dict[type[ast.AST], str] = {
    ast.Is: "is", ast.IsNot: "is not", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in",
    ast.NotIn: "not in", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
# Calls that only tell a person something: what is wrong in them misleads, and breaks nothing.
_TELLS = re.compile(
    r"(Error|Exception|Warning|Exit)$|^(print|pprint|debug|info|warn|warning|error|exception|log"
    r"|critical|fatal|fail|echo|_?(log|print|warn|debug|trace|message|announce).*|assert.*)$"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Columns [start, end) of a line, counted from 1 in the file, and the text put there."""

    line: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """The lines first to last, counted from 1 in the file, and the lines put there."""

    first: int
    last: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """The function an operator looks into: its tree, its lines, the number of the first of them."""

    function: FunctionNode
    lines: tuple[str, ...]
    first_line: int

    def line(self, number: int) -> str:
        """A line by its number in the file."""
        return self.lines[number - self.first_line]

    def rows(self, first: int, last: int) -> tuple[str, ...]:
        """The lines first to last by their numbers in the file."""
        return self.lines[first - self.first_line : last - self.first_line + 1]

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Each node of the function below its own, by breadth, and the one it is directly in.

        Not what is inside f-strings: it has no columns to go by.
        """
        found: dict[ast.AST, ast.AST] = {}
        waiting: deque[ast.AST] = deque([self.function])
        while waiting:
            node = waiting.popleft()
            if not isinstance(node, ast.JoinedStr):
                children = list(ast.iter_child_nodes(node))
                found.update(dict.fromkeys(children, node))
                waiting.extend(children)
        return found

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes a node is in, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def in_message(self, node: ast.AST) -> bool:
        """Whether the node only makes up what is printed, logged or raised."""
        return any(
            isinstance(outer, ast.Raise | ast.Assert)
            or (isinstance(outer, ast.Call) and _TELLS.search(last_name(outer.func)))
            for outer in (node, *self.around(node))
        )

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The source of a node that stands on one line."""
        return self.line(node.lineno)[node.col_offset : node.end_col_offset]


def one_line(node: ast.expr | ast.stmt) -> bool:
    """Whether the node begins and ends on the same line."""
    return node.lineno == node.end_lineno


def whole(node: ast.expr | ast.stmt, text: str) -> Span:
    """The node, replaced."""
    return Span(node.lineno, node.col_offset, node.end_col_offset or node.col_offset, text)


def before(node: ast.stmt | ast.expr, inner: ast.expr, text: str = "") -> Span:
    """What stands between the beginning of ``node`` and ``inner``, replaced."""
    return Span(node.lineno, node.col_offset, inner.col_offset, text)


def between(left: ast.expr, right: ast.expr, text: str) -> Span:
    """What stands between two nodes of one line, replaced."""
    return Span(left.lineno, left.end_col_offset or 0, right.col_offset, text)


def bare_compare(node: ast.AST) -> ast.Compare | None:
    """A one-line comparison of two things, neither in brackets of its own."""
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and one_line(node)):
        return None
    width = node.comparators[0].col_offset - (node.left.end_col_offset or 0)
    return node if width == len(SIGNS.get(type(node.ops[0]), "")) + 2 else None


def is_none(node: ast.expr) -> bool:
    """Whether the node is the literal None."""
    return isinstance(node, ast.Constant) and node.value is None


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; "" for what is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def names_read(node: ast.AST) -> list[str]:
    """The names that are read anywhere in the node, each time they are."""
    return [
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
    ]
