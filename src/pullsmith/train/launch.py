"""How to start a training on several GPUs, and on several machines: the script, and accelerate's settings.

Takes a study and a layout; gives text. Starts nothing. The script runs by itself on one machine and
is a Slurm job on several; what it starts is ``pullsmith train``, once a GPU.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pullsmith.engine import Processes
from pullsmith.study import Study
from pullsmith.study.cluster import ClusterSettings
from pullsmith.train.ranks import batches_each

Sharding = Literal["fsdp", "deepspeed", "none"]
PORT = 29500


@dataclass(frozen=True)
class Layout:
    """Machines, GPUs in each, and how the weights lie on them.

    ``fsdp`` (FSDP2) and ``deepspeed`` (ZeRO-3) divide weights, gradients and moments among all GPUs;
    with ``none`` each holds them all, which is faster where they fit.
    """

    nodes: int = 1
    gpus: int = 1
    sharding: Sharding = "fsdp"

    @property
    def processes(self) -> int:
        """One a GPU."""
        return self.nodes * self.gpus


def accelerate_settings(layout: Layout, *, accumulation: int) -> str:
    """Accelerate's configuration file for a layout; ``accumulation`` is the study's, of all processes.

    Raises StudyError where the batches of a step cannot be shared.
    """
    each = batches_each(accumulation, Processes(layout.processes))
    kind = {"fsdp": "FSDP", "deepspeed": "DEEPSPEED", "none": "MULTI_GPU"}[layout.sharding]
    lines = [
        "compute_environment: LOCAL_MACHINE",
        f"distributed_type: '{kind if layout.processes > 1 else 'NO'}'",
        "mixed_precision: bf16",
        f"num_machines: {layout.nodes}",
        f"num_processes: {layout.processes}",
        "rdzv_backend: static",
        "same_network: true",
        "use_cpu: false",
    ]
    if layout.processes > 1:
        lines += {"fsdp": _FSDP, "deepspeed": _zero(each), "none": []}[layout.sharding]
    return "\n".join(lines) + "\n"


_FSDP = [
    "fsdp_config:",
    "  fsdp_version: 2",
    "  fsdp_auto_wrap_policy: TRANSFORMER_BASED_WRAP",
    "  fsdp_reshard_after_forward: true",
    "  fsdp_cpu_ram_efficient_loading: false",
    "  fsdp_offload_params: false",
    "  fsdp_state_dict_type: FULL_STATE_DICT",
]


def _zero(accumulation: int) -> list[str]:
    return [
        "deepspeed_config:",
        "  zero_stage: 3",
        "  zero3_init_flag: false",
        "  zero3_save_16bit_model: true",
        "  offload_optimizer_device: none",
        "  offload_param_device: none",
        "  gradient_clipping: 1.0",
        f"  gradient_accumulation_steps: {accumulation}",
    ]


def launch_script(study: Study, layout: Layout, *, path: Path, overrides: Sequence[str]) -> str:
    """A shell script that starts the study's trainings on a layout; also a Slurm job.

    It writes accelerate's settings into the run folder, which every machine reaches by one path.
    Raises StudyError where the batches of a step cannot be shared.
    """
    settings = accelerate_settings(layout, accumulation=study.train.gradient_accumulation_steps)
    file = study.runs / study.name / f"accelerate-{layout.sharding}.yaml"
    train = ["-m", "pullsmith", "train", str(path), *overrides]
    parts = [
        "#!/bin/bash",
        *slurm_lines(f"pullsmith-train-{study.name}", study.cluster, layout),
        "set -euo pipefail",
        *([study.cluster.setup] if study.cluster.setup else []),
        f"mkdir -p {shlex.quote(str(file.parent))}",
        f"cat > {shlex.quote(str(file))} <<'YAML'\n{settings}YAML",
        *_start(layout, file, train),
    ]
    return "\n".join(parts) + "\n"


def torchrun_command(layout: Layout, *, path: Path, overrides: Sequence[str]) -> str:
    """The plain command for one machine: every GPU holds all weights."""
    words = ["torchrun", f"--nproc-per-node={layout.gpus}", "-m", "pullsmith", "train", str(path)]
    return shlex.join([*words, *overrides])


def slurm_lines(job_name: str, cluster: ClusterSettings, layout: Layout) -> list[str]:
    """What a script says to Slurm of itself; a layout of 0 GPUs asks for none."""
    lines = [
        f"--job-name={job_name}",
        f"--partition={cluster.partition}",
        f"--nodes={layout.nodes}",
        "--ntasks-per-node=1",
        *([f"--gpus-per-node={layout.gpus}"] if layout.gpus else []),
        f"--time={cluster.time_limit}",
    ]
    return [f"#SBATCH {line}" for line in [*lines, *([f"--qos={cluster.qos}"] * bool(cluster.qos))]]


def launch_words(file: Path) -> str:
    """The beginning of a command that starts a module once a GPU, quoted for a shell."""
    return shlex.join(["accelerate", "launch", "--config_file", str(file)])


def _start(layout: Layout, file: Path, train: Sequence[str]) -> list[str]:
    launch = launch_words(file)
    if layout.nodes == 1:
        return [f"{launch} {shlex.join(train)}"]
    # Each machine says its own number, which only it knows: so the words are put together there.
    command = (
        f'{launch} --machine_rank "$SLURM_NODEID" --main_process_ip "$FIRST" '
        f"--main_process_port {PORT} {shlex.join(train)}"
    )
    return [
        'export FIRST=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
        f"srun --kill-on-bad-exit=1 bash -c {shlex.quote(command)}",
    ]
