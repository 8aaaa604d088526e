"""GPUs by name, and how far the hours they give are from published trainings."""

from __future__ import annotations

import pytest

from pullsmith.errors import StudyError
from pullsmith.train.fit import Method, Run, Shape, hours
from pullsmith.train.gpus import GPUS, TRAINING_SHARE, gpu_of


def tokens_a_second(billions: float, method: Method, gpu: str, *, checkpointing: bool) -> float:
    weights = round(billions * 1e9)
    shape, run = Shape(weights, weights, 0, 0, 0), Run(method, 1, 1, checkpointing)
    took = hours(shape, run, tokens=10**9, flops_per_second=TRAINING_SHARE * GPUS[gpu].flops)
    return 1e9 / (3600 * took)


@pytest.mark.parametrize(
    ("billions", "method", "gpu", "checkpointing", "published"),
    [
        # Clean-PR (2602.07457): a 32B in full on 32 H200, 550 to 593 tokens a second each.
        (32, "full", "h200", True, 570),
        # torchtune's README: Llama-3.1-8B, packed short sequences.
        (8, "lora", "a6000", False, 4699),
        (8, "full", "a6000", False, 2579),
        (8, "lora", "rtx-4090", False, 3083),
        (8, "full", "rtx-4090", False, 1650),
    ],
)
def test_hours_are_within_the_factor_that_is_said(
    billions: float, method: Method, gpu: str, checkpointing: bool, published: float
) -> None:
    ours = tokens_a_second(billions, method, gpu, checkpointing=checkpointing)
    assert 1 / 3.3 < ours / published < 3.3


def test_the_default_share_is_the_speed_the_docs_reckon_with() -> None:
    assert TRAINING_SHARE * GPUS["h100"].flops == pytest.approx(3e14, rel=0.02)


def test_a_misspelt_gpu_names_the_nearest_and_a_strange_one_all() -> None:
    assert gpu_of("H200") is GPUS["h200"]
    with pytest.raises(StudyError, match=r"unknown GPU 'h20': did you mean 'h200'\?"):
        gpu_of("h20")
    with pytest.raises(StudyError, match="known: rtx-4090, a6000"):
        gpu_of("abacus")
