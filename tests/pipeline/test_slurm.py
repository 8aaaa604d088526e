"""What is printed for Slurm: bash takes it, stand-ins say who is called, in which order, after what."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.errors import StudyError
from pullsmith.pipeline import slurm_script
from pullsmith.records import Answer, Checkpoint, Example, Prompt, PullRequest
from pullsmith.store import JobKey
from pullsmith.study import Study, parse_study
from tests.pipeline.done import finish

STUDY = """
name = "sent"
train.gradient_accumulation_steps = 4
[[student]]
name = "it's n"
model = "hf:o/n"
data = ["all", "random"]
[[student]]
name = "$(touch pwned)"
model = "hf:o/m"
[collect]
sources = [{ planted = "stdlib", count = 3 }]
[cluster]
partition = "gpu"
setup = "export OURS=1"
"""
# Sends nothing: runs what it is given, each task of an array after the other, and gives a number.
SBATCH = """#!/bin/bash
set -e
job=$(cat)
number=$(( $(cat {here}/count 2>/dev/null || echo 100) + 1 )); echo $number > {here}/count
printf 'sbatch|%s\\n' "$*" >> {here}/log
printf '%s\\n' "$job" | grep '^#SBATCH' | sed "s/^/$number /" >> {here}/heads
last=$(printf '%s\\n' "$job" | sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p')
for task in $(seq 0 "${{last:-0}}"); do
    SLURM_ARRAY_TASK_ID=$task bash -c "$job" >&2
done
echo "$number;cluster"
"""
PROGRAM = '#!/bin/bash\nprintf "%s|" "$(basename "$0")" "$@" >> {here}/log; echo >> {here}/log\n'


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return parse_study(STUDY, folder=tmp_path)


def run_script(here: Path, text: str) -> str:
    """Run it on a login node of stand-ins; what was called."""
    (here / "bin").mkdir()
    for name, body in {"sbatch": SBATCH, "pullsmith": PROGRAM, "accelerate": PROGRAM}.items():
        (here / "bin" / name).write_text(body.format(here=here))
        (here / "bin" / name).chmod(0o755)
    subprocess.run(
        ["bash", "-c", text], env={"PATH": f"{here / 'bin'}:/usr/bin:/bin"}, cwd=here,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not (here / "pwned").exists()
    return (here / "log").read_text()


def test_shared_then_a_task_a_cell_then_the_rest(study: Study, tmp_path: Path) -> None:
    text = slurm_script(study, path=Path("my study.toml"), overrides=('name="$x"',))
    called = run_script(tmp_path, text)
    common = 'run|my study.toml|name="$x"'
    assert called.splitlines() == [
        "sbatch|--parsable",
        f"pullsmith|{common}|--until|control|",
        f"pullsmith|{common}|--only|rules|",
        "sbatch|--parsable --dependency=afterok:101 --kill-on-invalid-dep=yes",
        f"pullsmith|{common}|--only|it-s-n+all|--journal|it-s-n+all|--until|respond|",
        f"pullsmith|{common}|--only|it-s-n+random|--journal|it-s-n+random|--until|respond|",
        f"pullsmith|{common}|--only|touch-pwned|--journal|touch-pwned|--until|respond|",
        "sbatch|--parsable --dependency=afterok:102 --kill-on-invalid-dep=yes",
        f"pullsmith|{common}|",
    ]
    heads = (tmp_path / "heads").read_text()
    assert "102 #SBATCH --gpus-per-node=1\n" in heads
    assert heads.count("gpus") == 1, "rules and rubric need none"
    assert heads.count("#SBATCH --partition=gpu\n") == 3
    assert "102 #SBATCH --array=0-2\n" in heads
    assert text.count("export OURS=1\n") == 3


def test_a_cell_on_several_gpus_is_started_by_accelerate(study: Study, tmp_path: Path) -> None:
    called = run_script(tmp_path, slurm_script(study, path=Path("s.toml"), gpus=2))
    settings = tmp_path / "runs" / "sent" / "accelerate-fsdp.yaml"
    lines = called.splitlines()
    assert lines[4] == (
        f"accelerate|launch|--config_file|{settings}|-m|pullsmith|run|s.toml|--only|it-s-n+all"
        "|--journal|it-s-n+all|--until|train|"
    )
    assert lines[5].endswith("|--until|respond|")
    assert "num_processes: 2" in settings.read_text()
    with pytest.raises(StudyError, match="cannot be shared by 3 processes"):
        slurm_script(study, path=Path("s.toml"), gpus=3)


def test_what_is_done_is_not_sent_again(study: Study) -> None:
    for stage in ("collect", "select", "split"):
        finish(study, JobKey(stage), PullRequest, [])
    finish(study, JobKey("render"), Prompt, [])
    finish(study, JobKey("generate"), Answer, [])
    for key in (JobKey("clean"), JobKey("control", "random")):
        finish(study, key, Example, [])
    for cell in ("it-s-n+all", "it-s-n+random"):
        finish(study, JobKey("train", cell), Checkpoint, [])
    finish(study, JobKey("respond", "it-s-n+all"), Answer, [])
    assert "cells=(it-s-n+random touch-pwned)" in slurm_script(study, path=Path("s.toml"))
    for cell in ("it-s-n+random", "touch-pwned"):
        finish(study, JobKey("train", cell), Checkpoint, [])
        finish(study, JobKey("respond", cell), Answer, [])
    assert "--array" not in slurm_script(study, path=Path("s.toml"))


def test_an_end_mark_in_the_setup_does_not_end_the_job(study: Study, tmp_path: Path) -> None:
    setup = "cat > /dev/null <<'JOB'\ntouch pwned\nJOB"
    hostile = study.model_copy(
        update={"cluster": study.cluster.model_copy(update={"setup": setup, "processes": 2})}
    )
    text = slurm_script(hostile, path=Path("s.toml"))
    assert "#SBATCH --array=0-2%2\n" in text
    assert len(run_script(tmp_path, text).splitlines()) == 9


def test_a_local_judge_needs_a_gpu_and_the_command_prints(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(STUDY + '[[judge]]\nmodel = "rubric"\n')
    arguments = ["run", str(tmp_path / "s.toml"), "--print-slurm", "--gpus", "0"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("#!/bin/bash\n")
    assert "gpus" not in done.output
    local = parse_study(STUDY + '[[judge]]\nmodel = "hf:o/j"\n', folder=tmp_path)
    assert slurm_script(local, path=Path("s.toml")).count("--gpus-per-node=1") == 2
    assert not (tmp_path / "runs").exists(), "nothing is made"
