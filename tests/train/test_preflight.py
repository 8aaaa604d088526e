from pathlib import Path

import pytest

from pullsmith.errors import TrainingError
from pullsmith.study.train import TinySettings
from pullsmith.train.encode import Encoded, encode
from pullsmith.train.preflight import (
    Preflight,
    check_reloaded,
    check_too_long,
    preflight,
    trained_words,
)
from pullsmith.train.tiny import build_tiny
from pullsmith.train.tokenizer import train_tokenizer
from tests.train.builders import examples, texts

END, PAD = 2, 0
GOOD = Encoded("a", "planted:1", "review", (5, 6, 7, 8, END), 3)


def check(*rows: Encoded, pad: int | None = PAD) -> Preflight:
    return preflight(rows, stops=[END], pad=pad, vocabulary=10)


def test_it_counts() -> None:
    longer = Encoded("b", "planted:1", "improve", (5, 6, 7, 8, 9, END), 4)
    figures = check(GOOD, longer)
    assert figures == Preflight(examples=2, tokens=11, trained_tokens=4, longest=6)
    assert figures.trained_share == 4 / 11


def test_no_examples_are_refused() -> None:
    with pytest.raises(TrainingError, match="no examples to train on"):
        check()


@pytest.mark.parametrize("pad", [END, None])
def test_padding_with_the_end_token_is_refused(pad: int | None) -> None:
    with pytest.raises(TrainingError, match="padding token"):
        check(GOOD, pad=pad)


def test_an_example_that_does_not_end_is_refused() -> None:
    endless = Encoded("b", "planted:1", "review", (5, 6, 7, 8, 9), 3)
    with pytest.raises(TrainingError, match="example b: its last trained token is 9"):
        check(GOOD, endless)


def test_an_example_that_trains_nothing_is_refused() -> None:
    with pytest.raises(TrainingError, match="example b: it trains no answer"):
        check(GOOD, Encoded("b", "planted:1", "review", (5, 6, END), 2))


def test_an_example_without_a_prompt_is_refused() -> None:
    with pytest.raises(TrainingError, match="example b: it has no prompt"):
        check(GOOD, Encoded("b", "planted:1", "review", (5, 6, END), 0))


def test_a_foreign_tokenizer_is_refused() -> None:
    with pytest.raises(TrainingError, match="token 10 is outside the model's vocabulary of 10"):
        check(GOOD, Encoded("b", "planted:1", "review", (5, 10, 7, END), 1))


def test_a_mask_that_leaves_nearly_nothing_is_refused() -> None:
    lost = Encoded("b", "planted:1", "review", (*[5] * 1500, 7, END), 1500)
    with pytest.raises(TrainingError, match=r"0\.13% of the tokens would be trained"):
        check(lost)


def test_a_tokenizer_that_reads_otherwise_once_saved_is_refused(tmp_path: Path) -> None:
    rows = examples(3, 0)
    talks = [row.messages for row in rows]
    tokenizer = train_tokenizer(texts(rows), 400)
    # A folder of a Qwen2 model, where loading would put that family's splitting rules in place.
    build_tiny(tokenizer, TinySettings(), window=64, seed=0).save_pretrained(tmp_path)
    check_reloaded(tokenizer, tmp_path, talks)

    class Forgetful:
        """Saves another tokenizer than it is."""

        def __getattr__(self, name: str) -> object:
            return getattr(tokenizer, name)

        def __call__(self, *args: object, **kwargs: object) -> object:
            return tokenizer(*args, **kwargs)

        def save_pretrained(self, folder: Path) -> None:
            train_tokenizer(["other words"], 400).save_pretrained(folder)

    with pytest.raises(TrainingError, match=r"reads the prompt 'file: src/.+ from token \d+ on"):
        check_reloaded(Forgetful(), tmp_path, talks)


def test_two_first_tokens_are_refused() -> None:
    twice = Encoded("b", "planted:1", "review", (5, 5, 7, 8, END), 3)
    with pytest.raises(TrainingError, match="example b: it begins with two tokens 5"):
        preflight([GOOD, twice], stops=[END], pad=PAD, vocabulary=10, bos=5)
    preflight([GOOD, twice], stops=[END], pad=PAD, vocabulary=10, bos=6)


def test_more_than_the_stated_share_of_over_long_examples_is_refused() -> None:
    check_too_long(1, 1000, 0.001)
    check_too_long(0, 0, 0.001)
    with pytest.raises(TrainingError, match=r"2 of 1000 examples are too long .* = 0\.10%"):
        check_too_long(2, 1000, 0.001)


def test_trained_tokens_are_shown_in_words() -> None:
    rows = examples(2, 0)
    tokenizer = train_tokenizer(texts(rows), 400)
    encoded, _ = encode(rows, tokenizer, stops=[tokenizer.eos_token_id], max_length_tokens=500)
    shown = trained_words(encoded, tokenizer)
    assert len(shown) == 3
    assert all(
        line.startswith(f"trained in {row.id}: 'kind")
        for line, row in zip(shown, rows, strict=False)
    )
    assert all(line.endswith(f"{tokenizer.eos_token}'") for line in shown)
