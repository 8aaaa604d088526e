"""The targets by name: one function each, from a source to a folder.

Takes what the command line chose; gives what was written. Knows which target needs which choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pullsmith.errors import StudyError
from pullsmith.export.card import model_card
from pullsmith.export.fidelity import LEAST_EQUAL, PROMPTS, asking_of
from pullsmith.export.folder import check_empty, made_aside, write_texts
from pullsmith.export.pr_agent import FILE_NAME, Served, pr_agent_notes, pr_agent_settings
from pullsmith.export.source import Source
from pullsmith.export.weights import write_adapter, write_whole
from pullsmith.study.contract import ContractSettings

API_BASE = "http://127.0.0.1:8000/v1"


@dataclass(frozen=True)
class Choices:
    """What the user says besides model, target and folder; empty where nothing is said."""

    api_base: str = API_BASE
    served_name: str = ""
    window_tokens: int | None = None
    contract: str = ""
    prompts: int = PROMPTS
    least_equal: float = LEAST_EQUAL


@dataclass(frozen=True)
class Exported:
    """What was written, and what its user must know."""

    folder: Path
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()
    measured: Mapping[str, float | str] = field(default_factory=dict)


Target = Callable[[Source, Path, Choices], Exported]


def export(source: Source, target: str, folder: Path, choices: Choices) -> Exported:
    """Write ``source`` as ``target`` into ``folder``, which must be empty or not there.

    Raises StudyError for a target that this model or these choices do not allow, SecretError where
    a text to write holds a secret.
    """
    check_empty(folder)
    return TARGETS[target](source, folder, choices)


def _to_pr_agent(source: Source, folder: Path, choices: Choices) -> Exported:
    trained = source.trained
    role = trained.role if trained else None
    if trained and choices.contract:
        raise StudyError("export: --contract is for a folder; a study says its student's contract")
    served = Served(
        name=choices.served_name or source.name,
        api_base=choices.api_base,
        window_tokens=_window(source, choices),
        temperature=role.temperature if role else 0.0,
        timeout_seconds=role.timeout_seconds if role else 120.0,
        contract=role.contract if role else choices.contract,
        settings=trained.study.contract if trained else ContractSettings(),
        tools=trained.study.render.tools if trained else Served.tools,
    )
    write_texts(folder, {FILE_NAME: pr_agent_settings(served)})
    return Exported(folder, (FILE_NAME,), pr_agent_notes(served))


def _to_safetensors(source: Source, folder: Path, choices: Choices) -> Exported:
    asking = asking_of(source, choices.prompts)
    with made_aside(folder) as aside:
        fidelity = write_whole(source, aside, asking, least_equal=choices.least_equal)
        write_texts(aside, {"README.md": model_card(source, fidelity)})
        files = _files(aside)
    notes = (fidelity.told(),) if fidelity else ()
    return Exported(folder, files, notes, fidelity.figures() if fidelity else {})


def _to_adapter(source: Source, folder: Path, _choices: Choices) -> Exported:
    with made_aside(folder) as aside:
        write_adapter(source, aside)
        write_texts(aside, {"README.md": model_card(source, None)})
        files = _files(aside)
    return Exported(folder, files)


def _files(folder: Path) -> tuple[str, ...]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def _window(source: Source, choices: Choices) -> int:
    found = choices.window_tokens or source.window_tokens
    if found is None:
        raise StudyError(
            f"export: nobody knows how many tokens {source.name} takes at once; say --window N, as "
            "many as its server allocates"
        )
    return found


TARGETS: dict[str, Target] = {
    "safetensors": _to_safetensors,
    "adapter": _to_adapter,
    "pr-agent": _to_pr_agent,
}
