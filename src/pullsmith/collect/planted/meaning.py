"""Defects of meaning on one line: nothing a linter sees, and a reader who knows what is meant does.

Takes a node and the function it is in; gives Spans. Left alone are places where the changed line
would do the same, and those where it would only tell a person something else. Refuses to know the
table of kinds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pullsmith.collect.planted.spans import (
    SIGNS,
    Place,
    Span,
    bare_compare,
    before,
    between,
    is_none,
    last_name,
    names_read,
    one_line,
    whole,
)

_OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.In: ast.NotIn, ast.Is: ast.IsNot, ast.Lt: ast.GtE, ast.LtE: ast.Gt,
}  # fmt: skip
OPPOSITES = {**_OPPOSITES, **{value: key for key, value in _OPPOSITES.items()}}
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
# Either order of the arguments gives the same, or says the same.
_SYMMETRIC = re.compile(
    r"^(max|min|gcd|lcm|hypot|isclose|same.*|is_?same.*|eq|ne|add|mul|and_|or_|xor|union|set|dict"
    r"|intersection|isdisjoint|frozenset|gather|wait|chain|product|merge|distance|swap)$"
)
# Methods that seldom give anything back: a return in front of them carries no result.
_PROCEDURES = re.compile(
    r"^(append|extend|add|clear|update|remove|insert|discard|close|flush|write|writelines|put|send"
    r"|sleep|start|stop|join|wait|exit|abort|fail|notify|sort|reverse|set|release|shutdown"
    r"|(set|del|delete|add|remove|print|log|warn|on|visit|emit|show|dump|save|close)_\w*"
    r"|__(init|exit|setattr|delattr|setitem|delitem)__)$"
)
# Where two readings are hardly ever equal, or equality is told apart by something else.
_NEVER_EQUAL = {"time", "monotonic", "perf_counter", "random", "version_info", "hexversion"}
_TEXT_GIVERS = {"get", "group", "strip", "read", "readline", "getenv", "input", "decode", "pop"}


def inverted(node: ast.AST, _: Place) -> Iterator[Span]:
    """A condition turned into its opposite."""
    if not isinstance(node, ast.If | ast.While) or not one_line(node.test):
        return
    test, compare = node.test, bare_compare(node.test)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield before(test, test.operand)
    elif isinstance(test, ast.Name | ast.Attribute | ast.Call):
        yield Span(test.lineno, test.col_offset, test.col_offset, "not ")
    elif compare is not None and not isinstance(compare.ops[0], _ORDERS):
        sign = SIGNS[OPPOSITES[type(compare.ops[0])]]
        yield between(compare.left, compare.comparators[0], f" {sign} ")


def boundary(node: ast.AST, place: Place) -> Iterator[Span]:
    """A comparison that takes in the boundary it should not, or the other way round."""
    compare = bare_compare(node)
    turned = {ast.Lt: " <= ", ast.LtE: " < ", ast.Gt: " >= ", ast.GtE: " > "}
    if compare is None or _same_at_boundary(compare, place) or place.in_message(compare):
        return
    for sign, text in turned.items():
        if isinstance(compare.ops[0], sign):
            yield between(compare.left, compare.comparators[0], text)


def _same_at_boundary(compare: ast.Compare, place: Place) -> bool:
    """Whether equal sides make no difference: the smaller of two is chosen, or they never are."""
    sides = {ast.dump(compare.left), ast.dump(compare.comparators[0])}
    if any(last_name(_called(inner)) in _NEVER_EQUAL for inner in ast.walk(compare)):
        return True
    outer = place.parents.get(compare)
    if isinstance(outer, ast.IfExp):
        return {ast.dump(outer.body), ast.dump(outer.orelse)} == sides
    if isinstance(outer, ast.If) and isinstance(outer.body[0], ast.Assign):
        assign = outer.body[0]
        stored = {_read(target) for target in assign.targets} | {ast.dump(assign.value)}
        return len(outer.body) == 1 and stored == sides
    return False


def _called(node: ast.AST) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node if isinstance(node, ast.expr) else _NO


_NO = ast.Constant(None)


def _read(target: ast.expr) -> str:
    """The dump of a target as it would be if it were read."""
    return ast.dump(target).replace("Store()", "Load()")


def index_off_by_one(node: ast.AST, place: Place) -> Iterator[Span]:
    """An index or the bound of a slice, one too far or one short."""
    if not isinstance(node, ast.Subscript) or not one_line(node) or place.in_message(node):
        return
    if isinstance(node.slice, ast.Slice):
        for bound in filter(None, (node.slice.lower, node.slice.upper)):
            yield from _further(bound)
            yield from _one_dropped(bound)
    else:
        yield from _one_dropped(node.slice)


def _further(bound: ast.expr) -> Iterator[Span]:
    """A slice that leaves one more out: 1 becomes 2, -1 becomes -2. Of others nobody could tell."""
    literal = bound.operand if isinstance(bound, ast.UnaryOp) else bound
    if isinstance(literal, ast.Constant) and type(literal.value) is int and literal.value == 1:
        yield whole(literal, "2")


def range_off_by_one(node: ast.AST, place: Place) -> Iterator[Span]:
    """The end of a range, one too far or one short."""
    if not isinstance(node, ast.Call) or not one_line(node) or node.keywords:
        return
    if last_name(node.func) != "range" or not 1 <= len(node.args) <= 2:
        return
    end = node.args[-1]
    shorter = list(_one_dropped(end))
    yield from shorter
    if not shorter and isinstance(end, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        yield whole(end, f"{place.text(end)} + 1")


def compared_off_by_one(node: ast.AST, place: Place) -> Iterator[Span]:
    """A bound that is compared with, one too far or one short."""
    if isinstance(node, ast.Compare) and one_line(node) and not place.in_message(node):
        for side in (node.left, *node.comparators):
            yield from _one_dropped(side)


def _one_dropped(node: ast.expr) -> Iterator[Span]:
    """The one that is added or taken off, gone."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return
    one = isinstance(node.right, ast.Constant) and node.right.value == 1
    width = node.right.col_offset - (node.left.end_col_offset or 0)
    if one and one_line(node) and width in (1, 3):  # else a bracket stands between
        yield Span(node.lineno, node.left.end_col_offset or 0, node.end_col_offset or 0, "")


