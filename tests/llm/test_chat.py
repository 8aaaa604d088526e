from __future__ import annotations

import pytest

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import PLAIN_TEMPLATE, prepare_tokenizer, render, token_ids
from pullsmith.records import Message
from tests.train.builders import OTHER_TEMPLATE, twin_tokenizer

TALK = [Message(role="system", content="be brief"), Message(role="user", content="why")]
ANSWER = Message(role="assistant", content="so")


def test_a_template_of_its_own_is_kept() -> None:
    assert prepare_tokenizer(twin_tokenizer()).chat_template == OTHER_TEMPLATE


def test_a_base_model_gets_a_plain_template_with_its_own_end_token() -> None:
    tokenizer = twin_tokenizer()
    tokenizer.chat_template = None
    prepare_tokenizer(tokenizer)
    assert tokenizer.chat_template == PLAIN_TEMPLATE
    (asked,) = render(tokenizer, [TALK], generation_prompt=True)
    (whole,) = render(tokenizer, [[*TALK, ANSWER]], generation_prompt=False)
    assert asked == "### system\nbe brief\n\n### user\nwhy\n\n### assistant\n"
    assert whole == asked + "so</s>"


def test_padding_is_never_the_end_token() -> None:
    lacking, doubled, good = (twin_tokenizer() for _ in range(3))
    doubled.pad_token = doubled.eos_token
    good.pad_token = "[user]"
    assert prepare_tokenizer(lacking).pad_token == "<s>"
    assert prepare_tokenizer(doubled).pad_token == "<s>"
    assert prepare_tokenizer(good).pad_token == "[user]"


def test_a_tokenizer_without_an_end_token_is_refused() -> None:
    tokenizer = twin_tokenizer()
    tokenizer.eos_token = None
    with pytest.raises(TrainingError, match="names no end token"):
        prepare_tokenizer(tokenizer)


def test_ids_are_the_template_s_and_nothing_is_added() -> None:
    tokenizer = prepare_tokenizer(twin_tokenizer())
    texts = render(tokenizer, [TALK], generation_prompt=True)
    (ids,) = token_ids(tokenizer, texts)
    assert tokenizer.decode(ids) == texts[0]
    assert ids.count(tokenizer.bos_token_id) == 1
    assert token_ids(tokenizer, []) == []
