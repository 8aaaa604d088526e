"""Defects that take several lines, or leave fewer than there were.

Takes a node and the function it is in; gives Blocks: whole lines and those in their place. Left
alone are blocks with strings over several lines, whose text would move with them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from pullsmith.collect.planted.meaning import OPPOSITES, compared_with_none, needs
from pullsmith.collect.planted.spans import (
    SIGNS,
    Block,
    Place,
    bare_compare,
    last_name,
    names_read,
    one_line,
)

_MOST_LINES = 4
_COLUMNS = 79
# Exceptions that say how things go on, not that something went wrong.
_FLOW = {"StopIteration", "StopAsyncIteration", "GeneratorExit", "CancelledError"}
_OPENERS = {"open", "fdopen", "open_code", "FileIO", "urlopen", "socket", "connect", "Popen"}


def swallowed(node: ast.AST, place: Place) -> Iterator[Block]:
    """What an exception handler does, replaced by nothing."""
    if not isinstance(node, ast.Try):
        return
    for handler in node.handlers:
        first, last = handler.body[0], handler.body[-1]
        own_line = first.lineno > (handler.type or handler).lineno
        if handler.type is None or not own_line or last_name(handler.type) in _FLOW:
            continue
        end = last.end_lineno or 0
        if any(map(_matters, handler.body)) and end - first.lineno < _MOST_LINES:
            yield Block(first.lineno, end, (_indent(place, first) + "pass",))


def _matters(statement: ast.stmt) -> bool:
    """Whether the statement does something: to return None or what is as false is hardly more."""
    if isinstance(statement, ast.Return):
        value = statement.value
        empty = isinstance(value, ast.Constant) and not value.value
        return value is not None and not empty
    called = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return called or isinstance(statement, ast.Raise | ast.Assign | ast.AugAssign)


def unclosed(node: ast.AST, place: Place) -> Iterator[Block]:
    """A file opened by ``with``, opened by a plain assignment: nothing closes it."""
    if not isinstance(node, ast.With) or len(node.items) != 1:
        return
    opened, name = node.items[0].context_expr, node.items[0].optional_vars
    if not (isinstance(opened, ast.Call) and one_line(opened) and isinstance(name, ast.Name)):
        return
    body = _dedented(node, node.body, place)
    if body and last_name(opened.func) in _OPENERS:
        head = f"{_indent(place, node)}{name.id} = {place.text(opened)}"
        yield Block(node.lineno, node.end_lineno or 0, (head, *body))


def asserted(node: ast.AST, place: Place) -> Iterator[Block]:
    """A check of what was given that raises, written as an assertion."""
    if not isinstance(node, ast.If) or node.orelse or _is_elif(node, place):
        return
    raised, test = node.body[0], node.test
    if len(node.body) != 1 or not isinstance(raised, ast.Raise) or not one_line(test):
        return
    arguments = place.function.args
    named = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    negated = _negated(test, place)
    given = (named - {"self", "cls"}).intersection(names_read(test))
    if given and negated and isinstance(raised.exc, ast.Call) and raised.lineno > node.lineno:
        line = f"{_indent(place, node)}assert {negated}"
        longer = f"{line}, {_message(raised.exc, place)}"
        fitting = longer if _message(raised.exc, place) and len(longer) <= _COLUMNS else line
        if len(fitting) <= _COLUMNS:
            yield Block(node.lineno, node.end_lineno or 0, (fitting,))


def _negated(test: ast.expr, place: Place) -> str:
    """The opposite of a test as text; "" for tests that do not turn into a short one."""
    compare = bare_compare(test)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        plain = isinstance(test.operand, ast.Name | ast.Attribute | ast.Call)
        return place.text(test.operand) if plain else ""
    if compare is not None:
        sides = place.text(compare.left), place.text(compare.comparators[0])
        return f" {SIGNS[OPPOSITES[type(compare.ops[0])]]} ".join(sides)
    if isinstance(test, ast.Name | ast.Attribute | ast.Call):
        return f"not {place.text(test)}"
    return ""


def _message(call: ast.Call, place: Place) -> str:
    alone = len(call.args) == 1 and not call.keywords and one_line(call.args[0])
    is_text = alone and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    return place.text(call.args[0]) if is_text else ""


def unguarded_body(node: ast.AST, place: Place) -> Iterator[Block]:
    """What is done only where a value is not None, done always."""
    if not isinstance(node, ast.If) or node.orelse or _is_elif(node, place):
        return
    value = compared_with_none(node.test, ast.IsNot)
    if value is None or not any(needs(statement, value) for statement in node.body[:1]):
        return
    body = _dedented(node, node.body, place)
    if body and not _leaves_dead_code(node, place):
        yield Block(node.lineno, node.end_lineno or 0, body)


def _leaves_dead_code(node: ast.If, place: Place) -> bool:
    """Whether what follows the block would never be reached: nobody writes that by mistake."""
    ends = isinstance(node.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
    beside = getattr(place.parents[node], "body", [node])
    return ends and node in beside[:-1]


def unguarded_use(node: ast.AST, place: Place) -> Iterator[Block]:
    """A use of what may be None, without the check above it.

    Only the check goes, so the use is an added line only where the function itself is new.
    """
    if node is not place.function:
        return
    for guard, use in zip(place.function.body, place.function.body[1:], strict=False):
        if not isinstance(guard, ast.If) or guard.orelse or not one_line(use):
            continue
        value = compared_with_none(guard.test, ast.Is)
        leaves = isinstance(guard.body[-1], ast.Return | ast.Raise | ast.Assign)
        if value is not None and leaves and needs(use, value) and not place.in_message(use):
            yield Block(guard.lineno, use.lineno, place.rows(use.lineno, use.lineno))


def _dedented(node: ast.If | ast.With, body: Sequence[ast.stmt], place: Place) -> tuple[str, ...]:
    """The lines of a body moved to where its head is; none where that cannot be done."""
    last = node.end_lineno or 0
    rows = place.rows(node.lineno + 1, last)
    text = "\n".join(rows)
    own_lines = body[0].lineno > node.lineno and len(rows) <= _MOST_LINES
    margin = " " * (body[0].col_offset - node.col_offset)
    if not own_lines or '"""' in text or "'''" in text or "\\\n" in text:
        return ()
    if not all(row.startswith(margin) or not row for row in rows):
        return ()
    return tuple(row[len(margin) :] for row in rows)


def _is_elif(node: ast.If, place: Place) -> bool:
    return not place.line(node.lineno)[node.col_offset :].startswith("if")


def _indent(place: Place, node: ast.stmt) -> str:
    return place.line(node.lineno)[: node.col_offset]
