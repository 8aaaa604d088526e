"""Tables on terminals of every width: nothing is lost, no line too long, no interval broken."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from pullsmith.report.columns import fitted
from pullsmith.report.table import Table
from pullsmith.report.terminal import show
from tests.report.rows import HOSTILE, estimate, of, rate, row

CELLS = ("10.0 % [7.3 to 13.0]", "0.0 % [0.0 to 1.8] \N{DAGGER}", "yes", "33 B", "")


def printed(table: Table, width: int) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False)
    for part in fitted(table, width):
        console.print(part)
    return out.getvalue()


tables = st.integers(1, 9).flatmap(
    lambda columns: st.builds(
        lambda names, rows: Table("T", "", ("Model", *names), tuple(("coder", *r) for r in rows)),
        st.lists(st.sampled_from(["Better than rules", "Tier", "Valid"]), min_size=columns, max_size=columns),
        st.lists(st.lists(st.sampled_from(CELLS), min_size=columns, max_size=columns), min_size=1, max_size=4),
    )
)  # fmt: skip


@given(tables, st.sampled_from([40, 80, 120]))
def test_every_cell_is_there_whole_and_no_line_is_too_long(table: Table, width: int) -> None:
    text = printed(table, width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    flat = text.replace("\N{NO-BREAK SPACE}", " ")
    for interval in ("[7.3 to 13.0]", "[0.0 to 1.8] \N{DAGGER}"):
        wanted = sum(interval in cell for row_ in table.rows for cell in row_[1:])
        assert flat.count(interval) == wanted


def test_a_table_that_is_too_wide_goes_on_below_with_the_names_in_front() -> None:
    table = Table("T", "", ("Model", *"abcdefgh"), (("coder", *["10.0 % [7.3 to 13.0]"] * 8),))
    assert printed(table, 200).count("coder") == 1
    # 13 characters and 3 between them beside a name of 5: (80 - 2 - 5) // 16 = 4 of 8 in a part.
    assert printed(table, 80).count("coder") == 2


def test_a_long_name_goes_on_below_and_loses_no_letter() -> None:
    name = "hf:" + "organisation/" * 4 + "model (after)"
    table = Table("T", "", ("Model", "Better"), ((name, "10.0 % [7.3 to 13.0]"),))
    text = printed(table, 40)
    first = "".join(line[:20].strip() for line in text.splitlines()[3:])
    assert re.sub(r"\s", "", first).startswith(name.replace(" ", ""))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_hostile_name_steers_no_terminal(width: int) -> None:
    out = io.StringIO()
    board = of(
        row(HOSTILE, better=rate(0.4), planted={"review": {"planted_f1": estimate(0.5)}}),
        row(HOSTILE, "before", better=rate(None, unreadable=3)),
        study=HOSTILE,
    )
    show(board, Console(file=out, width=width, highlight=False, markup=False, force_terminal=False))
    text = out.getvalue()
    assert not set(text) & {"\x1b", "\u202e", "\r"}
    assert r"\x1b" in re.sub(r"\s", "", text)
    assert max(map(cell_len, text.splitlines())) <= width
