"""A study: the whole experiment in one file."""

from __future__ import annotations

import difflib
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from pullsmith.errors import StudyError
from pullsmith.models.names import BATCHED, MODEL_FREE, ModelKind, parse_model_name
from pullsmith.study.base import Settings, settled
from pullsmith.study.clean import CleanSettings
from pullsmith.study.cluster import ClusterSettings, Engine
from pullsmith.study.collect import CollectSettings
from pullsmith.study.contract import ContractSettings
from pullsmith.study.curate import CurateSettings
from pullsmith.study.data import DataKind
from pullsmith.study.grid import expanded
from pullsmith.study.judging import CONTROLS_CELL, RUBRIC, JudgingSettings
from pullsmith.study.rank import RankSettings
from pullsmith.study.render import RenderSettings
from pullsmith.study.report import ReportSettings
from pullsmith.study.roles import GraderRole, JudgeRole, ReferenceRole, StudentRole, TeacherRole
from pullsmith.study.select import SelectSettings
from pullsmith.study.split import EvalSettings, SplitSettings
from pullsmith.study.tool import BUILT_IN_TOOLS, RESERVED, SPOT, ToolSettings
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
    accept_terms: tuple[str, ...] = ()
    """Teachers whose terms restrict training on their answers and who are used all the same, by name."""
    budget_usd: float | None = Field(default=None, gt=0)
    """All model calls of the run together may cost this much; no call is made that might cost more."""
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
    tool: tuple[ToolSettings, ...] = ()
    """Tools of the user's own, beside describe, review and improve."""
    teacher: tuple[TeacherRole, ...] = Field(
        default=(TeacherRole(model="rules+truth"),), min_length=1
    )
    """Who answers the training prompts. The first one's answers become examples, or those of all that have a share; others are kept beside."""
    grader: GraderRole | None = None
    """Who scores the teachers' answers, 1 to 10, for clean.min_judge_score; nobody unless it is named."""
    student: tuple[StudentRole, ...] = Field(min_length=1)
    """Who is trained; an entry with lists is a student for each combination of them."""
    reference: tuple[ReferenceRole, ...] = Field(
        default=(ReferenceRole(model="rules"),), min_length=1
    )
    """What candidates are compared with."""
    judge: tuple[JudgeRole, ...] = Field(default=(JudgeRole(model=RUBRIC),), min_length=1)
    """Who compares; rubric, which is no model and costs nothing, judges beside them in any case."""
    judging: JudgingSettings = JudgingSettings()
    """How judges are checked."""
    baselines: bool = True
    """Add a constant answer and a majority-kind answer as rows, so that no prior passes for skill."""
    clean: CleanSettings = CleanSettings()
    """Which answers become examples."""
    curate: CurateSettings = CurateSettings()
    """What people are asked."""
    train: TrainSettings = TrainSettings()
    """The recipe."""
    rank: RankSettings = RankSettings()
    """Intervals."""
    report: ReportSettings = ReportSettings()
    """What is shown beside the study's own numbers."""

    def with_batches(self) -> Study:
        """The same study, whose teachers are asked through their providers' batch APIs."""
        teachers = tuple(
            role.model_copy(update={"batch": parse_model_name(role.model).kind in BATCHED})
            for role in self.teacher
        )
        return self.model_copy(update={"teacher": teachers})

    @property
    def student_cells(self) -> tuple[str, ...]:
        """One folder a student."""
        return tuple(student.cell for student in self.student)

    @property
    def reference_cells(self) -> tuple[str, ...]:
        """One folder a reference."""
        return tuple(reference.cell for reference in self.reference)

    @property
    def control_cells(self) -> tuple[str, ...]:
        """The data that some student learns from and clean's own rows do not hold."""
        beside = (student.training_data.beside_clean for student in self.student)
        return tuple(sorted({cell for cell in beside if cell}))

    def student_of(self, cell: str | None) -> StudentRole:
        """The student of a cell; raises StudyError for a cell of nobody."""
        for student in self.student:
            if student.cell == cell:
                return student
        raise StudyError(
            f"the study has no student {cell!r}; it has {', '.join(self.student_cells)}"
        )

    def train_of(self, student: StudentRole) -> TrainSettings:
        """The recipe of one student: the study's, and what its own entry says otherwise."""
        return self.train if student.train is None else settled(self.train, student.train)

    def for_student(self, student: StudentRole) -> Study:
        """The same study, whose [train] is the recipe of one student."""
        return self.model_copy(update={"train": self.train_of(student)})

    @property
    def contracts(self) -> tuple[str, ...]:
        """Every contract a model of the study is asked in, by name."""
        asked = [role.contract for role in self.teacher]
        asked += [role.contract for role in self.reference]
        asked += [role.contract for role in self.student]
        return tuple(sorted(set(asked)))

    @property
    def training_teachers(self) -> tuple[TeacherRole, ...]:
        """Whose answers become examples: those that divide the work, else the first."""
        return tuple(each for each in self.teacher if each.share) or self.teacher[:1]

    @property
    def varied_contracts(self) -> tuple[str, ...]:
        """The contracts whose training prompts carry options of ours now and then.

        They are those whose words become examples; none where a teacher of examples is no language
        model, which would not follow an instruction.
        """
        teachers = self.training_teachers
        kinds = {parse_model_name(each.model).kind for each in teachers}
        if kinds & MODEL_FREE or not self.contract.varied_share:
            return ()
        roles: list[TeacherRole | StudentRole] = [*teachers, *self.student]
        return tuple(sorted({role.contract for role in roles}))

    @property
    def candidate_cells(self) -> tuple[str, ...]:
        """What is compared with the references: the students, and the rows without skill."""
        return (*self.student_cells, *(BASELINES if self.baselines else ()))

    @property
    def judge_cells(self) -> tuple[str, ...]:
        """What judges see: the candidates, and the answers of known worth."""
        return (*self.candidate_cells, *((CONTROLS_CELL,) if self.judging.controls else ()))

    @property
    def judges(self) -> tuple[JudgeRole, ...]:
        """Everyone who judges: those that are named, and rubric, named or not."""
        named = any(role.model == RUBRIC for role in self.judge)
        return self.judge if named else (*self.judge, JudgeRole(model=RUBRIC))

    @property
    def respond_cells(self) -> tuple[str, ...]:
        """Everyone who answers the eval prompts."""
        return (*self.candidate_cells, *self.reference_cells)

    @property
    def tools(self) -> tuple[str, ...]:
        """Every tool that the study may name."""
        return (*BUILT_IN_TOOLS, *(tool.name for tool in self.tool))

    @property
    def tool_digests(self) -> dict[str, str]:
        """What the user's own tools are made of, by name; raises StudyError where one is missing."""
        return {tool.name: tool.digest for tool in self.tool}

    @property
    def reflecting_contracts(self) -> tuple[str, ...]:
        """The contracts in which a student learns to have a second look at suggestions."""
        return tuple(sorted({each.contract for each in self.student if each.reflect}))

    @field_validator("student", mode="after")
    @classmethod
    def _grids_are_students(cls, entries: tuple[StudentRole, ...]) -> tuple[StudentRole, ...]:
        return expanded(entries)

    @model_validator(mode="after")
    def _data_can_be_had(self) -> Study:
        offered = (*self.render.tools, SPOT)
        for student in self.student:
            data = student.training_data
            for tool in data.tools:
                if tool not in offered:
                    near = difflib.get_close_matches(tool, offered, n=1)
                    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(offered)}"
                    raise ValueError(
                        f"student {student.label}: data {str(data)!r}: no tool {tool!r}; {hint}"
                    )
            if data.beside_clean and self.clean.control != "none":
                raise ValueError(
                    f"student {student.label}: data {str(data)!r} is beside what clean keeps, and "
                    f"clean.control = {self.clean.control!r} keeps no such thing; leave one of them out"
                )
            method = self.train_of(student).preference.method
            if data.kind is not DataKind.ALL and method != "none":
                raise ValueError(
                    f"student {student.label}: data {str(data)!r} with train.preference.method = "
                    f"{method!r}, which learns from all that clean dropped: the data would not be what "
                    'it says; write train.preference.method = "none"'
                )
        return self

    @model_validator(mode="after")
    def _second_looks_have_a_teacher(self) -> Study:
        learns = next((each for each in self.student if each.reflect), None)
        if learns and not any(each.reflect for each in self.training_teachers):
            names = ", ".join(each.label for each in self.training_teachers)
            raise ValueError(
                f"student {learns.label}: reflect = true, and nobody shows it how: write "
                f"reflect = true beside the teacher ({names}) as well"
            )
        return self

    @model_validator(mode="after")
    def _somebody_grades(self) -> Study:
        if self.clean.min_judge_score is not None and self.grader is None:
            raise ValueError(
                f"clean.min_judge_score = {self.clean.min_judge_score:g}, but nobody gives a score: "
                'name a grader, for example grader = { model = "rubric" }'
            )
        return self

    @model_validator(mode="after")
    def _names_of_tools(self) -> Study:
        names = [tool.name for tool in self.tool]
        for tool in self.tool:
            if tool.name in RESERVED or names.count(tool.name) > 1:
                taken = "one that is built in" if tool.name in RESERVED else "two tools"
                raise ValueError(
                    f"tool {tool.name!r} in {tool.folder}: expected a name of its own, found that "
                    f"of {taken}; give it another name"
                )
        return self

    @model_validator(mode="after")
    def _known_tools(self) -> Study:
        named = [("contract.options", name) for name in self.contract.options]
        named += [("judge.prompts", name) for judge in self.judge for name in judge.prompts]
        for field, name in named:
            if name not in self.tools:
                near = difflib.get_close_matches(name, self.tools, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(self.tools)}"
                raise ValueError(f"{field}: unknown tool {name!r}; {hint}")
        return self

    @model_validator(mode="after")
    def _distinct_cells(self) -> Study:
        cells = (*self.respond_cells, CONTROLS_CELL)
        for cell in cells:
            if not cell or cells.count(cell) > 1:
                raise ValueError(
                    f"two models share the folder {cell!r}: give each student its own name"
                )
        return self
