"""The embedded student: a small Qwen2 model, with a copying circuit written into its start.

Takes sizes and a seed, gives a model; knows no data. Copying names from the prompt never emerges
within the million tokens a demo can train, so two attention heads are set up to do it from the
first step (an "engineered start", and called so wherever it is reported):

* layer 0, head 0 attends to the token before: its query and key are constant, so through the
  rotary embedding their product depends on the distance alone, and is largest at distance 1. It
  writes the token before into a free subspace of the residual stream.
* layer 1, head 0 looks for where "the token before" was the present token, and copies what
  followed there. The tied embedding turns the copy into its logit.

Heads are 64 wide and the rotary base is large, so that fast dimensions (which tell neighbours
apart) and slow ones (in which a match hardly depends on distance) both exist; embeddings of size
1/sqrt(width) let the copied token win the softmax. Measured on a random string that is shown
twice: .89 of its second copy is right untrained, against 0 without the circuit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pullsmith.errors import StudyError
from pullsmith.study.train import TinySettings

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase, Qwen2Config, Qwen2ForCausalLM

HEAD_WIDTH = 64
_ROTARY_BASE = 1e6
_WEIGHT_STD = 0.06
_SLOW_BELOW = 0.1  # radians a token: slower rotary dimensions carry the match, faster the distance
_DISTANCE_SHARPNESS = 60.0
_MATCH_SHARPNESS = 4.0
_COPY_STRENGTH = 4.0


def build_tiny(
    tokenizer: PreTrainedTokenizerBase, settings: TinySettings, *, window: int, seed: int
) -> Qwen2ForCausalLM:
    """A model for ``tokenizer`` with random weights by ``seed`` and, if asked for, the circuit.

    ``window`` is the longest sequence in tokens. The random state of the caller is left alone.
    Raises StudyError where the width leaves no room for the circuit.
    """
    import torch
    from transformers import Qwen2ForCausalLM

    if settings.engineered_start and settings.width < 2 * HEAD_WIDTH:
        raise StudyError(
            f"train.tiny.width: {settings.width} is too narrow for train.tiny.engineered_start, "
            f"which needs {2 * HEAD_WIDTH}; widen it or switch the engineered start off"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2ForCausalLM(_config(tokenizer, settings, window))
        with torch.no_grad():
            _draw_weights(model)
            if settings.engineered_start:
                _write_circuit(model, seed)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model


def _config(tokenizer: PreTrainedTokenizerBase, settings: TinySettings, window: int) -> Qwen2Config:
    from transformers import Qwen2Config

    return Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.heads,
        head_dim=HEAD_WIDTH,
        intermediate_size=settings.width * 8 // 3 // 32 * 32,
        max_position_embeddings=window,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": _ROTARY_BASE},
        initializer_range=1 / math.sqrt(settings.width),
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _draw_weights(model: Qwen2ForCausalLM) -> None:
    """Embeddings large, matrices small, and nothing written to the residual stream yet.

    Random writes drown the circuit: its copy accuracy was .04 with them (std .03) and .93 without,
    and named files that are in the diff went from .03-.09 to .64 after the same training.
    """
    for name, weight in model.named_parameters():
        if weight.dim() < 2:
            continue
        if "embed_tokens" in name:
            weight.normal_(0, model.config.initializer_range)
        elif "o_proj" in name or "down_proj" in name:
            weight.zero_()
        else:
            weight.normal_(0, _WEIGHT_STD)


def _write_circuit(model: Qwen2ForCausalLM, seed: int) -> None:
    import torch

    width = model.config.hidden_size
    pairs = torch.arange(0, HEAD_WIDTH, 2).float() / HEAD_WIDTH
    frequency = _ROTARY_BASE**-pairs
    # Two orthogonal subspaces of the residual stream: this token, and the token before it.
    draw = torch.randn(
        width, 2 * HEAD_WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float32
    )
    basis = torch.linalg.qr(draw)[0]
    this, before = basis[:, :HEAD_WIDTH], basis[:, HEAD_WIDTH:]
    scale = model.config.initializer_range
    layers = model.model.layers
    _attend_to_previous(layers[0].self_attn, frequency)
    _copy(layers[0].self_attn, read=this, write=before * scale)
    _attend_to_match(layers[1].self_attn, frequency, this=this, before=before)
    _copy(layers[1].self_attn, read=this, write=this * scale * _COPY_STRENGTH)


def _attend_to_previous(attention: torch.nn.Module, frequency: torch.Tensor) -> None:
    """Constant query and key: the score is a sum of cos(frequency * (distance - 1))."""
    import torch

    fast = torch.where(frequency > _SLOW_BELOW, math.sqrt(_DISTANCE_SHARPNESS), 0.0)
    attention.q_proj.weight[:HEAD_WIDTH] = 0
    attention.k_proj.weight[:HEAD_WIDTH] = 0
    attention.q_proj.bias[:HEAD_WIDTH] = torch.cat([fast, torch.zeros_like(fast)])
    turned = torch.cat([fast * torch.cos(frequency), fast * torch.sin(frequency)])
    attention.k_proj.bias[:HEAD_WIDTH] = turned


def _attend_to_match(
    attention: torch.nn.Module,
    frequency: torch.Tensor,
    *,
    this: torch.Tensor,
    before: torch.Tensor,
) -> None:
    """Query: this token. Key: the token before. Slow dimensions only."""
    import torch

    slow = (frequency < _SLOW_BELOW).float()
    mask = torch.cat([slow, slow])[:, None]
    attention.q_proj.weight[:HEAD_WIDTH] = this.T * _MATCH_SHARPNESS * mask
    attention.k_proj.weight[:HEAD_WIDTH] = before.T * _MATCH_SHARPNESS * mask
    attention.q_proj.bias[:HEAD_WIDTH] = 0
    attention.k_proj.bias[:HEAD_WIDTH] = 0


def _copy(attention: torch.nn.Module, *, read: torch.Tensor, write: torch.Tensor) -> None:
    """Head 0 reads subspace ``read`` of what it attends to and writes it as ``write``."""
    attention.v_proj.weight[:HEAD_WIDTH] = read.T
    attention.o_proj.weight[:, :HEAD_WIDTH] = write
