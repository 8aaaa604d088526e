"""Training itself: TRL's SFTTrainer, told what to do in every point that matters.

Takes a student, encoded examples and planned batches; gives the trained model and what it took.
Resumes from the newest whole checkpoint in its work folder. No sorting, no truncation, no template:
ids and labels arrive ready, and a planned batch is padded, or packed in one row, never cut.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pullsmith.errors import TrainingError
from pullsmith.study.train import TrainSettings
from pullsmith.train.batches import Batch
from pullsmith.train.checkpoints import newest_whole
from pullsmith.train.collate import collator, places
from pullsmith.train.encode import IGNORED, Encoded
from pullsmith.train.fit import Method, Run, memory, remedies, shape_of_model
from pullsmith.train.student import Student
from pullsmith.train.watch import is_finite, no_number, watcher

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
    from trl import SFTConfig, SFTTrainer

_REPORTS = 20  # lines of progress a training
_KNOWN_WARNINGS = (
    # PEFT 0.21 asks transformers 5.23 by a name that is about to go.
    "`is_gradient_checkpointing` is deprecated",
    # It doubles the rank for experts that are one parameter, and finds none among linear modules.
    "The following (rank|alpha)_pattern keys did not match",
)


@dataclass(frozen=True)
class Training:
    """All that decides the weights: ``batches`` are steps times the gradient accumulation.

    ``held_out`` are never trained: their loss says when to stop, and which state is kept.
    """

    student: Student
    encoded: Sequence[Encoded]
    batches: Sequence[Batch]
    settings: TrainSettings
    adapter: bool  # train a low-rank adapter instead of all weights
    seed: int
    held_out: Sequence[Encoded] = ()
    held_out_batches: Sequence[Batch] = ()


@dataclass(frozen=True)
class Trained:
    """The model that is kept, after ``steps``. Seconds and tokens are of this process only."""

    model: PreTrainedModel
    seconds: float
    tokens: int
    resumed_at: int
    steps: int


def train_student(training: Training, *, work: Path, report: Callable[[str], None]) -> Trained:
    """Train, or go on training from the newest whole checkpoint in ``work``.

    The name of ``work`` must be a digest of all that decides the weights. Raises TrainingError when
    the loss is no number, or the memory does not suffice.
    """
    resume = newest_whole(work)
    done = 0 if resume is None else int(resume.name.rpartition("-")[2])
    with warnings.catch_warnings():
        for text in _KNOWN_WARNINGS:
            warnings.filterwarnings("ignore", message=text)
        trainer = _trainer(training, work=work, report=report)
        started = time.perf_counter()
        try:
            trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise TrainingError(_too_large(training)) from error
    seconds = time.perf_counter() - started
    if not is_finite(trainer.model):
        raise no_number(trainer.state.global_step, "a weight is no number")
    each = training.settings.gradient_accumulation_steps
    rest = training.batches[done * each : trainer.state.global_step * each]
    tokens = sum(len(training.encoded[i].input_ids) for batch in rest for i in batch)
    kept = trainer.state.best_global_step if training.held_out else None
    return Trained(trainer.model, seconds, tokens, done, kept or trainer.state.global_step)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device, or this machine, had no memory left; torch says so in several ways."""
    import torch

    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        word in str(error).lower() for word in words
    )


def _too_large(training: Training) -> str:
    """What was needed by estimate, and the settings under which it would fit."""
    import torch

    run, shape = run_of(training), shape_of_model(training.student.model)
    available = (
        torch.cuda.get_device_properties(0).total_memory
        if torch.cuda.is_available()
        else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    )
    fits = remedies(shape, run, available=available)
    needed, here = memory(shape, run).total / 1024**3, available / 1024**3
    return (
        f"out of memory: by estimate this training needs {needed:.1f} GiB, and the device has "
        f"{here:.1f}; {'what would fit: ' + '; or '.join(fits) if fits else 'no setting would fit'}"
    )


def run_of(training: Training) -> Run:
    """The largest batch of a training, as fit.py counts it."""
    import torch

    settings = training.settings
    sizes = []
    for batch in training.batches:
        lengths = [len(training.encoded[i].input_ids) for i in batch]
        padded = sum(lengths) if settings.packing else max(lengths) * len(lengths)
        trained = sum(training.encoded[i].trained_tokens for i in batch)
        sizes.append((padded, trained if training.student.compact_loss else padded))
    tokens, scored = max(sizes)
    adapter: Method = "qlora" if training.student.four_bits else "lora"
    method: Method = adapter if training.adapter else "full"
    half = torch.cuda.is_available() or settings.bf16_on_cpu
    return Run(
        method, tokens, scored, settings.activation_checkpointing, settings.lora.rank, half=half
    )  # fmt: skip


def _trainer(training: Training, *, work: Path, report: Callable[[str], None]) -> SFTTrainer:
    from datasets import Dataset
    from transformers import PrinterCallback

    student, settings = training.student, training.settings
    after = len(training.encoded)  # held-out examples follow the trained ones
    rows = Dataset.from_dict({"batch": [list(batch) for batch in training.batches]})
    held = [[after + i for i in batch] for batch in training.held_out_batches]
    trainer = _trainer_class(compact_loss=student.compact_loss and not _is_distributed())(
        model=student.model,
        args=_arguments(training, work=work),
        train_dataset=rows,
        eval_dataset=Dataset.from_dict({"batch": held}) if held else None,
        processing_class=student.tokenizer,
        data_collator=collator(
            [*training.encoded, *training.held_out],
            pad=student.tokenizer.pad_token_id,
            packing=settings.packing,
        ),
        callbacks=[watcher(work, report, settings.patience)],
        peft_config=_adapter(training) if training.adapter else None,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _is_distributed() -> bool:
    """Whether several processes train together: their wrappers must see the whole forward pass."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def _held_out(settings: TrainSettings) -> dict[str, object]:
    """The loss of what is held out, at every state that is kept; the lowest one is used."""
    return {
        "eval_strategy": "steps",
        "eval_steps": settings.checkpoint_steps,
        "per_device_eval_batch_size": 1,
        "prediction_loss_only": True,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
    }


def _arguments(training: Training, *, work: Path) -> SFTConfig:
    import torch
    from trl import SFTConfig

    settings, seed = training.settings, training.seed
    gpu = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(work),
        use_cpu=not gpu,
        bf16=gpu or settings.bf16_on_cpu,
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
        packing=False,  # a row is packed where it is collated
        max_length=None,
        router_aux_loss_coef=0.0,  # TRL adds a loss for routing that some of the models cannot give
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        # The one before stays until the newest is sealed; so does the best.
        save_total_limit=3 if training.held_out else 2,
        logging_steps=max(settings.steps // _REPORTS, 1),
        logging_nan_inf_filter=False,  # it would hide the loss that is no number
        report_to="none",
        disable_tqdm=True,
        seed=seed,
        data_seed=seed,
        **(_held_out(settings) if training.held_out else {}),
    )


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
