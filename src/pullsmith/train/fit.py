"""How much memory and time a training takes, by arithmetic: an estimate, never a measurement.

Takes a model's shape, a method and a batch; gives bytes by what they are for, hours, and the
settings that would fit. Knows no hardware but the bytes and the speed it is told.

Bytes: weights 4 each when trained, 2 under an adapter, .516 under a quantised one (4 bits and a
scale every 64, the scales themselves in 8 bits), whose embedding and head stay at 2; a trained
weight has 4 for its gradient and 8 for AdamW's two moments. A layer keeps about 44 times its width
a token in 16 bits (inputs of two norms, q, k, v, attention out, and a gated MLP of 3.5 widths),
twice that in 32; with recomputed activations only its input, and one layer at a time in full. The
head writes a score for each word of the vocabulary a token: 2 bytes, 4 for the loss, 4 for the
gradient. Held against published runs in tests/train/test_fit.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pullsmith.models.presets import Preset

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Method = Literal["full", "lora", "qlora"]
_LAYER_BYTES = 44  # of activations a token and unit of width, in 16 bits
_ADAPTED_WIDTHS = 21.5  # in and out of a layer's seven matrices, in widths, MLP of 3.5 widths
_WORKSPACE = 0.05  # the allocator's and kernels' share
_GIB = 1024**3


@dataclass(frozen=True)
class Shape:
    """A model in four numbers; ``active`` is how many weights a token passes through."""

    parameters: int
    active: int
    layers: int
    width: int
    vocabulary: int


@dataclass(frozen=True)
class Run:
    """What decides the memory. ``batch_tokens`` with their padding; ``scored`` go through the head."""

    method: Method
    batch_tokens: int
    scored_tokens: int
    checkpointing: bool = False
    rank: int = 16
    half: bool = True  # whether activations are in 16 bits, as on a GPU


@dataclass(frozen=True)
class Memory:
    """Bytes, by what they are for."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    scores: int

    @property
    def total(self) -> int:
        """All of them, and a share for the allocator."""
        parts = self.weights + self.gradients + self.optimizer + self.activations + self.scores
        return round(parts * (1 + _WORKSPACE))


def shape_of_preset(preset: Preset) -> Shape | None:
    """A preset's shape, or None where it does not know enough."""
    size, active = preset.size_billions.value, preset.active_billions.value
    layers, width, vocabulary = preset.layers.value, preset.width.value, preset.vocabulary.value
    if size is None or layers is None or width is None or vocabulary is None:
        return None
    return Shape(round(size * 1e9), round((active or size) * 1e9), layers, width, vocabulary)


def shape_of_model(model: PreTrainedModel) -> Shape:
    """The shape of a model in memory; all its weights count as active."""
    config = model.config.get_text_config()
    count = sum(weight.numel() for weight in model.parameters())
    rows = model.get_input_embeddings().num_embeddings
    return Shape(count, count, config.num_hidden_layers, config.hidden_size, rows)


def trained_weights(shape: Shape, run: Run) -> int:
    """How many weights are trained: all, or those of the adapter."""
    if run.method == "full":
        return shape.parameters
    return round(shape.layers * run.rank * shape.width * _ADAPTED_WIDTHS)


def memory(shape: Shape, run: Run) -> Memory:
    """The bytes one process needs on its device."""
    trained = trained_weights(shape, run)
    held = {"full": 4.0, "lora": 2.0, "qlora": 0.516}[run.method] * shape.parameters
    if run.method == "qlora":
        held += 2 * 2 * shape.vocabulary * shape.width
    if run.method != "full":
        held += 4 * trained
    layer = _LAYER_BYTES * shape.width * run.batch_tokens
    whole = shape.layers * layer
    recomputed = 2 * shape.width * run.batch_tokens * shape.layers + layer
    scale = 1 if run.half else 2
    return Memory(
        weights=round(held),
        gradients=4 * trained,
        optimizer=8 * trained,
        activations=scale * (recomputed if run.checkpointing else whole),
        scores=10 * shape.vocabulary * run.scored_tokens,
    )


def hours(shape: Shape, run: Run, *, tokens: int, flops_per_second: float) -> float:
    """Hours for ``tokens`` at a speed that was measured: 2 operations a weight each way.

    Frozen weights need no gradient of their own; recomputed activations cost another way forward.
    """
    ways = (2 if run.method != "full" else 3) + (1 if run.checkpointing else 0)
    return 2 * shape.active * ways * tokens / flops_per_second / 3600


def remedies(shape: Shape, run: Run, *, available: int) -> list[str]:
    """Settings under which the run would fit in ``available`` bytes, the smallest change first."""
    found = [
        f"{words} (about {memory(shape, changed).total / _GIB:.1f} GiB)"
        for words, changed in _changes(run)
        if memory(shape, changed).total <= available
    ]
    return found[:3]


def _changes(run: Run) -> Iterator[tuple[str, Run]]:
    """Ever larger changes, by the settings that make them; each keeps those before it."""
    steps: list[tuple[str, dict[str, object]]] = []
    if not run.checkpointing:
        steps.append(("train.activation_checkpointing = true", {"checkpointing": True}))
    smaller: dict[str, object] = {
        "batch_tokens": run.batch_tokens // 2,
        "scored_tokens": run.scored_tokens // 2,
    }
    steps.append(("half of train.pull_requests_per_batch", smaller))
    if run.method == "full":
        steps.append(('method = "lora"', {"method": "lora"}))
    if run.method != "qlora" and run.half:
        steps.append(('method = "qlora"', {"method": "qlora"}))
    words: list[str] = []
    for name, change in steps:
        words = [one for one in words if "method" not in one or "method" not in name] + [name]
        run = replace(run, **change)  # type: ignore[arg-type]  # fields of Run, above
        yield ", ".join(words), run
