"""What a clean function may not hold: the defects that are planted, and what looks like them.

Takes the syntax tree of a function; gives the name of the first thing found. A pull request said
to be clean is only as clean as this list, so it is wider than the operators.
"""

from __future__ import annotations

import ast
import re

OPENING = "with:open"
_CALLS = {"print", "eval", "exec", "open", "input", "breakpoint", "__import__"}
_METHODS = {"execute", "executemany", "executescript", "system", "popen", "loads", "dump"}
_SECRET_NAME = re.compile(r"passw|secret|token|(api|access|private)_?key|credential", re.IGNORECASE)
_EXCEPTION_NAME = re.compile(r"(Error|Exception|Warning|Exit|Interrupt)$")
_CONTAINERS = (ast.List, ast.Dict, ast.Set)


def smell(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The name of the first thing in the function that could pass for a defect; None if clean.

    ``OPENING`` where there is nothing but files opened by with, which close them.
    """
    found = [(inner, name) for inner in ast.walk(node) if (name := _smell_of(inner)) is not None]
    if not found:
        return None
    blocks = [inner for inner in ast.walk(node) if isinstance(inner, ast.With | ast.AsyncWith)]
    opened = [item.context_expr for block in blocks for item in block.items]
    closes = all(inner in opened and name == "call:open" for inner, name in found)
    return OPENING if closes else found[0][1]


def _smell_of(node: ast.AST) -> str | None:  # noqa: PLR0911  # one return for each kind of node
    match node:
        case ast.Assert():
            return "assert"
        case ast.ExceptHandler():
            return _handler(node)
        case ast.Compare():
            return _comparison(node)
        case ast.arguments():
            defaults = (*node.defaults, *node.kw_defaults)
            return "mutable_default" if any(map(_mutable, defaults)) else None
        case ast.Call():
            return _call(node)
        case ast.Expr(value=ast.Call(func=function)):
            return "lost_raise" if _EXCEPTION_NAME.search(_last_name(function)) else None
        case ast.Assign(targets=targets, value=ast.Constant(value=str())):
            named = any(_SECRET_NAME.search(_last_name(target)) for target in targets)
            return "secret" if named else None
        case ast.AnnAssign(target=target, value=ast.Constant(value=str())):
            return "secret" if _SECRET_NAME.search(_last_name(target)) else None
    return None


def _handler(node: ast.ExceptHandler) -> str | None:
    if node.type is None:
        return "bare_except"
    return "swallowed" if all(isinstance(line, ast.Pass) for line in node.body) else None


def _comparison(node: ast.Compare) -> str | None:
    sides = [node.left, *node.comparators]
    for number, sign in enumerate(node.ops):
        pair = sides[number : number + 2]
        constants = [side.value for side in pair if isinstance(side, ast.Constant)]
        if isinstance(sign, ast.Eq | ast.NotEq) and any(value is None for value in constants):
            return "none_eq"
        literal = any(value is not None and value is not ... for value in constants)
        literal = literal or any(isinstance(side, ast.Tuple) for side in pair)
        if isinstance(sign, ast.Is | ast.IsNot) and literal:
            return "is_literal"
    return None


def _mutable(default: ast.expr | None) -> bool:
    if isinstance(default, ast.Call):
        return isinstance(default.func, ast.Name) and default.func.id in {"list", "dict", "set"}
    return isinstance(default, _CONTAINERS)


def _call(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        return f"call:{node.func.id}"
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        return f"call:{node.func.attr}"
    return next(filter(None, map(_keyword, node.keywords)), None)


def _keyword(word: ast.keyword) -> str | None:
    value = word.value.value if isinstance(word.value, ast.Constant) else None
    if word.arg == "shell" and value is not False:
        return "keyword:shell"
    if word.arg == "verify" and value is False:
        return "keyword:verify"
    named = word.arg is not None and _SECRET_NAME.search(word.arg)
    return "secret" if named and isinstance(value, str) else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return node.id if isinstance(node, ast.Name) else ""
