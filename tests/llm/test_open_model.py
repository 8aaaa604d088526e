"""Names to models, and names that cannot be asked."""

from __future__ import annotations

import pytest

from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.llm.anthropic_api import AnthropicModel
from pullsmith.llm.local import LocalModel
from pullsmith.llm.open_model import Weights, open_model
from pullsmith.llm.openai_api import OpenAIModel
from pullsmith.llm.protocol import BatchModel
from pullsmith.llm.rubric import RubricModel
from pullsmith.llm.rules import RulesModel
from pullsmith.llm.scripted import ScriptedModel


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rules", RulesModel),
        ("rules+truth", RulesModel),
        ("rubric", RubricModel),
        ("scripted:hello", ScriptedModel),
        ("http://127.0.0.1:1/v1#small", OpenAIModel),
        ("openai:gpt-5", OpenAIModel),
        ("anthropic:claude", AnthropicModel),
        ("hf:org/name", LocalModel),
        ("./folder", LocalModel),
    ],
)
def test_every_adapter(name: str, kind: type) -> None:
    model = open_model(
        name, environ={"OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "x"}, finds=lambda _: True
    )
    assert isinstance(model, kind)
    assert isinstance(model, BatchModel) == (kind is LocalModel)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("anthropic:claude", "ANTHROPIC_API_KEY is not set"),
        ("openai:gpt-5", "OPENAI_API_KEY is not set"),
        ("tiny", "can only be a student"),
        ("constant", "cannot be a teacher"),
        ("majority", "cannot be a teacher"),
        ("ruels", "did you mean 'rules'"),
    ],
)
def test_names_that_cannot_be_asked(name: str, message: str) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        open_model(name, environ={}, finds=lambda _: True)
    assert caught.value.exit_code == 1


def test_the_embedded_student_with_what_it_was_trained_to() -> None:
    model = open_model("tiny", weights=Weights(), finds=lambda _: True)
    assert isinstance(model, LocalModel)


@pytest.mark.parametrize("name", ["hf:org/name", "./folder"])
def test_without_the_extra_the_command_is_named(name: str) -> None:
    with pytest.raises(MissingExtraError, match=r"needs torch: pip install 'pullsmith\[train\]'"):
        open_model(name, finds=lambda module: module != "torch")
    open_model("rules", finds=lambda _: False)
