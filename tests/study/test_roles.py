"""What is known of a student before it is opened."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from pullsmith.models.presets import presets
from pullsmith.study.roles import ReferenceRole, StudentRole


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
