"""The embedded student's tokenizer, trained on the spot on its own prompts and answers.

Takes texts, gives a byte-pair tokenizer; the same texts in any order give the same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.records import digest
from pullsmith.train.template import CHATML, END, PAD, SPECIAL_TOKENS, START

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

# Pieces are words with the blank, dot, slash or underscore before them, single digits, single line
# ends and single signs: a path or a line number is always cut the same way, wherever it stands, so
# that it can be copied; and no piece crosses the line end before an answer.
_PIECES = r" ?(?:[=!<>]=)|[ /._]?[A-Za-z]+|[0-9]|\n| +(?= )| ?[^A-Za-z0-9\s]|\s+"
# More texts add seconds and no better vocabulary.
_MOST_TEXTS = 12_000


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-pair tokenizer of at most ``vocabulary`` tokens, special ones and all bytes included.

    Any text can be written in it and read back. Raises TrainingError when there is no text.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    chosen = _chosen(texts)
    if not chosen:
        raise TrainingError("no training text to build a tokenizer from")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        min_frequency=2,
        show_progress=False,
    )
    tokenizer.train_from_iterator(chosen, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[START],
        chat_template=CHATML,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def _chosen(texts: Iterable[str]) -> list[str]:
    """The distinct texts, sorted; a sample by digest where there are very many."""
    distinct = sorted(set(texts))
    if len(distinct) <= _MOST_TEXTS:
        return distinct
    return sorted(sorted(distinct, key=digest)[:_MOST_TEXTS])
