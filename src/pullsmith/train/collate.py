"""A planned batch to tensors: padded on the right, or packed in one row.

Takes encoded examples; padding, attention mask and positions are TRL's. In a packed row positions
begin at 0 with each example and there is no mask; without a cache the attention of transformers
then stays inside the examples, with SDPA on a CPU too (two packed examples equal the two apart to
4e-7; with a cache they see each other). A layer that does not look at positions would mix them, so
``check_packing`` compares the loss of the very model and examples before anything is trained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.train.encode import IGNORED, Encoded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

Tensors = dict[str, "torch.Tensor"]
_MOST_DIFFERENCE = 1e-4
_COMPARED = 4  # examples
_PIECE_TOKENS = 128  # of each, before its answer and of it
_PLACES = ("input_ids", "attention_mask", "position_ids", "cu_seq_lens_q", "cu_seq_lens_k",
           "max_length_q", "max_length_k")  # fmt: skip


def collator(
    encoded: Sequence[Encoded], *, pad: int, packing: bool
) -> Callable[[Sequence[Mapping[str, Sequence[int]]]], Tensors]:
    """What turns rows ``{"batch": positions}`` into tensors."""

    def collate(rows: Sequence[Mapping[str, Sequence[int]]]) -> Tensors:
        chosen = [encoded[i] for row in rows for i in row["batch"]]
        return tensors(chosen, pad=pad, packing=packing)

    return collate


def tensors(chosen: Sequence[Encoded], *, pad: int, packing: bool) -> Tensors:
    """Some examples as one batch: a row each, or all in one row."""
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    pads = DataCollatorForLanguageModeling(pad_token_id=pad, padding_free=packing)
    made: Tensors = pads(
        [{"input_ids": list(one.input_ids), "labels": one.labels} for one in chosen]
    )
    return made


def places(inputs: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What a decoder needs of a packed row; of a padded one the ids alone, see ``answer_loss``."""
    kept = _PLACES if "position_ids" in inputs else _PLACES[:1]
    return {name: inputs[name] for name in kept if name in inputs}


def packing_difference(model: PreTrainedModel, chosen: Sequence[Encoded], *, pad: int) -> float:
    """How far the loss of some examples in one row is from that of the same examples apart."""
    import torch

    trained = [len(one.input_ids) - one.prompt_tokens for one in chosen]
    with torch.no_grad():
        packed = _loss(model, tensors(chosen, pad=pad, packing=True))
        apart = [_loss(model, tensors([one], pad=pad, packing=False)) for one in chosen]
    mean = sum(loss * count for loss, count in zip(apart, trained, strict=True)) / sum(trained)
    return abs(packed - mean)


def _loss(model: PreTrainedModel, inputs: Tensors) -> float:
    import torch

    labels = inputs.pop("labels").to(model.device)
    moved = {k: v.to(model.device) if hasattr(v, "to") else v for k, v in inputs.items()}
    scores = model(**moved, use_cache=False).logits[:, :-1].float()
    return float(
        torch.nn.functional.cross_entropy(
            scores.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED
        )
    )


def _piece(one: Encoded) -> Encoded:
    """A short piece around the cue to answer: enough to be seen, and quick where the model is large."""
    start = max(one.prompt_tokens - _PIECE_TOKENS, 0)
    return replace(
        one, input_ids=one.input_ids[start : one.prompt_tokens + _PIECE_TOKENS],
        prompt_tokens=one.prompt_tokens - start,
    )  # fmt: skip


def check_packing(model: PreTrainedModel, encoded: Sequence[Encoded], *, pad: int) -> float:
    """The difference packing makes to the loss; raises TrainingError where examples see each other."""
    was_training = model.training
    model.eval()
    pieces = [_piece(one) for one in encoded[:_COMPARED]]
    difference = packing_difference(model, pieces, pad=pad)
    model.train(was_training)
    if difference > _MOST_DIFFERENCE:
        raise TrainingError(
            f"train.packing: the loss of {min(_COMPARED, len(encoded))} examples changes by "
            f"{difference:.2g} when they share a row (at most {_MOST_DIFFERENCE:g}): the "
            f"architecture {model.config.model_type} lets them see each other; switch packing off"
        )
    return difference
