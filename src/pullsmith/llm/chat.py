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
    from transformers import PreTrainedTokenizerBase as PreTrainedTokenizerBase  # noqa: PLC0414  # above, heavy libraries are not named

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

# Before a template that knows no system role: its words go in front of the first user turn. It is
# part of the template, so that every server renders it. The empty expression at its end keeps a
# line end with which the template begins.
MERGE_SYSTEM = (
    "{% if messages[1:] and messages[0]['role'] == 'system' %}"
    "{% set messages = [{'role': messages[1]['role'], 'content': messages[0]['content'] + '\n\n' "
    "+ messages[1]['content']}] + messages[2:] %}"
    "{% endif %}{{ '' }}"
)


def prepare_tokenizer(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """The tokenizer with what many lack: a chat template, a system role, padding that is not EOS.

    Where padding is the end token, collators of other tools mask the end of every answer and the
    model never learns to stop. Raises TrainingError where no other token could pad, or none ends.
    """
    if tokenizer.eos_token_id is None:
        raise TrainingError("the tokenizer names no end token (eos_token), so no answer could end")
    if not tokenizer.chat_template:
        tokenizer.chat_template = (
            "{{ bos_token }}" if _adds_bos(tokenizer) else ""
        ) + PLAIN_TEMPLATE
    elif isinstance(tokenizer.chat_template, str) and not _takes_system_role(tokenizer):
        tokenizer.chat_template = MERGE_SYSTEM + tokenizer.chat_template
    if tokenizer.pad_token_id in (None, tokenizer.eos_token_id):
        tokenizer.pad_token = _spare_token(tokenizer)
    return tokenizer


def is_plain(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the tokenizer came without a template and got ours."""
    return str(tokenizer.chat_template).endswith(PLAIN_TEMPLATE)


def _adds_bos(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether plain text gets a first token; a base model has seen no text without it."""
    first = tokenizer("a")["input_ids"][:1]
    return tokenizer.bos_token_id is not None and first == [tokenizer.bos_token_id]


def _takes_system_role(tokenizer: PreTrainedTokenizerBase) -> bool:
    """False for a template that refuses a system message, or leaves its words out in silence."""
    words = "what the system says"
    talk = [{"role": "system", "content": words}, {"role": "user", "content": "a"}]
    try:
        text = tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
    except TemplateError:
        return False
    return words in text


def _spare_token(tokenizer: PreTrainedTokenizerBase) -> str:
    added = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    named = (tokenizer.unk_token, tokenizer.bos_token, *tokenizer.all_special_tokens)
    for token in (*named, *added):
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
