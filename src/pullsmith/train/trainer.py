"""Training itself: TRL's SFTTrainer, told what to do in every point that matters.

Takes a student, encoded examples and planned batches; gives the trained model and what it took.
Resumes from the newest whole checkpoint in its work folder. No sorting, no truncation, no template:
ids and labels arrive ready, and a planned batch is padded, or packed in one row, never cut.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pullsmith.train.arguments import PROBING, common_arguments, held_out_arguments, quiet_warnings
from pullsmith.train.checkpoints import newest_whole
from pullsmith.train.collate import collator, places
from pullsmith.train.encode import IGNORED
from pullsmith.train.probe import Probe, keep_probe, kept_probe, overfit
from pullsmith.train.ranks import from_the_first, whole_weights
from pullsmith.train.room import told_when_full
from pullsmith.train.training import Training
from pullsmith.train.watch import Pace, is_finite, no_number, watcher

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, TrainerCallback
    from trl import SFTConfig, SFTTrainer


@dataclass(frozen=True)
class Trained:
    """The model that is kept, after ``steps``. Seconds and tokens are of this start only.

    ``weights`` are all of them put together where processes hold parts of the model; ``history``
    has the losses from the first step on.
    """

    model: PreTrainedModel
    seconds: float
    tokens: int
    resumed_at: int
    steps: int
    history: Sequence[Mapping[str, float]] = ()
    weights: Mapping[str, torch.Tensor] | None = None
    probe: Probe | None = None


def train_student(training: Training, *, work: Path, report: Callable[[str], None]) -> Trained:
    """Train, or go on training from the newest whole checkpoint in ``work``; every process comes here.

    The name of ``work`` must be a digest of all that decides the weights. Raises TrainingError when
    the loss is no number, or the memory does not suffice.
    """
    resume = from_the_first(training.processes, lambda: newest_whole(work))
    done = 0 if resume is None else int(resume.name.rpartition("-")[2])
    with quiet_warnings():
        watching = watcher(work, report, training.settings.patience, pace(training, report))
        trainer = _trainer(training, training.student.model, watching, work=work)
        with told_when_full(training):
            if resume is None and training.settings.probe_steps and training.processes.count == 1:
                _probe(training, trainer, work=work, report=report)
            started = time.perf_counter()
            trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    seconds = time.perf_counter() - started
    if not is_finite(trainer.model):
        raise no_number(trainer.state.global_step, "a weight is no number")
    each = training.settings.gradient_accumulation_steps
    rest = training.batches[done * each : trainer.state.global_step * each]
    tokens = sum(len(training.encoded[i].input_ids) for batch in rest for i in batch)
    kept = trainer.state.best_global_step if training.held_out else None
    return Trained(
        trainer.model, seconds, tokens, done, kept or trainer.state.global_step,
        history=trainer.state.log_history, weights=whole_weights(trainer), probe=kept_probe(work),
    )  # fmt: skip


def _probe(
    training: Training, trainer: SFTTrainer, *, work: Path, report: Callable[[str], None]
) -> None:
    """Overfit a few examples first; raises TrainingError where that cannot be done."""

    def opens(plan: Training, model: PreTrainedModel, callback: TrainerCallback) -> SFTTrainer:
        return _trainer(plan, model, callback, work=work, constant=True)

    found = overfit(trainer.model, training, opens)
    keep_probe(work, found)
    report(
        f"tiny overfit: the loss of {found.examples} examples fell from {found.first:.3f} to "
        f"{found.last:.3f} in {found.steps} steps; all weights are as before"
    )


def pace(training: Training, report: Callable[[str], None]) -> Pace:
    """What says how fast it goes: tokens of each step, from the plan."""
    each = training.settings.gradient_accumulation_steps
    lengths = [sum(len(training.encoded[i].input_ids) for i in batch) for batch in training.batches]
    steps = [sum(lengths[at : at + each]) for at in range(0, len(lengths), each)]
    return Pace(report, steps)


def _trainer(
    training: Training,
    model: PreTrainedModel,
    callback: TrainerCallback,
    *,
    work: Path,
    constant: bool = False,
) -> SFTTrainer:
    """A trainer of ``model``, which gets an adapter where it has none; at a ``constant`` rate for a probe."""
    from datasets import Dataset
    from transformers import PrinterCallback

    student, settings = training.student, training.settings
    after = len(training.encoded)  # held-out examples follow the trained ones
    rows = Dataset.from_dict({"batch": [list(batch) for batch in training.batches]})
    held = [[after + i for i in batch] for batch in training.held_out_batches]
    trainer = _trainer_class(compact_loss=student.compact_loss and training.processes.count == 1)(
        model=model,
        args=_arguments(training, work=work, constant=constant),
        train_dataset=rows,
        eval_dataset=Dataset.from_dict({"batch": held}) if held else None,
        processing_class=student.tokenizer,
        data_collator=collator(
            [*training.encoded, *training.held_out],
            pad=student.tokenizer.pad_token_id,
            packing=settings.packing,
        ),
        callbacks=[callback],
        peft_config=_adapter(training) if training.adapter and model is student.model else None,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _arguments(training: Training, *, work: Path, constant: bool) -> SFTConfig:
    from trl import SFTConfig

    settings = training.settings
    held = held_out_arguments(settings) if training.held_out else {}
    found = {
        **common_arguments(settings, work=work, seed=training.seed, processes=training.processes),
        "report_to": list(training.trackers) or "none",
        "packing": False,  # a row is packed where it is collated
        "dataset_kwargs": {"skip_prepare_dataset": True},
        **held,
        **(PROBING if constant else {}),
    }
    return SFTConfig(**found)


def _adapter(training: Training) -> object:
    from peft import LoraConfig

    settings = training.settings
    return LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules=list(training.student.lora_targets) or "all-linear",
        task_type="CAUSAL_LM",
    )


def _trainer_class(*, compact_loss: bool) -> type[SFTTrainer]:
    """SFTTrainer without its model cards and, where that is exact, with the head on answers only."""
    from trl import SFTTrainer

    class QuietTrainer(SFTTrainer):  # type: ignore[misc]  # trl ships no types
        def create_model_card(self, *_: Any, **__: Any) -> None:  # noqa: ANN401  # TRL's signature
            """Write none: a checkpoint is for resuming, and TRL asks the hub about the base model."""

    class AnswerTrainer(QuietTrainer):
        def compute_loss(
            self,
            model: PreTrainedModel,
            inputs: dict[str, torch.Tensor],
            return_outputs: bool = False,  # noqa: FBT001, FBT002, RUF100  # TRL's signature
            num_items_in_batch: torch.Tensor | None = None,
        ) -> torch.Tensor | tuple[torch.Tensor, dict[str, torch.Tensor]]:
            """The same loss; on a CPU, TRL 1.16 puts every position through the head."""
            # Half precision is wrapped around the model's own forward pass, which this goes past.
            with self.accelerator.autocast():
                loss = answer_loss(model, inputs, num_items_in_batch)
            return (loss, {"loss": loss}) if return_outputs else loss

    return AnswerTrainer if compact_loss else QuietTrainer


def answer_loss(
    model: PreTrainedModel,
    inputs: Mapping[str, torch.Tensor],
    trained_tokens: torch.Tensor | int | None = None,
) -> torch.Tensor:
    """Mean cross entropy over the answers' tokens, the head applied to their positions only.

    Needs padding on the right: under causal attention nothing real then sees it, and no mask is
    needed. Packed rows bring their positions. ``trained_tokens`` is what to divide by where a step
    has several batches.
    """
    import torch

    labels = inputs["labels"][:, 1:]
    kept = labels != IGNORED
    hidden = model.get_decoder()(**places(inputs), use_cache=False)
    logits = model.get_output_embeddings()(hidden.last_hidden_state[:, :-1][kept])
    total = torch.nn.functional.cross_entropy(logits.float(), labels[kept], reduction="sum")
    return total / (kept.sum() if trained_tokens is None else trained_tokens)
