"""The truth of records made of real functions: where it says, and nowhere else."""

from __future__ import annotations

import ast

from pullsmith.collect.planted.generate import Planted
from pullsmith.collect.planted.kinds import KINDS
from pullsmith.collect.planted.lint import smell
from pullsmith.llm.ruff import run_ruff
from pullsmith.redact import scan_text
from tests.collect.planted.test_patches import added, parse


def function_of(lines: tuple[str, ...]) -> ast.FunctionDef | ast.AsyncFunctionDef:
    text = "\n".join(lines)
    body = parse("if True:\n" + text if text[0] == " " else text).body
    node = body[0].body[0] if isinstance(body[0], ast.If) else body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return node


def test_the_defect_is_on_added_lines_and_the_original_puts_it_right(made: list[Planted]) -> None:
    defective = [one for one in made if one.record.defect]
    assert len(defective) > 200
    for one in defective:
        defect, edit = one.record.defect, one.edits[0]
        assert defect is not None
        [file] = [file for file in one.record.files if file.path == defect.path]
        lines = added(file)
        numbers = range(defect.start_line, defect.end_line + 1)
        assert tuple(lines[number] for number in numbers) == defect.defective
        start = defect.start_line - edit.function.first_line
        assert edit.after[start : start + len(defect.defective)] == defect.defective
        mended = edit.after[:start] + defect.original + edit.after[start + len(defect.defective) :]
        assert smell(function_of(edit.after)) is not None
        left = smell(function_of(mended))
        # A parametrised statement is still an execute call: the only repair the lint also names.
        assert left is None or (defect.kind, left) == ("sql", "call:execute")
        assert ast.dump(function_of(mended)) != ast.dump(function_of(edit.after))


def test_truth_says_what_the_table_says(made: list[Planted]) -> None:
    for one in made:
        defect = one.record.defect
        if defect is not None:
            kind = KINDS[defect.kind]
            assert (defect.header, defect.content) == (kind.header, kind.content)
            assert defect.security == kind.security
            assert defect.defective != defect.original


CODES = ("E711", "E722", "F632", "B006", "PLW0133")
EXPECTED = {
    "none_eq": {"E711"}, "bare_except": {"E722"}, "is_literal": {"F632"},
    "mutable_default": {"B006"}, "lost_raise": {"PLW0133"},
}  # fmt: skip


def linted(several: list[tuple[str, ...]]) -> list[set[str]]:
    texts = ["\n".join(lines) + "\n" for lines in several]
    whole = ["if True:\n" + text if text[0] == " " else text for text in texts]
    return [{each.code for each in found} for found in run_ruff(whole, CODES)]


def test_clean_ones_are_clean_to_the_linter_and_defective_ones_are_not(
    made: list[Planted],
) -> None:
    firsts = linted([one.edits[0].after for one in made])
    for one, found in zip(made, firsts, strict=True):
        defect = one.record.defect
        kind = defect.kind if defect else ""
        # An exception of the code's own is no builtin, and ruff cannot know that it is one.
        assert found == EXPECTED.get(kind, set()) or (kind, found) == ("lost_raise", set())
    assert not any(linted([second.after for one in made for second in one.edits[1:]]))


def test_functions_of_clean_ones_hold_nothing_that_is_planted(made: list[Planted]) -> None:
    good = {None, "call:execute"}  # the good twin of SQL is a call of the same name
    for one in made:
        if one.record.defect is None:
            assert smell(function_of(one.edits[0].after)) in good


def test_secrets_stand_only_where_the_record_says_so(made: list[Planted]) -> None:
    flagged = 0
    for one in made:
        record = one.record
        found = [finding for file in record.files for finding in scan_text(file.patch)]
        assert bool(found) == ("planted-secret" in record.flags)
        flagged += bool(found)
        if record.defect is not None and record.defect.kind == "secret":
            assert len(found) == 1
            assert record.defect.security
    assert flagged
