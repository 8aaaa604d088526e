from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from pullsmith.errors import MissingExtraError
from pullsmith.study.train import TrainSettings
from pullsmith.train.tracking import followed_in, trackers, write_losses


def test_tensorboard_is_the_default_where_it_is_installed() -> None:
    assert trackers(TrainSettings().report_to, lambda _: True) == ["tensorboard"]
    assert trackers(("auto",), lambda _: False) == []
    assert trackers((), lambda _: True) == []
    several = ("auto", "tensorboard", "mlflow", "wandb", "trackio")
    assert trackers(several, lambda _: True) == list(several[1:])


def test_one_that_is_named_and_not_there_is_named_back() -> None:
    with pytest.raises(MissingExtraError, match="mlflow is not installed: pip install mlflow"):
        trackers(("auto", "mlflow"), lambda name: name != "mlflow")
    with pytest.raises(ValidationError, match="tensorbord"):
        TrainSettings.model_validate({"report_to": ["tensorbord"]})


def test_everything_is_written_beside_the_run_and_sent_nowhere(tmp_path: Path) -> None:
    environment = {"WANDB_MODE": "online", "OTHER": "1"}
    every = ("tensorboard", "mlflow", "wandb", "trackio")
    with followed_in(tmp_path / "logs", "study", every, environment):
        assert environment["TENSORBOARD_LOGGING_DIR"] == str(tmp_path / "logs" / "tensorboard")
        assert environment["MLFLOW_TRACKING_URI"].startswith(f"sqlite:///{tmp_path}/logs")
        assert environment["WANDB_MODE"] == "online"  # the user's own word stays
    assert environment == {"WANDB_MODE": "online", "OTHER": "1"}
    clean: dict[str, str] = {}
    with followed_in(tmp_path / "logs", "study", ("wandb",), clean):
        assert set(clean) == {"WANDB_MODE", "WANDB_DIR", "WANDB_PROJECT"}
        assert clean["WANDB_MODE"] == "offline"
    with followed_in(tmp_path / "none", "study", (), clean):
        assert clean == {}
    assert not (tmp_path / "none").exists()


def test_losses_are_kept_without_times(tmp_path: Path) -> None:
    history = [
        {"step": 1, "loss": 2.0, "learning_rate": 0.1, "epoch": 0.1},
        {"step": 1, "eval_loss": 1.9, "eval_runtime": 3.0},
        {"step": 2, "train_runtime": 9.0, "num_tokens": 4.0},
    ]
    write_losses(tmp_path / "loss.json", history)
    assert json.loads((tmp_path / "loss.json").read_text()) == [
        {"step": 1, "loss": 2.0}, {"step": 1, "eval_loss": 1.9},
    ]  # fmt: skip
