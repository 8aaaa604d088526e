"""The roles models play: teachers, students, references, judges. Lists from the first day."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator

from pullsmith.models.names import MODEL_FREE, ModelKind, parse_model_name
from pullsmith.models.presets import Date, preset_of
from pullsmith.study.base import Settings
from pullsmith.study.data import TrainingData
from pullsmith.study.judging import JUDGE_PROMPTS
from pullsmith.study.train import TrainSettings

DEFAULT_CONTRACT = "native-1"
Method = Literal["full", "lora", "qlora"]
DataWords = Annotated[str, AfterValidator(lambda text: str(TrainingData.parse(text)))]


class TokenPrice(Settings):
    """What a model's tokens cost, in dollars a million."""

    input: float = Field(ge=0)
    """Of the prompt."""
    output: float = Field(ge=0)
    """Of the answer."""


class Role(Settings):
    """A model and how it is asked."""

    model: str
    """Its name: openai:NAME, http://host:port/v1#NAME, hf:ORG/NAME, ./FOLDER, tiny, rules, …"""
    temperature: float = Field(default=0.2, ge=0, le=2)
    """Sampling temperature; 0 is greedy."""
    max_tokens: int = Field(default=2048, ge=1)
    """The longest answer; one that reaches it is cut, which is an outcome of its own."""
    longer_tokens: int = Field(default=0, ge=0)
    """An answer that is cut is asked for once more with this limit; 0: it stays cut. Not in batches."""
    concurrency: int = Field(default=16, ge=1)
    """Calls in flight at once."""
    timeout_seconds: float = Field(default=120, gt=0)
    """How long one attempt may take."""
    tries: int = Field(default=8, ge=1)
    """Attempts at one call, the waits between them doubling, before it counts as failed."""
    batch: bool = False
    """Ask through the provider's batch API: about half the price, within a day."""
    extra_body: dict[str, JsonValue] = Field(default_factory=dict)
    """Sent with every call as it is: response_format, guided_json, grammar, reasoning_effort, …"""
    window_tokens: int | None = Field(default=None, ge=1)
    """Tokens a prompt and its answer may have together; what is longer is not sent."""
    price: TokenPrice | None = None
    """Dollars a million tokens; where it is not given, what a maintained list says."""
    terms: str = ""
    """The licence or terms its answers come under, for the record."""
    cutoff: date | None = None
    """The last day of its training data, where its maker says; rows then say whether they are newer."""
    family: str = ""
    """The family of models it is of; a judge of the reference's family is pointed out."""
    retires: date | None = None
    """The day its provider takes it away."""

    @property
    def label(self) -> str:
        """What the board calls it."""
        return self.model

    @property
    def cell(self) -> str:
        """The name of its folder in the run."""
        return "".join(c if c.isalnum() or c in "._-+" else "-" for c in self.label).strip("-.")

    @property
    def known_family(self) -> str:
        """Its family: the study's word, else the preset's, else a hosted model's vendor; or nothing."""
        name = parse_model_name(self.model)
        shipped = preset_of(name.target) if name.kind is ModelKind.HUB else None
        hosted = name.kind.value if name.kind in (ModelKind.OPENAI, ModelKind.ANTHROPIC) else ""
        return self.family or (shipped.family.value if shipped else None) or hosted

    @field_validator("model")
    @classmethod
    def _known_name(cls, value: str) -> str:
        parse_model_name(value)
        return value


class AnsweringRole(Role):
    """Answers prompts, and may be asked further about its own answers."""

    repair: bool = False
    """An answer that its contract refuses is asked for once more, with what is wrong with it; both stay."""
    reflect: bool = False
    """After improve it is asked for a second look: what each of its suggestions is worth, from 0 to 10."""

    @model_validator(mode="after")
    def _can_be_asked_again(self) -> AnsweringRole:
        asked = [name for name in ("repair", "reflect") if getattr(self, name)]
        if asked and parse_model_name(self.model).kind in MODEL_FREE:
            raise ValueError(
                f"{asked[0]} of {self.model}: there is no language model behind it to be asked "
                "again; leave it out"
            )
        return self


