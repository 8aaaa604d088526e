"""Tiny twins: each architecture of the presets, a few layers of random weights, and its quirks.

Templates are in our own words; what they share with a family is its shape: where a first token is
written, how roles are marked, whether there is a system role, what ends an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.train.builders import examples, texts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_ROLES = "{% for message in messages %}{% if message['role'] == 'assistant' %}ANSWER{% else %}TURN{% endif %}{% endfor %}{% if add_generation_prompt %}CUE{% endif %}"
_REFUSES = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
)


def _template(turn: str, cue: str, end: str, *, before: str = "", trim: str = "") -> str:
    """``turn`` may say message['role'] and message['content']; an answer is the cue, it, its end."""
    content = f"message['content']{trim}"
    answer = "{{ " + f"{cue} + {content} + {end}" + " }}"
    asked = "{{ " + turn.replace("message['content']", content) + " }}"
    text = _ROLES.replace("ANSWER", answer).replace("TURN", asked)
    return before + text.replace("CUE", "{{ " + cue + " }}")


@dataclass(frozen=True)
class Twin:
    """An architecture and the quirks of its template family."""

    architecture: str  # the configuration's model_type
    quirk: str
    template: str | None
    end: str
    bos: str | None = None
    config: tuple[tuple[str, Any], ...] = ()
    packs: bool = True


_HEADS = (("num_attention_heads", 4), ("num_key_value_heads", 2), ("head_dim", 8))
_SIZES = (("hidden_size", 32), ("intermediate_size", 64), ("num_hidden_layers", 2), *_HEADS)
_CHATML = _template(
    "'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n'",
    "'<|im_start|>assistant\\n'", "'<|im_end|>\\n'",
)  # fmt: skip

TWINS = {
    "llama (Llama 3)": Twin(
        "llama", "first token in the template; content trimmed; a turn's end ends the answer",
        _template("'<|head|>' + message['role'] + '<|/head|>\\n\\n' + message['content'] + '<|eot|>'",
                  "'<|head|>assistant<|/head|>\\n\\n'", "'<|eot|>'",
                  before="{{ bos_token }}", trim="|trim"),
        "<|eot|>", "<|begin|>", _SIZES,
    ),
    "llama (DeepSeek Coder)": Twin(
        "llama", "first token in the template; plain headings instead of tokens; a system text unmarked",
        _template("(message['content'] if message['role'] == 'system' else '### Instruction:\\n' + message['content']) + '\\n'",
                  "'### Response:\\n'", "'\\n<|EOT|>\\n'", before="{{ bos_token }}"),
        "<|EOT|>", "<|begin|>", _SIZES,
    ),
    "llama (Seed-Coder)": Twin(
        "llama", "first token before every turn",
        _template("bos_token + message['role'] + '\\n' + message['content'] + eos_token",
                  "bos_token + 'assistant\\n'", "eos_token"),
        "</s>", "<|begin|>", _SIZES,
    ),
    "llama (CodeLlama base)": Twin(
        "llama", "no template; the tokenizer writes a first token", None, "</s>", "<|begin|>", _SIZES,
    ),
    "mistral": Twin(
        "mistral", "no system role: refused; sliding window",
        _template("'[INST] ' + message['content'] + ' [/INST]'", "''", "eos_token",
                  before="{{ bos_token }}" + _REFUSES),
        "</s>", "<s>", (*_SIZES, ("sliding_window", 64)),
    ),
    "gemma": Twin(
        "gemma", "no system role: refused; the assistant is called model; content trimmed",
        _template("'<turn>' + message['role'] + '\\n' + message['content'] + '</turn>\\n'",
                  "'<turn>model\\n'", "'</turn>\\n'", before="{{ bos_token }}" + _REFUSES, trim="|trim"),
        "</turn>", "<bos>", _SIZES,
    ),
    "qwen2": Twin("qwen2", "no first token at all", _CHATML, "<|im_end|>", None, _SIZES[:-1]),
    "qwen3": Twin("qwen3", "norms on queries and keys", _CHATML, "<|im_end|>", None, _SIZES),
    "qwen3_moe": Twin(
        "qwen3_moe", "experts as fused parameters, a router", _CHATML, "<|im_end|>", None,
        (*_SIZES, ("num_experts", 4), ("num_experts_per_tok", 2), ("moe_intermediate_size", 16)),
    ),
    "gpt_bigcode": Twin(
        "gpt_bigcode", "learned positions, one key head; questions and answers as words",
        _template("(message['role'] | title) + ':\\n' + message['content'] + '\\n\\n'",
                  "'Answer:\\n'", "eos_token + '\\n'"),
        "<|endoftext|>", None,
        (("n_embd", 32), ("n_layer", 2), ("n_head", 4), ("n_positions", 256), ("resid_pdrop", 0.0), ("embd_pdrop", 0.0), ("attn_pdrop", 0.0)),
    ),
    "granitemoehybrid": Twin(
        "granitemoehybrid", "scores and residuals scaled, so the head is not plain",
        _template("'<|role|>' + message['role'] + '<|/role|>' + message['content'] + '<|end|>\\n'",
                  "'<|role|>assistant<|/role|>'", "'<|end|>\\n'"),
        "<|end|>", None,
        (*_SIZES[:-1], ("layer_types", ["attention", "attention"]), ("num_local_experts", 0), ("num_experts_per_tok", 0),
         ("shared_intermediate_size", 64), ("position_embedding_type", "rope"), ("mamba_n_heads", 8), ("logits_scaling", 4.0),
         ("residual_multiplier", 0.5), ("embedding_multiplier", 3.0), ("attention_multiplier", 0.3)),
    ),
    "starcoder2": Twin(
        "starcoder2", "no template, and one token for first, end and padding", None, "<|endoftext|>", "<|endoftext|>",
        _SIZES[:-1],
    ),
    "gpt_oss": Twin(
        "gpt_oss", "attention sinks, experts; the answer opens its channel itself",
        _template("'<|start|>' + message['role'] + '<|message|>' + message['content'] + '<|end|>'",
                  "'<|start|>assistant'", "'<|return|>'").replace(
            "'<|start|>assistant' + message", "'<|start|>assistant<|channel|>final<|message|>' + message"),
        "<|return|>", None,
        (*_SIZES, ("num_local_experts", 4), ("num_experts_per_tok", 2), ("sliding_window", 64),
         ("layer_types", ["sliding_attention", "full_attention"])),
        packs=False,  # transformers 5.23 makes its masks without the positions
    ),
}  # fmt: skip
_SPECIAL = ("<s>", "</s>", "<bos>", "<turn>", "</turn>", "<|begin|>", "<|head|>", "<|/head|>", "<|eot|>",
            "<|EOT|>", "[INST]", "[/INST]", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|role|>",
            "<|/role|>", "<|end|>", "<|start|>", "<|message|>", "<|channel|>", "<|return|>", "<spare>")  # fmt: skip


@cache
def _learned() -> str:
    """One byte-pair vocabulary for all twins, as JSON."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=list(_SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(examples()), trainer)
    return str(tokenizer.to_str())


def twin_tokenizer(twin: Twin) -> PreTrainedTokenizerFast:
    """The family's: its end and first token, its template, no padding token."""
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer.from_str(_learned())
    if twin.template is None and twin.bos not in (None, twin.end):
        backend.post_processor = TemplateProcessing(
            single=f"{twin.bos} $A", special_tokens=[(twin.bos, backend.token_to_id(twin.bos))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token=twin.bos,
        eos_token=twin.end,
        chat_template=twin.template,
    )


def twin_folder(twin: Twin, folder: Path) -> Path:
    """The twin as a user would have it: safetensors, settings, tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    tokenizer = twin_tokenizer(twin)
    config = AutoConfig.for_model(
        twin.architecture,
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=None,
        **{"max_position_embeddings": 256, **dict(twin.config)},
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
