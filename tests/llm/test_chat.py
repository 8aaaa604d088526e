from __future__ import annotations

import pytest

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import (
    MERGE_SYSTEM,
    PLAIN_TEMPLATE,
    is_plain,
    prepare_tokenizer,
    render,
    token_ids,
)
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


# Two families that know no system role: one says so, one leaves its words out in silence.
NO_SYSTEM = OTHER_TEMPLATE.replace(
    "{% for message",
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role here') }}"
    "{% endif %}{% for message",
)
SILENT = OTHER_TEMPLATE.replace("{% else %}", "{% elif message['role'] != 'system' %}")


@pytest.mark.parametrize("template", [NO_SYSTEM, SILENT, "\n" + NO_SYSTEM])
def test_without_a_system_role_its_words_go_in_front_of_the_first_user_turn(template: str) -> None:
    assert template != OTHER_TEMPLATE
    tokenizer = twin_tokenizer()
    tokenizer.chat_template = template
    alone = [Message(role="user", content="be brief\n\nwhy")]
    meant = render(tokenizer, [alone], generation_prompt=True)
    prepare_tokenizer(tokenizer)
    assert render(tokenizer, [TALK], generation_prompt=True) == meant
    assert render(tokenizer, [alone], generation_prompt=True) == meant
    longer = [*TALK, ANSWER, Message(role="user", content="and then")]
    (text,) = render(tokenizer, [longer], generation_prompt=True)
    assert text.endswith("[A]so</s>[user]and then\n[A]")


def test_what_is_put_in_front_is_kept_with_the_tokenizer_and_put_there_once() -> None:
    tokenizer = twin_tokenizer()
    tokenizer.chat_template = NO_SYSTEM
    once = prepare_tokenizer(tokenizer).chat_template
    assert once == MERGE_SYSTEM + NO_SYSTEM
    assert prepare_tokenizer(tokenizer).chat_template == once


def test_a_base_model_that_has_seen_no_text_without_a_first_token_gets_it() -> None:
    from tokenizers.processors import TemplateProcessing

    tokenizer = twin_tokenizer()
    tokenizer.chat_template = None
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.bos_token_id)]
    )
    prepare_tokenizer(tokenizer)
    assert is_plain(tokenizer)
    (text,) = render(tokenizer, [TALK], generation_prompt=True)
    assert text.startswith("<s>### system\n")
    (ids,) = token_ids(tokenizer, [text])
    assert ids.count(tokenizer.bos_token_id) == 1
