"""Which models are compared with which: groups by fact, pairs by start, nobody twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pullsmith.rank.comparisons import Comparison, comparisons
from pullsmith.rank.slices import prompt_words
from pullsmith.records import Claim
from pullsmith.study.facts import StudentFacts

CODE = StudentFacts("code", 7.0, "code", "instruct", "Meta", "f", "2024-05-02")
GENERAL = StudentFacts("general", 32.0, "general", "base", "Phind", "g", "2023-08")


def found(*facts: StudentFacts, tools: tuple[str, ...] = ()) -> dict[tuple[Claim, str, str], Comparison]:  # fmt: skip
    return {(one.claim, one.subject, one.tool): one for one in comparisons(facts, tools, None)}


@pytest.mark.parametrize(
    ("claim", "left", "threshold"),
    [
        (Claim.CODE, "code", ""),
        (Claim.NEWER, "code", "2024-05"),
        (Claim.BIG_VENDOR, "code", ""),
        (Claim.LARGE, "general", "10"),
        (Claim.INSTRUCT, "code", ""),
    ],
)
def test_models_part_by_what_is_known_of_them(claim: Claim, left: str, threshold: str) -> None:
    one = found(CODE, GENERAL)[claim, "all", "all"]
    other = {"code": "general", "general": "code"}[left]
    assert (one.left, one.right) == ((f"{left}@after",), (f"{other}@after",))
    assert (one.paired, one.threshold) == (False, threshold)


def test_who_lacks_a_fact_is_in_no_group_that_needs_it() -> None:
    bare = StudentFacts("bare")
    assert {claim for claim, _, _ in found(CODE, bare)} == {
        Claim.FINE_TUNING,
        Claim.FINE_TUNING_MEAN,
    }
    assert "bare@after" not in found(CODE, GENERAL, bare)[Claim.CODE, "all", "all"].left
    year = replace(GENERAL, released="2023")  # no month: neither newer nor older than a month of it
    assert (Claim.NEWER, "all", "all") not in found(CODE, year)


def test_dates_part_into_even_halves_and_one_month_into_none() -> None:
    months = ["2023-01", "2023-01", "2023-01", "2023-02", "2024-01"]
    models = [replace(CODE, label=str(n), released=month) for n, month in enumerate(months)]
    assert found(*models)[Claim.NEWER, "all", "all"].threshold == "2023-02"
    assert (Claim.NEWER, "all", "all") not in found(*models[:3])


def test_two_variants_of_one_model_are_a_pair_also_by_tool() -> None:
    base = replace(CODE, label="code-base", variant="base")
    for tool in ("all", "review"):
        one = found(CODE, base, GENERAL, tools=("review",))[Claim.INSTRUCT, tool, tool]
        assert (one.left, one.right, one.paired) == (("code@after",), ("code-base@after",), True)
    other = replace(base, size_billions=8.0)  # another size: no twin, so all of a kind against all
    assert not found(CODE, other)[Claim.INSTRUCT, "all", "all"].paired
    entry = replace(other, entry="e")
    assert found(replace(CODE, entry="e"), entry)[Claim.INSTRUCT, "all", "all"].paired


def test_a_grid_s_cells_are_pairs_and_only_one_of_a_start_is_a_model() -> None:
    start = replace(CODE, entry="e")
    cells = [
        replace(start, label="all", method="lora"),
        replace(start, label="full", method="full"),
        replace(start, label="random", method="lora", data="random"),
        replace(start, label="subset", method="lora", data="tools:describe+review"),
    ]
    made = found(*cells, GENERAL, tools=("describe", "improve", "review"))
    assert made[Claim.CODE, "all", "all"].left == ("all@after",)
    method = made[Claim.METHOD, "full against lora", "all"]
    assert (method.left, method.right) == (("full@after",), ("all@after",))
    data = [key for key in made if key[0] is Claim.DATA]
    assert data == [
        (Claim.DATA, "random", "all"),
        (Claim.DATA, "tools:describe+review", "all"),
        (Claim.DATA, "tools:describe+review", "describe"),
        (Claim.DATA, "tools:describe+review", "review"),
    ]
    assert made[data[0]].left == ("all@after",)
    assert made[data[0]].right == ("random@after",)


def test_nobody_is_compared_with_nobody() -> None:
    assert comparisons([], ("review",), ("prompt:more", "prompt:up to 4,000")) == []


def test_lengths_compare_every_model_with_itself() -> None:
    (one,) = [
        c for c in comparisons([CODE], (), ("prompt:more", "prompt:up to 1,000 tokens"))
        if c.claim is Claim.LONG
    ]  # fmt: skip
    assert one.left == one.right == ("code@after",)
    assert one.slices == ("prompt:more", "prompt:up to 1,000 tokens")
    assert one.threshold == "more than 4,000 tokens against up to 1,000 tokens"
    assert prompt_words("prompt:up to 4,000") == "1,000 to 4,000 tokens"
