from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pullsmith.errors import StudyError
from pullsmith.study.train import TinySettings
from pullsmith.train.tiny import build_tiny
from pullsmith.train.tokenizer import train_tokenizer
from tests.train.builders import examples, texts

if TYPE_CHECKING:
    from transformers import Qwen2ForCausalLM


def built(seed: int = 0, **settings: object) -> Qwen2ForCausalLM:
    tokenizer = train_tokenizer(texts(examples()), 400)
    tiny = TinySettings.model_validate({"vocabulary": 400, **settings})
    return build_tiny(tokenizer, tiny, window=256, seed=seed)


def copied(model: Qwen2ForCausalLM) -> float:
    """Share of right next tokens in the second copy of random strings, after their first four."""
    import torch

    draw = torch.Generator().manual_seed(1)
    # No token twice in the first pass: "what followed it?" then has one answer.
    once = torch.stack([torch.randperm(140, generator=draw)[:64] + 260 for _ in range(8)])
    ids = torch.cat([once, once[:, :24]], dim=1)
    with torch.no_grad():
        guess = model.eval()(input_ids=ids, use_cache=False).logits.argmax(-1)
    start = 64 + 4
    return float((guess[:, start:-1] == ids[:, start + 1 :]).float().mean())


def test_the_engineered_start_copies_and_a_plain_one_does_not() -> None:
    # 1/140 is chance; the circuit was measured at .93.
    assert copied(built()) > 0.75
    assert copied(built(engineered_start=False)) < 0.1


def test_its_size_is_what_the_settings_say() -> None:
    model = built(layers=3, width=192, heads=2)
    config = model.config
    assert (config.vocab_size, config.hidden_size, config.num_hidden_layers) == (400, 192, 3)
    # Heads are 64 wide however wide the model is: the circuit needs that.
    assert model.model.layers[0].self_attn.q_proj.weight.shape == (128, 192)
    assert config.max_position_embeddings == 256
    # Tied embeddings count once: without them no weight has the vocabulary's size twice.
    assert sum(400 in weight.shape for weight in model.parameters()) == 1


def test_the_seed_decides_the_weights_and_nothing_else_does() -> None:
    import torch

    torch.manual_seed(1)
    one = built(seed=3)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    same, other = built(seed=3), built(seed=4)
    assert torch.equal(state, torch.get_rng_state())
    pairs = list(zip(one.parameters(), same.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(one.model.embed_tokens.weight, other.model.embed_tokens.weight)


def test_a_width_without_room_for_the_circuit_is_refused_and_plain_is_fine() -> None:
    with pytest.raises(StudyError, match=r"train\.tiny\.width: 64 is too narrow"):
        built(width=64)
    assert built(width=64, engineered_start=False).config.hidden_size == 64


def test_it_knows_its_own_end_token() -> None:
    model = built()
    assert (model.generation_config.eos_token_id, model.generation_config.pad_token_id) == (2, 0)
