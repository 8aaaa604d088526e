"""Bounds off by one: a lost ``+ 1`` or ``- 1``, a loop or a range that is one too long or short.

Takes places; gives spans. Refuses to know comparisons outside of loop headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pullsmith.collect.planted.languages.places import (
    CALLS,
    Place,
    Span,
    above,
    callee,
    text_of,
)
from pullsmith.collect.planted.languages.scopes import Scopes

if TYPE_CHECKING:
    from tree_sitter import Node

_NUMBERS = frozenset({"number", "int_literal", "decimal_integer_literal", "integer_literal"})
_LOOPS = frozenset({"for_statement", "for_clause"})
_EDGE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OTHER_START = {"0": "1", "1": "0"}
_OTHER_RANGE = {"..": "..=", "..=": ".."}
# What may lose its brackets in a sum's or a call's place, and where brackets stay as they are.
_SIMPLE = frozenset(
    {
        "identifier", "member_expression", "field_access", "field_expression",
        "selector_expression", "call_expression", "method_invocation", "subscript_expression",
        "index_expression", "array_access",
    }
)  # fmt: skip
_GROUPING = frozenset(
    {
        "as_expression", "binary_expression", "cast_expression", "field_expression",
        "member_expression", "method_invocation", "type_cast_expression",
    }
)  # fmt: skip
_WITH_BRACKETS = frozenset({"if_statement", "while_statement", "switch_statement"})
_BITS = frozenset({"&", "|", "^", "<<", ">>", ">>>", "&^"})
_ASSIGNMENTS = frozenset({"assignment_expression", "assignment_statement"})
# One more or less of what these set aside changes nothing that can be seen.
_CAPACITIES = frozenset(
    {
        "ArrayDeque", "ArrayList", "Grow", "HashMap", "HashSet", "StringBuffer", "StringBuilder",
        "ensureCapacity", "reserve", "with_capacity",
    }
)  # fmt: skip


def lost_one(place: Place, _: Scopes) -> Iterator[Span]:
    """``n - 1`` and ``n + 1`` without the one; brackets that are not needed any more go too."""
    node = place.node
    left = node.child_by_field_name("left")
    if left is None or not _is_one_more_or_less(node) or _is_pasted_or_masked(left):
        return
    whole = _without_brackets(place, left)
    holder = whole.up.node if whole is not None and whole.up is not None else None
    if whole is None or holder is None or _sign(holder) in _BITS or _is_idle(whole, left):
        return
    if whole is place:
        yield Span(left.end_byte, node.end_byte, b"")
    else:
        yield Span(whole.node.start_byte, whole.node.end_byte, left.text or b"")


def _is_one_more_or_less(node: Node) -> bool:
    right = node.child_by_field_name("right")
    is_one = right is not None and right.type in _NUMBERS and right.text == b"1"
    return is_one and _sign(node) in {"+", "-"}


def _is_pasted_or_masked(left: Node) -> bool:
    """Whether the one is pasted to a text, or taken from a power of two to make a mask."""
    inner: Node | None = left
    while inner is not None and inner.type == "binary_expression":
        left, inner = inner, inner.child_by_field_name("left")
    first = left if inner is None else inner
    return "string" in first.type or "<<" in text_of(left)


def _without_brackets(place: Place, left: Node) -> Place | None:
    """The place with the brackets around it where they can go; None where they would look odd."""
    up = place.up
    if up is None or up.node.type != "parenthesized_expression" or up.up is None:
        return place
    outer = up.up.node.type
    if outer in _GROUPING and left.type in _SIMPLE:
        return up
    return place if outer in _WITH_BRACKETS else None


def _is_idle(whole: Place, left: Node) -> bool:
    """Whether nothing but ``x = x`` would be left, or it only says how much room to set aside."""
    nearest: Node | None = None
    for up in above(whole):
        if up.node.type in CALLS and callee(up.node) in _CAPACITIES:
            return True
        if nearest is None and up.node.type != "expression_list":
            nearest = up.node
        if up.node.type.endswith("statement"):
            break
    if nearest is None or nearest.type not in _ASSIGNMENTS:
        return False
    return text_of(nearest.child_by_field_name("left")) == text_of(left)


def loop_bound(place: Place) -> bool:
    """Whether this comparison is (a part of) the condition in the header of a ``for``."""
    inner = place.node
    for up in above(place):
        if up.node.type not in {"binary_expression", "parenthesized_expression"}:
            return up.node.type in _LOOPS and up.node.child_by_field_name("condition") == inner
        inner = up.node
    return False


def longer_loop(place: Place, _: Scopes) -> Iterator[Span]:
    """``i < n`` in the header of a loop as ``i <= n``, and the like."""
    sign, operator = _sign(place.node), place.node.child_by_field_name("operator")
    if operator is not None and sign in _EDGE and loop_bound(place):
        yield Span(operator.start_byte, operator.end_byte, _EDGE[sign].encode())


def other_start(place: Place, _: Scopes) -> Iterator[Span]:
    """A counting loop that begins at 1 instead of 0, or at 0 instead of 1."""
    condition = place.node.child_by_field_name("condition")
    if condition is None or _sign(condition) not in {"<", "<="}:
        return
    counter = text_of(condition.child_by_field_name("left"))
    for field in ("initializer", "init"):
        first = place.node.child_by_field_name(field)
        for name, value in _declared(first) if first is not None else ():
            text = text_of(value)
            if value.type in _NUMBERS and text in _OTHER_START and text_of(name) == counter:
                yield Span(value.start_byte, value.end_byte, _OTHER_START[text].encode())


def _declared(first: Node) -> Iterator[tuple[Node, Node]]:
    if first.type == "short_var_declaration":
        sides = [first.child_by_field_name(side) for side in ("left", "right")]
        names, values = (side.named_children if side is not None else [] for side in sides)
        yield from zip(names, values, strict=False)
    for child in first.named_children:
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        if child.type == "variable_declarator" and name is not None and value is not None:
            yield name, value


def other_range(place: Place, _: Scopes) -> Iterator[Span]:
    """A range of Rust with or without its end, or begun one off, where a loop or an index has it."""
    if not _is_counted(place):
        return
    children = place.node.children
    for at, child in enumerate(children):
        if child.type in _OTHER_RANGE and at + 1 < len(children):
            yield Span(child.start_byte, child.end_byte, _OTHER_RANGE[child.type].encode())
    text = text_of(children[0])
    if children[0].type in _NUMBERS and text in _OTHER_START:
        yield Span(children[0].start_byte, children[0].end_byte, _OTHER_START[text].encode())


def _is_counted(place: Place) -> bool:
    inner = place.node
    for up in above(place):
        if up.node.type == "index_expression":
            return inner == place.node
        if up.node.type == "for_expression":
            return up.node.child_by_field_name("value") == inner
        if not re.fullmatch(
            "parenthesized_expression|field_expression|call_expression", up.node.type
        ):
            return False
        inner = up.node
    return False


def _sign(node: Node) -> str:
    is_binary = node.type == "binary_expression"
    return text_of(node.child_by_field_name("operator")) if is_binary else ""
