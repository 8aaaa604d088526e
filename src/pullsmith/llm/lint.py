"""What two linters say of added Python lines, in plain words, with the fix where it is certain.

Takes a shown diff; gives findings by line of the new file. Only defects that can be seen inside the
lines that are shown count: no undefined names, nothing about layout. Code is parsed as far as a
diff lets it: the hunk, else each added line made whole. Where neither parses, nothing is said.

pycodestyle and pyflakes run with their default checks, reduced to those named in the table below.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from pullsmith.diff.shown import ShownDiff, ShownFile, ShownHunk, ShownLine


class Defect(NamedTuple):
    """A kind of finding. ``header`` and ``content`` are what a review says of it."""

    header: str
    content: str
    label: str = "possible bug"


_FORMAT = Defect("Format fault", "The format string does not fit its values.")
DEFECTS = {
    "E711": Defect("None comparison", "None is compared with an equality operator.", "general"),
    "E712": Defect("Truth comparison", "A truth value is compared by equality.", "general"),
    "E713": Defect("Negated membership", "The negation belongs to the operator.", "general"),
    "E714": Defect("Negated identity", "The negation belongs to the operator.", "general"),
    "E721": Defect("Type comparison", "Types are compared by equality.", "general"),
    "E722": Defect("Bare except", "The handler hides every error."),
    "E731": Defect("Named lambda", "A lambda is bound to a name.", "general"),
    "E741": Defect("Ambiguous name", "The name looks like a digit.", "general"),
    "W605": Defect("Invalid escape", "The escape sequence is not valid."),
    "IsLiteral": Defect("Identity comparison", "A literal is compared by identity."),
    "FStringMissingPlaceholders": Defect(
        "Empty f-string", "The f-string has no placeholders.", "general"
    ),
    "MultiValueRepeatedKeyLiteral": Defect("Repeated key", "The key has two values."),
    "MultiValueRepeatedKeyVariable": Defect("Repeated key", "The key has two values."),
    "AssertTuple": Defect("Always true", "A tuple is asserted, which is always true."),
    "IfTuple": Defect("Always true", "A tuple is tested, which is always true."),
    "RaiseNotImplemented": Defect("Wrong exception", "NotImplemented is raised, no exception."),
    "DefaultExceptNotLast": Defect("Hidden handlers", "A bare except stands before others."),
    "DuplicateArgument": Defect("Repeated argument", "The argument is there twice."),
    "StringDotFormatExtraPositionalArguments": _FORMAT,
    "StringDotFormatExtraNamedArguments": _FORMAT,
    "StringDotFormatMissingArgument": _FORMAT,
    "StringDotFormatMixingAutomatic": _FORMAT,
    "StringDotFormatInvalidFormat": _FORMAT,
    "PercentFormatInvalidFormat": _FORMAT,
    "PercentFormatMixedPositionalAndNamed": _FORMAT,
    "PercentFormatUnsupportedFormatCharacter": _FORMAT,
    "PercentFormatPositionalCountMismatch": _FORMAT,
    "PercentFormatExtraNamedArguments": _FORMAT,
    "PercentFormatMissingArgument": _FORMAT,
    "PercentFormatExpectedMapping": _FORMAT,
    "PercentFormatExpectedSequence": _FORMAT,
    "PercentFormatStarRequiresSequence": _FORMAT,
}
# Fixes that keep the meaning whatever stands around; `== True` has none, 1 == True holds.
_FIXES = {
    "E711": [(r"!=\s*None\b", "is not None"), (r"==\s*None\b", "is None")],
    "E713": [(r"\bnot ([\w.]+) in ", r"\1 not in ")],
    "E714": [(r"\bnot ([\w.]+) is ", r"\1 is not ")],
    "E722": [(r"\bexcept\s*:", "except Exception:")],
    "IsLiteral": [(r"\bis not (?=[-\d'\"(\[{])", "!= "), (r"\bis (?=[-\d'\"(\[{])", "== ")],
    "FStringMissingPlaceholders": [(r"\b[fF](?=['\"])(?!.*\{)", "")],
    "RaiseNotImplemented": [(r"\braise NotImplemented\b", "raise NotImplementedError")],
}
_CLAUSES = {
    "else": "if x:\n    pass\n",
    "elif": "if x:\n    pass\n",
    "except": "try:\n    pass\n",
    "finally": "try:\n    pass\n",
}
_QUOTES = re.compile(r"'''|\"\"\"")


@dataclass(frozen=True)
class Finding:
    """A defect on an added line; ``fixed`` is the whole line put right, None where that is unsure."""

    code: str
    line: ShownLine
    fixed: str | None

    @property
    def defect(self) -> Defect:
        """What is said of it."""
        return DEFECTS[self.code]


def findings(shown: ShownDiff) -> tuple[Finding, ...]:
    """Everything found on added Python lines, in the order they are shown; one code a line once."""
    return tuple(
        Finding(code, line, _fixed(code, line.text))
        for file in shown.files
        if _is_python(file)
        for hunk in file.hunks
        for line, code in _hunk_codes(hunk)
    )


def _is_python(file: ShownFile) -> bool:
    return file.language.lower() == "python" or file.path.endswith((".py", ".pyi"))


def _hunk_codes(hunk: ShownHunk) -> Iterator[tuple[ShownLine, str]]:
    """Codes of the added lines: of the hunk as a whole where it parses, else line by line."""
    new = [line for line in hunk.lines if line.sign != "-"]
    text = textwrap.dedent("\n".join(line.text for line in new))
    if _parses(text):
        by_line = [[code for at, code in codes_of(text) if at == n] for n in range(1, len(new) + 1)]
    elif len(_QUOTES.findall(text)) % 2:
        return  # part of a long string: its prose must not be read as code
    else:
        by_line = [_line_codes(line.text) if line.sign == "+" else [] for line in new]
    for line, codes in zip(new, by_line, strict=True):
        if line.sign == "+":
            yield from ((line, code) for code in dict.fromkeys(codes))


def _line_codes(text: str) -> list[str]:
    """Codes of one line that was made a statement of its own; none where that is not possible."""
    line = text.strip()
    word = re.match(r"\w*", line)
    before = _CLAUSES.get(word[0] if word else "", "")
    whole = before + line + ("\n    pass" if line.endswith(":") else "")
    if line.startswith("@"):
        whole = line + "\ndef f():\n    pass"
    at = before.count("\n") + 1
    return [code for number, code in codes_of(whole) if number == at] if _parses(whole) else []


def _fixed(code: str, text: str) -> str | None:
    """The line with the one place of ``code`` put right, when the linters agree that it is."""
    for pattern, replacement in _FIXES.get(code, []):
        fixed, count = re.subn(pattern, replacement, text)
        if count == 1 and code in _line_codes(text) and code not in _line_codes(fixed):
            return fixed
    return None


def _parses(text: str) -> bool:
    return bool(text.strip()) and _tree(text) is not None


def _tree(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a diff's odd escapes are its author's, not ours
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@lru_cache(maxsize=4096)
def codes_of(text: str) -> tuple[tuple[int, str], ...]:
    """(line from 1, code) of everything found in ``text`` that the table names, in order."""
    tree = _tree(text)
    if tree is None:
        return ()
    return tuple(sorted({*_pycodestyle(text), *_pyflakes(tree)}))


def _pyflakes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    from pyflakes.checker import Checker

    # Inside a function: pyflakes looks no further into a return that stands outside of one.
    inside = ast.parse("async def f():\n    pass")
    # A future import belongs to the module; inside a function pyflakes stops at it.
    body = [node for node in tree.body if not _is_future(node)]
    inside.body[0].body = body or inside.body[0].body  # type: ignore[attr-defined]  # the function above
    for message in Checker(inside, withDoctest=False).messages:
        if type(message).__name__ in DEFECTS:
            yield message.lineno, type(message).__name__


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _pycodestyle(text: str) -> list[tuple[int, str]]:
    from pycodestyle import Checker

    report = _Report()
    lines = [line + "\n" for line in text.split("\n")]
    Checker(lines=lines, options=_style(), report=report).check_all()
    return report.found


@lru_cache(maxsize=1)
def _style() -> Any:  # noqa: ANN401  # pycodestyle has no types
    from pycodestyle import StyleGuide

    return StyleGuide(select=[code for code in DEFECTS if len(code) == 4], quiet=True).options


class _Report:
    """What pycodestyle wants of a report, without its counting and printing."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def init_file(self, *_: object) -> None:
        """A file begins."""

    def increment_logical_line(self) -> None:
        """A logical line ends."""

    def get_file_results(self) -> int:
        """How much was found."""
        return len(self.found)

    def error(self, line_number: int, _offset: object, text: str, _check: object) -> None:
        """Keep what the table names."""
        if text[:4] in DEFECTS:
            self.found.append((line_number, text[:4]))
