from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import TrainingError
from pullsmith.train.template import END, PAD, START
from pullsmith.train.tokenizer import train_tokenizer
from tests.train.builders import examples, texts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

LEARNT = texts(examples())


def test_the_order_of_the_texts_does_not_matter() -> None:
    one = train_tokenizer(LEARNT, 400)
    other = train_tokenizer([*reversed(LEARNT), *LEARNT], 400)
    assert one.backend_tokenizer.to_str() == other.backend_tokenizer.to_str()


def test_other_texts_give_another_vocabulary() -> None:
    one = train_tokenizer(LEARNT, 400)
    other = train_tokenizer(["entirely other words, other words"] * 2, 400)
    assert one.get_vocab() != other.get_vocab()


def test_it_has_the_size_asked_for_and_its_own_end_and_padding() -> None:
    tokenizer = train_tokenizer(LEARNT, 400)
    assert len(tokenizer) == 400
    assert tokenizer.convert_tokens_to_ids([PAD, START, END]) == [0, 1, 2]
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id) == (0, 2)


@given(st.text(max_size=60))
def test_any_text_is_read_back(text: str) -> None:
    tokenizer = _tokenizer()
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids) == text


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_piece_crosses_the_line_end_before_an_answer(prompt: str, answer: str) -> None:
    tokenizer = _tokenizer()
    parts = [tokenizer(t, add_special_tokens=False)["input_ids"] for t in (f"{prompt}t\n", answer)]
    whole = tokenizer(f"{prompt}t\n{answer}", add_special_tokens=False)["input_ids"]
    assert whole == parts[0] + parts[1]


def test_no_text_is_refused() -> None:
    with pytest.raises(TrainingError, match="no training text"):
        train_tokenizer([], 400)


@cache
def _tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(LEARNT, 400)
