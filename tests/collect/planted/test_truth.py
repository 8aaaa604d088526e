"""The truth of records made of real functions: where it says, and nowhere else."""

from __future__ import annotations

import ast

import pycodestyle
from pyflakes.checker import Checker
from pyflakes.messages import IsLiteral

from pullsmith.collect.planted.generate import Planted
from pullsmith.collect.planted.kinds import KINDS
from pullsmith.collect.planted.lint import smell
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


class _Quiet(pycodestyle.BaseReport):  # type: ignore[misc]  # pycodestyle has no types
    """Collects codes and prints nothing."""

    def error(self, line_number: int, offset: int, text: str, check: object) -> str:
        self.counters[text[:4]] = self.counters.get(text[:4], 0) + 1
        return text[:4]


def linted(lines: tuple[str, ...]) -> set[str]:
    text = "\n".join(lines) + "\n"
    text = "if True:\n" + text if text[0] == " " else text
    style = pycodestyle.StyleGuide(select=["E711", "E722"], reporter=_Quiet)
    style.input_file("f.py", lines=text.splitlines(keepends=True))
    codes = {code for code in ("E711", "E722") if style.options.report.counters.get(code)}
    flakes = Checker(parse(text)).messages
    return codes | {"F632" for message in flakes if isinstance(message, IsLiteral)}


def test_clean_ones_are_clean_to_the_linters_and_defective_ones_are_not(
    made: list[Planted],
) -> None:
    expected = {"none_eq": {"E711"}, "bare_except": {"E722"}, "is_literal": {"F632"}}
    for one in made:
        defect = one.record.defect
        assert linted(one.edits[0].after) == expected.get(defect.kind if defect else "", set())
        for second in one.edits[1:]:
            assert linted(second.after) == set()


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
