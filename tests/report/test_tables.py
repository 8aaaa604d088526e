"""The first tables: what is in them, what is left out, and that a blank is never a nought."""

from __future__ import annotations

from pullsmith.models.published import LABEL
from pullsmith.report.board import MissingCell
from pullsmith.report.cost_tables import cost_tables
from pullsmith.report.csv_lines import csv_text
from pullsmith.report.figures import DASH
from pullsmith.report.published import with_published
from pullsmith.report.table import Table
from pullsmith.report.tables import before_after, glance, main_table, tables, unjudged
from tests.report.rows import difference, estimate, of, rate, row, spent

TUNED = row("coder", better=rate(0.4), size_billions=33.0, licence="deepseek")
UNTUNED = row("coder", "before", better=rate(0.1))
RULES = row("rules", "none")


def named(found: Table) -> dict[str, tuple[str, ...]]:
    return {cells[0]: cells[1:] for cells in found.rows}


def test_the_first_table_has_the_published_columns_and_no_row_of_before() -> None:
    found = main_table(of(TUNED, UNTUNED, RULES))
    assert found.header == ("Model", "Size", "Better than rules", "Tier", "Licence")
    assert named(found) == {
        "coder (after)": ("33 B", "40.0 % [35.0 to 45.0]", "1", "deepseek"),
        "rules (reference)": (DASH, DASH, DASH, DASH),
    }
    assert found.entrants == ("coder@after", "rules")
    # Nobody's licence is known: no column of dashes.
    assert main_table(of(UNTUNED, RULES)).header[-1] == "Tier"


def test_a_model_that_was_not_tuned_yet_is_not_lost() -> None:
    assert "coder (before)" in named(main_table(of(UNTUNED, RULES)))


def test_what_nobody_could_read_is_said_and_no_rate() -> None:
    blank = row("coder", better=rate(None, unreadable=7))
    assert named(main_table(of(blank)))["coder (after)"][1] == f"{DASH} (7 unreadable)"


def test_a_model_that_is_not_finished_is_shown_as_such() -> None:
    cell = MissingCell(model="late", stage="train", state="started")
    found = main_table(of(TUNED, RULES, missing=(cell,)))
    assert found.rows[-1] == ("late", DASH, "not finished: train", DASH, DASH)
    assert len(found.entrants) == len(found.rows)
    lines = csv_text(of(TUNED, missing=(cell,))).split("\r\n")
    assert "late" in lines[2]
    assert "not finished: train" in lines[2]


def test_before_and_after_with_the_paired_difference() -> None:
    resolved = difference("coder@after", "coder@before", 0.3)
    found = before_after(of(TUNED, UNTUNED, RULES, differences=(resolved,)))
    assert named(found) == {
        "coder": (
            "10.0 % [5.0 to 15.0]",
            "40.0 % [35.0 to 45.0]",
            "+30.0 points [+20.0 to +40.0]",
            "yes",
        )
    }
    unsure = resolved.model_copy(update={"low": -0.1, "resolved": False})
    told = named(before_after(of(TUNED, UNTUNED, differences=(unsure,))))
    assert told["coder"][-1] == "cannot tell"
    # Another reference's difference is another comparison.
    other = resolved.model_copy(update={"reference": "other"})
    assert named(before_after(of(TUNED, UNTUNED, differences=(other,))))["coder"][-2:] == (
        DASH,
        DASH,
    )


def test_a_model_without_a_before_says_so() -> None:
    assert named(before_after(of(TUNED)))["coder"][0] == DASH
    assert named(before_after(of(TUNED)))["coder"][2] == "no before"
    assert named(before_after(of(UNTUNED)))["coder"][2] == "no after"


def test_a_board_of_a_reference_alone_has_a_first_table_and_no_effects() -> None:
    found = glance(of(RULES))
    assert [t.title for t in found] == ["Board", "What no judge decides"]
    assert glance(of())[0].rows == ()


def test_what_no_judge_decides_has_f1_with_its_interval() -> None:
    planted = {"review": {"planted_f1": estimate(0.6), "planted_recall": estimate(0.5)}}
    made = row(
        "coder", planted=planted, planted_precision=0.75, planted_silence=0.0, empty_rate=0.25
    )
    assert named(unjudged(of(made)))["coder (after)"] == (
        "90.0 %", "80.0 %", "25.0 %", "60.0 % [30.0 to 60.0]", "50.0 % [25.0 to 50.0]", "75.0 %",
        "0.0 %",
    )  # fmt: skip
    assert named(unjudged(of(RULES)))["rules (reference)"][2:] == (DASH,) * 5


def costs(*rows: object) -> dict[str, Table]:
    return {t.title: t for t in cost_tables(of(*rows)) if t.rows}  # type: ignore[arg-type]  # rows


def test_costs_are_dollars_or_say_why_not() -> None:
    hosted = row("gpt", "none", runs="endpoint", spent=spent())
    unknown = row("new", "none", runs="endpoint", spent=spent(unpriced=110, cost_usd=0.0))
    partly = row("some", "none", runs="endpoint", spent=spent(unpriced=10))
    local = row(
        "coder", runs="here", spent=spent(cost_usd=0.0, input_tokens=None, output_tokens=None)
    )
    rules = row("rules", "none", runs="no model", spent=spent(cost_usd=0.0))
    found = named(costs(hosted, unknown, partly, local, rules)["What the answers cost"])
    assert found == {
        "gpt (reference)": ("100", "1,200", "300", "$2.50", "$25.00"),
        "new (reference)": ("100", "1,200", "300", "price unknown", DASH),
        "some (reference)": ("100", "1,200", "300", "$2.50 and 10 of unknown price", DASH),
        "coder (after)": ("100", DASH, DASH, "own machine", DASH),
    }


def test_cut_offs_are_told_where_any_is_known() -> None:
    known = row("coder", cutoff="2023-03", before_cutoff_rate=0.25)
    unknown = row("other")
    found = named(costs(known, unknown)["Training cut-offs"])
    assert found == {"coder": ("2023-03", "25.0 %"), "other": ("unknown", DASH)}
    assert "Training cut-offs" not in costs(unknown)


def test_the_table_of_2024_is_beside_the_board_and_in_nothing_of_it() -> None:
    plain = of(TUNED, UNTUNED, RULES)
    beside = with_published(plain)
    assert not any("2024" in t.title for t in tables(plain))
    (old,) = [t for t in tables(beside) if "2024" in t.title]
    assert len(old.rows) == 14
    assert all(LABEL in cells[0] for cells in old.rows)
    assert sum(cells[2] != DASH for cells in old.rows) == 1  # one rate before tuning was published
    assert main_table(beside) == main_table(plain)
    assert beside.model_copy(update={"published": ()}) == plain