class TeacherRole(AnsweringRole):
    """Answers the training prompts."""

    contract: str = DEFAULT_CONTRACT
    """The contract it is asked in."""

    samples: int = Field(default=1, ge=1)
    """Answers to each prompt; the best by validity, grounding and planted truth is passed on."""
    training: Literal["", "allowed", "forbidden"] = ""
    """Whether its terms allow training on its answers; where that is not said, what is known of its vendor."""
    share: float = Field(default=0.0, ge=0)
    """Its part of the pull requests where several teachers divide them; 0: it is asked all."""

    @model_validator(mode="after")
    def _samples_differ(self) -> TeacherRole:
        free = parse_model_name(self.model).kind in MODEL_FREE
        if self.samples > 1 and (free or self.temperature == 0):
            raise ValueError(
                f"samples = {self.samples} of {self.model} would be the same answer: "
                "raise temperature, or leave samples at 1"
            )
        return self


class ReferenceRole(AnsweringRole):
    """Answers the eval prompts; what every candidate is compared with."""

    name: str = ""
    """What the board calls it; the model's name if empty."""
    contract: str = DEFAULT_CONTRACT
    """The contract it is asked in."""
    pack: Path | None = None
    """A file of pullsmith pack export, relative to the study file: its answers count, and no model is asked."""
    digest: str = Field(default="", pattern="^([0-9a-f]{16})?$")
    """The digest of the pack; another file is refused."""

    @property
    def label(self) -> str:
        """What the board calls it."""
        return self.name or self.model

    @model_validator(mode="after")
    def _packs_are_pinned(self) -> ReferenceRole:
        if (self.pack is None) is bool(self.digest):
            raise ValueError(
                f"reference {self.label}: a pack is pinned by its digest: write pack and digest "
                "both (pullsmith pack show FILE prints the digest), or neither"
            )
        return self

    @field_validator("model")
    @classmethod
    def _no_truth(cls, value: str) -> str:
        if parse_model_name(value).kind is ModelKind.RULES_TRUTH:
            raise ValueError("rules+truth knows the planted defects: a teacher, never a reference")
        return value


class AboutModel(Settings):
    """What you know of a model that is no preset, or know better than the preset."""

    size_billions: float | None = Field(default=None, gt=0)
    """Billions of weights."""
    active_billions: float | None = Field(default=None, gt=0)
    """Billions of weights a token passes through; fewer than all in a mixture of experts."""
    layers: int | None = Field(default=None, ge=1)
    """Transformer layers."""
    width: int | None = Field(default=None, ge=1)
    """Hidden size."""
    vocabulary: int | None = Field(default=None, ge=1)
    """Rows of the embedding."""
    context_tokens: int | None = Field(default=None, ge=16)
    """The longest sequence it was made for."""
    variant: Literal["base", "instruct"] | None = None
    """Base or instruct."""
    model_class: Literal["code", "general"] | None = None
    """Made for code, or general."""
    family: str | None = None
    """Its family, for the board's grouping."""
    vendor: str | None = None
    """Who made it."""
    licence: str | None = None
    """Its licence."""
    cutoff: Date | None = None
    """The last day, month or year of its training data."""
    released: Date | None = None
    """The day, month or year it came out."""
    lora_targets: tuple[str, ...] | None = None
    """The modules an adapter sits on, by the end of their names."""


