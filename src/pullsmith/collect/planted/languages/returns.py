"""Lost returns: what is called is still called, but its result goes nowhere and the code goes on.

Takes places; gives spans. Only where a compiler lets it pass: an early return inside an ``if``
without ``else`` in every language, the last return of a function in JavaScript and in TypeScript
without a declared type. Refuses to know what the call gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pullsmith.collect.planted.languages.places import (
    CALLS,
    COMMENTS,
    FUNCTIONS,
    Place,
    Span,
    above,
    callee,
    parts,
    text_of,
)
from pullsmith.collect.planted.languages.scopes import Scopes

if TYPE_CHECKING:
    from tree_sitter import Node

_SCRIPTS = frozenset({"javascript", "typescript"})
# Called for what they do: that they are "returned" is a habit, and losing it at the end harms none.
_EFFECT = re.compile(
    r"_*(?:add|apply|append|abort|assert|cb|callback|clear|close|delete|destroy|dispatch|done|emit|"
    r"end|error|exec|exit|expect|fail|finish|forEach|handle|info|init|log|next|notify|off|on|once|"
    r"open|process|push|put|read|register|reject|remove|render|replace|reset|resolve|run|save|send|set|"
    r"show|start|stop|store|throw|trigger|update|use|warn|write)(?![a-z])"
)
# In Go a conversion or one of these alone on a line does not compile.
_GO_BUILTINS = frozenset(
    {
        "any", "append", "bool", "byte", "cap", "comparable", "complex", "complex128",
        "complex64", "copy", "error", "float32", "float64", "imag", "int", "int16",
        "int32", "int64", "int8", "len", "make", "max", "min", "new", "real", "rune",
        "string", "uint", "uint16", "uint32", "uint64", "uint8", "uintptr", "Duration",
    }
)  # fmt: skip
# In Rust the type of what these give is known from where it goes.
_RUST_INFERRED = frozenset(
    {
        "collect", "default", "from", "from_str", "into", "parse", "product", "sum",
        "try_from", "try_into",
    }
)  # fmt: skip
_HOLDERS = frozenset({"expression_statement", "statement_list", "block", "statement_block"})
_IFS = frozenset({"if_statement", "if_expression"})


def lost_return(place: Place, scopes: Scopes) -> Iterator[Span]:
    """``return f(x)`` as ``f(x)`` where the function is not done with it."""
    call = _returned_call(place.node)
    if call is None or not _stands_alone(call, scopes.language):
        return
    function = next((up.node for up in above(place) if up.node.type in FUNCTIONS), None)
    if function is None or not (
        (_gives_something(function) and _is_early(place) and not _moves_away(place, call, function))
        or (scopes.language in _SCRIPTS and _is_last(place, function, call))
    ):
        return
    yield Span(place.node.start_byte, _value(place.node).start_byte, b"")


def _value(node: Node) -> Node:
    values = parts(node)
    if len(values) == 1 and values[0].type == "expression_list":
        values = parts(values[0])
    return values[0] if len(values) == 1 else node


def _returned_call(node: Node) -> Node | None:
    value = _value(node)
    if value.type == "await_expression" and parts(value):
        value = parts(value)[0]
    return value if value.type in CALLS - {"new_expression", "object_creation_expression"} else None


def _stands_alone(call: Node, language: str) -> bool:
    """Whether the call can be a statement, and would not be read as the end of the one before."""
    name, text = callee(call), text_of(call)
    if not name or not re.match(r"[A-Za-z_$]", text) or re.match(r"(?:function|class)\b", text):
        return False
    if language == "go":
        return name not in _GO_BUILTINS
    # Constructors of a variant of Rust need a type that is known from where they go.
    return language != "rust" or (name[0].islower() and name not in _RUST_INFERRED)


def _gives_something(function: Node) -> bool:
    """Whether a function that must say so does say that it gives a value."""
    if function.type == "function_item":
        return function.child_by_field_name("return_type") is not None
    if function.type == "method_declaration":
        given = function.child_by_field_name("type") or function.child_by_field_name("result")
        return given is not None and given.type != "void_type"
    return function.type != "closure_expression"


def _is_early(place: Place) -> bool:
    """Whether it ends an ``if`` without ``else``, after which the function goes on."""
    branch = next((up for up in above(place) if up.node.type not in _HOLDERS), None)
    if branch is None or branch.node.type not in _IFS:
        return False
    if branch.node.child_by_field_name("alternative") is not None:
        return False
    taken = branch.node.child_by_field_name("consequence")
    return taken is not None and _ends(place, taken) and _goes_on(branch)


def _ends(place: Place, taken: Node) -> bool:
    """Whether nothing comes after it in the branch that is taken."""
    at = place
    while at.node != taken:
        if at.up is None or parts(at.up.node)[-1] != at.node:
            return False
        at = at.up
    return True


def _goes_on(branch: Place) -> bool:
    at: Place | None = branch
    while at is not None and at.node.type not in FUNCTIONS:
        follower = at.node.next_named_sibling
        while follower is not None and follower.type in COMMENTS:
            follower = follower.next_named_sibling
        if at.up is None or at.up.node.type in {"statement_list", "block", "statement_block"}:
            return follower is not None
        at = at.up
    return False


def _moves_away(place: Place, call: Node, function: Node) -> bool:
    """Whether Rust might give away a value here that is used again further down."""
    if function.type != "function_item":
        return False
    arguments = call.child_by_field_name("arguments")
    given = [] if arguments is None else parts(arguments)
    end = place.node.end_byte - function.start_byte
    rest = (function.text or b"")[end:].decode()
    names = [text_of(each) for each in given if each.type == "identifier"]
    return any(re.search(rf"\b{re.escape(name)}\b", rest) for name in names)


def _is_last(place: Place, function: Node, call: Node) -> bool:
    """Whether it is the last of two or more statements of a function that declares no type."""
    body = function.child_by_field_name("body")
    if body is None or function.child_by_field_name("return_type") is not None:
        return False
    statements = parts(body)
    last = len(statements) > 1 and statements[-1] == place.node
    return last and not _EFFECT.match(callee(call)) and not _hands_on(call)


def _hands_on(call: Node) -> bool:
    """Whether it is given a callback: the result comes that way, and what is returned is not it."""
    arguments = call.child_by_field_name("arguments")
    given = parts(arguments) if arguments is not None else []
    return any(re.fullmatch(r"resolve|reject|cb|callback|next|done", text_of(one)) for one in given)
