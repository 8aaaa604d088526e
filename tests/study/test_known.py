"""What is known of a student's model."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pullsmith.models.presets import describe, presets
from pullsmith.study.known import known_of
from pullsmith.study.roles import StudentRole


def test_a_hub_student_finds_its_preset_by_hub_id() -> None:
    assert known_of(StudentRole(model="hf:google/gemma-7b")) == presets()["gemma-7b"]


def test_the_study_s_own_word_goes_before_the_preset_and_is_named_as_source() -> None:
    about = {"licence": "ours", "context_tokens": 4096}
    found = known_of(StudentRole.model_validate({"model": "hf:google/gemma-7b", "about": about}))
    assert (found.licence.value, found.licence.source) == ("ours", "the study")
    assert found.context_tokens.value == 4096
    assert found.vendor == presets()["gemma-7b"].vendor


def test_the_embedded_student_is_known_like_any_preset() -> None:
    known = known_of(StudentRole(model="tiny"))
    assert describe(known) == "pullsmith, tiny, code"
    assert (known.architecture.value, known.licence.value) == ("qwen2", None)
    said = known_of(StudentRole.model_validate({"model": "tiny", "about": {"licence": "ours"}}))
    assert (said.licence.source, said.vendor) == ("the study", known.vendor)


@pytest.mark.parametrize("model", ["hf:some/other", "./folder"])
def test_of_any_other_model_only_the_study_s_word_is_known(model: str) -> None:
    nothing = known_of(StudentRole(model=model))
    assert all(fact.value is None for name, fact in nothing if name != "note")
    assert describe(nothing) == ""
    about = {"size_billions": 7.0, "model_class": "code", "lora_targets": ["q_proj"]}
    known = known_of(StudentRole.model_validate({"model": model, "about": about}))
    assert (known.size_billions.value, known.model_class.value) == (7.0, "code")
    assert known.lora_targets.value == ("q_proj",)


def test_it_is_said_in_a_line() -> None:
    assert describe(presets()["llama-3-8b-instruct"]) == (
        "Meta, llama-3, general, instruct, licence llama3, released 2024-04-18, "
        "training data until 2023-03, context in tokens 8192"
    )


def test_a_misspelt_fact_is_refused() -> None:
    assert StudentRole.model_validate({"model": "tiny", "about": {"width": 8}}).about.width == 8
    with pytest.raises(ValidationError, match="widht"):
        StudentRole.model_validate({"model": "tiny", "about": {"widht": 8}})
