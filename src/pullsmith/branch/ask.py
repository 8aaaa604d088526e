"""A model asked about one pull request: every tool, in one contract, through the door.

Takes a PullRequest and a model's name; gives prompts and answers. Secrets are masked first, as
select does, and the prompts are render's; nothing of a run is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullsmith.contracts.contract import Contract, contracts_of
from pullsmith.errors import OutsideError, SourceError, StudyError
from pullsmith.llm.asking import Entrant, ask
from pullsmith.llm.door import Door
from pullsmith.llm.open_model import OpenModel, Weights, open_model
from pullsmith.llm.trained import trained_model
from pullsmith.models.names import LOCAL, ModelKind, parse_model_name
from pullsmith.records import Answer, Drop, Phase, Prompt, PullRequest, Split
from pullsmith.render.prompts import render
from pullsmith.select.secrets import mask_pull_request
from pullsmith.study import Study
from pullsmith.study.collect import CollectSettings
from pullsmith.study.contract import ContractSettings
from pullsmith.study.render import RenderSettings
from pullsmith.study.roles import DEFAULT_CONTRACT, Role, StudentRole
from pullsmith.study.tool import BUILT_IN_TOOLS

JOURNAL = "journal.sqlite"
_WITHOUT_SKILL = (ModelKind.CONSTANT, ModelKind.MAJORITY, ModelKind.RUBRIC, ModelKind.RULES_TRUTH)


@dataclass(frozen=True)
class Wanted:
    """How a model is asked. An empty contract is the model's own, else native-1."""

    tools: tuple[str, ...] = BUILT_IN_TOOLS
    contract: str = ""
    pr_agent: Path | None = None
    budget_usd: float | None = None
    max_diff_tokens: int = 24_000
    max_tokens: int | None = None  # None: what the model was trained with, else 2,048


@dataclass(frozen=True)
class Model:
    """A model by name, and what is known of how it should be asked."""

    role: Role
    contract: str
    weights: Weights | None = None
    phase: Phase = Phase.NONE
    digest: str = ""


@dataclass(frozen=True)
class Replies:
    """The prompts and their answers, in the same order; the pull request as it was shown."""

    pull_request: PullRequest
    contract: str
    prompts: tuple[Prompt, ...]
    answers: tuple[Answer, ...]
    measured: Mapping[str, float]

    @property
    def masked(self) -> int:
        """How many secrets, addresses and names were masked."""
        return len(self.pull_request.scan.found) if self.pull_request.scan else 0

    @property
    def readable(self) -> bool:
        """Whether any answer could be read."""
        return any(answer.value_json for answer in self.answers)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where calls are journalled unless another place is named: the user's cache."""
    named = environ.get("XDG_CACHE_HOME", "")
    root = Path(named) if named.startswith("/") else Path.home() / ".cache"
    return root / "pullsmith" / "try"


def find_model(text: str, *, near: Path = Path()) -> Model:
    """The model called ``text``: a trained cell or folder, an endpoint, a provider's, or rules.

    Raises StudyError for an unknown name, or a row of boards that has no opinion of its own.
    """
    if Path(text).is_dir() or text == ModelKind.TINY or text.partition("#")[0].endswith(".toml"):
        return _trained(text, near)
    name = parse_model_name(text)
    if name.kind in LOCAL:
        return _trained(text, near)
    if name.kind in _WITHOUT_SKILL:
        raise StudyError(f"model {text!r} cannot look at a change of its own; try rules")
    return Model(Role(model=text), "")


def _trained(text: str, near: Path) -> Model:
    found = trained_model(text, near=near)
    folder = found.weights.folder
    role = Role(
        model=found.weights.base if folder is None else str(folder.resolve()),
        temperature=found.temperature,
        max_tokens=found.max_tokens or 1024,
    )
    return Model(role, found.contract, found.weights, Phase.AFTER, found.digest)


def ask_about(
    pull_request: PullRequest,
    model: Model,
    wanted: Wanted,
    *,
    journal: Path,
    report: Callable[[str], None],
    opens: OpenModel = open_model,
) -> Replies:
    """Every tool put to the model; one answer a prompt, failed and unreadable ones too.

    A prompt that was put to the same model before is answered from ``journal``. Raises SourceError
    where nothing of the change may or can be shown, StudyError for a model or contract that cannot
    be used, OutsideError where the endpoint is gone.
    """
    masked = mask_pull_request(pull_request)
    if isinstance(masked, Drop):
        raise SourceError(f"the change cannot be sent: {masked.reason} ({masked.detail})")
    masked = masked.model_copy(update={"split": Split.EVAL})
    study = _study(model, wanted)
    contracts = contracts_of(study.contract)
    contract = contracts(study.student[0].contract)
    prompts = _prompts(masked, study, contract, wanted.tools)
    role = model.role
    if wanted.max_tokens is not None:
        role = role.model_copy(update={"max_tokens": wanted.max_tokens})
    opened = opens(role.model, weights=model.weights, contracts=contracts)
    entrant = Entrant(role, opened, model.phase, model.digest)
    _make_folder(journal.parent)
    door = Door(journal, report=report, budget_usd=wanted.budget_usd)
    asked = ask(entrant, prompts, {masked.id: masked}, door=door, contracts=contracts)
    return Replies(masked, contract.id, tuple(prompts), tuple(asked.answers), asked.measured)


def _study(model: Model, wanted: Wanted) -> Study:
    """The settings that render reads; nothing else of it is used."""
    contract = wanted.contract or model.contract or DEFAULT_CONTRACT
    return Study(
        name="try",
        collect=CollectSettings.model_validate({"sources": [{"git": "."}]}),
        student=(StudentRole(model="tiny", contract=contract),),
        render=RenderSettings(tools=wanted.tools, max_diff_tokens=wanted.max_diff_tokens),
        contract=ContractSettings(pr_agent=wanted.pr_agent),
    )


def _prompts(
    pull_request: PullRequest, study: Study, contract: Contract, tools: Sequence[str]
) -> list[Prompt]:
    if missing := [tool for tool in tools if tool not in contract.tools]:
        raise StudyError(
            f"contract {contract.id} has no form for {missing[0]}; it has "
            f"{', '.join(contract.tools)}"
        )
    made = render(pull_request, study, [contract])
    if isinstance(made, Drop):
        raise SourceError(f"nothing of the change can be shown: {made.reason} ({made.detail})")
    order = {tool: number for number, tool in enumerate(tools)}
    return sorted(made, key=lambda prompt: (order[prompt.tool], prompt.part))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            f"{folder}: cannot be made ({error.strerror}); name another with --run"
        ) from error


def by_tool(replies: Replies) -> list[list[tuple[Prompt, Answer]]]:
    """Every prompt with its answer, those of one tool together, in the order they were asked."""
    groups: dict[str, list[tuple[Prompt, Answer]]] = {}
    for prompt, answer in zip(replies.prompts, replies.answers, strict=True):
        groups.setdefault(prompt.tool, []).append((prompt, answer))
    return list(groups.values())
