"""What watches a training: progress, whole states, a loss that is no number, a loss that rises.

Takes TRL's callbacks; knows no data. Nothing that is no number is ever sealed, so the newest whole
state is always the last good one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.train.checkpoints import seal
from pullsmith.train.ranks import own_part, wait_for_all

if TYPE_CHECKING:
    from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState


def is_stale(losses: Sequence[float], patience: int) -> bool:
    """Whether the lowest of the losses is ``patience`` or more checks ago; never at patience 0."""
    return bool(patience and losses) and len(losses) - 1 - losses.index(min(losses)) >= patience


def is_finite(model: PreTrainedModel) -> bool:
    """Whether every trained weight that this process holds is a number."""
    trained = (own_part(weight) for weight in model.parameters() if weight.requires_grad)
    return all(bool(weight.isfinite().all()) for weight in trained)


def no_number(step: int, what: str) -> TrainingError:
    """The error for a training that ran away."""
    return TrainingError(
        f"step {step}: {what}; the last good state is kept; lower train.learning_rate or raise "
        "train.warmup_steps"
    )


def watcher(work: Path, report: Callable[[str], None], patience: int) -> TrainerCallback:
    """Seals states, reports progress, stops when the held-out loss is stale or none is a number."""
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):  # type: ignore[misc]  # transformers is not followed
        def on_save(
            self,
            _args: object,
            state: TrainerState,
            _control: TrainerControl,
            model: PreTrainedModel,
            **_: object,
        ) -> None:
            if not is_finite(model):
                raise no_number(state.global_step, "a weight is no number")
            wait_for_all()  # each process has written its part
            if state.is_world_process_zero:
                seal(work / f"checkpoint-{state.global_step}")

        def on_evaluate(
            self, _args: object, state: TrainerState, control: TrainerControl, **_: object
        ) -> None:
            losses = [log["eval_loss"] for log in state.log_history if "eval_loss" in log]
            report(f"step {state.global_step}: held-out loss {losses[-1]:.3f}")
            if is_stale(losses, patience):
                report(f"step {state.global_step}: no lower for {patience} checks, stopped")
                control.should_training_stop = True

        def on_log(
            self,
            _args: object,
            state: TrainerState,
            _control: TrainerControl,
            logs: Mapping[str, float] | None = None,
            **_: object,
        ) -> None:
            loss = (logs or {}).get("loss")
            if loss is None:
                return
            if not math.isfinite(loss):
                raise no_number(state.global_step, f"the loss is {loss}")
            report(f"step {state.global_step} of {state.max_steps}, loss {loss:.3f}")

    return Watcher()
