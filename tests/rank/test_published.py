"""The published board as a fixture: its rates on 300 prompts give the tiers that can be derived.

Source of the rates: PR-Agent's fine-tuning benchmark of 2024. Each model wins on as many of 300
prompts as its rate says; which ones is drawn with a correlation of one half between models.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np
import pytest

from pullsmith.rank.grid import fields
from pullsmith.rank.rates import shares_by_task
from pullsmith.rank.slices import Sliced, slices
from pullsmith.rank.tables import Entrant, better_contrasts, ratings
from pullsmith.records import Contrast, Phase, Result, Verdict
from pullsmith.report.board import Difference, tiers
from pullsmith.stats.bootstrap import Resampler
from tests.judged import pull_request, verdict

RATES = {
    "DeepSeek-34B-instruct": 40.7, "DeepSeek-34B-base": 38.2, "Phind-34B": 38.0,
    "Granite-34B": 37.6, "CodeQwen1.5-7B": 35.4, "Llama-3.1-8B": 35.2, "Granite-8B": 34.2,
    "Codestral-22B": 32.7, "CodeLlama-7B": 31.8, "Qwen1.5-32B": 29.0, "Gemma-7B": 27.2,
    "DeepSeek-7B": 26.8, "Llama-3-8B": 26.8, "Mistral-7B": 16.1,
}  # fmt: skip
REQUESTS = {r.id: r for r in (pull_request(f"pr{n}", source="git") for n in range(300))}
ENTRANTS = {name: Entrant(name, name, Phase.NONE) for name in RATES}


def verdicts() -> list[Verdict]:
    random = np.random.default_rng(3)
    shared = random.normal(size=len(REQUESTS))
    made = []
    for name, rate in RATES.items():
        liking = (shared + random.normal(size=len(REQUESTS))) * 0.5**0.5
        wins = set(np.argsort(-liking)[: round(rate * 3)].tolist())
        made += [
            verdict(request, Result.WIN if place in wins else Result.LOSS, candidate=name)
            for place, request in enumerate(REQUESTS)
        ]
    return made


@pytest.fixture(scope="module")
def differences() -> dict[tuple[str, str], Contrast]:
    """Every pair's difference over all prompts, in one direction."""
    shares = shares_by_task(verdicts())
    grid = fields(
        {"all": slices(next(iter(shares.values())), Sliced(REQUESTS))["all"]},
        partial(Resampler, resamples=1000, seed=0),
    )
    whole = [field for field in grid if field.tool == "all"]
    made = {r.entrant: r.better_rate for r in ratings(shares, ENTRANTS, whole)}
    assert made["Mistral-7B"] == pytest.approx(0.16)
    return {(c.entrant, c.other): c for c in better_contrasts(shares, ENTRANTS, whole) if c.judge == "all"}  # fmt: skip


def resolved(differences: dict[tuple[str, str], Contrast], one: str, other: str) -> bool:
    found = differences.get((one, other)) or differences[other, one]
    return (found.low or 0) > 0 or (found.high or 0) < 0


def test_the_large_models_and_base_against_instruct_are_not_resolved(
    differences: dict[tuple[str, str], Contrast],
) -> None:
    large = ["DeepSeek-34B-instruct", "DeepSeek-34B-base", "Phind-34B", "Granite-34B"]
    assert not any(resolved(differences, *pair) for pair in combinations(large, 2))


def test_the_best_small_models_are_tied_also_code_against_general(
    differences: dict[tuple[str, str], Contrast],
) -> None:
    small = ["CodeQwen1.5-7B", "Llama-3.1-8B", "Granite-8B"]
    assert not any(resolved(differences, *pair) for pair in combinations(small, 2))


def test_the_last_is_last(differences: dict[tuple[str, str], Contrast]) -> None:
    assert all(
        resolved(differences, "Mistral-7B", other) for other in RATES if other != "Mistral-7B"
    )
    pair = differences.get(("Mistral-7B", "Gemma-7B")) or differences["Gemma-7B", "Mistral-7B"]
    assert pair.adjusted_p is not None
    assert pair.adjusted_p < 0.05


def test_the_tiers_say_the_same(differences: dict[tuple[str, str], Contrast]) -> None:
    pairs = {
        pair: Difference(
            resolved=resolved(differences, *pair),
            **{
                name: getattr(contrast, name)
                for name in Difference.model_fields
                if name != "resolved"
            },
        )
        for pair, contrast in differences.items()
    }
    got = tiers({name: rate / 100 for name, rate in RATES.items()}, pairs)
    first = {name for name, tier in got.items() if tier == 1}
    assert {"DeepSeek-34B-instruct", "DeepSeek-34B-base", "Phind-34B", "Granite-34B"} <= first
    assert not first & {"Gemma-7B", "DeepSeek-7B", "Llama-3-8B", "Mistral-7B"}
    assert {name for name, tier in got.items() if tier == max(got.values())} == {"Mistral-7B"}


def test_seven_point_nine_points_is_what_such_a_study_sees(
    differences: dict[tuple[str, str], Contrast],
) -> None:
    pair = differences["DeepSeek-34B-base", "DeepSeek-34B-instruct"]
    # Latent correlation .5 is about .33 between wins: 11.2 x sqrt(1 - .33) = 9.2.
    assert (pair.detectable or 0) * 100 == pytest.approx(9.2, abs=0.9)