class StudentRole(AnsweringRole):
    """Is fine-tuned, and answers the eval prompts before and after.

    One with ``base``, ``methods`` or several ``data`` is a small grid: the study has a student for
    each combination instead, each with one model, one method and one choice of data.
    """

    name: str = ""
    """What the board calls it; the model's name if empty."""
    contract: str = DEFAULT_CONTRACT
    """The contract it is trained and asked in."""
    method: Method = "full"
    """Train all weights, a low-rank adapter, or one on weights in four bits (CUDA only)."""
    base: str = ""
    """The base model that model is the instruct version of: a student of its own beside it."""
    methods: tuple[Method, ...] = ()
    """Several methods instead of one: a student each."""
    data: tuple[DataWords, ...] = Field(default=("all",), min_length=1)
    """The training data, a student each: "all", "random", "uncleaned", "tools:review+improve", "share:0.1"."""
    train: TrainSettings | None = None
    """Its own recipe: what stands here goes before the study's [train], for this student alone."""
    entry: str = ""
    """The grid it is a cell of; empty means its own name, and a grid fills it in."""
    temperature: float = 0.0
    """Greedy by default, so that a board can be repeated."""
    max_tokens: int = 1024
    """The longest answer."""
    reflect: bool = False
    """It learns the second looks of its teachers, and has one at its own suggestions after improve."""
    about: AboutModel = AboutModel()
    """A model of your own; a hub model's facts come from the presets that ship."""

    @field_validator("base")
    @classmethod
    def _known_base(cls, value: str) -> str:
        if value:
            parse_model_name(value)
        return value

    @property
    def label(self) -> str:
        """What the board calls it."""
        return self.name or self.model

    @property
    def known_cutoff(self) -> str | None:
        """The last day, month or year of its training data: the study's word, else the preset's."""
        if self.cutoff is not None:
            return self.cutoff.isoformat()
        name = parse_model_name(self.model)
        shipped = preset_of(name.target) if name.kind is ModelKind.HUB else None
        return self.about.cutoff or (shipped.cutoff.value if shipped else None)

    @property
    def known_family(self) -> str:
        """Its family: the study's word, else what is known of the model; or nothing."""
        return self.family or self.about.family or super().known_family

    @property
    def variant(self) -> Literal["base", "instruct"] | None:
        """Base or instruct: the study's word, else the preset's; None where nobody knows."""
        name = parse_model_name(self.model)
        shipped = preset_of(name.target) if name.kind is ModelKind.HUB else None
        return self.about.variant or (shipped.variant.value if shipped else None)

    @property
    def training_data(self) -> TrainingData:
        """What it learns from: the one choice of a student that is no grid, or no longer one."""
        return TrainingData.parse(self.data[0])

    @property
    def adapter(self) -> bool:
        """Whether an adapter is trained, the model's own weights left as they are."""
        return self.method != "full"


class JudgeRole(Role):
    """Compares a candidate's answer with the reference's."""

    temperature: float = 0.0
    """Greedy by default."""
    prompt_version: str = "pair-1"
    """The judge prompt, for every tool that has none in ``prompts``."""
    prompts: dict[str, str] = Field(default_factory=dict)
    """The judge prompt of one tool, by the tool's name: { review = "review-1", improve = "improve-1" }."""
    orders: Literal["both", "random"] = "both"
    """Show each pair in both orders, or in one balanced random order."""

    def prompt_of(self, tool: str) -> str:
        """The judge prompt for ``tool``."""
        return self.prompts.get(tool, self.prompt_version)

    @model_validator(mode="after")
    def _known_prompts(self) -> JudgeRole:
        named = {"prompt_version": ("", self.prompt_version)}
        named |= {f"prompts.{tool}": (tool, version) for tool, version in self.prompts.items()}
        for field, (tool, version) in named.items():
            known = [name for name, of in JUDGE_PROMPTS.items() if of in ("", tool)]
            if version in known:
                continue
            of = JUDGE_PROMPTS.get(version)
            near = difflib.get_close_matches(version, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise ValueError(
                f"{field}: {version!r} is for {of}: write prompts.{of} = {version!r}"
                if of
                else f"{field}: unknown judge prompt {version!r}; {hint}"
            )
        return self


class GraderRole(Role):
    """Gives the teachers' answers a score from 1 to 10, for clean.min_judge_score."""

    temperature: float = 0.0
    """Greedy by default."""
    max_tokens: int = 512
    """The longest reply: a reason and a number."""
    prompt_version: str = "grade-1"
    """The grading prompt."""
