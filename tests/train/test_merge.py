"""A merge is believed when its scores are the adapter's, and refused when they are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.errors import TrainingError
from pullsmith.llm.weights import load_model, load_tokenizer
from pullsmith.records import Message
from pullsmith.train.merge import merge_adapter
from tests.train.twins import TWINS, twin_folder

# PEFT 0.21 asks transformers 5.23 by a name that is about to go; ours silences it where it trains.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")
ASKED = [[Message(role="user", content=f"file: src/cache_{n}.py")] for n in range(3)]


def with_head_adapter(root: Path, *, tied: bool) -> tuple[Path, Path]:
    """A model, and an adapter on its head that changes much."""
    import torch
    from peft import LoraConfig, get_peft_model

    qwen2 = TWINS["qwen2"]
    twin = replace(qwen2, config=(*qwen2.config, ("tie_word_embeddings", tied)))
    base = twin_folder(twin, root / "base")
    model = get_peft_model(
        load_model(base, dtype="auto"), LoraConfig(r=4, target_modules=["lm_head"])
    )
    torch.manual_seed(0)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    model.save_pretrained(root / "adapter", save_embedding_layers=False)
    load_tokenizer(base).save_pretrained(root / "adapter")
    return base, root / "adapter"


# What PEFT says of tied weights is the very fault the check is for.
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_merge_that_moves_the_scores_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    base, adapter = with_head_adapter(tmp_path, tied=True)
    out = tmp_path / "merged"
    with pytest.raises(TrainingError, match=r"scores moved by [\d.]+% .* serve the adapter"):
        merge_adapter(base, adapter, out, asked=ASKED)
    assert not out.exists()


def test_its_twin_whose_head_is_its_own_is_merged(tmp_path: Path) -> None:
    base, adapter = with_head_adapter(tmp_path, tied=False)
    assert merge_adapter(base, adapter, tmp_path / "merged", asked=ASKED) < 1e-4
    assert (tmp_path / "merged" / "model.safetensors").is_file()
