"""What a file says of its names: the parameters of its functions and the types they declare.

Takes a syntax tree; gives names. Read once for each file, and only when asked. Refuses to know
types that are not written down.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pullsmith.collect.planted.languages.places import (
    FUNCTIONS,
    Place,
    above,
    parts,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_MANY = "?"  # declared twice with different types


class Parameter(NamedTuple):
    """A parameter of a function: "" for the name of a pattern, and where no type is written."""

    name: str
    type: str


class Scopes:
    """The names of one file in ``language``."""

    def __init__(self, root: Node, language: str) -> None:
        """Keep the tree; nothing is read yet."""
        self.language = language
        self._root = root
        self._source = root.text or b""
        self._definitions: defaultdict[str, list[tuple[Parameter, ...]]] | None = None
        self._types: dict[int, dict[str, str]] = {}

    def definitions(self, name: str) -> list[tuple[Parameter, ...]]:
        """The parameters of each function called ``name`` in the file; none if it has none."""
        if self._source.count(name.encode()) < 2:  # the call alone: cheaper than to read the file
            return []
        if self._definitions is None:
            self._definitions = defaultdict(list)
            for place in walk(Place(self._root, None)):
                if place.node.type in FUNCTIONS:
                    self._definitions[function_name(place)].append(parameters(place.node))
        return self._definitions.get(name, [])

    def declared_type(self, place: Place, name: str) -> str:
        """The type written down for ``name`` in the outermost function around; "" if unknown."""
        outermost = None
        for up in above(place):
            if up.node.type in FUNCTIONS:
                outermost = up.node
        if outermost is None:
            return ""
        if outermost.id not in self._types:
            self._types[outermost.id] = _declared_types(outermost)
        found = self._types[outermost.id].get(name, "")
        return "" if found == _MANY else found


def function_name(place: Place) -> str:
    """What a function is called where it stands; "" if nothing."""
    own = place.node.child_by_field_name("name")
    if own is not None:
        return text_of(own)
    holder = place.up.node if place.up is not None else None
    for field in ("name", "key", "left", "property"):
        named = holder.child_by_field_name(field) if holder is not None else None
        if named is not None:
            return text_of(named.child_by_field_name("property") or named)
    return ""


def parameters(function: Node) -> tuple[Parameter, ...]:
    """A function's parameters in order; ``self`` and ``this`` are none of them."""
    listed = function.child_by_field_name("parameters")
    if listed is None:
        single = function.child_by_field_name("parameter")
        return (Parameter(text_of(single), ""),) if single is not None else ()
    found = [each for node in parts(listed) for each in _parameters_of(node)]
    return tuple(each for each in found if each.name != "this")


def _parameters_of(node: Node) -> list[Parameter]:
    if node.type in {"self_parameter", "attribute_item"}:
        return []
    written = _type_of(node)
    names = node.children_by_field_name("name")
    if names:
        return [Parameter(text_of(name), written) for name in names]
    target = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
    plain = target.type in {"identifier", "this"}
    return [Parameter(text_of(target) if plain else "", written)]


def _type_of(node: Node) -> str:
    written = text_of(node.child_by_field_name("type")).removeprefix(":").strip()
    return written + "?" * (node.type == "optional_parameter") if written else ""


def _declared_types(function: Node) -> dict[str, str]:
    types: dict[str, str] = {}
    for place in walk(Place(function, None)):
        node = place.node
        text = _type_of(node) if node.type in _DECLARING else ""
        for name in _declared_names(node) if text else ():
            types[name] = text if types.get(name, text) == text else _MANY
    return types


_DECLARING = frozenset(
    {
        "formal_parameter", "let_declaration", "local_variable_declaration", "optional_parameter",
        "parameter", "parameter_declaration", "required_parameter", "var_spec",
        "variable_declarator",
    }
)  # fmt: skip


def _declared_names(node: Node) -> list[str]:
    if node.type == "local_variable_declaration":
        declared = node.children_by_field_name("declarator")
        return [text_of(each.child_by_field_name("name")) for each in declared]
    pattern = node.child_by_field_name("pattern")
    names = node.children_by_field_name("name") if pattern is None else [pattern]
    return [text_of(each) for each in names]
