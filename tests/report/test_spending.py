"""What answers came to, by hand; what was not counted is None and never 0."""

from __future__ import annotations

from typing import Any

from pullsmith.records import Outcome
from pullsmith.report.board import Spent
from pullsmith.report.spending import COLUMNS, spending


def answer(**more: object) -> dict[str, Any]:
    row: dict[str, Any] = dict(
        zip(COLUMNS, ("coder", "after", "ok", None, 100, 20, 0.5), strict=True)
    )
    return {**row, **more}


def of(*answers: dict[str, Any]) -> Spent:
    (found,) = spending(answers).values()
    return found


def test_repairs_and_second_looks_count_with_the_prompt_they_are_about() -> None:
    # Two prompts, three calls: (100 + 100 + 200) / 2 in, (20 + 20 + 10) / 2 out.
    found = of(answer(), answer(), answer(parent_answer="x", input_tokens=200, output_tokens=10))
    assert (found.prompts, found.calls) == (2, 3)
    assert (found.input_tokens, found.output_tokens) == (200, 25)
    assert (found.cost_usd, found.unpriced) == (1.5, 0)


def test_tokens_nobody_counted_are_none() -> None:
    found = of(answer(input_tokens=0, output_tokens=0), answer())
    assert (found.input_tokens, found.output_tokens) == (None, None)


def test_a_price_nobody_knows_is_counted_apart() -> None:
    found = of(answer(cost_usd=None), answer())
    assert (found.cost_usd, found.unpriced) == (0.5, 1)


def test_a_call_without_an_answer_is_a_prompt_and_no_call() -> None:
    failed = answer(outcome=Outcome.FAILED, input_tokens=0, output_tokens=0, cost_usd=0.0)
    found = of(answer(), failed)
    assert (found.prompts, found.calls, found.input_tokens) == (2, 1, 100)
    assert of(failed).input_tokens is None


def test_phases_are_apart() -> None:
    assert spending([answer(), answer(phase="before")]).keys() == {"coder@after", "coder@before"}
    assert spending([]) == {}
