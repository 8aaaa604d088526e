from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import prepare_tokenizer
from pullsmith.records import Example
from pullsmith.train.encode import IGNORED, Encoded, encode
from pullsmith.train.template import CHATML
from pullsmith.train.tokenizer import train_tokenizer
from tests.train.builders import example, examples, texts, twin_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

ROWS = examples(3, 2)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(texts(ROWS), 400)


def one(row: Example, tokenizer: PreTrainedTokenizerFast) -> Encoded:
    (found,), drops = encode(
        [row], tokenizer, stops=[tokenizer.eos_token_id], max_length_tokens=500
    )
    assert drops == []
    return found


def test_what_is_trained_is_the_answer_and_its_end(tokenizer: PreTrainedTokenizerFast) -> None:
    for row in ROWS:
        found = one(row, tokenizer)
        trained = [label for label in found.labels if label != IGNORED]
        assert tokenizer.decode(trained) == row.target + tokenizer.eos_token
        assert len(found.labels) == len(found.input_ids)
        assert trained[-1] == tokenizer.eos_token_id
        assert found.trained_tokens == len(trained)


def test_the_prompt_is_what_the_model_will_be_asked(tokenizer: PreTrainedTokenizerFast) -> None:
    from pullsmith.llm.chat import render, token_ids

    found = one(ROWS[0], tokenizer)
    (asked,) = token_ids(tokenizer, render(tokenizer, [ROWS[0].messages], generation_prompt=True))
    assert list(found.input_ids[: found.prompt_tokens]) == asked


def test_another_family_s_template_needs_no_markers() -> None:
    twin = prepare_tokenizer(twin_tokenizer())
    found = one(ROWS[0], twin)
    assert twin.decode(found.input_ids[found.prompt_tokens :]) == ROWS[0].target + "</s>"
    assert list(found.input_ids).count(twin.bos_token_id) == 1


def test_too_long_is_dropped_and_never_cut(tokenizer: PreTrainedTokenizerFast) -> None:
    short, long = example(1, "review", target="line: 2"), example(2, "review")
    limit = len(one(long, tokenizer).input_ids)
    at_limit, none = encode(
        [short, long], tokenizer, stops=[tokenizer.eos_token_id], max_length_tokens=limit
    )
    assert (len(at_limit), none) == (2, [])
    kept, drops = encode(
        [short, long], tokenizer, stops=[tokenizer.eos_token_id], max_length_tokens=limit - 1
    )
    assert [k.example_id for k in kept] == [short.id]
    assert [(d.record_id, d.reason) for d in drops] == [(long.id, "too_long")]
    assert drops[0].detail == f"{limit} tokens; limit {limit - 1}"


def test_a_template_whose_prompt_is_no_prefix_is_refused(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    odd = train_tokenizer(texts(ROWS), 400)
    odd.chat_template = CHATML.replace(
        "{% generation %}{{ message", "{% generation %}{{ '+' + message"
    )
    assert odd.chat_template != CHATML
    one(ROWS[0], odd)  # the answer is other, the prompt still a prefix
    # A template that thinks aloud only in the cue: the whole conversation lacks what the cue has.
    odd.chat_template = CHATML.replace("assistant\n' }}{% endif", "assistant\nthink' }}{% endif")
    assert odd.chat_template != CHATML
    with pytest.raises(TrainingError, match=r"token \d+ is \d+ \('.+'\) in the prompt and \d+ \('"):
        one(ROWS[0], odd)
    one(ROWS[0], tokenizer)


def test_a_template_that_never_ends_the_answer_is_refused() -> None:
    endless = train_tokenizer(texts(ROWS), 400)
    endless.chat_template = CHATML.replace("message['content'] + '<|im_end|>' }}{% endgen", "message['content'] }}{% endgen")  # fmt: skip
    assert endless.chat_template != CHATML
    with pytest.raises(TrainingError, match="no end token follows the answer"):
        one(ROWS[0], endless)


def test_words_after_the_end_are_refused_and_blanks_are_not() -> None:
    talkative = train_tokenizer(texts(ROWS), 400)
    talkative.chat_template = CHATML.replace("{{ '\n' }}", "{{ ' bye' }}")
    with pytest.raises(TrainingError, match="'bye' follows the end of the answer"):
        one(ROWS[0], talkative)
    blank = train_tokenizer(texts(ROWS), 400)
    blank.chat_template = CHATML.replace("{{ '\n' }}", "{{ ' \n' }}")
    assert one(ROWS[0], blank).input_ids[-1] == blank.eos_token_id


def test_an_empty_answer_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(TrainingError, match="the answer is empty"):
        one(example(1, "review", target=""), tokenizer)


def test_a_template_that_refuses_a_system_role_is_named() -> None:
    strict = train_tokenizer(texts(ROWS), 400)
    strict.chat_template = "{{ raise_exception('System role not supported') }}"
    with pytest.raises(TrainingError, match="System role not supported"):
        one(ROWS[0], strict)


def test_no_examples_give_none(tokenizer: PreTrainedTokenizerFast) -> None:
    assert encode([], tokenizer, stops=[2], max_length_tokens=100) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("message['content'] + '<|im_end|>' }}{% endgeneration %}", "message['content'] }}{% endgeneration %}{{ '<|im_end|>' }}", r"2 \('<\|im_end\|>'\): only we train it"),
        ("{% if message['role'] == 'assistant' %}{% generation %}", "{% if message['role'] == 'assistant' %}{% generation %}{% endgeneration %}{% generation %}", None),
        ("{{ '<|im_start|>' + message['role'] + '\n' }}{% if message['role'] == 'assistant' %}{% generation %}", "{% if message['role'] == 'assistant' %}{% generation %}{{ '<|im_start|>assistant\n' }}", "only they train it"),
    ],
    ids=["end left out", "twin", "cue taken in"],
)  # fmt: skip
def test_markers_that_disagree_with_the_mask_are_refused(
    old: str, new: str, fault: str | None
) -> None:
    marked = train_tokenizer(texts(ROWS), 400)
    if "start" in new:  # the other branch then has to write its own start
        marked.chat_template = CHATML.replace(old, new).replace(
            "{% else %}{{ message", "{% else %}{{ '<|im_start|>' + message['role'] + '\n' + message"
        )
    else:
        marked.chat_template = CHATML.replace(old, new)
    assert marked.chat_template != CHATML
    if fault is None:
        one(ROWS[0], marked)
        return
    with pytest.raises(TrainingError, match=fault):
        one(ROWS[0], marked)
