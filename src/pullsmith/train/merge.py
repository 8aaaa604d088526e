"""An adapter added into its base model's weights, checked before it is believed.

Takes two folders, writes a third that any server loads; gives how far the merged model's scores are
from the adapter's. Merged models that lost what the adapter had learned are common enough that a
merge whose scores move is refused, and nothing is left behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import render, token_ids
from pullsmith.llm.weights import load_adapter, load_model, load_tokenizer
from pullsmith.records import Message

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_SHARD = "5GB"  # a file that can be fetched again when the connection breaks
# Of the spread of the scores: 16 bits round to about one part in 250 at each of many layers.
_MOST_DIFFERENCE = 0.05


def merge_adapter(
    base: Path, adapter: Path, out: Path, *, asked: Sequence[Sequence[Message]]
) -> float:
    """Write ``base`` with ``adapter`` in it to ``out``; how far scores on ``asked`` then differ.

    The difference is the largest, over the spread of the adapter's scores. Raises TrainingError
    where it is more than rounding explains. ``out`` is overwritten.
    """
    tokenizer = load_tokenizer(adapter)
    model = load_adapter(load_model(base, dtype="auto"), adapter)
    meant = _scores(model, tokenizer, asked)
    shutil.rmtree(out, ignore_errors=True)
    model.merge_and_unload(safe_merge=True).save_pretrained(out, max_shard_size=_SHARD)
    tokenizer.save_pretrained(out)
    found = _scores(load_model(out, dtype="auto"), load_tokenizer(out), asked)
    difference = _difference(meant, found)
    if difference > _MOST_DIFFERENCE:
        shutil.rmtree(out)
        raise TrainingError(
            f"merging {adapter} into {base}: scores moved by {difference:.1%} of their spread, more "
            f"than {_MOST_DIFFERENCE:.0%}; serve the adapter on its base instead"
        )
    return difference


def _scores(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    asked: Sequence[Sequence[Message]],
) -> list[torch.Tensor]:
    """The scores of the first token of each answer, prompt by prompt: no padding, no sampling."""
    import torch

    prompts = token_ids(tokenizer, render(tokenizer, asked, generation_prompt=True))
    model.eval()
    with torch.inference_mode():
        return [
            model(input_ids=torch.tensor([ids], device=model.device)).logits[0, -1].float().cpu()
            for ids in prompts
        ]


def _difference(meant: Sequence[torch.Tensor], found: Sequence[torch.Tensor]) -> float:
    pairs = zip(meant, found, strict=True)
    return max((float((one - other).abs().max() / one.std()) for one, other in pairs), default=0.0)
