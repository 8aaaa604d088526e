"""studies/published.toml is the published experiment: its models, its numbers, and a price."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.models.presets import preset_of, presets
from pullsmith.pipeline.hardware import longest_prompt
from pullsmith.study import load_study

FILE = Path(__file__).parents[1] / "studies" / "published.toml"
RETIRED = ("gpt-4-turbo-2024-04-09", "gpt-4o", "claude-3-opus-20240229")


def test_it_has_the_published_models_and_no_other() -> None:
    students = load_study(FILE).student
    found = [preset_of(role.model.removeprefix("hf:")) for role in students]
    rates = [one.published_rate.value for one in found if one is not None]
    assert len(rates) == len({role.model for role in students}) == 14
    published = [one.published_rate.value for one in presets().values()]
    assert sorted(rate for rate in rates if rate) == sorted(rate for rate in published if rate)
    assert {(role.method, role.contract) for role in students} == {("lora", "compact-1")}


def test_its_numbers_are_the_published_ones() -> None:
    study = load_study(FILE)
    assert study.eval.per_tool == 100
    assert study.render.tools == ("describe", "review", "improve")
    kept = (study.select.max_pull_requests or 0) * (1 - study.split.eval_share)
    assert kept == pytest.approx(25_000, rel=0.001)
    settings = study.train
    seen = settings.steps * settings.gradient_accumulation_steps * settings.pull_requests_per_batch
    assert seen == pytest.approx(25_000, rel=0.001)


def test_its_judges_live_and_those_they_replace_are_named() -> None:
    text = FILE.read_text(encoding="utf-8")
    judges = load_study(FILE).judge
    assert len(judges) == 3
    for judge, retired in zip(judges, RETIRED, strict=True):
        assert retired not in judge.model
        assert f'"{judge.model}" }}, # was {retired}' in text


def test_every_prompt_fits_the_shortest_window() -> None:
    study = load_study(FILE)
    windows = [preset_of(role.model.removeprefix("hf:")) for role in study.student]
    shortest = min(one.context_tokens.value or 10**9 for one in windows if one is not None)
    longest = longest_prompt(study, "compact-1") + study.student[0].max_tokens
    assert longest <= shortest == study.train.max_length_tokens == 4096


def test_it_is_priced_before_anything_is_rendered(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["estimate", str(FILE), f"runs={tmp_path}", "--gpu", "h200", "--json"])  # fmt: skip
    assert done.exit_code == 0, done.output
    *lines, whole = json.loads(done.stdout)
    teacher = lines[0]
    assert teacher["calls"] == 76_500
    assert teacher["usd"] is None or teacher["usd"] > 100  # None: a price list older than the model
    students = [line for line in lines if line["role"] == "student"]
    assert len(students) == 14
    assert all(line["gpu_hours"] > 1 for line in students)
    unknown = [line["student"] for line in students if line["memory_bytes"] is None]
    assert unknown == whole["weights_unknown_of"] == ["Granite-34B"]
    assert whole["known_gpu_hours"] == pytest.approx(sum(line["gpu_hours"] for line in students))
    assert whole["detectable_difference"] == pytest.approx(0.079, abs=0.001)
    assert list(tmp_path.iterdir()) == []


def test_its_teacher_costs_what_the_published_list_prices_come_to(tmp_path: Path) -> None:
    """75,000 calls of 6,000 tokens in and 700 out at $10 and $30 a million are $6.1k; ours is an upper bound."""
    old = ["teacher.0.price={ input = 10, output = 30 }", "teacher.0.batch=false"]
    done = CliRunner().invoke(main, ["estimate", str(FILE), f"runs={tmp_path}", "--json", *old])
    assert done.exit_code == 0, done.output
    assert 6_100 < json.loads(done.stdout)[0]["usd"] < 1.5 * 6_100
