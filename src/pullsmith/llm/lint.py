"""What ruff says of added Python lines, with its own fix where that is certain.

Takes a shown diff; gives findings by line of the new file, in plain words. Only what a piece of a
file can prove counts: no undefined or unused name unless the whole file, or the whole function, is
seen, nothing about layout, nothing that ruff's own maintainers call a matter of taste.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum
from itertools import groupby
from typing import Literal, NamedTuple

from pullsmith.diff.shown import ShownDiff, ShownFile, ShownLine
from pullsmith.llm.findings import Finding
from pullsmith.llm.fragments import Piece, pieces
from pullsmith.llm.ruff import Diagnostic, Edit, Ruff


class Proof(Enum):
    """What must be seen before a finding is one."""

    LINE = "the statement"
    CONDITION = "the statement, where the comparison decides something"  # == may be overloaded
    VALUE = "the statement, where it is more than a text alone"  # part of a longer text
    END = "the whole function or handler"
    FILE = "the whole file"
    STOP = "a call that stops the program"  # a shell may be embedded, and imported, on purpose


class Rule(NamedTuple):
    """A kind of finding. ``content`` is what a review says of it, empty for ruff's own words.

    ``fix`` says when ruff's fix is taken: "safe" where ruff says so, "always", or "never".
    """

    header: str
    content: str = ""
    label: str = "possible bug"
    proof: Proof = Proof.LINE
    fix: Literal["safe", "always", "never"] = "safe"


def _same(rule: Rule, codes: str) -> dict[str, Rule]:
    return dict.fromkeys(codes.split(), rule)


_GENERAL = "general"
_STOPS = re.compile(r"breakpoint|set_trace")
RULES: dict[str, Rule] = {
    "E711": Rule(
        "None comparison", "None is compared with an equality operator.", _GENERAL,
        Proof.CONDITION, fix="always",
    ),
    "E712": Rule(
        "Truth comparison", "A truth value is compared by equality.", _GENERAL, Proof.CONDITION
    ),
    "E713": Rule("Negated membership", "The negation belongs to the operator.", _GENERAL),
    "E714": Rule("Negated identity", "The negation belongs to the operator.", _GENERAL),
    "E721": Rule("Type comparison", "Types are compared by equality.", _GENERAL),
    "E722": Rule("Bare except", "The handler hides every error.", proof=Proof.END),
    "W605": Rule("Invalid escape", "The escape sequence is not valid."),
    "F401": Rule("Unused import", "", _GENERAL, Proof.FILE, fix="always"),
    "F541": Rule("Empty f-string", "The f-string has no placeholders.", _GENERAL, Proof.VALUE),
    "F632": Rule("Identity comparison", "A literal is compared by identity.", fix="always"),
    "F841": Rule("Unused variable", "", _GENERAL, Proof.END),
    "F901": Rule("Wrong exception", "NotImplemented is raised, no exception.", fix="always"),
    "B006": Rule("Mutable default", "The default value is shared between calls.", fix="always"),
    "B012": Rule("Lost exception"),
    "B014": Rule("Repeated exception", "", _GENERAL),
    "B025": Rule("Repeated handler"),
    "PLW0133": Rule("Lost raise", "The exception is built but never raised.", fix="always"),
    "PLW0711": Rule("Wrong exception"),
    "PLW1501": Rule("Wrong mode"),
    "PLW2101": Rule("Useless lock"),
    "PLR0124": Rule("Self comparison"),
    "PLE0241": Rule("Repeated base"),
    "PLE1132": Rule("Repeated argument"),
    "PLE2502": Rule("Hidden characters"),
    "PLE2515": Rule("Hidden characters"),
    "T100": Rule("Debugger", "A debugger was left in the code.", proof=Proof.STOP),
    "RUF006": Rule("Lost task"),
    "RUF030": Rule("Wrong message"),
    "RUF034": Rule("Useless condition"),
    "ASYNC251": Rule("Blocking sleep"),
    "PIE794": Rule("Repeated field"),
    "PIE796": Rule("Repeated value"),
    **_same(Rule("Format fault", "The format string does not fit its values.", fix="never"),
        "F502 F503 F504 F505 F506 F507 F508 F509 F521 F522 F523 F524 F525 PLE1300 PLE1307"),
    **_same(Rule("Log arguments"), "PLE1205 PLE1206"),
    **_same(Rule("Repeated key", "The key has two values."), "F601 F602"),
    **_same(Rule("Always true", "A tuple is tested, which is always true."), "F631 F634"),
    **_same(Rule("Constant condition"), "PLR0133 SIM220 SIM221 SIM222 SIM223"),
    **_same(Rule("Wrong handler"), "B029 B030"),
    **_same(Rule("Wrong strip"), "B005 PLE1310"),
    **_same(Rule("Constructor result"), "PLE0100 PLE0101"),
    **_same(Rule("No effect"), "B002 B022 B032 PLW0129 PLW0245"),
    **_same(Rule("Loop variable"), "B023 B031 B035"),
    **_same(Rule("Wrong call"), "B003 B016 PLE0302 PLE1507 RUF016"),
}  # fmt: skip


class Linter:
    """ruff with the rules of the table, for shown diffs."""

    def __init__(self, ruff: Ruff | None = None) -> None:
        """``ruff`` answers; a test's double stands in its place."""
        self._ruff = ruff or Ruff(sorted(RULES))

    async def findings(self, shown: ShownDiff, cut: Collection[str] = ()) -> tuple[Finding, ...]:
        """Everything found on added Python lines, in the order they are shown; one code a line once.

        ``cut`` names files of which a hunk is not shown to its end. Raises OutsideError where ruff
        does not run.
        """
        found = [
            piece
            for file in shown.files
            if is_python(file)
            for hunk in file.hunks
            if any(line.sign == "+" for line in hunk.lines)
            for piece in pieces(file, hunk, cut=file.path in cut)
        ]
        answers = await self._ruff.diagnostics(piece.text for piece in found)
        all_of_them = [
            finding
            for piece, diagnostics in zip(found, answers, strict=True)
            for finding in _in_piece(piece, diagnostics)
        ]
        return tuple(sorted(all_of_them, key=lambda finding: finding.lines[0].number))


