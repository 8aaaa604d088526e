"""estimate and the table of what was spent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main

STUDY = """
name = "costs"
teacher = [{ model = "openai:gpt-5", samples = 2, training = "allowed", contract = "compact-1" }]
student = [{ model = "tiny", contract = "compact-1" }]
reference = [{ model = "rules", family = "f" }]
judge = [{ model = "http://127.0.0.1:1/v1#judge", family = "f" }, { model = "openai:gpt-5-mini", retires = 2020-01-01 }]
eval.per_tool = 1
[collect]
sources = [{ planted = "stdlib", count = 12 }]
"""


def called(folder: Path, *arguments: str, text: str = STUDY) -> Result:
    (folder / "s.toml").write_text(text)
    name, *rest = arguments
    return CliRunner().invoke(main, [name, str(folder / "s.toml"), *rest])


def test_before_rendering_what_is_unknown_is_said_to_be(tmp_path: Path) -> None:
    done = called(tmp_path, "estimate")
    assert done.exit_code == 0, done.output
    teacher, reference, judge, mini = done.output.splitlines()[1:5]
    assert teacher.split()[2:6] == ["?", "?", "?", "unknown"]
    assert reference.split()[-5:] == ["$0.00", "runs", "on", "this", "machine"]
    assert "unknown" in judge
    assert judge.endswith("unknown price")
    assert "$" in mini
    assert "which nobody knows yet" in done.output
    assert (
        "judge http://127.0.0.1:1/v1#judge is of the same family (f) as the reference "
        in done.output
    )
    assert "openai:gpt-5-mini was retired on 2020-01-01" in done.output


def test_after_rendering_prompts_are_counted(tmp_path: Path) -> None:
    assert called(tmp_path, "run", "--until", "render").exit_code == 0
    lines = json.loads(called(tmp_path, "estimate", "--json").stdout)
    teacher = lines[0]
    assert teacher["calls"] > 0
    assert teacher["calls"] % 2 == 0  # two samples each
    assert teacher["output_tokens"] == teacher["calls"] * 2048
    assert teacher["usd"] > 0
    assert lines[2]["usd"] is None
    refused = called(tmp_path, "estimate", "budget_usd=0.001")
    assert refused.exit_code == 1
    assert "budget_usd = 0.001 is less than the $" in refused.output


def test_follow_ups_are_counted_at_their_most(tmp_path: Path) -> None:
    text = STUDY.replace(
        'samples = 2, training = "allowed", contract = "compact-1"',
        ('samples = 2, training = "allowed", contract = "native-1", repair = true, reflect = true'),
    )
    before = called(tmp_path, "estimate", text=text).output
    assert [row.split()[:4] for row in before.splitlines()[2:4]] == [
        ["teacher,", "repair", "openai:gpt-5", "?"], ["teacher,", "reflect", "openai:gpt-5", "?"],
    ]  # fmt: skip
    assert called(tmp_path, "run", "--until", "render", text=text).exit_code == 0
    lines = json.loads(called(tmp_path, "estimate", "--json", text=text).stdout)
    first, repair, reflect = lines[:3]
    prompts = first["calls"] // 2
    improve = prompts // 3  # spots are not in native-1, so a third of its prompts
    assert (repair["calls"], reflect["calls"]) == (prompts + improve, improve)
    for line in (repair, reflect):
        assert line["output_tokens"] == line["calls"] * 2048
        assert line["input_tokens"] > line["calls"] * (first["input_tokens"] // first["calls"])
        assert line["usd"] > 0
    total = sum(line["usd"] or 0 for line in lines)
    assert called(tmp_path, "estimate", f"budget_usd={total - 0.01}", text=text).exit_code == 1


def test_a_teacher_against_its_terms_stops_the_run_before_anything(tmp_path: Path) -> None:
    text = STUDY.replace(', training = "allowed"', "")
    for command in ("estimate", "run"):
        done = called(tmp_path, command, text=text)
        assert done.exit_code == 1
        assert 'accept_terms = ["openai:gpt-5"]' in done.output
    assert not (tmp_path / "runs").exists()
    text = 'accept_terms = ["openai:gpt-5"]\n' + text
    assert called(tmp_path, "estimate", text=text).exit_code == 0


def test_what_was_spent_is_a_table_of_status(tmp_path: Path) -> None:
    text = STUDY.replace(
        '"openai:gpt-5", samples = 2, training = "allowed"',
        '"scripted:hello", price = { input = 1, output = 2 }',
    )
    assert called(tmp_path, "run", "--until", "render", text=text).exit_code == 0
    done = called(tmp_path, "generate", text=text)
    assert done.exit_code == 0, done.output
    shown = called(tmp_path, "status", text=text).output
    (line,) = (row for row in shown.splitlines() if row.startswith("scripted:hello"))
    assert "$0.0" in line
    assert line in done.output


def test_judges_are_counted_with_orders_repeats_and_controls(tmp_path: Path) -> None:
    lines = json.loads(called(tmp_path, "estimate", "--json").stdout)
    # 2 x 1 x 3 prompts, 4 entrants, both orders and a twentieth again: 49.2; controls 7 x 20 x 3.
    # Rules judge beside them for nothing, and are not asked again.
    judges = [line for line in lines if line["role"] == "judge"]
    assert [line["calls"] for line in judges] == [50 + 420, 50 + 420, 48 + 420]
    assert judges[-1]["model"] == "rubric"
    assert judges[-1]["usd"] == 0
    random = STUDY.replace('#judge", family = "f"', '#judge", orders = "random"')
    lines = json.loads(called(tmp_path, "estimate", "--json", "judging.controls=0", text=random).stdout)  # fmt: skip
    # One order, a quarter in both, a twentieth again: 6 x 4 x 1.3 = 31.2.
    assert [line["calls"] for line in lines if line["role"] == "judge"] == [32, 50, 48]


def test_what_the_study_could_see_is_said_before_it_is_paid_for(tmp_path: Path) -> None:
    # 2.80 x sqrt(.48 x .5 / n): of 3 prompts 79 points; one task alone shows nothing.
    few = called(tmp_path, "estimate", "eval.per_tool=1", 'render.tools=["review"]')
    assert "1 prompts show no difference between two models" in few.output
    done = called(tmp_path, "estimate", "eval.per_tool=100")
    assert "300 prompts show a difference of 7.9 points between two models" in done.output


def test_students_have_hours_memory_and_disk_and_what_nobody_knows_is_unknown(
    tmp_path: Path,
) -> None:
    seven = '{ model = "hf:codellama/CodeLlama-7b-hf", contract = "compact-1", method = "lora" }'
    text = STUDY.replace("student = [{", f"student = [{seven}, {{")
    done = called(tmp_path, "estimate", "--gpu", "a100", text=text)
    assert done.exit_code == 0, done.output
    (known,) = [row for row in done.output.splitlines() if row.startswith("hf:codellama")]
    # 2,000 steps x 2 x 3 examples of 1,024 tokens x 7e9 weights x 2 x 2 ways at .3 of 312 TFLOP/s.
    assert known.split()[1:4] == ["lora", "1.0", "h"]
    (tiny,) = [row for row in done.output.splitlines() if row.startswith("tiny ")]
    assert tiny.split() == ["tiny", "full", *["unknown"] * 7]
    assert "estimated for a100: 1.0 h of GPU, and tiny of unknown size; hours may be wrong by a factor of three" in done.output  # fmt: skip
    assert "disk: prompts, answers and verdicts unknown before rendering; models and what is trained 13 GiB, and tiny" in done.output  # fmt: skip


def test_json_keeps_its_rows_and_adds_the_students_and_the_study(tmp_path: Path) -> None:
    rows = json.loads(called(tmp_path, "estimate", "--json").stdout)
    student, whole = rows[-2:]
    keys = {"role", "model", "calls", "input_tokens", "output_tokens", "usd", "price_source"}
    assert all(keys <= row.keys() for row in rows)
    assert (student["role"], student["model"], student["gpu_hours"]) == ("student", "tiny", None)
    assert (whole["role"], whole["gpu_hours_unknown_of"], whole["text_bytes"]) == ("study", ["tiny"], None)  # fmt: skip
    assert "openai:gpt-5" in whole["usd_unknown_of"]
    # 3 prompts, 2.80 x sqrt(2 x .4 x .6 x .5 / 3) = .79.
    assert whole["detectable_difference"] == pytest.approx(0.79, abs=0.01)


def test_a_gpu_nobody_knows_is_refused_by_name(tmp_path: Path) -> None:
    done = called(tmp_path, "estimate", "--gpu", "h10")
    assert done.exit_code == 1
    assert "unknown GPU 'h10': did you mean 'h100'?" in done.output


def test_real_pull_requests_that_select_bounds_have_a_teacher_s_price_before_rendering(tmp_path: Path) -> None:  # fmt: skip
    text = STUDY.replace('{ planted = "stdlib", count = 12 }', '{ git = "clones" }')
    unbounded = json.loads(called(tmp_path, "estimate", "--json", text=text).stdout)
    assert unbounded[0]["calls"] is None
    text = text.replace("[collect]", "[select]\nmax_pull_requests = 50\n[collect]")
    teacher, reference, *_ = json.loads(called(tmp_path, "estimate", "--json", text=text).stdout)
    assert teacher["calls"] == 2 * 50 * 3  # two samples each
    assert teacher["usd"] > 0
    assert reference["calls"] == 1 * 3  # no planted ones beside the real ones