def swapped(node: ast.AST, place: Place) -> Iterator[Span]:
    """The first two arguments of a call, changed about."""
    if not isinstance(node, ast.Call) or len(node.args) < 2 or not one_line(node):
        return
    one, two = node.args[:2]
    if not (isinstance(one, ast.Name) and isinstance(two, ast.Name) and one.id != two.id):
        return
    apart = place.line(node.lineno)[one.end_col_offset : two.col_offset]
    if apart != ", " or _SYMMETRIC.search(last_name(node.func)) or place.in_message(node):
        return
    yield Span(node.lineno, one.col_offset, two.end_col_offset or 0, f"{two.id}, {one.id}")


def lost_return(node: ast.AST, place: Place) -> Iterator[Span]:
    """The last line of a function, its result no longer returned."""
    if node is not place.function or len(place.function.body) < 2:
        return
    last = place.function.body[-1]
    if not isinstance(last, ast.Return) or not one_line(last):
        return
    call = last.value
    if isinstance(call, ast.Call) and not _PROCEDURES.search(last_name(call.func)):
        yield before(last, call)


def lost_await(node: ast.AST, _: Place) -> Iterator[Span]:
    """A call of a coroutine that is not waited for."""
    if isinstance(node, ast.Await) and isinstance(node.value, ast.Call) and one_line(node):
        yield before(node, node.value)