def is_python(file: ShownFile) -> bool:
    """Whether a file is Python, by its language or its name."""
    return file.language.lower() == "python" or file.path.endswith((".py", ".pyi"))


def _in_piece(piece: Piece, diagnostics: Sequence[Diagnostic]) -> Iterator[Finding]:
    by_place = sorted(diagnostics, key=lambda each: (each.row, each.code))
    for (row, code), group in groupby(by_place, key=lambda each: (each.row, each.code)):
        line, rule = piece.line(row), RULES[code]
        if line is None or line.sign != "+":
            continue
        several = [each for each in group if _is_proved(rule.proof, piece, each)]
        if not several:
            continue
        lines, instead = _fixed(piece, several) or ((line,), None)
        content = rule.content or f"{several[0].message.rstrip('.')}."
        yield Finding(code, lines, rule.header, content, rule.label, instead)


def _is_proved(proof: Proof, piece: Piece, found: Diagnostic) -> bool:
    if proof is Proof.FILE:
        return piece.whole_file and not _may_be_meant(piece, found)
    if proof is Proof.LINE:
        return True
    if proof is Proof.STOP:
        return found.message.startswith("Trace found") and bool(_STOPS.search(found.message))
    path = _path_to(piece.tree, found.row, found.column - 1)
    if proof is Proof.CONDITION:
        return _decides(path)
    if proof is Proof.VALUE:
        return not any(isinstance(node, ast.Expr) for node in path[-3:])
    kinds = ast.ExceptHandler if found.code == "E722" else ast.FunctionDef | ast.AsyncFunctionDef
    around = [node for node in path if isinstance(node, kinds)]
    return bool(around) and piece.is_seen_to_end(around[-1])


