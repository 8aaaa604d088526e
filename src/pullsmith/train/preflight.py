"""The last look before training: is what will be trained what was meant?

Takes encoded examples and the tokenizer's end and padding tokens; gives the figures, or refuses by
name. Each check stands for a fine-tune that failed in silence somewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import render, token_ids
from pullsmith.llm.weights import load_tokenizer
from pullsmith.records import Message
from pullsmith.train.encode import Encoded

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Less than this, and nearly everything is masked; everything, and the prompt is trained too.
_LEAST_SHARE = 0.002
_SHOWN = 6  # tokens at either end of an answer that are shown


@dataclass(frozen=True)
class Preflight:
    """Figures of the training set, in tokens."""

    examples: int
    tokens: int
    trained_tokens: int
    longest: int

    @property
    def trained_share(self) -> float:
        """The share of tokens that are trained; the rest is prompt."""
        return self.trained_tokens / self.tokens


def preflight(
    encoded: Sequence[Encoded],
    *,
    stops: Collection[int],
    pad: int | None,
    vocabulary: int,
    bos: int | None = None,
) -> Preflight:
    """Check the whole training set; raises TrainingError naming the example and what was found.

    ``vocabulary`` is the number of rows of the model's embedding, ``bos`` the first token of a text.
    """
    if not encoded:
        raise TrainingError("no examples to train on: all were dropped, see dropped.parquet")
    if pad is None or pad in stops:
        raise TrainingError(
            f"the padding token ({pad}) is an end token or missing: ends of answers would be masked"
        )
    for example in encoded:
        _check(example, stops=stops, vocabulary=vocabulary)
        if bos is not None and example.input_ids[:2] == (bos, bos):
            raise TrainingError(
                f"example {example.example_id}: it begins with two tokens {bos}: the template "
                "writes the first token of a text twice"
            )
    figures = Preflight(
        examples=len(encoded),
        tokens=sum(len(example.input_ids) for example in encoded),
        trained_tokens=sum(example.trained_tokens for example in encoded),
        longest=max(len(example.input_ids) for example in encoded),
    )
    if not _LEAST_SHARE <= figures.trained_share < 1:
        raise TrainingError(
            f"{figures.trained_share:.2%} of the tokens would be trained; between "
            f"{_LEAST_SHARE:.1%} and all but the prompts was expected: the mask is wrong"
        )
    return figures


def check_too_long(dropped: int, examples: int, most: float) -> None:
    """Refuse a training that would leave out more than the share ``most`` for their length."""
    if dropped > most * examples:
        raise TrainingError(
            f"{dropped} of {examples} examples are too long for the student, more than "
            f"train.max_too_long_share = {most:.2%}; raise train.max_length_tokens where the model's "
            "window allows, lower render's budget, or allow a larger share"
        )


def trained_words(
    encoded: Sequence[Encoded], tokenizer: PreTrainedTokenizerBase, *, examples: int = 3
) -> list[str]:
    """The first and last trained tokens of some examples, in words: a wrong mask is seen at once."""
    return [
        f"trained in {one.example_id}: {tokenizer.decode(answer[:_SHOWN])!r} … "
        f"{tokenizer.decode(answer[-_SHOWN:])!r}"
        for one in encoded[:examples]
        for answer in [list(one.input_ids[one.prompt_tokens :])]
    ]


def check_reloaded(
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    conversations: Sequence[Sequence[Message]],
) -> None:
    """Refuse a tokenizer that writes the same prompts in other tokens once saved and loaded again.

    What is trained would not be what is served; some libraries replace splitting rules on loading.
    Overwrites the tokenizer in ``folder``. Raises TrainingError showing the first prompt that differs.
    """
    tokenizer.save_pretrained(folder)
    ours, served = (
        token_ids(each, render(each, conversations, generation_prompt=True))
        for each in (tokenizer, load_tokenizer(folder))
    )
    for talk, one, other in zip(conversations, ours, served, strict=True):
        if one != other:
            at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), -1)
            raise TrainingError(
                f"the tokenizer of {folder} reads the prompt {talk[-1].content[:60]!r} differently "
                f"after saving and loading, from token {at} on: what is trained would not be served"
            )


def _check(example: Encoded, *, stops: Collection[int], vocabulary: int) -> None:
    if example.prompt_tokens < 1:
        raise TrainingError(f"example {example.example_id}: it has no prompt")
    if example.trained_tokens < 2:
        raise TrainingError(f"example {example.example_id}: it trains no answer")
    if example.input_ids[-1] not in stops:
        raise TrainingError(
            f"example {example.example_id}: its last trained token is {example.input_ids[-1]}, "
            f"not an end token ({', '.join(map(str, sorted(stops)))})"
        )
    if max(example.input_ids) >= vocabulary:
        raise TrainingError(
            f"example {example.example_id}: token {max(example.input_ids)} is outside the model's "
            f"vocabulary of {vocabulary}; tokenizer and model do not belong together"
        )
