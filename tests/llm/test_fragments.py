"""Pieces of Python in a hunk: what is put around them, where they are cut, what is left alone."""

from __future__ import annotations

import pytest

from pullsmith.llm.fragments import Piece, pieces
from pullsmith.records import ChangeStatus
from tests.llm.pulls import change, pull_request, shown_of


def pieces_of(*rows: str, cut: bool = False, new: bool = False, start: int = 10) -> list[Piece]:
    old, count = (sum(row[:1] in (" ", sign) for row in rows) for sign in "-+")
    body = "".join(f"{row}\n" for row in rows)
    head = f"@@ -0,0 +1,{count} @@" if new else f"@@ -{start},{old} +{start},{count} @@"
    status = ChangeStatus.ADDED if new else ChangeStatus.MODIFIED
    (file,) = shown_of(pull_request(change(f"{head}\n{body}", status=status))).files
    return list(pieces(file, file.hunks[0], cut=cut))


def texts(found: list[Piece]) -> list[list[str]]:
    """The rows of each piece, those that were put there in brackets."""
    return [
        [row if line else f"<{row.strip()}>" for row, line in zip(one.text.split("\n"), one.rows, strict=False)]
        for one in found
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("+x = 1",), [["x = 1"]]),
        (("+    x = 1",), [["<if _:>", "    x = 1"]]),
        (
            ("         x = 1", "+    y = 2", " z = 3"),
            [["<if _:>", "<if _:>", "        x = 1", "    y = 2", "z = 3"]],
        ),
        (("     x = 1", "+except A:", "+    y"), [["<try:>", "    x = 1", "except A:", "    y"]]),
        (("     x = 1", "+else:", "+    y"), [["<if _:>", "    x = 1", "else:", "    y"]]),
        (("+if x:",), [["if x:", "<pass>"]]),
        (("+try:", "+    x"), [["try:", "    x", "<finally:>", "<pass>"]]),
        (("+x = 1", "+f(", "+    a=1,"), [["x = 1"]]),  # what is in an open bracket goes with it
        (("+    a=1,", "+)", "+x = 1"), [["x = 1"]]),
        (("+x = 1", "+what was this", "+y = 2"), [["x = 1"], ["y = 2"]]),
        (("+What is", "+this but", "+some prose,", "+or is it?"), []),
        (('+"""Say', "+x = 1"), []),
        (("+", "+"), []),
        (("+\tif x:", "+\t\ty = 1"), [["<if _:>", "\tif x:", "\t\ty = 1"]]),
    ],
)
def test_pieces(rows: tuple[str, ...], expected: list[list[str]]) -> None:
    assert sorted(texts(pieces_of(*rows))) == sorted(expected)


def test_where_a_file_ends() -> None:
    rows = (" a = 1", " b = 2", " c = 3", "+d = 4")
    (ends,) = pieces_of(*rows)
    (goes_on,) = pieces_of(*rows, " e = 5", " f = 6", " g = 7")
    (cut,) = pieces_of(*rows, cut=True)
    (narrow,) = pieces_of("+d = 4")  # printed without context: nothing is known
    assert [one.ends_file for one in (ends, goes_on, cut, narrow)] == [True, False, False, False]
    assert not ends.whole_file


def test_a_whole_file() -> None:
    (whole,) = pieces_of("+a = 1", new=True)
    (cut,) = pieces_of("+a = 1", new=True, cut=True)
    broken = pieces_of("+a = 1", "+what was this", "+b = 2", new=True)
    assert (whole.whole_file, cut.whole_file) == (True, False)
    assert [one.whole_file for one in broken] == [False, False]


def test_rows_know_their_lines() -> None:
    (piece,) = pieces_of("     x = 1", "-    y = 1", "+    y = 2")
    assert piece.line(1) is None
    line = piece.line(3)
    assert line is not None
    assert (line.sign, line.new_line) == ("+", 11)
    assert piece.line(0) is piece.line(99) is None
