"""The Modelfile's template writes what each family's own template does, read by Ollama's rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pullsmith.errors import TrainingError
from pullsmith.export.ollama import Frame, Parameters, frame_of, modelfile
from pullsmith.export.source import find_source
from pullsmith.export.targets import Choices, export
from pullsmith.llm.chat import prepare_tokenizer, render
from pullsmith.llm.weights import load_tokenizer
from pullsmith.records import Message
from tests.export.go_template import prompt_of, read_modelfile
from tests.export.test_gguf import CONVERTER
from tests.export.trained import Run
from tests.train.twins import TWINS, twin_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PARAMETERS = Parameters(8192, 1024, 0.0, ("<|im_end|>", '"'))
TALKS = [
    [("system", "Be brief."), ("user", 'a "b" {{ .Prompt }} {{- end }} """ \\n é \U0001f600')],
    [("user", "def f():\n\treturn 1  # no system text")],
    [("system", "s"), ("user", "one"), ("assistant", "two"), ("user", "three")],
]


def messages(talk: list[tuple[str, str]]) -> list[Message]:
    return [Message(role=role, content=content) for role, content in talk]


def tokenizer_of(name: str) -> PreTrainedTokenizerBase:
    return prepare_tokenizer(twin_tokenizer(TWINS[name]))


@pytest.mark.parametrize("name", TWINS)
def test_the_prompt_is_the_templates_own(name: str) -> None:
    tokenizer = tokenizer_of(name)
    talks = [messages(talk) for talk in TALKS[:2]]
    frame, notes = frame_of(tokenizer, talks)
    text = modelfile(frame, PARAMETERS, weights="m.gguf", notes=notes)
    template = read_modelfile(text).template
    adds = tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
    first = str(tokenizer.bos_token) if adds else ""
    for talk, asked in zip(TALKS, talks, strict=False):
        (own,) = render(tokenizer, [asked], generation_prompt=True)
        assert first + prompt_of(template, talk) == own
    trims = "trimmed" in TWINS[name].quirk
    assert bool(notes) is trims


def test_an_earlier_answer_is_ended_as_it_was_trained(tiny_run: Run) -> None:
    tokenizer = load_tokenizer(tiny_run.final)
    frame, _ = frame_of(tokenizer, [])
    template = read_modelfile(modelfile(frame, PARAMETERS, weights="m.gguf", notes=())).template
    (own,) = render(tokenizer, [messages(TALKS[2])], generation_prompt=True)
    assert prompt_of(template, TALKS[2]) == own


def test_a_template_that_drops_blanks_is_refused_where_the_prompts_have_them() -> None:
    tokenizer = tokenizer_of("gemma")
    ends = [Message(role="user", content="Answer in YAML:\n```yaml\n")]
    with pytest.raises(TrainingError, match="serve it with llama-server --jinja"):
        frame_of(tokenizer, [ends])
    frame_of(tokenizer_of("qwen2"), [ends])


def test_a_first_token_that_only_the_server_would_write_is_refused() -> None:
    tokenizer = tokenizer_of(
        "llama (CodeLlama base)"
    )  # it writes a first token, as does our template
    frame_of(tokenizer, [])
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    with pytest.raises(TrainingError, match="add_bos_token to false"):
        frame_of(tokenizer, [])


def test_a_template_that_counts_or_moves_texts_is_refused() -> None:
    for odd in (
        "{% for m in messages %}{{ m['content'] | length }}{% endfor %}",
        "{% for m in messages | reverse %}{{ m['content'] }}{% endfor %}",
        "{% for m in messages %}{{ m['content'] | upper }}{% endfor %}",
    ):
        tokenizer = tokenizer_of("qwen2")
        tokenizer.chat_template = odd
        with pytest.raises(TrainingError, match="leaves out or moves"):
            frame_of(tokenizer, [])


def test_words_that_go_would_take_for_its_own_are_constants() -> None:
    frame = Frame('{{"', '"""\n\x7f\u2028', "\U0001f600\\", "{", "}", "\t")
    text = modelfile(frame, PARAMETERS, weights="m.gguf", notes=())
    template = read_modelfile(text).template
    assert prompt_of(template, [("system", "S"), ("user", "U")]) == frame.around("S", "U")
    assert prompt_of(template, [("user", "U")]) == frame.around("", "U")


def test_parameters_are_those_it_was_judged_with() -> None:
    frame = Frame("a", "b", "c", "d", "e", "f")
    found = read_modelfile(modelfile(frame, PARAMETERS, weights="m.gguf", notes=("why",)))
    assert found.source == "./m.gguf"
    assert dict(found.parameters[:4]) == {
        "num_ctx": "8192", "num_predict": "1024", "temperature": "0", "repeat_penalty": "1",
    }  # fmt: skip
    assert found.parameters[4:] == (("stop", "<|im_end|>"), ("stop", '"'))
    warm = replace(PARAMETERS, temperature=0.2)
    text = modelfile(frame, warm, weights="m.gguf", notes=())
    assert ("temperature", "0.2") in read_modelfile(text).parameters
    assert ("top_p", "1") in read_modelfile(text).parameters


def test_a_run_becomes_a_folder_that_ollama_can_make_a_model_of(
    tiny_run: Run, tmp_path: Path
) -> None:
    checkout = tmp_path / "llama.cpp"
    checkout.mkdir()
    (checkout / "convert_hf_to_gguf.py").write_text(CONVERTER)
    out = tmp_path / "out"
    made = export(find_source(str(tiny_run.file)), "ollama", out, Choices(llama_cpp=checkout))
    assert made.files == ("Modelfile", "README.md", "pupil.gguf")
    found = read_modelfile((out / "Modelfile").read_text())
    assert found.source == "./pupil.gguf"
    assert dict(found.parameters)["num_ctx"] == "256"
    tokenizer = load_tokenizer(tiny_run.final)
    assert ("stop", tokenizer.eos_token) in found.parameters
    assert f"ollama create pupil -f {out / 'Modelfile'}" in made.notes[-2]
