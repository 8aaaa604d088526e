"""Who is on the board, and what is known of them before anything was measured."""

from __future__ import annotations

from pullsmith.records import Checkpoint, Phase, checkpoint_id
from pullsmith.report.board import NO_MODEL
from pullsmith.report.entrants import entrants, runs
from tests.judged import study

STUDY = study(
    student=[
        {"model": "hf:google/gemma-7b", "name": "gemma", "about": {"licence": "ours"}},
        {"model": "tiny"},
    ],
    reference=[{"model": "openai:gpt", "cutoff": "2025-01-31"}, {"model": "hf:google/gemma-7b"}],
)
WEIGHTS = Checkpoint(
    id=checkpoint_id("tiny", phase=Phase.AFTER, weights_digest="w"), student="tiny",
    phase=Phase.AFTER, folder="final", weights_digest="w", parameters=771_584, steps=1,
    trained_tokens=1,
)  # fmt: skip
ALL = {"gemma@after", "gemma@before", "tiny@after", "constant", "openai:gpt", "hf:google/gemma-7b"}


def test_sizes_and_licences_are_the_study_s_word_the_preset_s_or_counted() -> None:
    found = {each.name: each for each in entrants(STUDY, ALL, [WEIGHTS])}
    gemma = found["gemma@after"]
    # The preset knows the size, the study says the licence, nobody counted the weights.
    assert (gemma.size_billions, gemma.licence, gemma.parameters) == (7.0, "ours", None)
    tiny = found["tiny@after"]
    assert (tiny.size_billions, tiny.licence) == (0.000772, None)
    assert found["hf:google/gemma-7b"].licence == "gemma"
    hosted = found["openai:gpt"]
    assert (hosted.size_billions, hosted.licence, hosted.cutoff) == (None, None, "2025-01-31")


def test_only_those_who_answered_are_there_in_the_study_s_order() -> None:
    found = entrants(STUDY, ALL - {"gemma@before"}, [])
    assert [(each.name, each.role) for each in found] == [
        ("gemma@after", "student"), ("tiny@after", "student"), ("constant", "baseline"),
        ("openai:gpt", "reference"), ("hf:google/gemma-7b", "reference"),
    ]  # fmt: skip
    assert entrants(STUDY, [], []) == []


def test_where_models_run() -> None:
    told = {name: runs(name) for name in ("tiny", "hf:a/b", "./m", "openai:x", "http://h/v1#m")}
    assert list(told.values()) == ["here", "here", "here", "endpoint", "endpoint"]
    assert {runs(name) for name in ("rules", "constant", "majority")} == {NO_MODEL}
