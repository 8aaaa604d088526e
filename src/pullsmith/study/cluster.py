"""Settings of the clusters that can run record steps; none of them changes a result."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from pullsmith.study.base import Settings


class Engine(StrEnum):
    """What runs record steps."""

    LOCAL = "local"
    RAY = "ray"
    SLURM = "slurm"


class ClusterSettings(Settings):
    """Where engine = "ray" and "slurm" run; every machine reaches the run folder by the same path."""

    address: str = ""
    """Ray: the cluster, as HOST:6379 or "auto"; empty means RAY_ADDRESS, or else one on this machine alone."""
    partition: str = "main"
    """Slurm: the partition jobs are sent to."""
    time_limit: str = Field(default="04:00:00", pattern=r"^(\d+-)?\d+(:\d\d){0,2}$")
    """Slurm: how long one slice may take."""
    qos: str = ""
    """Slurm: the quality of service, where the cluster asks for one."""
    setup: str = ""
    """Slurm: the shell line that makes pullsmith available, for example "source /shared/venv/bin/activate"."""
    memory_gb: int = Field(default=2, ge=1)
    """Memory of one process, on either."""
    processes: int = Field(default=0, ge=0)
    """How many slices at a time, on either; 0 is as many as there is room for."""
