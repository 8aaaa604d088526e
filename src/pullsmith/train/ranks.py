"""What several processes of one training have to agree on.

The first process checks, writes and decides; the others are told. Alone, nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pullsmith.engine import Processes
from pullsmith.errors import StudyError

if TYPE_CHECKING:
    import torch
    from trl import SFTTrainer

T = TypeVar("T")


def from_the_first(processes: Processes, make: Callable[[], T]) -> T:
    """What ``make`` gives in the first process, in every process; the others wait for it."""
    if processes.count == 1:
        return make()
    import torch
    from accelerate import PartialState
    from accelerate.utils import broadcast_object_list

    PartialState(cpu=not torch.cuda.is_available())
    made: list[T | None] = [make() if processes.first else None]
    found: T = broadcast_object_list(made)[0]
    return found


def wait_for_all() -> None:
    """Return when every process of the training has come here."""
    from accelerate import PartialState

    PartialState().wait_for_everyone()


def batches_each(accumulation: int, processes: Processes) -> int:
    """How many batches of an optimizer step one process takes; raises StudyError for a fraction.

    A step's batches are the study's whatever the number of processes, and so is what is trained.
    """
    if accumulation % processes.count:
        whole = -(-accumulation // processes.count) * processes.count
        raise StudyError(
            f"train.gradient_accumulation_steps = {accumulation}: the batches of a step cannot be "
            f"shared by {processes.count} processes; make it a multiple, {whole} for example"
        )
    return accumulation // processes.count


def own_part(weight: torch.Tensor) -> torch.Tensor:
    """The part of a weight that this process holds, under FSDP and ZeRO-3; else all of it."""
    part: torch.Tensor = getattr(weight, "ds_tensor", weight)
    return part.to_local() if hasattr(part, "to_local") else part


def whole_weights(trainer: SFTTrainer) -> dict[str, torch.Tensor] | None:
    """All weights put together, in the first process, where they are in parts; else None.

    Every process has to come here.
    """
    if not (trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled):
        return None
    model = trainer.deepspeed if trainer.is_deepspeed_enabled else trainer.model
    found: dict[str, torch.Tensor] = trainer.accelerator.get_state_dict(model)
    return found
