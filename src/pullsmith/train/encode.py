"""Examples to token ids with a mask, from our own rendering.

The prompt rendered with the cue to answer must be a prefix, in token ids, of the whole conversation
rendered; what follows it, up to and with the end token, is what is trained. Nothing is ever cut:
what is too long is dropped and counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import render, token_ids
from pullsmith.records import Drop, Example, Message, drop

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100  # the label of a token that is read and not trained
_MARKED = 20  # examples whose mask is compared with the template's markers, where it has any


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as ids; the first ``prompt_tokens`` of them are read and not trained."""

    example_id: str
    pull_request_id: str
    tool: str
    input_ids: tuple[int, ...]
    prompt_tokens: int

    @property
    def labels(self) -> list[int]:
        """One label a token: IGNORED on the prompt, the token itself on the answer and its end."""
        return [IGNORED] * self.prompt_tokens + list(self.input_ids[self.prompt_tokens :])

    @property
    def trained_tokens(self) -> int:
        """How many tokens are trained."""
        return len(self.input_ids) - self.prompt_tokens


def encode(
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerBase,
    *,
    stops: Collection[int],
    max_length_tokens: int,
) -> tuple[list[Encoded], list[Drop]]:
    """The examples as ids, in their order, and a Drop (``too_long``) for each that is too long.

    ``stops`` are the tokens that end an answer. Raises TrainingError where the template's prompt is
    no prefix of the whole, showing the first token that differs, and where no end token follows
    the answer, or a template's own markers train something else.
    """
    talks = [example.messages for example in examples]
    wholes = [
        (*talk, Message(role="assistant", content=example.target))
        for talk, example in zip(talks, examples, strict=True)
    ]
    prompts = token_ids(tokenizer, render(tokenizer, talks, generation_prompt=True))
    full = token_ids(tokenizer, render(tokenizer, wholes, generation_prompt=False))
    encoded: list[Encoded] = []
    drops: list[Drop] = []
    for example, prompt, whole in zip(examples, prompts, full, strict=True):
        _check_prefix(tokenizer, example.id, prompt=prompt, whole=whole)
        ids = _to_the_end(tokenizer, example.id, prompt=prompt, whole=whole, stops=stops)
        if len(ids) > max_length_tokens:
            drops.append(
                drop("train", example, "too_long", f"{len(ids)} tokens; limit {max_length_tokens}")
            )
        else:
            encoded.append(
                Encoded(example.id, example.pull_request_id, example.tool, tuple(ids), len(prompt))
            )
    by_id = {example.id: whole for example, whole in zip(examples, wholes, strict=True)}
    for one in encoded[:_MARKED] if has_markers(tokenizer) else ():
        check_markers(tokenizer, by_id[one.example_id], one)
    return encoded, drops


def _check_prefix(
    tokenizer: PreTrainedTokenizerBase,
    example_id: str,
    *,
    prompt: Sequence[int],
    whole: Sequence[int],
) -> None:
    """Refuse a template under which the model would be trained after another prompt than it is asked."""
    if list(whole[: len(prompt)]) == list(prompt):
        return
    pairs = zip(prompt, [*whole, *[None] * len(prompt)], strict=False)
    at = next(number for number, (one, other) in enumerate(pairs) if one != other)
    asked = _shown(tokenizer, prompt[at : at + 1])
    trained = _shown(tokenizer, whole[at : at + 1])
    raise TrainingError(
        f"example {example_id}: the prompt with the cue to answer is no prefix of the whole "
        f"conversation under the model's chat template; token {at} is {asked} in the prompt and "
        f"{trained} in the whole; use a template that writes both alike"
    )


def has_markers(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the template says itself what is generated, by ``{% generation %}`` blocks."""
    return re.search(r"\{%-?\s*generation\b", str(tokenizer.chat_template)) is not None


def check_markers(
    tokenizer: PreTrainedTokenizerBase, talk: Sequence[Message], encoded: Encoded
) -> None:
    """Refuse a mask of which the template's markers say otherwise; blanks after the end are free."""
    plain = [{"role": message.role, "content": message.content} for message in talk]
    marked = tokenizer.apply_chat_template(
        plain, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )["assistant_masks"]
    ours = [int(at >= encoded.prompt_tokens) for at in range(len(encoded.input_ids))]
    theirs = list(marked[: len(ours)])
    if theirs == ours:
        return
    at = next(i for i, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other)
    raise TrainingError(
        f"example {encoded.example_id}: the template's generation markers disagree with our mask "
        f"from token {at} on, {_shown(tokenizer, encoded.input_ids[at : at + 1])}: "
        f"{'only we train' if ours[at] else 'only they train'} it; the markers must hold the answer "
        "and its end token, no more"
    )


def _to_the_end(
    tokenizer: PreTrainedTokenizerBase,
    example_id: str,
    *,
    prompt: Sequence[int],
    whole: Sequence[int],
    stops: Collection[int],
) -> list[int]:
    """``whole`` up to its last end token; only blanks may follow that, and they are left out."""
    ends = [at for at in range(len(prompt), len(whole)) if whole[at] in stops]
    if not ends:
        raise TrainingError(
            f"example {example_id}: no end token follows the answer, so the model would never "
            f"learn to stop; known end tokens: {_shown(tokenizer, sorted(stops))}; the answer "
            f"ends in {_shown(tokenizer, whole[-3:])}"
        )
    end = ends[-1] + 1
    rest = tokenizer.decode(whole[end:]).strip()
    if rest:
        raise TrainingError(f"example {example_id}: {rest!r} follows the end of the answer")
    if end == len(prompt) + 1:
        raise TrainingError(f"example {example_id}: the answer is empty")
    return list(whole[:end])


def _shown(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    if not ids:
        return "nothing"
    return ", ".join(f"{i} ({tokenizer.convert_ids_to_tokens([i])[0]!r})" for i in ids)
