"""What is printed for several GPUs: accelerate reads the settings, bash reads the script."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from pullsmith.errors import StudyError
from pullsmith.train.launch import (
    Layout,
    Sharding,
    accelerate_settings,
    launch_script,
    torchrun_command,
)
from tests.train.runs import study

PATH = Path("my study.toml")


def script(root: Path, layout: Layout, *overrides: str) -> str:
    settings = ("train.gradient_accumulation_steps=16", 'cluster.partition="gpu"', *overrides)
    return launch_script(study(root, overrides=settings), layout, path=PATH, overrides=("seed=4",))


@pytest.mark.parametrize("sharding", ["fsdp", "deepspeed", "none"])
@pytest.mark.parametrize("layout", [(1, 1), (1, 8), (2, 8)])
def test_accelerate_reads_its_settings(
    tmp_path: Path, sharding: Sharding, layout: tuple[int, int]
) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    nodes, gpus = layout
    file = tmp_path / "settings.yaml"
    file.write_text(accelerate_settings(Layout(nodes, gpus, sharding), accumulation=16))
    found = load_config_from_file(str(file))  # it refuses keys it does not know
    assert (found.num_machines, found.num_processes) == (nodes, nodes * gpus)
    kinds = {"fsdp": "FSDP", "deepspeed": "DEEPSPEED", "none": "MULTI_GPU"}
    assert str(found.distributed_type.value) == (kinds[sharding] if gpus > 1 else "NO")


def test_the_settings_divide_the_weights_and_share_the_batches() -> None:
    fsdp = yaml.safe_load(accelerate_settings(Layout(1, 8, "fsdp"), accumulation=16))
    assert fsdp["fsdp_config"]["fsdp_version"] == 2
    assert fsdp["fsdp_config"]["fsdp_reshard_after_forward"] is True
    zero = yaml.safe_load(accelerate_settings(Layout(1, 8, "deepspeed"), accumulation=16))
    assert zero["deepspeed_config"]["zero_stage"] == 3
    assert zero["deepspeed_config"]["gradient_accumulation_steps"] == 2
    with pytest.raises(StudyError, match="cannot be shared by 24 processes"):
        accelerate_settings(Layout(3, 8, "fsdp"), accumulation=16)


def test_the_script_runs_by_itself_and_writes_the_settings(tmp_path: Path) -> None:
    """A stand-in for accelerate is on the path; it says how it was called."""
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "accelerate"
    fake.write_text('#!/bin/bash\nprintf "%s|" "$@"\n')
    fake.chmod(0o755)
    text = script(tmp_path / "runs here", Layout(1, 8, "fsdp"), 'cluster.setup="export OURS=1"')
    done = subprocess.run(
        ["bash", "-c", text], env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    settings = tmp_path / "runs here" / "study" / "accelerate-fsdp.yaml"
    assert done.stdout == (
        f"launch|--config_file|{settings}|-m|pullsmith|train|my study.toml|seed=4|"
    )
    assert yaml.safe_load(settings.read_text())["num_processes"] == 8
    assert "export OURS=1\n" in text


def test_several_machines_are_a_slurm_job(tmp_path: Path) -> None:
    """Stand-ins for Slurm's commands; every machine says its own number."""
    (tmp_path / "bin").mkdir()
    for name, body in {
        "accelerate": 'printf "%s|" "$@"',
        "scontrol": 'echo "$3" | tr "," "\\n"',
        "srun": 'shift; for n in 0 1; do SLURM_NODEID=$n "$@"; echo; done',
    }.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    text = script(tmp_path, Layout(2, 8, "deepspeed"))
    assert subprocess.run(["bash", "-n"], input=text, text=True, check=False).returncode == 0
    done = subprocess.run(
        ["bash", "-c", text], capture_output=True, text=True, check=True,
        env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "SLURM_JOB_NODELIST": "one,two"},
    )  # fmt: skip
    calls = done.stdout.splitlines()
    where = [f"|--machine_rank|{n}|--main_process_ip|one|--main_process_port|29500|" for n in "01"]
    assert [part in call for part, call in zip(where, calls, strict=True)] == [True, True]
    assert all(call.endswith("|-m|pullsmith|train|my study.toml|seed=4|") for call in calls)
    for line in ("--nodes=2", "--gpus-per-node=8", "--partition=gpu", "--time=04:00:00"):
        assert f"#SBATCH {line}\n" in text


def test_the_plain_command_has_every_word_quoted() -> None:
    found = torchrun_command(Layout(1, 4, "none"), path=PATH, overrides=("seed=4",))
    assert found == "torchrun --nproc-per-node=4 -m pullsmith train 'my study.toml' seed=4"
