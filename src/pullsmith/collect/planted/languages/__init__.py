"""Planting in JavaScript, TypeScript, Go, Java and Rust, read through tree-sitter.

Takes files of these languages; gives functions, places for a defect and templates of lines, of the
types planting in Python has. Needs the extra [languages], asked for when the first text is parsed.

What is planted where; a defect is one that the language's compiler lets pass:

    inverted      the condition of an if or of ?:. Not Java's instanceof with a variable.
    boundary      < and <=, > and >= outside of loop headers. Not where equal ones are the same.
    off_by_one    n - 1 and n + 1 without the one, loop headers, the ranges of Rust.
    lost_return   return f(x) as f(x): early, in an if without else; at the end of a function only
                  in JavaScript, and in TypeScript without a declared type: the other compilers
                  miss a return there. Not the variants and inferred types of Rust, not the
                  conversions and built-in functions of Go, which are no statements.
    swapped       two neighbouring names as arguments. Declared with the same type, in JavaScript
                  without types, and only where a reader can tell the order.
    secret        an inserted line.
"""

from __future__ import annotations

from pullsmith.collect.planted.languages.harvest import harvest_foreign, harvest_foreign_texts
from pullsmith.collect.planted.languages.operators import OPERATOR_KINDS, file_sites
from pullsmith.collect.planted.languages.templates import foreign_templates
from pullsmith.grammars import LANGUAGES, language_of, parses

__all__ = [
    "LANGUAGES",
    "OPERATOR_KINDS",
    "file_sites",
    "foreign_templates",
    "harvest_foreign",
    "harvest_foreign_texts",
    "language_of",
    "parses",
]
