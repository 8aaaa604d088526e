"""What is known of a student before it is opened."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from pullsmith.models.presets import presets
from pullsmith.study.roles import JudgeRole, ReferenceRole, StudentRole
from tests.judged import study


def test_the_studys_word_for_a_cutoff_comes_before_the_presets() -> None:
    preset = next(one for one in presets().values() if one.cutoff.value and one.hub.value)
    hub = f"hf:{preset.hub.value}"
    said = {"model": hub, "cutoff": date(2026, 1, 2), "about": {"cutoff": "2025"}}
    assert StudentRole.model_validate(said).known_cutoff == "2026-01-02"
    assert StudentRole.model_validate({"model": hub}).known_cutoff == preset.cutoff.value
    about = {"model": hub, "about": {"cutoff": "2025-03"}}
    assert StudentRole.model_validate(about).known_cutoff == "2025-03"


@pytest.mark.parametrize("model", ["tiny", "hf:nobody/knows-it", "./folder"])
def test_of_a_model_nobody_knows_there_is_no_cutoff(model: str) -> None:
    assert StudentRole(model=model).known_cutoff is None


def test_a_reference_has_a_name_and_a_pack_that_is_pinned() -> None:
    pinned = {"model": "openai:gpt-4", "pack": "gpt-4.parquet", "digest": "0123456789abcdef"}
    assert ReferenceRole.model_validate(pinned).label == "openai:gpt-4"
    assert ReferenceRole.model_validate({**pinned, "name": "gpt-4, 2024"}).cell == "gpt-4--2024"
    for half in ("pack", "digest"):
        only = {key: value for key, value in pinned.items() if key in ("model", half)}
        with pytest.raises(ValidationError, match="write pack and digest both"):
            ReferenceRole.model_validate(only)
    with pytest.raises(ValidationError, match="digest"):
        ReferenceRole.model_validate({**pinned, "digest": "0123"})


def test_a_judge_has_one_prompt_for_all_tools_or_one_for_a_tool() -> None:
    judge = JudgeRole(model="openai:j", prompts={"review": "review-1"})
    assert [judge.prompt_of(tool) for tool in ("describe", "review")] == ["pair-1", "review-1"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"prompt_version": "pair1"}, "unknown judge prompt 'pair1'; did you mean 'pair-1'"),
        ({"prompt_version": "review-1"}, "is for review: write prompts.review = 'review-1'"),
        ({"prompts": {"improve": "review-1"}}, "prompts.improve: 'review-1' is for review"),
        ({"prompts": {"improve": "improve-2"}}, "did you mean 'improve-1'"),
    ],
)
def test_a_prompt_nobody_knows_and_one_of_another_tool_are_refused_when_read(
    settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        JudgeRole.model_validate({"model": "openai:j", **settings})


def test_a_prompt_for_a_tool_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"judge\.prompts: unknown tool 'reviw'; did you mean 'review'"
    ):
        study(judge=[{"model": "openai:j", "prompts": {"reviw": "pair-1"}}])
