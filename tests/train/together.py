"""Two processes that train one model on this machine, under FSDP2 and gloo.

``torchrun -m tests.train.together ROOT MODEL METHOD [KEY=VALUE …]`` runs the stage in ROOT. Accelerate
takes FSDP for a matter of GPUs; the one line that says otherwise is here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FSDP = {
    "ACCELERATE_USE_FSDP": "true",
    "FSDP_VERSION": "2",
    "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP",
    "FSDP_RESHARD_AFTER_FORWARD": "true",
    "FSDP_STATE_DICT_TYPE": "FULL_STATE_DICT",
}


def start(
    root: Path, model: str, method: str, *, settings: Sequence[str], sharded: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run the stage in two processes."""
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
        "-m", "tests.train.together", str(root), model, method, *settings,
    ]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **(FSDP if sharded else {})}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


def fsdp_on_a_cpu() -> None:
    """Let accelerate shard a model whose parts are in this machine's memory."""
    from accelerate import PartialState
    from accelerate.utils import DistributedType

    plain = PartialState.set_device

    def set_device(state: PartialState) -> None:
        plain(state)
        if state.distributed_type == DistributedType.MULTI_CPU:
            state.distributed_type = DistributedType.MULTI_GPU

    PartialState.set_device = set_device


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(root: str, model: str, method: str, *settings: str) -> None:
    """Train as one of several processes; the first one says what it reports."""
    from dataclasses import replace

    import torch

    from pullsmith.engine import processes_of
    from tests.train.runs import context, finish, study, train

    processes = processes_of(os.environ)
    if os.environ.get("ACCELERATE_USE_FSDP"):
        fsdp_on_a_cpu()
    chosen = study(Path(root), model, method=method, overrides=settings)
    found = context(chosen, report=say)
    if not processes.first:
        found = replace(found, report=lambda _: None)
    result = train(replace(found, processes=processes))
    if processes.first:
        finish(found.job, result.tally)
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