def _may_be_meant(piece: Piece, found: Diagnostic) -> bool:
    """Whether an import may be for others, or for a test that asks for it by the name of an argument."""
    if any(line and line.path.endswith(("__init__.py", ".pyi")) for line in piece.rows):
        return True
    quoted = re.search(r"`([^`]+)`", found.message)
    name = re.split(r"[. ]", quoted[1])[-1] if quoted else ""
    return len(re.findall(rf"\b{re.escape(name)}\b", piece.text)) > 1


def _decides(path: Sequence[ast.AST]) -> bool:
    """Whether a comparison is a condition: libraries that build queries overload it elsewhere."""
    at = max((n for n, node in enumerate(path) if isinstance(node, ast.Compare)), default=0)
    above = path[at - 1] if at else None
    if isinstance(
        above, ast.Call | ast.keyword | ast.Subscript | ast.BinOp | ast.UnaryOp | ast.Tuple
    ):
        return isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not)
    return above is not None


def _path_to(tree: ast.AST, row: int, column: int) -> list[ast.AST]:
    """The nodes around a place, the outermost first. ``column`` counts characters from 0.

    The trees count bytes, so a place behind other letters may be taken for one before it; a row
    with such letters is searched by the row alone.
    """
    path: list[ast.AST] = []
    node: ast.AST | None = tree
    while node is not None:
        path.append(node)
        inside = [child for child in ast.iter_child_nodes(node) if _holds(child, row, column)]
        node = inside[-1] if inside else None
    return path


def _holds(node: ast.AST, row: int, column: int) -> bool:
    if not isinstance(node, ast.expr | ast.stmt | ast.ExceptHandler | ast.keyword | ast.arg):
        return any(_holds(child, row, column) for child in ast.iter_child_nodes(node))
    start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    return start <= (row, column) < end


def _fixed(
    piece: Piece, found: Sequence[Diagnostic]
) -> tuple[tuple[ShownLine, ...], tuple[str, ...]] | None:
    """The lines that ruff's edits change, and what they become; None where that is not certain.

    All lines must be added ones that follow each other, and what comes out must still parse.
    """
    rule = RULES[found[0].code]
    taken = {"safe": all(each.safe for each in found), "always": True, "never": False}[rule.fix]
    if not taken or not all(each.edits for each in found):
        return None
    old = piece.text.split("\n")
    new = _edited(old, [edit for each in found for edit in each.edits])
    if rule is RULES["B006"] and new is not None and len(new) == len(old):
        return None  # the body is not shown, and None alone would only move the fault
    region = _changed(old, new) if new is not None and _parses(new) else None
    if new is None or region is None:
        return None
    start, end, new_start, new_end = region
    lines = [piece.line(row + 1) for row in range(start, end)]
    if not all(line is not None and line.sign == "+" for line in lines):
        return None
    kept = tuple(line for line in lines if line is not None)
    follow = all(line.new_line == (kept[0].new_line or 0) + n for n, line in enumerate(kept))
    return (kept, tuple(new[new_start:new_end])) if kept and follow else None


def _edited(old: Sequence[str], edits: Iterable[Edit]) -> list[str] | None:
    """The rows after the edits; None where two of them touch the same place."""
    rows = list(old)
    last: tuple[int, int] | None = None
    for edit in sorted(set(edits), key=lambda one: one.start, reverse=True):
        if last is not None and edit.end > last:
            return None
        last = edit.start
        (row, column), (end_row, end_column) = edit.start, edit.end
        if end_row > len(rows):
            return None
        text = rows[row - 1][: column - 1] + edit.content + rows[end_row - 1][end_column - 1 :]
        rows[row - 1 : end_row] = text.split("\n")
    return rows


def _changed(old: Sequence[str], new: Sequence[str]) -> tuple[int, int, int, int] | None:
    """Old rows [0:1) that became new rows [2:3); what is only put in takes the row above along."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    if not changes:
        return None
    (_, start, _, new_start, _), (_, _, end, _, new_end) = changes[0], changes[-1]
    if start == end:
        start, new_start = start - 1, new_start - 1
    return (start, end, new_start, new_end) if start >= 0 else None


def _parses(rows: Sequence[str]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a diff's odd escapes are its author's, not ours
        try:
            ast.parse("\n".join(rows))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
