"""What an operator makes of one function, for the tables of the operator tests."""

from __future__ import annotations

import ast

from pullsmith.collect.planted.operators import FunctionNode, Site, sites


def found(kind: str, source: str) -> list[Site]:
    """The sites of a kind in the first function of ``source``."""
    node = ast.parse(source).body[0]
    assert isinstance(node, FunctionNode)
    every = sites(node, tuple(source.splitlines()), first_line=1)
    return [site for site in every if site.kind == kind]


def check_changed(kind: str, source: str, defective: str) -> None:
    """There is one site, its lines become ``defective``, and the tree another one."""
    [site] = found(kind, source)
    assert site.defective == defective
    lines = source.splitlines()
    original = site.original.split("\n")
    assert lines[site.at : site.at + len(original)] == original
    lines[site.at : site.at + len(original)] = defective.split("\n")
    assert ast.dump(ast.parse("\n".join(lines))) != ast.dump(ast.parse(source))
