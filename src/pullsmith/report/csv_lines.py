"""The board as CSV: board.csv, one line a model and phase, every number in a column of its own.

Takes a Board, gives text as RFC 4180 has it. Shares are in 0..1, what nobody knows is an empty cell. A
text that a spreadsheet would take for a formula has an apostrophe in front, and what nobody would see is
written out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from pullsmith.report.board import Board, Difference, Estimate, Rate, Row
from pullsmith.report.table import not_finished
from pullsmith.report.words import is_headline
from pullsmith.visible import visible

Value = str | int | float | bool | None
_FORMULA = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
_FLAT = (
    "entrant", "model", "phase", "role", "runs", "size_billions", "licence", "cutoff",
    "before_cutoff_rate", "reference", "tier",
)  # fmt: skip
_SHARES = ("valid_rate", "lenient_rate", "repaired_rate", "grounded_rate", "empty_rate")
_OF_TOOL = ("valid_rate", "grounded_rate", "empty_rate")


def csv_text(board: Board) -> str:
    """The whole file, header first; with the published rows behind, where the board has them."""
    lines = [dict(_line(board, row)) for row in board.models]
    lines += [
        {"model": cell.model, "role": "student", "label": not_finished(cell)}
        for cell in board.missing
    ]
    lines += [dict(line) for line in _published(board)]
    names = list(dict.fromkeys(name for line in lines for name in line)) or list(_FLAT)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in names])
    for line in lines:
        writer.writerow([_cell(line.get(name)) for name in names])
    return out.getvalue()


def harmless(text: str) -> str:
    """``text`` as a cell that no spreadsheet computes."""
    shown = visible(text, keep="")
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else repr(value)


def _line(board: Board, row: Row) -> Iterator[tuple[str, Value]]:
    yield from ((name, getattr(row, name)) for name in _FLAT)
    yield "label", ""
    yield from _rate("", row.rate)
    yield from _effect(board, row)
    everything = row.metrics.get("all", {})
    for name in _SHARES:
        yield from _estimate(name, everything.get(name))
    for tool in board.tools:
        mine = row.tools.get(tool)
        yield from _rate(f"{tool}.", mine.rate if mine else None)
        metrics: Mapping[str, Estimate] = mine.metrics if mine else {}
        for name in _OF_TOOL:
            yield from _estimate(f"{tool}.{name}", metrics.get(name))
    yield from _planted(board, row)
    for judge in dict.fromkeys(name for each in board.models for name in each.judges):
        yield from _rate(f"judge {judge}.", row.judges.get(judge))
    yield from _spent(row)


def _planted(board: Board, row: Row) -> Iterator[tuple[str, Value]]:
    """All measures of planted defects that any row has, by tool."""
    names = sorted(
        {(tool, name) for each in board.models for tool, of in each.planted.items() for name in of}
    )
    for tool, name in names:
        estimate = row.planted.get(tool, {}).get(name)
        yield from _estimate(f"{tool}.{name}", estimate)
        yield f"{tool}.{name}.count", estimate.count if estimate else None


def _rate(prefix: str, rate: Rate | None) -> Iterator[tuple[str, Value]]:
    for name in Rate.model_fields:
        yield f"{prefix}{name}", getattr(rate, name) if rate else None


def _estimate(name: str, estimate: Estimate | None) -> Iterator[tuple[str, Value]]:
    yield name, estimate.value if estimate else None
    yield f"{name}.low", estimate.low if estimate else None
    yield f"{name}.high", estimate.high if estimate else None


def _effect(board: Board, row: Row) -> Iterator[tuple[str, Value]]:
    """What fine-tuning changed, on the lines of a model after it."""
    found: Difference | None = None
    if row.phase == "after":
        for each in board.differences:
            pair = (each.entrant, each.other, each.reference)
            if is_headline(each) and pair == (row.entrant, f"{row.model}@before", row.reference):
                found = each
    for name in ("difference", "low", "high", "adjusted_p", "resolved"):
        yield f"after_minus_before.{name}", getattr(found, name) if found else None


def _spent(row: Row) -> Iterator[tuple[str, Value]]:
    names = ("prompts", "calls", "input_tokens", "output_tokens", "cost_usd", "unpriced")
    for name in names:
        yield name, getattr(row.spent, name) if row.spent else None


def _published(board: Board) -> Iterator[Iterator[tuple[str, Value]]]:
    for row in board.published:
        for phase, rate in (("before", row.before), ("after", row.after)):
            if rate is not None:
                yield iter(
                    (
                        ("model", row.model), ("phase", phase), ("role", "published"),
                        ("label", row.label), ("size_billions", row.size_billions),
                        ("better_rate", rate),
                    )
                )  # fmt: skip
