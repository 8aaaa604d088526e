"""In-place defects: where a function's own lines can be made wrong, and the wrong lines.

Takes the syntax tree of a function and its lines; gives Sites. An operator changes one line, or
replaces a few that belong together. Refuses to know where the function comes from, and whether its
own code is clean (lint does).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pullsmith.collect.planted.blocks import (
    asserted,
    swallowed,
    unclosed,
    unguarded_body,
    unguarded_use,
)
from pullsmith.collect.planted.meaning import (
    boundary,
    compared_off_by_one,
    evaluated,
    index_off_by_one,
    inverted,
    lost_await,
    lost_return,
    range_off_by_one,
    swapped,
    unguarded_choice,
    unguarded_operand,
    wrong_variable,
)
from pullsmith.collect.planted.spans import (
    Block,
    FunctionNode,
    Place,
    Span,
    bare_compare,
    before,
    between,
    is_none,
    one_line,
    whole,
)

__all__ = ["OPERATOR_KINDS", "FunctionNode", "Site", "sites"]


@dataclass(frozen=True, slots=True)
class Site:
    r"""A place for one defect: ``at`` counts from 0 in the function's lines.

    ``original`` is what stands there, ``defective`` what would stand in its place; several lines
    are joined by "\n".
    """

    kind: str
    at: int
    defective: str
    original: str


def sites(node: FunctionNode, lines: tuple[str, ...], *, first_line: int) -> tuple[Site, ...]:
    """Every place in a function where one of the operators applies, in the tree's order.

    ``lines`` are the function's, ``first_line`` the number of the first of them in the file the
    tree was parsed from. Lines that are not ASCII are left alone: a tree's columns are bytes.
    """
    place = Place(node, lines, first_line)
    found: list[Site] = []
    for inner in (node, *place.parents):
        for kind, operator in _OPERATORS.get(type(inner), ()):
            for change in operator(inner, place):
                site = _site(kind, change, place)
                if site.original.isascii() and site.original != site.defective:
                    found.append(site)
    return tuple(found)


def _site(kind: str, change: Span | Block, place: Place) -> Site:
    if isinstance(change, Block):
        old = "\n".join(place.rows(change.first, change.last))
        return Site(kind, change.first - place.first_line, "\n".join(change.lines), old)
    old = place.line(change.line)
    new = old[: change.start] + change.text + old[change.end :]
    return Site(kind, change.line - place.first_line, new, old)


def _none_eq(node: ast.AST, _: Place) -> Iterator[Span]:
    compare = bare_compare(node)
    turned = {ast.Is: " == ", ast.IsNot: " != "}
    if compare is not None and is_none(compare.comparators[0]):
        for sign, text in turned.items():
            if isinstance(compare.ops[0], sign):
                yield between(compare.left, compare.comparators[0], text)


def _is_literal(node: ast.AST, _: Place) -> Iterator[Span]:
    compare = bare_compare(node)
    turned = {ast.Eq: " is ", ast.NotEq: " is not "}
    if compare is not None and _is_text_or_number(compare.comparators[0]):
        for sign, text in turned.items():
            if isinstance(compare.ops[0], sign):
                yield between(compare.left, compare.comparators[0], text)


def _is_text_or_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (str, int)


def _mutable_default(node: ast.AST, place: Place) -> Iterator[Span]:
    function = place.function
    if node is not function:
        return
    for default in (*function.args.defaults, *filter(None, function.args.kw_defaults)):
        if is_none(default):
            # Either container, decided by where it stands: the same file always gives the same one.
            yield whole(default, "[]" if default.col_offset % 2 else "{}")


def _bare_except(node: ast.AST, _: Place) -> Iterator[Span]:
    # Only the last handler may be bare, or the file would not compile.
    handler = node.handlers[-1] if isinstance(node, ast.Try) and node.handlers else None
    if handler is None or handler.type is None or handler.name is not None:
        return
    if one_line(handler.type) and handler.body[0].lineno > handler.lineno == handler.type.lineno:
        start = handler.col_offset + len("except")
        yield Span(handler.lineno, start, handler.type.end_col_offset or start, "")


def _lost_raise(node: ast.AST, _: Place) -> Iterator[Span]:
    if not isinstance(node, ast.Raise) or node.cause is not None or not one_line(node):
        return
    if isinstance(node.exc, ast.Call):
        yield before(node, node.exc)


_Operator = Callable[[ast.AST, Place], Iterator[Span | Block]]
_OPERATORS: dict[type[ast.AST], tuple[tuple[str, _Operator], ...]] = {
    ast.Compare: (
        ("none_eq", _none_eq),
        ("is_literal", _is_literal),
        ("boundary", boundary),
        ("off_by_one", compared_off_by_one),
    ),
    ast.FunctionDef: (
        ("mutable_default", _mutable_default),
        ("wrong_variable", wrong_variable),
        ("lost_return", lost_return),
        ("missing_none", unguarded_use),
    ),
    ast.AsyncFunctionDef: (
        ("mutable_default", _mutable_default),
        ("wrong_variable", wrong_variable),
        ("lost_return", lost_return),
        ("missing_none", unguarded_use),
    ),
    ast.Try: (("bare_except", _bare_except), ("swallowed", swallowed)),
    ast.With: (("unclosed", unclosed),),
    ast.Raise: (("lost_raise", _lost_raise),),
    ast.If: (
        ("inverted", inverted),
        ("assertion", asserted),
        ("missing_none", unguarded_body),
    ),
    ast.While: (("inverted", inverted),),
    ast.BoolOp: (("missing_none", unguarded_operand),),
    ast.IfExp: (("missing_none", unguarded_choice),),
    ast.Subscript: (("off_by_one", index_off_by_one),),
    ast.Call: (
        ("off_by_one", range_off_by_one),
        ("swapped", swapped),
        ("eval", evaluated),
    ),
    ast.Await: (("lost_await", lost_await),),
}
OPERATOR_KINDS: frozenset[str] = frozenset(
    kind for operators in _OPERATORS.values() for kind, _ in operators
)
