"""Other tools' files: there and back, from hand-made files, and what is wrong with them told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import StudyError
from pullsmith.records import Order, Result, Verdict
from pullsmith.verdicts.formats import (
    READERS,
    Names,
    read_alpaca_eval,
    read_arena_hard,
    read_published,
    write_alpaca_eval,
    write_arena_hard,
    write_published,
)
from pullsmith.verdicts.store import write_verdicts
from tests.judged import verdict

WIN, LOSS, TIE, UNREADABLE = Result.WIN, Result.LOSS, Result.TIE, Result.UNREADABLE
FIRST, SECOND = Order.CANDIDATE_FIRST, Order.REFERENCE_FIRST
READABLE = st.sampled_from([WIN, LOSS, TIE])


@given(st.lists(st.tuples(st.sampled_from(Result), st.sampled_from(Result)), max_size=8))
def test_arena_hard_there_and_back_keeps_results_and_orders(
    pairs: list[tuple[Result, Result]],
) -> None:
    made = [
        verdict(f"pr{n}", result, order=order)
        for n, pair in enumerate(pairs)
        for order, result in zip(Order, pair, strict=True)
    ]
    back = read_arena_hard(write_arena_hard(made), Names())
    assert sorted((v.order, v.result, v.candidate, v.reference, v.judge) for v in back) == sorted(
        (v.order, v.result, v.candidate, v.reference, v.judge) for v in made
    )
    assert len({v.pull_request_id for v in back}) == len(pairs)


def test_a_judgment_of_arena_hard_by_hand() -> None:
    # First game: the baseline is A and better. Second: the model is A and much better. Third file line: one null.
    games = [{"score": "A>B", "judgment": "…"}, {"score": "A>>B", "judgment": "…"}]
    lines = [
        {"uid": "1", "model": "m", "judge": "j", "baseline": "b", "category": "c", "games": games},
        {"question_id": "2", "model": "m", "judge": "j", "games": [{"score": None}, None]},
    ]
    found = read_arena_hard("\n".join(map(json.dumps, lines)), Names(reference="old"))
    assert [(v.order, v.result, v.reference) for v in found] == [
        (SECOND, LOSS, "b"),
        (FIRST, WIN, "b"),
        (SECOND, UNREADABLE, "old"),
    ]


def test_one_order_alone_leaves_the_other_game_empty() -> None:
    row = json.loads(write_arena_hard([verdict("a", WIN, order=FIRST)]))
    assert row["games"][0] is None
    assert row["games"][1]["score"] == "A>B"
    assert write_arena_hard([]) == ""


@given(st.lists(READABLE, max_size=8))
def test_alpaca_eval_there_and_back_keeps_results(results: list[Result]) -> None:
    made = [verdict(f"pr{n}", result) for n, result in enumerate(results)]
    back = read_alpaca_eval(write_alpaca_eval(made, {}), Names())
    assert [(v.result, v.candidate, v.reference, v.judge, v.tool) for v in back] == [
        (v.result, v.candidate, v.reference, v.judge, v.tool) for v in made
    ]


@pytest.mark.parametrize(
    ("preference", "result"),
    [(1, LOSS), (1.2, LOSS), (1.5, TIE), (0, TIE), (1.8, WIN), (2.0, WIN), (None, UNREADABLE)],
)
def test_a_preference_counts_for_the_second(preference: float | None, result: Result) -> None:
    row = {"instruction": "do", "generator_1": "ref", "generator_2": "m", "preference": preference}
    found = read_alpaca_eval(json.dumps([row]), Names(judge="j"))
    assert [(v.result, v.candidate, v.reference) for v in found] == [(result, "m", "ref")]


def test_an_answers_text_is_written_where_it_is_known() -> None:
    one = verdict("a", WIN)
    row = json.loads(write_alpaca_eval([one], {one.candidate_answer_id: "mine"}))[0]
    assert (row["output_2"], row["output_1"], row["preference"]) == ("mine", "", 2.0)


def test_published_verdicts_by_their_scores_there_and_back() -> None:
    made = [
        verdict("a", result).model_copy(
            update={"candidate_score": mine, "reference_score": theirs, "why": "so: it is"}
        )
        for result, mine, theirs in ((WIN, 9.0, 4.0), (LOSS, 3.0, 8.0), (TIE, 6.0, 6.0))
    ]
    text = write_published([made[0]])
    assert yaml.safe_load(text)[0]["command"] == "review"
    back = read_published(text, Names("m", "r", "j"))
    assert [(v.result, v.candidate_score, v.why) for v in back] == [(WIN, 9.0, "so: it is")]
    for one in made[1:]:
        assert read_published(write_published([one]), Names("m", "r", "j"))[0].result is one.result


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{}", "expected a JSON list, found a dict"),
        ("[", "expected a JSON list"),
        ('[{"instruction": "x"}]', "annotation 1: no generator_2"),
        ('[{"instruction": "x", "generator_1": "r", "generator_2": "m", "preference": 7}]', "preference is 7"),
        ('[{"instruction": "x", "generator_1": "r", "generator_2": "m", "preference": 2}]', "names no judge"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_annotations_is_told(text: str, match: str) -> None:
    with pytest.raises(StudyError, match=match):
        read_alpaca_eval(text, Names())


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("nonsense", "expected line 1 to be a JSON object: Expecting"),
        ("[]", "expected line 1 to be a JSON object, found a list"),
        ('{"model": "m"}', "no uid"),
        ('{"uid": "1", "model": "m", "judge": "j", "baseline": "b"}', "no games"),
        ('{"uid": "1", "model": "m", "judge": "j", "baseline": "b", "games": [{"score": "C"}]}', "score is 'C'"),
        ('{"uid": "1", "model": "m", "judge": "j", "games": [{"score": "A=B"}]}', "names no reference"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_judgments_is_told(text: str, match: str) -> None:
    with pytest.raises(StudyError, match=match):
        read_arena_hard(text, Names())


@pytest.mark.parametrize(
    ("text", "match"),
    [("a: 1", "expected a list"), ("- command: /review", "no model1_score")],
)
def test_what_is_wrong_with_published_verdicts_is_told(text: str, match: str) -> None:
    with pytest.raises(StudyError, match=match):
        read_published(text, Names("m", "r", "j"))


def test_verdicts_that_were_asked_again_are_given_to_nobody() -> None:
    again: list[Verdict] = [verdict("a", WIN, repeat=1)]
    assert json.loads(write_alpaca_eval(again, {})) == []
    assert write_arena_hard(again) == ""


@pytest.mark.parametrize("target", ["alpaca-eval", "arena-hard", "published"])
def test_our_own_come_back_with_prompt_order_and_pull_request(target: str) -> None:
    # Two tools on one pull request: one fact, when intervals are made.
    made = [
        verdict("github.com/o/n@ab12", result, tool=tool, order=order).model_copy(
            update={"candidate_score": float(n), "reference_score": 1.0}
        )
        for tool in ("review", "improve")
        for n, (order, result) in enumerate(zip(Order, (LOSS, TIE), strict=True))
    ]
    writers = {
        "alpaca-eval": lambda: write_alpaca_eval(made, {}),
        "arena-hard": lambda: write_arena_hard(made),
        "published": lambda: write_published(made),
    }
    back = READERS[target](writers[target](), Names())
    named = [(v.prompt_id, v.pull_request_id, v.tool, v.order, v.result) for v in back]
    assert sorted(named) == sorted(
        (v.prompt_id, v.pull_request_id, v.tool, v.order, v.result) for v in made
    )
    assert {(v.candidate, v.reference, v.judge) for v in back} == {
        ("tiny@after", "rules", "rubric")
    }
    assert len({v.id for v in back}) == 4


def test_two_annotations_of_one_pair_without_an_order_are_refused(tmp_path: Path) -> None:
    row = {"instruction": "do", "generator_1": "r", "generator_2": "m", "annotator": "j"}
    rows = [{**row, "preference": preference} for preference in (1, 2)]
    found = read_alpaca_eval(json.dumps(rows), Names())
    with pytest.raises(StudyError, match="two verdicts on one question to one judge"):
        write_verdicts(tmp_path / "s.parquet", found)
    kept = [{**row, "preference": 1, "order": "candidate-first"}, {**row, "preference": 2}]
    assert write_verdicts(tmp_path / "s.parquet", read_alpaca_eval(json.dumps(kept), Names())) == 2
    wrong = [{**row, "preference": 1, "order": "first"}]
    with pytest.raises(StudyError, match="order is 'first', not one of candidate-first"):
        read_alpaca_eval(json.dumps(wrong), Names())
