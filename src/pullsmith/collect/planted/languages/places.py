"""Nodes of a syntax tree with what stands above them, in the order of the text.

Takes a tree; gives places. Strings, comments, types, annotations and macros are not entered, so
that no operator changes what is not code. Refuses to know the operators.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

# The same set for all grammars: a name means the same in each of them, or stands in one only.
_CLOSED = frozenset(
    {
        "annotation", "array_type", "attribute_item", "block_comment", "char_literal",
        "character_literal", "comment", "const_item", "decorator", "enum_item",
        "import_declaration", "import_statement", "inner_attribute_item",
        "interpreted_string_literal", "jsx_text", "line_comment", "macro_definition",
        "marker_annotation", "raw_string_literal", "regex", "rune_literal", "static_item",
        "string", "string_literal", "struct_item", "template_string", "token_tree",
        "type_alias_declaration", "type_annotation", "type_arguments", "type_declaration",
        "type_item", "type_parameters", "use_declaration",
    }
)  # fmt: skip
COMMENTS = frozenset({"comment", "line_comment", "block_comment"})
FUNCTIONS = frozenset(
    {
        "arrow_function", "closure_expression", "constructor_declaration", "func_literal",
        "function_declaration", "function_expression", "function_item",
        "generator_function", "generator_function_declaration", "lambda_expression",
        "method_declaration", "method_definition",
    }
)  # fmt: skip
CALLS = frozenset(
    {
        "call_expression", "explicit_constructor_invocation", "method_invocation",
        "new_expression", "object_creation_expression",
    }
)  # fmt: skip


class Place(NamedTuple):
    """A node and the place of its parent; asking the tree for a parent walks from its root."""

    node: Node
    up: Place | None


class Span(NamedTuple):
    """Bytes [start, end) of a source and what is put there."""

    start: int
    end: int
    text: bytes


def walk(root: Place, *, lines: Sequence[int] | None = None) -> Iterator[Place]:
    """Every place under ``root`` where code stands, itself first, in the order of the text.

    With ``lines``, sorted and counted from 1, only those that share a line with them.
    """
    stack = [root]
    while stack:
        place = stack.pop()
        node = place.node
        if node.type in _CLOSED or (lines is not None and not _touches(node, lines)):
            continue
        yield place
        stack.extend([Place(child, place) for child in reversed(node.named_children)])


def _touches(node: Node, lines: Sequence[int]) -> bool:
    at = bisect_left(lines, node.start_point.row + 1)
    return at < len(lines) and lines[at] <= node.end_point.row + 1


def above(place: Place) -> Iterator[Place]:
    """The places above, nearest first; none for the root."""
    up = place.up
    while up is not None:
        yield up
        up = up.up


def text_of(node: Node | None) -> str:
    """The text of a node; empty where there is no node."""
    return "" if node is None or node.text is None else node.text.decode("utf-8")


def parts(node: Node) -> list[Node]:
    """The named children of a node that are no comments."""
    return [child for child in node.named_children if child.type not in COMMENTS]


def callee(call: Node) -> str:
    """The last name of what is called: ``f`` of ``a.b.f(x)``, ``A`` of ``new A(x)``; "" if none."""
    for name in ("name", "function", "constructor", "type"):
        target = call.child_by_field_name(name)
        if target is not None:
            break
    else:
        return ""
    if target.type == "generic_function":
        target = target.child_by_field_name("function") or target
    for name in ("property", "field", "name"):
        inner = target.child_by_field_name(name)
        if inner is not None:
            return text_of(inner)
    if target.type == "generic_type" and target.named_children:  # new A<T>() of Java
        target = target.named_children[0]
    return text_of(target) if target.named_child_count == 0 else ""
