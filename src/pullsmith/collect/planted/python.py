"""Python, as planting needs it: does a text parse, and where can a whole file be made wrong.

Takes text; gives truth values and FileSites. Runs nothing of what it reads. Refuses to know other
languages.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterator
from functools import lru_cache

from pullsmith.collect.planted.harvest import first_line, functions_of
from pullsmith.collect.planted.operators import sites
from pullsmith.collect.planted.sites import FileSite


def parse(text: str) -> ast.Module | None:
    """The tree of a file, or of a function as far in as it stands; None where it does not parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old escapes in what is parsed are not ours to mend
        try:
            return ast.parse("if True:\n" + text if text[:1] in (" ", "\t") else text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@lru_cache(maxsize=8)
def _file_tree(text: str) -> ast.Module | None:
    """The tree of a whole file; None where it cannot be used. Asked for twice of each file."""
    return None if "\r" in text or "\f" in text else parse(text)


def file_sites(text: str, wanted: Collection[int] | None = None) -> tuple[FileSite, ...]:
    """Every line of a file that one of the operators can make wrong, in the order of the lines.

    With ``wanted`` only lines of these numbers. Only lines that are ASCII, of functions in modules
    and classes. None where the file does not parse, or has other line ends than newlines. Whether
    the file parses with the defective line is not tried: ``makes_wrong`` does, for the one drawn.
    """
    tree = _file_tree(text)
    found = set(_sites(tree, text.split("\n"), wanted)) if tree is not None else set()
    return tuple(sorted(found, key=lambda site: (site.line, site.kind, site.defective)))


def _sites(
    tree: ast.Module, lines: list[str], wanted: Collection[int] | None
) -> Iterator[FileSite]:
    for node, _ in functions_of(tree):
        first, last = first_line(node), node.end_lineno or 0
        if wanted is not None and not any(first <= number <= last for number in wanted):
            continue
        for site in sites(node, tuple(lines[first - 1 : last]), first_line=first):
            number = first + site.at
            one = "\n" not in site.original + site.defective
            if one and (wanted is None or number in wanted):
                yield FileSite(site.kind, number, site.defective, site.original)


def makes_wrong(text: str, site: FileSite) -> bool:
    """Whether a file with the defective line still parses, to another tree.

    Only the function around the line is parsed again: as lines that parse by themselves, it cannot
    change how the rest of the file is read.
    """
    tree = _file_tree(text)
    for node, _ in functions_of(tree) if tree is not None else ():
        first, last = first_line(node), node.end_lineno or 0
        if first <= site.line <= last:
            lines = text.split("\n")[first - 1 : last]
            right = parse("\n".join(lines) + "\n")
            lines[site.line - first] = site.defective
            wrong = parse("\n".join(lines) + "\n")
            return right is not None and wrong is not None and ast.dump(right) != ast.dump(wrong)
    return False
