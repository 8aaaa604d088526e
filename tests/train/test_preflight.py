import pytest

from pullsmith.errors import TrainingError
from pullsmith.train.encode import Encoded
from pullsmith.train.preflight import Preflight, preflight

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
