"""What watches a training: progress, whole states, a loss that is no number, a loss that rises.

Takes TRL's callbacks; knows no data. Nothing that is no number is ever sealed, so the newest whole
state is always the last good one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.train.checkpoints import seal
from pullsmith.train.ranks import own_part, wait_for_all

if TYPE_CHECKING:
    from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState


SAY_EVERY_SECONDS = 30.0


def is_stale(losses: Sequence[float], patience: int) -> bool:
    """Whether the lowest of the losses is ``patience`` or more checks ago; never at patience 0."""
    return bool(patience and losses) and len(losses) - 1 - losses.index(min(losses)) >= patience


def is_finite(model: PreTrainedModel) -> bool:
    """Whether every trained weight that this process holds is a number."""
    trained = (own_part(weight) for weight in model.parameters() if weight.requires_grad)
    return all(bool(weight.isfinite().all()) for weight in trained)


def loss_of(logs: Mapping[str, float] | None, step: int) -> float | None:
    """The training loss in what the trainer logs, if there is one; raises TrainingError if it is no number."""
    loss = (logs or {}).get("loss")
    if loss is not None and not math.isfinite(loss):
        raise no_number(step, f"the loss is {loss}")
    return loss


def no_number(step: int, what: str) -> TrainingError:
    """The error for a training that ran away."""
    return TrainingError(
        f"step {step}: {what}; the last good state is kept; lower train.learning_rate or raise "
        "train.warmup_steps"
    )


def gpu_bytes() -> int:
    """The most memory this process has had on its GPU; 0 without one."""
    import torch

    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0


class Pace:
    """Says how fast a training goes: tokens a second, GPU memory, time left; at most every half minute."""

    def __init__(
        self,
        report: Callable[[str], None],
        tokens: Sequence[int],
        *,
        now: Callable[[], float] = time.monotonic,
        gpu_bytes: Callable[[], int] = gpu_bytes,
    ) -> None:
        """``tokens`` of each step, of all processes."""
        self._report, self._tokens, self._now, self._gpu_bytes = report, tokens, now, gpu_bytes
        self._began = self._said = now()
        self._first = 0

    def begin(self, step: int) -> None:
        """The training begins, or goes on, after ``step`` steps."""
        self._began = self._said = self._now()
        self._first = step

    def at(self, step: int) -> None:
        """``step`` steps are done."""
        now = self._now()
        if now - self._said < SAY_EVERY_SECONDS:
            return
        self._said = now
        speed = sum(self._tokens[self._first : step]) / max(now - self._began, 1e-9)
        left = sum(self._tokens[step:]) / max(speed, 1e-9)
        gpu = self._gpu_bytes()
        memory = f", {gpu / 1024**3:.1f} GiB of GPU memory" if gpu else ""
        self._report(
            f"{step / max(len(self._tokens), 1):.0%} trained: {speed:,.0f} tokens a second"
            f"{memory}, {left / 60:.0f} minutes left"
        )


def watcher(
    work: Path, report: Callable[[str], None], patience: int, pace: Pace
) -> TrainerCallback:
    """Seals states, reports progress and pace, stops when the held-out loss is stale or none is a number."""
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):  # type: ignore[misc]  # transformers is not followed
        def on_train_begin(
            self, _args: object, state: TrainerState, _control: TrainerControl, **_: object
        ) -> None:
            pace.begin(state.global_step)

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
            loss = loss_of(logs, state.global_step)
            if loss is None:
                return
            report(f"step {state.global_step} of {state.max_steps}, loss {loss:.3f}")
            pace.at(state.global_step)

    return Watcher()
