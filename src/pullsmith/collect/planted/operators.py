"""In-place defects: where a function's own line can be made wrong, and the wrong line.

Takes the syntax tree of a function and its lines; gives Sites. An operator changes one line and
never makes a line longer than needed. Refuses to know where the function comes from, and whether
its own code is clean (lint does).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Span = tuple[int, int, int, str]  # line (from 1 in the file), columns [a, b), the text put there


@dataclass(frozen=True, slots=True)
class Site:
    """A place for one defect: ``at`` counts from 0 in the function's lines."""

    kind: str
    at: int
    defective: str
    original: str


def sites(node: FunctionNode, lines: tuple[str, ...], *, first_line: int) -> tuple[Site, ...]:
    """Every place in a function where one of the operators applies, in the tree's order.

    ``lines`` are the function's, ``first_line`` the number of the first of them in the file the
    tree was parsed from. Columns are taken as characters: give ASCII only.
    """
    found: list[Site] = []
    for inner in ast.walk(node):
        for kind, operator in _OPERATORS.get(type(inner), ()):
            for line, start, end, text in operator(inner, node):
                at = line - first_line
                old = lines[at]
                found.append(Site(kind, at, old[:start] + text + old[end:], old))
    return tuple(found)


def _one_line(node: ast.expr | ast.stmt) -> bool:
    return node.lineno == node.end_lineno


def _span(node: ast.expr | ast.stmt, text: str) -> Span:
    return node.lineno, node.col_offset, node.end_col_offset or node.col_offset, text


def _before(node: ast.stmt | ast.expr, inner: ast.expr, text: str = "") -> Span:
    """What stands between the beginning of ``node`` and ``inner``, replaced."""
    return node.lineno, node.col_offset, inner.col_offset, text


def _between(node: ast.Compare | ast.BinOp, text: str) -> Span:
    """The operator of ``node`` with the blanks around it, replaced."""
    left, right = (
        (node.left, node.comparators[0])
        if isinstance(node, ast.Compare)
        else (node.left, node.right)
    )
    return node.lineno, left.end_col_offset or 0, right.col_offset, text


def _bare_compare(node: ast.AST) -> ast.Compare | None:
    """A one-line comparison of two things, neither in brackets of its own."""
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and _one_line(node)):
        return None
    width = node.comparators[0].col_offset - (node.left.end_col_offset or 0)
    return node if width == len(_SIGNS.get(type(node.ops[0]), "")) + 2 else None


_SIGNS: dict[type[ast.AST], str] = {
    ast.Is: "is", ast.IsNot: "is not", ast.Eq: "==", ast.NotEq: "!=",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


def _none_eq(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    compare = _bare_compare(node)
    turned = {ast.Is: " == ", ast.IsNot: " != "}
    if compare is not None and _is_none(compare.comparators[0]):
        for sign, text in turned.items():
            if isinstance(compare.ops[0], sign):
                yield _between(compare, text)


def _is_literal(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    compare = _bare_compare(node)
    turned = {ast.Eq: " is ", ast.NotEq: " is not "}
    if compare is not None and _is_text_or_number(compare.comparators[0]):
        for sign, text in turned.items():
            if isinstance(compare.ops[0], sign):
                yield _between(compare, text)


def _boundary(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    compare = _bare_compare(node)
    turned = {ast.Lt: " <= ", ast.LtE: " < ", ast.Gt: " >= ", ast.GtE: " > "}
    if compare is not None:
        for sign, text in turned.items():
            if isinstance(compare.ops[0], sign):
                yield _between(compare, text)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text_or_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (str, int)


def _mutable_default(node: ast.AST, function: FunctionNode) -> Iterator[Span]:
    if node is not function:
        return
    for default in (*function.args.defaults, *filter(None, function.args.kw_defaults)):
        if _is_none(default):
            # Either container, decided by where it stands: the same file always gives the same one.
            yield _span(default, "[]" if default.col_offset % 2 else "{}")


def _bare_except(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    # Only the last handler may be bare, or the file would not compile.
    handler = node.handlers[-1] if isinstance(node, ast.Try) and node.handlers else None
    if handler is None or handler.type is None or handler.name is not None:
        return
    if _one_line(handler.type) and handler.body[0].lineno > handler.lineno == handler.type.lineno:
        start = handler.col_offset + len("except")
        yield handler.lineno, start, handler.type.end_col_offset or start, ""


def _lost_raise(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    if not isinstance(node, ast.Raise) or node.cause is not None or not _one_line(node):
        return
    if isinstance(node.exc, ast.Call):
        yield _before(node, node.exc)


def _lost_return(node: ast.AST, function: FunctionNode) -> Iterator[Span]:
    if not isinstance(node, ast.Return) or not _one_line(node) or len(function.body) < 2:
        return
    if node is function.body[-1] and isinstance(node.value, ast.Call):
        yield _before(node, node.value)


def _inverted(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    if not isinstance(node, ast.If) or not _one_line(node.test):
        return
    test = node.test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield _before(test, test.operand)
    elif isinstance(test, ast.Name | ast.Attribute | ast.Call):
        yield test.lineno, test.col_offset, test.col_offset, "not "


def _one_more_or_less(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    if not isinstance(node, ast.BinOp) or not _one_line(node):
        return
    signs: dict[type[ast.operator], str] = {ast.Add: " - ", ast.Sub: " + "}
    width = node.right.col_offset - (node.left.end_col_offset or 0)
    one = isinstance(node.right, ast.Constant) and node.right.value == 1
    if one and width == len(" + ") and type(node.op) in signs:
        yield _between(node, signs[type(node.op)])


def _longer_range(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    if not isinstance(node, ast.Call) or not _one_line(node) or len(node.args) != 1:
        return
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        end = node.args[0].end_col_offset or 0
        yield node.lineno, end, end, " + 1"


def _swapped(node: ast.AST, _: FunctionNode) -> Iterator[Span]:
    if not isinstance(node, ast.Call) or len(node.args) < 2 or not _one_line(node):
        return
    one, two = node.args[:2]
    if isinstance(one, ast.Name) and isinstance(two, ast.Name) and one.id != two.id:
        yield node.lineno, one.col_offset, two.end_col_offset or 0, f"{two.id}, {one.id}"


_Operator = Callable[[ast.AST, FunctionNode], Iterator[Span]]
_OPERATORS: dict[type[ast.AST], tuple[tuple[str, _Operator], ...]] = {
    ast.Compare: (("none_eq", _none_eq), ("is_literal", _is_literal), ("boundary", _boundary)),
    ast.FunctionDef: (("mutable_default", _mutable_default),),
    ast.AsyncFunctionDef: (("mutable_default", _mutable_default),),
    ast.Try: (("bare_except", _bare_except),),
    ast.Raise: (("lost_raise", _lost_raise),),
    ast.Return: (("lost_return", _lost_return),),
    ast.If: (("inverted", _inverted),),
    ast.BinOp: (("off_by_one", _one_more_or_less),),
    ast.Call: (("off_by_one", _longer_range), ("swapped", _swapped)),
}
OPERATOR_KINDS: frozenset[str] = frozenset(
    kind for operators in _OPERATORS.values() for kind, _ in operators
)
