"""Messages to token ids, the same for training and serving.

Takes a tokenizer and messages; gives the text and the ids a model sees. Knows no contract. That
trainer and server render alike is the whole point: there is no other function that does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jinja2 import TemplateError

from pullsmith.errors import TrainingError
from pullsmith.records import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# For base models that come without a template: plain headings, and the model's own end token.
PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}"
    "{{ '### assistant\n' + message['content'] + eos_token }}"
    "{% else %}"
    "{{ '### ' + message['role'] + '\n' + message['content'] + '\n\n' }}"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '### assistant\n' }}{% endif %}"
)


def prepare_tokenizer(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """The tokenizer with what many lack: a chat template, and a padding token that is not EOS.

    Where padding is the end token, collators of other tools mask the end of every answer and the
    model never learns to stop. Raises TrainingError where no other token could pad, or none ends.
    """
    if tokenizer.eos_token_id is None:
        raise TrainingError("the tokenizer names no end token (eos_token), so no answer could end")
    if not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN_TEMPLATE
    if tokenizer.pad_token_id in (None, tokenizer.eos_token_id):
        tokenizer.pad_token = _spare_token(tokenizer)
    return tokenizer


def _spare_token(tokenizer: PreTrainedTokenizerBase) -> str:
    for token in (tokenizer.unk_token, tokenizer.bos_token, *tokenizer.all_special_tokens):
        if token and token != tokenizer.eos_token:
            return str(token)
    raise TrainingError(
        "the tokenizer has no padding token and no other special token to pad with; "
        "add a pad_token to its tokenizer_config.json"
    )


def render(
    tokenizer: PreTrainedTokenizerBase,
    conversations: Sequence[Sequence[Message]],
    *,
    generation_prompt: bool,
) -> list[str]:
    """Each conversation as the text its template makes of it.

    ``generation_prompt`` adds the cue to answer. Raises TrainingError where the template refuses
    the messages (a model without a system role, say).
    """
    if not conversations:
        return []
    plain = [[{"role": m.role, "content": m.content} for m in talk] for talk in conversations]
    try:
        texts: list[str] = tokenizer.apply_chat_template(
            plain, tokenize=False, add_generation_prompt=generation_prompt
        )
    except TemplateError as error:
        raise TrainingError(f"the model's chat template refuses the messages: {error}") from error
    return texts


def token_ids(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """The ids of each text, nothing added: templates write their own special tokens."""
    if not texts:
        return []
    ids: list[list[int]] = tokenizer(
        list(texts), add_special_tokens=False, return_attention_mask=False
    )["input_ids"]
    return ids
