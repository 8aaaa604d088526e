"""A study: the whole experiment in one file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from pullsmith.models.names import ModelKind
from pullsmith.study.base import Settings
from pullsmith.study.clean import CleanSettings
from pullsmith.study.cluster import ClusterSettings, Engine
from pullsmith.study.collect import CollectSettings
from pullsmith.study.contract import ContractSettings
from pullsmith.study.rank import RankSettings
from pullsmith.study.render import RenderSettings
from pullsmith.study.roles import JudgeRole, ReferenceRole, StudentRole, TeacherRole
from pullsmith.study.select import SelectSettings
from pullsmith.study.split import EvalSettings, SplitSettings
from pullsmith.study.train import TrainSettings

BASELINES = (ModelKind.CONSTANT.value, ModelKind.MAJORITY.value)


class Study(Settings):
    """Everything one run needs to know; read once, written beside every output."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """The run's folder is runs/NAME."""
    seed: int = 0
    """Every draw hashes this with the record's id."""
    runs: Path = Path("runs")
    """Where run folders are made, relative to the study file."""
    engine: Engine = Engine.LOCAL
    """What runs record steps: processes of this machine ("local"), a Ray cluster ("ray") or Slurm ("slurm")."""
    cluster: ClusterSettings = ClusterSettings()
    """Where the cluster is."""
    collect: CollectSettings
    """Where pull requests come from."""
    select: SelectSettings = SelectSettings()
    """Which are good enough."""
    split: SplitSettings = SplitSettings()
    """What is held out."""
    eval: EvalSettings = EvalSettings()
    """The evaluation set."""
    render: RenderSettings = RenderSettings()
    """What is shown."""
    contract: ContractSettings = ContractSettings()
    """How tasks are put to models."""
    teacher: tuple[TeacherRole, ...] = Field(
        default=(TeacherRole(model="rules+truth"),), min_length=1
    )
    """Who answers the training prompts; the first answers all, the others are kept beside."""
    student: tuple[StudentRole, ...] = Field(min_length=1)
    """Who is trained."""
    reference: tuple[ReferenceRole, ...] = Field(
        default=(ReferenceRole(model="rules"),), min_length=1
    )
    """What candidates are compared with."""
    judge: tuple[JudgeRole, ...] = Field(default=(JudgeRole(model="rubric"),), min_length=1)
    """Who compares."""
    baselines: bool = True
    """Add a constant answer and a majority-kind answer as rows, so that no prior passes for skill."""
    clean: CleanSettings = CleanSettings()
    """Which answers become examples."""
    train: TrainSettings = TrainSettings()
    """The recipe."""
    rank: RankSettings = RankSettings()
    """Intervals."""

    @property
    def student_cells(self) -> tuple[str, ...]:
        """One folder a student."""
        return tuple(student.cell for student in self.student)

    @property
    def reference_cells(self) -> tuple[str, ...]:
        """One folder a reference."""
        return tuple(reference.cell for reference in self.reference)

    @property
    def contracts(self) -> tuple[str, ...]:
        """Every contract a model of the study is asked in, by name."""
        asked = [role.contract for role in self.teacher]
        asked += [role.contract for role in self.reference]
        asked += [role.contract for role in self.student]
        return tuple(sorted(set(asked)))

    @property
    def candidate_cells(self) -> tuple[str, ...]:
        """What is compared with the references: the students, and the rows without skill."""
        return (*self.student_cells, *(BASELINES if self.baselines else ()))

    @property
    def respond_cells(self) -> tuple[str, ...]:
        """Everyone who answers the eval prompts."""
        return (*self.candidate_cells, *self.reference_cells)

    @model_validator(mode="after")
    def _distinct_cells(self) -> Study:
        cells = self.respond_cells
        for cell in cells:
            if not cell or cells.count(cell) > 1:
                raise ValueError(
                    f"two models share the folder {cell!r}: give each student its own name"
                )
        return self
