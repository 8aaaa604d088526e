"""Planted defects by kind and language, as a table."""

from __future__ import annotations

from pullsmith.report.board import Estimate, Row
from pullsmith.report.planted_tables import planted_part_tables
from tests.report.made import board

FOUND = Estimate(value=0.5, low=0.1, high=0.9, count=4, pull_requests=4, degenerate=False)
SILENT = FOUND.model_copy(update={"count": 7})


def row(model: str, parts: dict[str, dict[str, Estimate]]) -> Row:
    empty = dict.fromkeys(name for name, field in Row.model_fields.items() if field.is_required())
    names = ("tools", "judges", "slices", "references", "metrics", "planted")
    tables: dict[str, dict[str, str]] = {name: {} for name in names}
    named = {"entrant": model, "model": model, "phase": "after", "role": "student", "runs": "here"}
    return Row.model_validate({**empty, **tables, **named, "planted_parts": {"review": parts}})


def test_a_row_a_part_and_a_column_a_model_with_a_dash_where_it_met_none() -> None:
    one = row("one", {"kind:off_by_one": {"planted_recall": FOUND}, "language:go": {"planted_silence": SILENT}})  # fmt: skip
    other = row("two", {"kind:none_comparison": {"planted_recall": FOUND}})
    [table] = planted_part_tables(board().model_copy(update={"models": (one, other)}))
    assert table.header == ("Part", "defects", "one (after)", "two (after)")
    told = "50.0 % [10.0 to 90.0]"
    # Of the language nothing but silence was measured: there was no defect to find.
    assert table.rows == (
        ("kind: none comparison", "4", "\N{EN DASH}", told),
        ("kind: off by one", "4", told, "\N{EN DASH}"),
    )


def test_where_nothing_was_planted_there_is_no_table() -> None:
    assert list(planted_part_tables(board())) == []
