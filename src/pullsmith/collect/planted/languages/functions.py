"""Functions of a file that can be lifted out: where they stand, and what of them is movable.

Takes a syntax tree and the lines of its file; gives functions line by line. Only those of files,
classes and the like, that fill whole lines. Refuses to know whether a function is clean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pullsmith.collect.planted.languages.places import COMMENTS, Place, parts, walk
from pullsmith.collect.planted.languages.scopes import function_name, parameters

if TYPE_CHECKING:
    from tree_sitter import Node

# What is entered on the way to a function, and what is a function there.
_CONTAINERS = frozenset(
    {
        "abstract_class_declaration", "assignment_expression", "class", "class_body",
        "class_declaration", "declaration_list", "enum_body", "enum_body_declarations",
        "enum_declaration", "export_statement", "expression_statement", "field_definition",
        "impl_item", "interface_body", "interface_declaration", "internal_module",
        "lexical_declaration", "mod_item", "object", "pair", "program", "public_field_definition",
        "record_declaration", "source_file", "statement_block", "trait_item",
        "variable_declaration", "variable_declarator",
    }
)  # fmt: skip
_FUNCTIONS = frozenset(
    {
        "arrow_function", "constructor_declaration", "function_declaration", "function_expression",
        "function_item", "generator_function", "generator_function_declaration",
        "method_declaration", "method_definition",
    }
)  # fmt: skip
# A function that is the value of something is lifted out with it.
_CARRIERS = frozenset(
    {
        "assignment_expression", "export_statement", "expression_statement", "field_definition",
        "lexical_declaration", "pair", "public_field_definition", "variable_declaration",
        "variable_declarator",
    }
)  # fmt: skip
_LEADING = frozenset({"attribute_item", "decorator", *COMMENTS})
_BLOCKS = frozenset({"block", "constructor_body", "statement_block", "statement_list"})
_FIRST = frozenset({"explicit_constructor_invocation"})
_MAX_REMOVED = 8


@dataclass(frozen=True, slots=True)
class Lifted:
    """A function in rows [first, end) of its file, its own comment and attributes included.

    ``start`` is the first row without them; ``place`` the node that is the function.
    """

    place: Place
    name: str
    first: int
    start: int
    end: int


def lifted(root: Node, lines: list[bytes], *, max_lines: int) -> Iterator[Lifted | str]:
    """Every function in the order of the text, or the reason that it cannot be lifted out.

    A comment right above comes along where the whole is no longer than ``max_lines``.
    """
    stack = [Place(root, None)]
    while stack:
        place = stack.pop()
        if place.node.type in _FUNCTIONS:
            yield _lift(place, lines, max_lines)
        elif place.node.type in _CONTAINERS and not _is_test(place.node):
            stack.extend([Place(child, place) for child in reversed(place.node.named_children)])


def _is_test(node: Node) -> bool:
    """Whether it is a module of tests within a file of Rust."""
    before = node.prev_named_sibling if node.type == "mod_item" else None
    return (
        before is not None and before.type == "attribute_item" and b"test" in (before.text or b"")
    )


def _lift(place: Place, lines: list[bytes], max_lines: int) -> Lifted | str:
    outer = place
    while outer.up is not None and outer.up.node.type in _CARRIERS:
        outer = outer.up
    start, end = outer.node.start_point, outer.node.end_point
    name = function_name(place)
    if not name.isidentifier() or place.node.child_by_field_name("body") is None:
        return "no_name_or_body"
    shared = lines[start.row][: start.column].strip() + lines[end.row][end.column :].strip(b" \t,;")
    if shared or _rows(outer.node) < 2:
        return "one_line"
    first = _first_row(outer.node, end.row + 1 - max_lines)
    if any(
        b"test" in line for line in lines[first : start.row] if line.lstrip()[:1] in (b"#", b"@")
    ):
        return "test"
    return Lifted(place, name, first, start.row, end.row + 1)


def _rows(node: Node) -> int:
    return node.end_point.row - node.start_point.row + 1


def _first_row(node: Node, lowest: int) -> int:
    """The row of the first attribute or comment that leads over to ``node``.

    Attributes belong to it whatever their length; the comments only if all are at ``lowest`` or
    below, for half a comment is none.
    """
    first = attributes = node.start_point.row
    before = node.prev_named_sibling
    while before is not None and before.type in _LEADING and _ends(before) == first - 1:
        first = before.start_point.row
        attributes = attributes if before.type in COMMENTS else first
        before = before.prev_named_sibling
    return first if first >= lowest else attributes


def _ends(node: Node) -> int:
    """The row of the last character; a line comment of Rust ends at the beginning of the next."""
    return node.end_point.row - (node.end_point.column == 0)


def argument(function: Node) -> str:
    """The first parameter with a name; "" if there is none."""
    names = (each.name for each in parameters(function))
    return next((name for name in names if name.strip("_") and not name.startswith("_")), "")


def insert_row(function: Node, lines: list[bytes]) -> int | None:
    """The row before which a new first statement goes; None where there is no room."""
    body = function.child_by_field_name("body")
    if body is None or body.type not in _BLOCKS:
        return None
    inside = [child for child in _statements(body) if not _is_bound_to_be_first(child)]
    row = inside[0].start_point.row if inside else body.start_point.row
    fits = row > body.start_point.row and not lines[row][: inside[0].start_point.column].strip()
    return row if fits else None


def _statements(body: Node) -> list[Node]:
    """The statements and comments of a block; Go has a list in it."""
    inside = body.named_children
    listed = [child for child in inside if child.type == "statement_list"]
    return [
        one for child in inside for one in (child.named_children if child in listed else [child])
    ]


def _is_bound_to_be_first(node: Node) -> bool:
    """A directive of JavaScript, or the constructor's call of another."""
    only = node.named_children[0].type if node.named_child_count == 1 else ""
    is_super = only == "call_expression" and (node.text or b"").startswith(b"super(")
    return (
        node.type in _FIRST
        or (node.type == "expression_statement" and only == "string")
        or is_super
    )


def removable_rows(function: Node, lines: list[bytes], longest: int) -> Iterator[tuple[int, int]]:
    """The rows [a, b) of each statement that a block of two or more can do without."""
    for place in walk(Place(function, None)):
        inside = parts(place.node) if place.node.type in _BLOCKS else []
        if len(inside) < 2:
            continue
        for statement in inside:
            start, end = statement.start_point, statement.end_point
            alone = not lines[start.row][: start.column].strip()
            alone = alone and not lines[end.row][end.column :].strip(b" \t;")
            if alone and _rows(statement) <= min(_MAX_REMOVED, longest):
                yield start.row, end.row + 1
