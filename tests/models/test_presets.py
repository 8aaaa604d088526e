"""Presets: nothing without a source, and everything the published table and the issue name."""

from __future__ import annotations

from importlib.resources import files

import pytest

from pullsmith.errors import StudyError
from pullsmith.models.presets import Fact, Preset, preset_of, presets, read_presets

# Model and rate, as in the published table.
TABLE = {
    "deepseek-ai/deepseek-coder-33b-instruct": 40.7,
    "deepseek-ai/deepseek-coder-33b-base": 38.2,
    "Phind/Phind-CodeLlama-34B-v2": 38.0,
    "ibm-granite/granite-34b-code-instruct-8k": 37.6,
    "mistralai/Codestral-22B-v0.1": 32.7,
    "Qwen/Qwen1.5-32B": 29.0,
    "Qwen/CodeQwen1.5-7B": 35.4,
    "meta-llama/Llama-3.1-8B-Instruct": 35.2,
    "meta-llama/Meta-Llama-3-8B-Instruct": 26.8,
    "ibm-granite/granite-8b-code-instruct-4k": 34.2,
    "codellama/CodeLlama-7b-hf": 31.8,
    "google/gemma-7b": 27.2,
    "deepseek-ai/deepseek-coder-7b-instruct-v1.5": 26.8,
    "mistralai/Mistral-7B-v0.1": 16.1,
}
TODAY = ("qwen2.5-coder-7b", "qwen2.5-coder-14b", "qwen2.5-coder-32b", "qwen3-coder", "devstral-small",
         "starcoder2", "gpt-oss-20b", "granite-4", "seed-coder")  # fmt: skip
SHIPPED = files("pullsmith").joinpath("models/presets.toml").read_text(encoding="utf-8")


def test_every_model_of_the_published_table_is_there_with_its_rate() -> None:
    for hub_id, rate in TABLE.items():
        found = preset_of(hub_id)
        assert found is not None, hub_id
        assert found.published_rate.value == rate
        assert "published table" in found.published_rate.source
    rated = [one for one in presets().values() if one.published_rate.value is not None]
    assert len(rated) == len(TABLE) == 14


@pytest.mark.parametrize("name", TODAY)
def test_every_model_of_today_s_list_is_there(name: str) -> None:
    assert [found for found in presets() if found.startswith(name)]


def test_every_fact_has_a_source_or_is_unknown() -> None:
    facts = [
        (name, field, getattr(preset, field))
        for name, preset in presets().items()
        for field in Preset.model_fields
        if field != "note"
    ]
    assert len(facts) > 300
    for name, field, fact in facts:
        assert isinstance(fact, Fact)
        assert (fact.value is None) == (fact.source == ""), (name, field)
    assert all(preset.hub.value and "/" in preset.hub.value for preset in presets().values())


def test_a_hub_id_is_found_in_any_case_and_others_are_not() -> None:
    assert preset_of("QWEN/codeqwen1.5-7b") == presets()["codeqwen1.5-7b"]
    assert preset_of("some/other") is None


@pytest.mark.parametrize(
    ("line", "broken", "fault"),
    [
        ('cutoff = ["2023-12", "llama31-card"]', 'cutoff = "2023-12"', "cutoff: Value error, '2023-12' is neither"),
        ('cutoff = ["2023-12", "llama31-card"]', 'cutoff = ["2023-12", ""]', "source '' is not in"),
        ('cutoff = ["2023-12", "llama31-card"]', 'cutoff = ["2023-12", "memory"]', "source 'memory' is not in"),
        ('cutoff = ["2023-12", "llama31-card"]', 'cutoff = ["last winter", "llama31-card"]', "cutoff.value"),
        ('cutoff = ["2023-12", "llama31-card"]', "", "cutoff: Field required"),
        ('cutoff = ["2023-12", "llama31-card"]', 'cutof = "unknown"', "cutoff: Field required"),
        ('layers = [36, "granite-8b-config"]', 'layers = ["36", "granite-8b-config"]', "layers.value"),
        ("[sources]\ntable", '[sources]\nidle = "nobody"\ntable', "source 'idle' is used by no preset"),
    ],
)  # fmt: skip
def test_a_fact_without_a_source_is_refused_by_name(line: str, broken: str, fault: str) -> None:
    assert SHIPPED.count(line) == 1
    assert read_presets(SHIPPED)  # its twin
    with pytest.raises(StudyError) as raised:
        read_presets(SHIPPED.replace(line, broken))
    assert fault in str(raised.value)
