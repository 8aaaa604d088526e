"""Slices: which pull requests are in which, and which are too small to be told."""

from __future__ import annotations

from pullsmith.rank.slices import FEWEST, Sliced, planted_slices, slices
from pullsmith.records import PullRequest
from tests.curated import file, planted, real
from tests.judged import DEFECT


def requests(count: int, *, language: str, merged_at: str = "") -> list[PullRequest]:
    return [
        real(f"{language}{n}").model_copy(
            update={
                "files": (file("a").model_copy(update={"language": language}),),
                "merged_at": merged_at,
            }
        )
        for n in range(count)
    ]


def test_a_slice_of_too_few_is_not_told_and_one_of_all_neither() -> None:
    made = [*requests(FEWEST, language="go"), *requests(FEWEST - 1, language="rust")]
    known = {r.id: r for r in made}
    got = slices([(r.id, "review", 0) for r in made], Sliced(known))
    assert "language:go" in got
    assert "language:rust" not in got
    assert not any(name.startswith("size:") for name in got)  # all are alike
    assert list(got)[:2] == ["all", "real"]


def test_planted_and_real_are_always_told() -> None:
    made = [real("a"), planted("b")]
    got = slices([(r.id, "review", 0) for r in made], Sliced({r.id: r for r in made}))
    assert {name: len(tasks) for name, tasks in got.items()} == {"all": 2, "planted": 1, "real": 1}


def test_before_and_after_a_models_cut_off_where_both_are_known() -> None:
    old = requests(FEWEST, language="go", merged_at="2023-05-01T00:00:00Z")
    new = requests(FEWEST, language="rust", merged_at="2025-05-01T00:00:00Z")
    undated = requests(FEWEST, language="c")
    known = {r.id: r for r in [*old, *new, *undated]}
    got = slices(
        [(name, "review", 0) for name in known], Sliced(known, cutoffs={"model": "2024-01"})
    )
    assert {task[0] for task in got["older:model"]} == {r.id for r in old}
    assert {task[0] for task in got["newer:model"]} == {r.id for r in new}


def test_prompts_by_their_length() -> None:
    made = requests(3 * FEWEST, language="go")
    tasks = [(r.id, "review", 0) for r in made]
    tokens = {task: (500, 2_000, 9_000)[n % 3] for n, task in enumerate(tasks)}
    got = slices(tasks, Sliced({r.id: r for r in made}, diff_tokens=tokens))
    assert {name for name in got if name.startswith("prompt:")} == {
        "prompt:up to 1,000 tokens", "prompt:up to 4,000", "prompt:more",
    }  # fmt: skip


def test_planted_ones_are_told_by_defect_and_language_however_few() -> None:
    def made(name: str, language: str, *, clean: bool = False) -> PullRequest:
        files = (file("a").model_copy(update={"language": language}),)
        update = {"files": files, "defect": None if clean else DEFECT}
        return planted(name).model_copy(update=update)

    records = [made("a", "go"), made("b", "rust"), made("c", "go", clean=True), real("d")]
    known = {record.id: record for record in records}
    tasks = [(name, tool, 0) for name in known for tool in ("review", "describe")]
    got = planted_slices(tasks, known)
    assert {name: sorted(known[task[0]].title for task in mine) for name, mine in got.items()} == {
        "planted:kind:none_comparison": sorted(known[r.id].title for r in records[:2]),
        "planted:language:go": sorted(known[r.id].title for r in (records[0], records[2])),
        "planted:language:rust": [records[1].title],
    }
    assert {task[1] for mine in got.values() for task in mine} == {"review"}


def test_one_language_is_no_part_of_its_own_and_nothing_planted_has_none() -> None:
    one = planted("a").model_copy(update={"defect": DEFECT})
    assert list(planted_slices([(one.id, "review", 0)], {one.id: one})) == [
        "planted:kind:none_comparison"
    ]
    assert planted_slices([("x", "review", 0)], {"x": real("x")}) == {}
