"""Conditions made wrong: the opposite of what is meant, or wrong where two values are equal.

Takes places; gives spans. Refuses to know loop headers, whose bounds are another kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pullsmith.collect.planted.languages.bounds import loop_bound
from pullsmith.collect.planted.languages.places import Place, Span, above, parts, text_of
from pullsmith.collect.planted.languages.scopes import Scopes

if TYPE_CHECKING:
    from tree_sitter import Node

_OPPOSITE = {"==": "!=", "!=": "==", "===": "!==", "!==": "==="}
_EDGE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
# What a "!" can be put before without brackets.
_PLAIN = frozenset(
    {
        "identifier", "member_expression", "field_access", "field_expression",
        "selector_expression", "call_expression", "method_invocation", "macro_invocation",
        "subscript_expression", "index_expression", "array_access", "await_expression",
        "try_expression",
    }
)  # fmt: skip
# Where a moment more or less is nobody's defect.
_MEASURED = re.compile(
    r"\d\.\d|random|(?:^|[^a-z])(?:now|ms|eps|epsilon)(?:[^a-z]|$)|time|date|deadline|elapsed|"
    r"duration|expir|latency|delay|millis|nanos|seconds|ratio|percent|threshold|weight|score|"
    r"compar|cmp",
    re.IGNORECASE,
)


def inverted(place: Place, _: Scopes) -> Iterator[Span]:
    """The condition of an ``if`` or of ``?:`` turned round."""
    condition = place.node.child_by_field_name("condition")
    if condition is None:
        return
    inner = parts(condition) if condition.type == "parenthesized_expression" else [condition]
    if len(inner) == 1:
        bracketed = inner[0] is not condition
        yield from _opposite(inner[0], free=bracketed or place.node.type != "ternary_expression")


def _opposite(test: Node, *, free: bool) -> Iterator[Span]:
    """The test turned round; ``free`` says that brackets around the whole of it can go."""
    sign = _sign(test)
    if sign in _OPPOSITE:
        yield from _resigned(test, _OPPOSITE[sign])
    elif test.type == "unary_expression" and test.children[0].type == "!":
        yield _without_not(test, free=free)
    elif sign in {"instanceof", "in"} or _is_plain_instanceof(test):
        yield Span(test.start_byte, test.end_byte, f"!({text_of(test)})".encode())
    elif test.type in _PLAIN:
        yield Span(test.start_byte, test.start_byte, b"!")


def _is_plain_instanceof(test: Node) -> bool:
    """Without a pattern's variable, which would be out of scope: the compiler sees that."""
    if test.type != "instanceof_expression":
        return False
    right, name = (test.child_by_field_name(field) for field in ("right", "name"))
    return right is not None and name is None


def _without_not(test: Node, *, free: bool) -> Span:
    operand = test.children[-1]
    text = text_of(operand)
    # In Go and Rust a brace in a bare condition would begin the block.
    if free and operand.type == "parenthesized_expression" and "{" not in text:
        return Span(test.start_byte, test.end_byte, text[1:-1].strip().encode())
    return Span(test.start_byte, operand.start_byte, b"")


def boundary(place: Place, _: Scopes) -> Iterator[Span]:
    """A comparison that is wrong where both sides are equal."""
    node = place.node
    sign = _sign(node)
    if sign not in _EDGE or loop_bound(place) or _makes_no_difference(place):
        return
    left, right = (text_of(node.child_by_field_name(side)) for side in ("left", "right"))
    # Two things of one kind are ordered, not held against a bound.
    alike = _last_word(left) == _last_word(right) != ""
    if not (alike or _MEASURED.search(left) or _MEASURED.search(right)):
        yield from _resigned(node, _EDGE[sign])


def _makes_no_difference(place: Place) -> bool:
    """Whether this picks one of the two, or makes room for it, where equal ones are the same."""
    node = place.node
    sides = {text_of(node.child_by_field_name(side)) for side in ("left", "right")}
    holder = next((up.node for up in above(place) if up.node.type not in _BRACKETS), None)
    if holder is None or holder.type not in _CHOICES:
        return False
    chosen = _bare(text_of(holder.child_by_field_name("consequence")))
    target, _, value = chosen.partition("=")
    if chosen in sides or _RESIZING.search(chosen):
        return True
    return target.strip() in sides and value.strip() in sides


_BRACKETS = frozenset({"parenthesized_expression", "binary_expression"})
_RESIZING = re.compile(r"\b(?:resize|grow|reserve|ensure\w*|truncate|pad\w*)\(")
_CHOICES = frozenset({"if_statement", "if_expression", "ternary_expression"})


def _bare(text: str) -> str:
    return text.strip("{}; \t\n").removeprefix("return ").strip().removeprefix("-")


def _last_word(text: str) -> str:
    found = re.search(r"\.(\w+)(?:\(\))?$", text)
    return found[1] if found else ""


def _sign(node: Node) -> str:
    is_binary = node.type == "binary_expression"
    return text_of(node.child_by_field_name("operator")) if is_binary else ""


def _resigned(node: Node, sign: str) -> Iterator[Span]:
    operator = node.child_by_field_name("operator")
    if operator is not None:
        yield Span(operator.start_byte, operator.end_byte, sign.encode())
