"""Settings of train. Steps are a number, never a time budget, so that a run can be repeated."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pullsmith.study.base import Settings

TRACKERS = ("tensorboard", "mlflow", "wandb", "trackio")
LOSSES_NAME = "loss.json"  # beside the rows of a train job: what the report draws
# Settings that change no weight: they are in no digest.
CHANGES_NO_WEIGHT = frozenset({"report_to", "probe_steps"})


class TinySettings(Settings):
    """The embedded student: a small Qwen2 model built on the spot."""

    vocabulary: int = Field(default=2048, ge=300)
    """Size of the byte-pair vocabulary trained on the training prompts."""
    width: int = Field(default=128, ge=64, multiple_of=64)
    """Hidden size."""
    heads: int = Field(default=4, ge=1)
    """Attention heads, each 64 wide whatever the hidden size."""
    layers: int = Field(default=2, ge=2)
    """Transformer layers."""
    engineered_start: bool = True
    """Write a copying circuit into the random start; the board says so."""


class LoraSettings(Settings):
    """The low-rank adapter."""

    rank: int = Field(default=16, ge=1)
    """Rank."""
    alpha: int = Field(default=32, ge=1)
    """Scale; alpha / rank multiplies the update."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Dropout on the adapter's input."""


class PreferenceSettings(Settings):
    """A second training after the first, on which of two answers is the better one."""

    method: Literal["none", "kto", "dpo"] = "none"
    """KTO learns from kept and rejected answers as they are, DPO from pairs of them to one prompt."""
    steps: int = Field(default=100, ge=1)
    """Optimizer steps."""
    learning_rate: float = Field(default=5e-6, gt=0)
    """Peak learning rate; an adapter takes about ten times as much."""
    beta: float = Field(default=0.1, gt=0)
    """How much it costs to move away from the model that the first training left."""
    examples_per_batch: int = Field(default=4, ge=2, multiple_of=2)
    """Answers in a batch, half of them rejected."""


class TrainSettings(Settings):
    """One recipe for every student of the study."""

    steps: int = Field(default=2000, ge=1)
    """Optimizer steps."""
    learning_rate: float = Field(default=1e-3, gt=0)
    """Peak learning rate; cosine to nothing after the warm-up."""
    warmup_steps: int = Field(default=50, ge=0)
    """Linear warm-up."""
    adam_beta2: float = Field(default=0.98, gt=0, lt=1)
    """AdamW's second beta."""
    weight_decay: float = Field(default=0.01, ge=0)
    """AdamW's decay."""
    pull_requests_per_batch: int = Field(default=2, ge=1)
    """Whole pull requests in a batch: all tools of one diff together; never sorted by length."""
    spots_per_batch: int = Field(default=8, ge=1)
    """Short kind-and-line examples in a batch of their own, where the study has any."""
    gradient_accumulation_steps: int = Field(default=1, ge=1)
    """Batches in one optimizer step."""
    bf16_on_cpu: bool = False
    """Multiply in bfloat16 on a CPU too, as on a GPU always: faster from some million weights on."""
    packing: bool = False
    """A batch's examples in one row, without padding; they never see each other. Pays on a GPU."""
    held_out_share: float = Field(default=0.0, ge=0, lt=1)
    """Share of the training pull requests kept back, to see when to stop; the best state is used."""
    patience: int = Field(default=0, ge=0)
    """Checks of the held-out loss without a lower one before training stops; 0 never stops early."""
    activation_checkpointing: bool = False
    """Recompute activations instead of keeping them: less memory, about a third more time."""
    max_length_tokens: int = Field(default=1024, ge=16)
    """Examples that are longer are dropped and counted, never cut."""
    max_too_long_share: float = Field(default=0.001, ge=0, le=1)
    """Training stops where more examples than this share would be dropped for their length."""
    checkpoint_steps: int = Field(default=500, ge=1)
    """How often a state to resume from is kept."""
    kernels: Literal["auto", "liger", "plain"] = "auto"
    """Liger's kernels: where there is a GPU and they are installed, always, or never."""
    attention: Literal["auto", "flash", "sdpa", "eager"] = "auto"
    """How attention is computed: by flash-attn where there is a GPU and it is installed, or as said."""
    probe_steps: int = Field(default=20, ge=0)
    """Steps in which the loss of eight examples must fall by 3 % before training; 0: no probe."""
    report_to: tuple[Literal["auto", "tensorboard", "mlflow", "wandb", "trackio"], ...] = ("auto",)
    """Where a training can be followed; "auto" is TensorBoard where it is installed. Nothing is sent."""
    threads: int = Field(default=1, ge=1)
    """Torch threads; a run repeats byte for byte only with the same number."""
    tiny: TinySettings = TinySettings()
    """The embedded student."""
    preference: PreferenceSettings = PreferenceSettings()
    """What is trained after the examples: which answers are better."""
    lora: LoraSettings = LoraSettings()
    """The adapter of method = "lora"."""
