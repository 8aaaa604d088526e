"""Where a training is followed: TensorBoard, MLflow, W&B, trackio; and its losses, kept for the report.

Takes the study's ``report_to``; gives the names the trainer is told. Everything is written beside
the run and nothing is sent, unless the user's own environment says otherwise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pullsmith.errors import MissingExtraError
from pullsmith.store import make_folder, write_bytes
from pullsmith.study.train import TRACKERS
from pullsmith.train.kernels import is_installed

_KEPT = ("step", "loss", "eval_loss")
_MODULES = {
    "tensorboard": "tensorboard",
    "mlflow": "mlflow",
    "wandb": "wandb",
    "trackio": "trackio",
}


def trackers(
    report_to: Sequence[str], installed: Callable[[str], bool] = is_installed
) -> list[str]:
    """The trackers that are used: "auto" is TensorBoard where it is installed, and nothing else.

    Raises MissingExtraError for one that is named and not installed.
    """
    assert set(_MODULES) == set(TRACKERS)
    found = []
    for name in report_to:
        if name == "auto":
            found += ["tensorboard"] if installed("tensorboard") else []
        elif not installed(_MODULES[name]):
            raise MissingExtraError(
                f"train.report_to: {name} is not installed: pip install {name}; or leave it out"
            )
        else:
            found.append(name)
    return list(dict.fromkeys(found))


@contextmanager
def followed_in(
    folder: Path,
    name: str,
    used: Sequence[str],
    environment: MutableMapping[str, str] = os.environ,
) -> Iterator[None]:
    """Within it the trackers that are ``used`` write into ``folder`` and send nothing, but where the user set otherwise.

    Their own variables are the only way to tell all of them.
    """
    ours = {
        "tensorboard": {"TENSORBOARD_LOGGING_DIR": str(folder / "tensorboard")},
        "mlflow": {
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
            "MLFLOW_EXPERIMENT_NAME": name,
        },
        "wandb": {"WANDB_MODE": "offline", "WANDB_DIR": str(folder), "WANDB_PROJECT": name},
        "trackio": {"TRACKIO_DIR": str(folder / "trackio"), "TRACKIO_PROJECT": name},
    }
    new = {
        key: value
        for tracker in used
        for key, value in ours[tracker].items()
        if key not in environment
    }
    if used:
        make_folder(folder)
    environment.update(new)
    try:
        yield
    finally:
        for key in new:
            environment.pop(key, None)


def write_losses(path: Path, history: Iterable[Mapping[str, float]]) -> None:
    """Keep step and loss, and the held-out loss where one was taken; no time, so bytes repeat."""
    rows = [
        {name: entry[name] for name in _KEPT if name in entry}
        for entry in history
        if "loss" in entry or "eval_loss" in entry
    ]
    write_bytes(path, json.dumps(rows).encode() + b"\n")
