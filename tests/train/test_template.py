from pullsmith.llm.chat import render
from pullsmith.records import Message
from pullsmith.train.encode import encode
from pullsmith.train.template import END, START
from pullsmith.train.tokenizer import train_tokenizer
from tests.train.builders import examples, texts


def test_it_writes_chatml() -> None:
    rows = examples(2, 0)
    tokenizer = train_tokenizer(texts(rows), 400)
    talk = [Message(role="user", content="a"), Message(role="assistant", content="b")]
    (whole,) = render(tokenizer, [talk], generation_prompt=False)
    (asked,) = render(tokenizer, [talk[:1]], generation_prompt=True)
    assert whole == f"{START}user\na{END}\n{START}assistant\nb{END}\n"
    assert asked == f"{START}user\na{END}\n{START}assistant\n"


def test_its_generation_markers_mask_what_the_prefix_rule_masks() -> None:
    rows = examples(3, 2)
    tokenizer = train_tokenizer(texts(rows), 400)
    encoded, _ = encode(rows, tokenizer, stops=[tokenizer.eos_token_id], max_length_tokens=500)
    for row, one in zip(rows, encoded, strict=True):
        talk = [{"role": m.role, "content": m.content} for m in row.messages]
        marked = tokenizer.apply_chat_template(
            [*talk, {"role": "assistant", "content": row.target}],
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        chosen = [
            i for i, m in zip(marked["input_ids"], marked["assistant_masks"], strict=True) if m
        ]
        assert chosen == list(one.input_ids[one.prompt_tokens :])