def wrong_variable(node: ast.AST, place: Place) -> Iterator[Span]:
    """A parameter that is read once, replaced by the next one: nothing reads it any more."""
    function = place.function
    if node is not function:
        return
    named = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    names = [each.arg for each in named if each.arg not in {"self", "cls", "mcls"}]
    if len(names) < 2:
        return
    read = [name for statement in function.body for name in names_read(statement)]
    hidden = _bound_inside(function)
    for statement in function.body:
        for inner in ast.walk(statement):
            if not isinstance(inner, ast.Name) or inner.id not in names or inner.id in hidden:
                continue
            other = names[(names.index(inner.id) + 1) % len(names)]
            known = inner in place.parents and not place.in_message(inner)  # f-strings are not
            if read.count(inner.id) == 1 and other in read and other not in hidden and known:
                yield whole(inner, other)


def _bound_inside(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Names that are set in the body, or are parameters of something inside."""
    found: set[str] = set()
    for statement in function.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.arg):
                found.add(inner.arg)
            elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                found.add(inner.id)
    return found


def evaluated(node: ast.AST, _: Place) -> Iterator[Span]:
    """Text that is parsed as one kind of value, evaluated as code."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return
    argument, name = node.args[0], last_name(node.func)
    text = isinstance(argument, ast.Name | ast.Subscript) or (
        isinstance(argument, ast.Call) and last_name(argument.func) in _TEXT_GIVERS
    )
    parses = name in {"literal_eval", "loads"} or (name in {"int", "float"} and text)
    module = node.func.value if isinstance(node.func, ast.Attribute) else None
    if parses and one_line(node.func) and (module is None or last_name(module) in {"ast", "json"}):
        yield whole(node.func, "eval")


def unguarded_operand(node: ast.AST, place: Place) -> Iterator[Span]:
    """``x is not None and x.y`` without its first half, or ``x is None or x.y``."""
    if not isinstance(node, ast.BoolOp) or not one_line(node) or place.in_message(node):
        return
    guard, then = node.values[:2]
    sign = ast.IsNot if isinstance(node.op, ast.And) else ast.Is
    value = compared_with_none(guard, sign)
    bracketed = node.col_offset != guard.col_offset
    if value is not None and not bracketed and needs(then, value):
        word = "and" if isinstance(node.op, ast.And) else "or"
        between_them = place.line(node.lineno)[guard.end_col_offset : then.col_offset]
        if between_them == f" {word} ":
            yield before(guard, then)


def unguarded_choice(node: ast.AST, place: Place) -> Iterator[Span]:
    """``x.y if x is not None else z`` without its condition."""
    if not isinstance(node, ast.IfExp) or not one_line(node) or place.in_message(node):
        return
    for sign, used in ((ast.IsNot, node.body), (ast.Is, node.orelse)):
        value = compared_with_none(node.test, sign)
        if value is not None and needs(used, value):
            yield whole(node, place.text(used))


def compared_with_none(test: ast.expr, sign: type[ast.cmpop]) -> ast.expr | None:
    """What is compared with None by ``sign``; None where that is not what the test does."""
    compare = bare_compare(test)
    if compare is None or not isinstance(compare.ops[0], sign):
        return None
    plain = isinstance(compare.left, ast.Name | ast.Attribute)
    return compare.left if plain and is_none(compare.comparators[0]) else None


def needs(node: ast.AST, value: ast.expr) -> bool:
    """Whether the node does something with the value that None cannot do."""
    wanted = ast.dump(value)
    for inner in ast.walk(node):
        parts: list[ast.expr] = []
        if isinstance(inner, ast.Attribute | ast.Subscript | ast.Starred):
            parts = [inner.value]
        elif isinstance(inner, ast.Call):
            sized = last_name(inner.func) in {"len", "iter", "next", "int", "float", "sorted"}
            parts = [inner.func, *(inner.args if sized else ())]
        elif isinstance(inner, ast.For | ast.comprehension):
            parts = [inner.iter]
        elif isinstance(inner, ast.BinOp):
            formats = isinstance(inner.op, ast.Mod) and isinstance(inner.left, ast.Constant)
            parts = [] if formats else [inner.left, inner.right]
        elif isinstance(inner, ast.Compare) and isinstance(inner.ops[0], _ORDERS):
            parts = [inner.left, inner.comparators[0]]
        if any(ast.dump(part) == wanted for part in parts):
            return True
    return False
