"""A tiny overfit before the training: can this model, under this recipe, learn eight examples at all?

Takes an opened trainer; trains its model on a few examples again and again, the way it will be
trained, and puts every weight back. A loss that does not fall says that nothing would be learnt:
frozen weights, an adapter on nothing, a rate that is far off.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.store import write_bytes
from pullsmith.train.batches import Batch
from pullsmith.train.watch import loss_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState
    from trl import SFTTrainer

    from pullsmith.train.training import Training

EXAMPLES = 8
FALL = 0.97  # of the first loss; a model that learns nothing stays at 1.00
_NAME = "probe.json"


@dataclass(frozen=True)
class Probe:
    """How far the loss of a few examples fell, and in how many steps."""

    examples: int
    first: float
    last: float
    steps: int


def probe_plan(training: Training) -> Training:
    """The same training of the first batches that hold EXAMPLES, all of them in every step."""
    chosen = _first_batches(training.batches)
    settings = training.settings.model_copy(
        update={
            # The loss of a step is taken before the step.
            "steps": training.settings.probe_steps + 1,
            "gradient_accumulation_steps": len(chosen),
            "warmup_steps": 0,
        }
    )
    return replace(
        training, settings=settings, batches=chosen * settings.steps, held_out=(),
        held_out_batches=(), trackers=(),
    )  # fmt: skip


def _first_batches(batches: Sequence[Batch]) -> list[Batch]:
    """As many of the first batches as hold EXAMPLES different ones, or all there are."""
    seen: set[int] = set()
    for number, batch in enumerate(batches, start=1):
        seen |= set(batch)
        if len(seen) >= EXAMPLES:
            return list(batches[:number])
    return list(batches)


def overfit(
    model: PreTrainedModel,
    training: Training,
    opens: Callable[[Training, PreTrainedModel, TrainerCallback], SFTTrainer],
) -> Probe:
    """Train a few examples until their loss has fallen to FALL of what it was; every weight is put back.

    Raises TrainingError where it does not fall in ``train.probe_steps``, or is no number.
    """
    plan = probe_plan(training)
    losses: list[float] = []
    with _put_back(model):
        trainer = opens(plan, model, _listener(losses))
        trainer.train()
        trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
    found = Probe(
        examples=len({i for batch in plan.batches for i in batch}),
        first=losses[0], last=min(losses), steps=len(losses) - 1,
    )  # fmt: skip
    if found.last > FALL * found.first:
        raise TrainingError(
            f"tiny overfit: in {found.steps} steps the loss of {found.examples} examples went from "
            f"{found.first:.3f} to {found.last:.3f}, and at most {FALL * found.first:.3f} was "
            "expected: nothing is learnt; look at train.learning_rate, the method and "
            "about.lora_targets, or leave the probe out with train.probe_steps = 0"
        )
    return found


def _listener(losses: list[float]) -> TrainerCallback:
    from transformers import TrainerCallback

    class Listener(TrainerCallback):  # type: ignore[misc]  # transformers is not followed
        def on_log(
            self,
            _args: object,
            state: TrainerState,
            control: TrainerControl,
            logs: Mapping[str, float] | None = None,
            **_: object,
        ) -> None:
            loss = loss_of(logs, state.global_step)
            if loss is None:
                return
            losses.append(loss)
            if loss <= FALL * losses[0]:
                control.should_training_stop = True

    return Listener()


@contextmanager
def _put_back(model: PreTrainedModel) -> Iterator[None]:
    """Within it the model may be trained; after it, weights and random numbers are as before."""
    import torch

    trained = [weight for weight in model.parameters() if weight.requires_grad]
    kept = [weight.detach().to("cpu", copy=True) for weight in trained]
    was_training = model.training
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        yield
    with torch.no_grad():
        for weight, value in zip(trained, kept, strict=True):
            weight.copy_(value)
    model.zero_grad(set_to_none=True)
    model.train(was_training)


def keep_probe(work: Path, probe: Probe) -> None:
    """Remember what the probe found, for a training that is gone on with."""
    write_bytes(work / _NAME, json.dumps(asdict(probe)).encode())


def kept_probe(work: Path) -> Probe | None:
    """What the probe of this training found; None where none was made."""
    path = work / _NAME
    return Probe(**json.loads(path.read_bytes())) if path.is_file() else None
