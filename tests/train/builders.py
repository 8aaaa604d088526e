"""Small training sets, tokenizers and models, made on the spot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.records import (
    Example,
    Message,
    Phase,
    answer_id,
    example_id,
    prompt_id,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TOOLS = ("describe", "improve", "review")
NOUNS = ("cache", "parser", "index", "queue", "socket", "table")
# A template of another family than ours: other markers, and its own end token.
OTHER_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ '[A]' + message['content'] + eos_token }}"
    "{% else %}{{ '[' + message['role'] + ']' + message['content'] + '\n' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '[A]' }}{% endif %}"
)


def example(
    number: int, tool: str, *, target: str | None = None, contract: str = "compact-1"
) -> Example:
    """One training row of pull request ``number``."""
    noun = NOUNS[number % len(NOUNS)]
    pull_request = f"planted:{number:04d}"
    asked = prompt_id(pull_request, tool=tool, contract=contract)
    answer = answer_id(asked, model="rules+truth", phase=Phase.NONE, checkpoint="none", sample=0)
    user = f"file: src/{noun}_{number}.py\n1 + def {noun}(value):\n2 +     return value == None\n"
    return Example(
        id=example_id(answer, contract=contract),
        answer_id=answer,
        pull_request_id=pull_request,
        tool=tool,
        contract=contract,
        messages=(
            Message(role="system", content=f"{tool} the change"),
            Message(role="user", content=user),
        ),
        target=f"kind: none comparison\nfile: src/{noun}_{number}.py\nline: 2"
        if target is None
        else target,
    )


def examples(pull_requests: int = 6, spots: int = 5) -> list[Example]:
    """All tools of some pull requests, and spots on others; sorted by id."""
    rows = [example(number, tool) for number in range(pull_requests) for tool in TOOLS]
    rows += [example(1000 + number, "spot", target="line: 2") for number in range(spots)]
    return sorted(rows, key=lambda row: row.id)


def texts(rows: list[Example]) -> list[str]:
    """What the embedded tokenizer learns from: the rows, and words enough for 400 tokens."""
    said = [message.content for row in rows for message in row.messages]
    parts = ("par", "se", "in", "dex", "load", "er", "que", "ue", "sto", "re", "lock", "file")
    words = [f"{one}{other}" for one in parts for other in parts]
    return [*said, *(row.target for row in rows), " ".join(words), " ".join(reversed(words))]


def twin_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer as hub models have them: its own template, BOS, and no padding token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>", "</s>", "[A]", "[user]", "[system]"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(examples()), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=["[A]", "[user]", "[system]"],
        chat_template=OTHER_TEMPLATE,
    )


def twin_folder(folder: Path, *, plain: bool = False) -> Path:
    """A tiny Llama with random weights, saved as a user would have it; ``plain``: no template."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = twin_tokenizer()
    if plain:
        tokenizer.chat_template = None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(tokenizer),
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=2,
                max_position_embeddings=256,
                bos_token_id=tokenizer.bos_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
        )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def rows_of(path: Path) -> dict[str, object]:
    """A JSON file as an object."""
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found
