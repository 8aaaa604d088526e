"""Intervals hold the truth as often as they say: simulated judges, three kinds of studies.

A prompt has a latent preference; a judge adds a taste of its own, noise and a liking for the first
place; near the middle it says tie. Truth is the rate over a million prompts.
"""

from __future__ import annotations

import numpy as np
import pytest

from pullsmith.stats.bootstrap import Resampler

PROMPTS, STUDIES = 300, 500
PLACE_BIAS = np.array([0.25, 0.35, 0.45])
TIE_WITHIN = 0.1


def better_shares(
    random: np.random.Generator, prompts: int, *, prompt: float, taste: float, noise: float
) -> np.ndarray:
    """The share of wins of each prompt over three judges and both orders."""
    liking = random.normal(-0.3, prompt, (prompts, 1, 1))
    liking = liking + random.normal(0, taste, (prompts, 3, 1))
    liking = liking + random.normal(0, noise, (prompts, 3, 2))
    liking = liking + PLACE_BIAS[None, :, None] * np.array([1.0, -1.0])
    shares: np.ndarray = (liking > TIE_WITHIN).mean((1, 2))
    return shares


@pytest.mark.slow
@pytest.mark.parametrize(
    "spread",
    [
        {"prompt": 1.6, "taste": 0.6, "noise": 0.5},
        {"prompt": 1.0, "taste": 0.7, "noise": 0.6},
        {"prompt": 0.6, "taste": 0.8, "noise": 1.0},
    ],
    ids=["prompts decide", "typical", "noisy judges"],
)
def test_ninety_five_in_a_hundred_intervals_hold_the_truth(spread: dict[str, float]) -> None:
    random = np.random.default_rng(7)
    truth = better_shares(random, 1_000_000, **spread).mean()
    names = [f"pr{n}" for n in range(PROMPTS)]
    draws = Resampler(names, resamples=1000, seed=0)
    columns = [
        {name: (float(share), 1.0) for name, share in zip(names, shares, strict=True)}
        for shares in (better_shares(random, PROMPTS, **spread) for _ in range(STUDIES))
    ]
    held = [(got.low or 0) <= truth <= (got.high or 0) for got in draws.intervals(columns)]
    # Over 500 studies 95 % has an error of one point.
    assert 0.93 <= np.mean(held) <= 0.97
