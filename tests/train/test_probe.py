"""The tiny overfit: passes what learns, refuses what cannot, and leaves no trace in the weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.errors import TrainingError
from pullsmith.train.probe import FALL, kept_probe, probe_plan
from pullsmith.train.trainer import train_student
from tests.train.builders import twin_folder
from tests.train.test_trainer import KilledError, kill_at, same, silent, training, weights


def test_it_trains_the_first_eight_examples_again_and_again() -> None:
    whole = training(probe_steps=3)
    plan = probe_plan(whole)
    each = plan.settings.gradient_accumulation_steps
    first = plan.batches[:each]
    assert 8 <= len({i for batch in first for i in batch}) < len(whole.encoded)
    assert list(plan.batches) == list(first) * 4
    assert list(first) == list(whole.batches[:each])
    few = probe_plan(replace(whole, batches=[(0, 1), (0, 1)]))
    assert {i for batch in few.batches for i in batch} == {0, 1}


@pytest.mark.parametrize("adapter", [False, True])
def test_what_learns_passes_and_every_weight_is_put_back(tmp_path: Path, adapter: bool) -> None:
    model = str(twin_folder(tmp_path / "twin")) if adapter else "tiny"
    rate = {"learning_rate": 0.02} if adapter else {}
    lines: list[str] = []
    plain = training(model, adapter=adapter, **rate)
    probed = training(model, adapter=adapter, probe_steps=20, **rate)
    one = train_student(plain, work=tmp_path / "a", report=silent)
    other = train_student(probed, work=tmp_path / "b", report=lines.append)
    assert same(weights(one), weights(other))
    assert lines[0].startswith("tiny overfit: the loss of ")
    assert one.probe is None
    assert other.probe is not None
    assert other.probe.last <= FALL * other.probe.first
    assert other.probe.steps <= 20


def test_what_cannot_learn_is_refused_before_it_is_trained(tmp_path: Path) -> None:
    lines: list[str] = []
    still = training(probe_steps=3, learning_rate=1e-9)
    with pytest.raises(
        TrainingError, match=r"tiny overfit: in 3 steps the loss .* nothing is learnt"
    ):
        train_student(still, work=tmp_path, report=lines.append)
    assert lines == []


def test_a_training_that_is_gone_on_with_knows_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        train_student(training(probe_steps=20), work=tmp_path, report=kill_at(5))
    found = kept_probe(tmp_path)
    lines: list[str] = []
    resumed = train_student(training(probe_steps=20), work=tmp_path, report=lines.append)
    assert resumed.probe == found
    assert found is not None
    assert not any(line.startswith("tiny overfit") for line in lines)
