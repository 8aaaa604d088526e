"""Swapped arguments: two neighbours of a call in the wrong order, where the right one can be seen.

Takes places; gives spans. A reader must be able to tell: the function's own parameters, the
definition in the file or a pair of words with a fixed order says which comes first; and where types
are declared both have the same, so that no compiler can. Refuses to know what is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from pullsmith.collect.planted.languages.places import (
    CALLS,
    FUNCTIONS,
    Place,
    Span,
    above,
    callee,
    parts,
    text_of,
)
from pullsmith.collect.planted.languages.scopes import Parameter, Scopes, function_name, parameters

if TYPE_CHECKING:
    from tree_sitter import Node

_UNTYPED = "javascript"
# Calls that mean the same in either order, and those that only write or collect.
_EITHER_WAY = frozenset(
    {
        "add", "all", "any", "array", "assert", "assertion", "both", "collide",
        "combine", "commit", "concat", "console", "contains", "debug", "deep",
        "distance", "eq", "equal", "equality", "equals", "error", "exec", "gcd", "hash",
        "hypot", "identical", "info", "intersect", "intersection", "intersects", "is",
        "lcm", "list", "log", "max", "merge", "min", "mul", "multiply", "of", "or",
        "overlap", "overlaps", "print", "printf", "println", "push", "race", "same",
        "shallow", "strict", "sum", "swap", "tie", "touches", "trace", "tuple", "union",
        "warn", "xor", "zip",
    }
)  # fmt: skip
_ORDERED = frozenset(
    {
        ("after", "before"), ("base", "head"), ("begin", "end"), ("child", "parent"),
        ("column", "line"), ("column", "row"), ("dest", "source"), ("dest", "src"), ("dst", "src"),
        ("actual", "expected"), ("end", "start"), ("event", "handler"), ("file", "folder"),
        ("first", "last"), ("first", "second"), ("from", "to"), ("height", "width"),
        ("high", "low"), ("index", "value"), ("input", "output"), ("key", "value"),
        ("left", "right"), ("length", "offset"), ("hi", "lo"), ("max", "min"), ("name", "value"),
        ("new", "old"), ("next", "prev"), ("next", "previous"), ("password", "user"),
        ("password", "username"), ("source", "target"), ("host", "port"), ("lower", "upper"),
        ("req", "res"), ("request", "response"), ("x", "y"), ("from", "until"), ("limit", "offset"),
        ("count", "offset"), ("dividend", "divisor"), ("numerator", "denominator"),
    }
)  # fmt: skip


def swapped(place: Place, scopes: Scopes) -> Iterator[Span]:
    """Two arguments of a call in each other's place."""
    call = place.up.node if place.up is not None else None
    if call is None or call.type not in CALLS:
        return
    called = callee(call)
    if not called or _words(called) & _EITHER_WAY:
        return
    for at, (one, two) in enumerate(pairwise(parts(place.node))):
        if one.type == two.type == "identifier" and one.text != two.text:
            names = text_of(one), text_of(two)
            known = [listed[at : at + 2] for listed in scopes.definitions(called)]
            if _same_type(place, names, known, scopes) and _is_told(place, called, names, known):
                yield _exchanged(place.node, one, two)


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def _exchanged(arguments: Node, one: Node, two: Node) -> Span:
    source, start = arguments.text or b"", arguments.start_byte
    between = source[one.end_byte - start : two.start_byte - start]
    return Span(one.start_byte, two.end_byte, (two.text or b"") + between + (one.text or b""))


_Known = Sequence[tuple[Parameter, ...]]  # what each definition in the file has in two's places


def _same_type(place: Place, names: tuple[str, str], known: _Known, scopes: Scopes) -> bool:
    """Whether both are declared with one type; nothing is declared in JavaScript."""
    if scopes.language == _UNTYPED:
        return True
    if known and all(len(two) == 2 and two[0].type == two[1].type != "" for two in known):
        return True
    one, other = (scopes.declared_type(place, name) for name in names)
    return one == other != ""


def _is_told(place: Place, called: str, names: tuple[str, str], known: _Known) -> bool:
    """Whether a reader can tell which of the two comes first."""
    return (
        _are_ordered(*names)
        or any(_fits(two, names) for two in known)
        or _follows_the_parameters(place, called, names)
    )


def _are_ordered(one: str, two: str) -> bool:
    pairs = ((a, b) for a in _words(one) for b in _words(two))
    return any(tuple(sorted(pair)) in _SORTED for pair in pairs)


_SORTED = frozenset(tuple(sorted(pair)) for pair in _ORDERED)


def _fits(two: tuple[Parameter, ...], names: tuple[str, str]) -> bool:
    """Whether a definition has one of the names in its place, and neither in the other's."""
    there = tuple(each.name for each in two)
    if len(there) < 2 or there == names[::-1]:
        return False
    return there[0] == names[0] or there[1] == names[1]


def _follows_the_parameters(place: Place, called: str, names: tuple[str, str]) -> bool:
    """Whether the function around has the two as parameters in this order, side by side."""
    for up in above(place):
        if up.node.type in FUNCTIONS:
            own = [each.name for each in parameters(up.node)]
            if names in pairwise(own) or (function_name(up) == called and names[0] in own):
                return True
    return False
