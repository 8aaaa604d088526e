"""Several processes train what one trains: the same batches a step, the loss over all their tokens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pullsmith.engine import ALONE, Processes
from pullsmith.errors import StudyError
from pullsmith.llm.weights import load_model
from pullsmith.train.ranks import batches_each, from_the_first
from tests.train.builders import examples, twin_folder
from tests.train.runs import context, study, train
from tests.train.together import start

if TYPE_CHECKING:
    import torch

SETTINGS = ("train.gradient_accumulation_steps=2", "train.probe_steps=0")


def curve(lines: list[str]) -> list[float]:
    return [float(line.rpartition(" ")[2]) for line in lines if line.startswith("step ")]


@pytest.mark.slow
@pytest.mark.parametrize(("method", "sharded"), [("full", True), ("lora", True), ("full", False)])
def test_two_processes_train_what_one_does(tmp_path: Path, method: str, sharded: bool) -> None:
    twin = str(twin_folder(tmp_path / "twin"))
    lines: list[str] = []
    alone = context(
        study(tmp_path / "one", twin, method=method, overrides=SETTINGS), report=lines.append
    )
    train(alone)
    # The rows are there before two processes look for them.
    two = context(study(tmp_path / "two", twin, method=method, overrides=SETTINGS), examples())
    done = start(tmp_path / "two", twin, method, settings=SETTINGS, sharded=sharded)
    assert done.returncode == 0, done.stderr[-3000:]
    together = curve(done.stdout.splitlines())
    assert len(together) == 6
    assert together == pytest.approx(curve(lines), abs=2e-3)
    assert sorted(path.name for path in two.job.path.iterdir()) == [
        "dropped.parquet", "final", "loss.json", "manifest.json", "rows-00000.parquet",
    ]  # fmt: skip
    one, other = (folder.job.path / "final" for folder in (alone, two))
    assert [path.name for path in sorted(one.iterdir())] == [
        path.name for path in sorted(other.iterdir())
    ]
    if method == "full":
        pairs = zip(weights(one), weights(other), strict=True)
        assert all(mine.allclose(theirs, atol=2e-3) for mine, theirs in pairs)


def weights(folder: Path) -> list[torch.Tensor]:
    return list(load_model(folder, dtype="auto").parameters())


def test_a_step_s_batches_are_shared_evenly_or_not_at_all() -> None:
    assert [batches_each(8, Processes(count)) for count in (1, 2, 8)] == [8, 4, 1]
    with pytest.raises(StudyError, match=r"= 6: .* shared by 4 processes; .* 8 for example"):
        batches_each(6, Processes(4))


def test_alone_the_first_one_s_word_is_one_s_own() -> None:
    assert from_the_first(ALONE, lambda: 3) == 3
