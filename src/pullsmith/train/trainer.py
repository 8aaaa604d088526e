"""Training itself: TRL's SFTTrainer, told what to do in every point that matters.

Takes a student, encoded examples and planned batches; gives the trained model and what it took.
Resumes from the newest whole checkpoint in its work folder. No packing, no sorting, no truncation,
no template: ids and labels arrive ready.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pullsmith.errors import TrainingError
from pullsmith.study.train import TrainSettings
from pullsmith.train.batches import Batch
from pullsmith.train.checkpoints import newest_whole, seal
from pullsmith.train.encode import IGNORED, Encoded
from pullsmith.train.student import Student

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, TrainerCallback
    from trl import SFTConfig, SFTTrainer

_REPORTS = 20  # lines of progress a training
# PEFT 0.21 asks transformers 5.23 by a name that is about to go.
_KNOWN_WARNINGS = ("`is_gradient_checkpointing` is deprecated",)


@dataclass(frozen=True)
class Training:
    """All that decides the weights: ``batches`` are steps times the gradient accumulation."""

    student: Student
    encoded: Sequence[Encoded]
    batches: Sequence[Batch]
    settings: TrainSettings
    adapter: bool  # train a low-rank adapter instead of all weights
    seed: int


@dataclass(frozen=True)
class Trained:
    """The model after the last step. Seconds and tokens are of this process only."""

    model: PreTrainedModel
    seconds: float
    tokens: int
    resumed_at: int


def train_student(training: Training, *, work: Path, report: Callable[[str], None]) -> Trained:
    """Train, or go on training from the newest whole checkpoint in ``work``.

    The name of ``work`` must be a digest of all that decides the weights. Raises TrainingError when
    the loss is no number.
    """
    resume = newest_whole(work)
    done = 0 if resume is None else int(resume.name.rpartition("-")[2])
    with warnings.catch_warnings():
        for text in _KNOWN_WARNINGS:
            warnings.filterwarnings("ignore", message=text)
        trainer = _trainer(training, work=work, report=report)
        started = time.perf_counter()
        trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    seconds = time.perf_counter() - started
    rest = training.batches[done * training.settings.gradient_accumulation_steps :]
    tokens = sum(len(training.encoded[i].input_ids) for batch in rest for i in batch)
    return Trained(trainer.model, seconds, tokens, done)


def _trainer(training: Training, *, work: Path, report: Callable[[str], None]) -> SFTTrainer:
    from datasets import Dataset
    from transformers import PrinterCallback

    student = training.student
    rows = Dataset.from_dict({"batch": [list(batch) for batch in training.batches]})
    trainer = _trainer_class(compact_loss=student.compact_loss)(
        model=student.model,
        args=_arguments(training.settings, seed=training.seed, work=work),
        train_dataset=rows,
        processing_class=student.tokenizer,
        data_collator=_collator(training.encoded, pad=student.tokenizer.pad_token_id),
        callbacks=[_watcher(work, report)],
        peft_config=_adapter(training.settings) if training.adapter else None,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _arguments(settings: TrainSettings, *, seed: int, work: Path) -> SFTConfig:
    import torch
    from trl import SFTConfig

    gpu = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(work),
        use_cpu=not gpu,
        bf16=gpu,
        max_steps=settings.steps,
        per_device_train_batch_size=1,  # a row of the data set is a whole planned batch
        gradient_accumulation_steps=settings.gradient_accumulation_steps,
        train_sampling_strategy="sequential",  # the plan is the order
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=settings.warmup_steps,
        optim="adamw_torch_fused",
        adam_beta2=settings.adam_beta2,
        weight_decay=settings.weight_decay,
        max_grad_norm=1.0,
        gradient_checkpointing=False,  # TRL's default; its name is deprecated
        activation_checkpointing=settings.activation_checkpointing,
        packing=False,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        save_total_limit=2,  # the one before stays until the newest is sealed
        logging_steps=max(settings.steps // _REPORTS, 1),
        logging_nan_inf_filter=False,  # it would hide the loss that is no number
        report_to="none",
        disable_tqdm=True,
        seed=seed,
        data_seed=seed,
    )


def _adapter(settings: TrainSettings) -> object:
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _collator(
    encoded: Sequence[Encoded], *, pad: int
) -> Callable[[Sequence[Mapping[str, Sequence[int]]]], dict[str, torch.Tensor]]:
    """A planned batch to tensors; padding and attention mask are TRL's."""
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    pads = DataCollatorForLanguageModeling(pad_token_id=pad)

    def collate(rows: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, torch.Tensor]:
        chosen = [encoded[i] for row in rows for i in row["batch"]]
        tensors: dict[str, torch.Tensor] = pads(
            [{"input_ids": one.input_ids, "labels": one.labels} for one in chosen]
        )
        return tensors

    return collate


def _trainer_class(*, compact_loss: bool) -> type[SFTTrainer]:
    """SFTTrainer without its model cards and, for our own model, with the head on answers only."""
    from trl import SFTTrainer

    class QuietTrainer(SFTTrainer):  # type: ignore[misc]  # trl ships no types
        def create_model_card(self, *_: Any, **__: Any) -> None:  # noqa: ANN401  # TRL's signature
            """Write none: a checkpoint is for resuming, and TRL asks the hub about the base model."""

    class AnswerTrainer(QuietTrainer):
        def compute_loss(
            self,
            model: PreTrainedModel,
            inputs: dict[str, torch.Tensor],
            *_: object,
            num_items_in_batch: torch.Tensor | None = None,
        ) -> torch.Tensor:
            """The same loss; on a CPU, TRL 1.16 puts every position through the head."""
            return answer_loss(model, inputs, num_items_in_batch)

    return AnswerTrainer if compact_loss else QuietTrainer


def answer_loss(
    model: PreTrainedModel,
    inputs: Mapping[str, torch.Tensor],
    trained_tokens: torch.Tensor | int | None = None,
) -> torch.Tensor:
    """Mean cross entropy over the answers' tokens, the head applied to their positions only.

    Needs padding on the right: under causal attention nothing real then sees it, and no mask is
    needed. ``trained_tokens`` is what to divide by where a step has several batches.
    """
    import torch

    labels = inputs["labels"][:, 1:]
    kept = labels != IGNORED
    hidden = model.get_decoder()(input_ids=inputs["input_ids"], use_cache=False)
    logits = model.get_output_embeddings()(hidden.last_hidden_state[:, :-1][kept])
    total = torch.nn.functional.cross_entropy(logits.float(), labels[kept], reduction="sum")
    return total / (kept.sum() if trained_tokens is None else trained_tokens)


def _watcher(work: Path, report: Callable[[str], None]) -> TrainerCallback:
    """Seals checkpoints, reports progress, and stops a training whose loss is no number."""
    from transformers import TrainerCallback, TrainerControl, TrainerState

    class Watcher(TrainerCallback):  # type: ignore[misc]  # transformers is not followed
        def on_save(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
            seal(work / f"checkpoint-{state.global_step}")

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
                raise TrainingError(
                    f"step {state.global_step}: the loss is {loss}; lower train.learning_rate"
                )
            report(f"step {state.global_step} of {state.max_steps}, loss {loss:.3f}")

    return Watcher()
