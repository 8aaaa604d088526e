"""CSV: what comes back is what the board holds, and nothing in it is computed by a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from pullsmith.models.published import LABEL
from pullsmith.report.board import ToolRow
from pullsmith.report.csv_lines import csv_text, harmless
from pullsmith.report.published import with_published
from tests.report.rows import HOSTILE, difference, estimate, of, rate, row, spent


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_one_line_a_model_and_phase_with_every_number() -> None:
    after = row(
        "coder", better=rate(0.4), spent=spent(cost_usd=1e-05), size_billions=33.0,
        metrics={"all": {"valid_rate": estimate(0.9)}},
        tools={"review": ToolRow(rate=rate(0.3), metrics={"valid_rate": estimate(0.8)})},
        planted={"review": {"planted_f1": estimate(0.6)}},
    )  # fmt: skip
    before = row("coder", "before", better=rate(0.1))
    effect = difference("coder@after", "coder@before", 0.3)
    text = csv_text(of(after, before, row("rules", "none"), differences=(effect,)))
    one, other, rules = read(text)
    told = {
        "entrant": "coder@after", "phase": "after", "size_billions": 33.0, "better_rate": 0.4,
        "better_low": 0.35, "valid_rate": 0.9, "valid_rate.low": 0.45, "review.better_rate": 0.3,
        "review.valid_rate": 0.8, "review.planted_f1": 0.6, "review.planted_f1.count": 10,
        "judge rubric.better_rate": 0.4, "after_minus_before.difference": 0.3, "cost_usd": 1e-05,
    }  # fmt: skip
    for name, value in told.items():
        assert one[name] == str(value) or float(one[name]) == pytest.approx(value), name
    assert one["after_minus_before.resolved"] == "true"
    assert other["after_minus_before.difference"] == ""
    # What is not known is an empty cell.
    assert (rules["better_rate"], rules["tier"], rules["cost_usd"]) == ("", "", "")


def test_it_is_rfc_4180() -> None:
    text = csv_text(of(row('a "quoted", name', better=rate(0.4))))
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == 2
    assert '"a ""quoted"", name"' in text
    assert (
        len({line.count(",") for line in csv_text(of(row("a"), row("b"))).split("\r\n")[:-1]}) == 1
    )


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1+2", "@SUM(A1)", " =1", "\N{FULLWIDTH EQUALS SIGN}1", HOSTILE]
)
def test_a_formula_is_made_harmless_and_stays_on_its_line(name: str) -> None:
    text = csv_text(of(row(name, better=rate(0.4)), judges=()))
    (line,) = read(text)
    assert line["model"].startswith("'")
    assert text.count("\n") == 2
    assert not set(text) & {"\x1b", "\u202e"}


def test_a_name_that_is_no_formula_and_a_negative_number_are_left_as_they_are() -> None:
    assert harmless("hf:org/name-1") == "hf:org/name-1"
    worse = difference("coder@after", "coder@before", -0.3)
    made = of(
        row("coder", better=rate(0.1)),
        row("coder", "before", better=rate(0.4)),
        differences=(worse,),
    )
    assert read(csv_text(made))[0]["after_minus_before.difference"] == "-0.3"


def test_a_judge_named_like_a_formula_is_harmless_in_the_header() -> None:
    made = row("coder", better=rate(0.4), judges={"=x": rate(0.4)})
    header = csv_text(of(made)).split("\r\n")[0]
    assert "judge =x.better_rate" in header
    assert not any(name.startswith("=") for name in header.split(","))


def test_published_rows_are_labelled_and_apart() -> None:
    lines = read(csv_text(with_published(of(row("coder", better=rate(0.4))))))
    old = [line for line in lines if line["role"] == "published"]
    assert len(old) == 15  # fourteen after, one before
    assert {line["label"] for line in old} == {LABEL}
    assert {line["tier"] for line in old} == {""}
    assert lines[0]["label"] == ""


def test_a_board_of_nobody_has_a_header() -> None:
    assert csv_text(of()).startswith("entrant,model,phase")
