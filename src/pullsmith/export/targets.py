"""The targets by name: one function each, from a source to a folder.

Takes what the command line chose; gives what was written. Knows which target needs which choice.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pullsmith.errors import StudyError
from pullsmith.export.card import model_card
from pullsmith.export.fidelity import LEAST_EQUAL, PROMPTS, Fidelity, asking_of
from pullsmith.export.folder import check_empty, made_aside, write_texts
from pullsmith.export.gguf import LlamaCpp, find_llama_cpp, write_gguf
from pullsmith.export.ollama import Parameters, frame_of, modelfile, stop_texts
from pullsmith.export.pr_agent import FILE_NAME, Served, pr_agent_notes, pr_agent_settings
from pullsmith.export.recipes import Recipe, axolotl, llama_factory, recipe_notes
from pullsmith.export.source import Source
from pullsmith.export.weights import stops_of, write_adapter, write_whole
from pullsmith.llm.weights import SERVING_MODULES, load_tokenizer, need_extra
from pullsmith.store import make_folder
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
    llama_cpp: Path | None = None
    quantise: str = ""
    data: Path | None = None


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


def _to_gguf(source: Source, folder: Path, choices: Choices) -> Exported:
    programs = find_llama_cpp(choices.llama_cpp, quantise=bool(choices.quantise))
    with made_aside(folder) as aside:
        fidelity, _ = _convert(source, aside, choices, programs)
        write_texts(aside, {"README.md": model_card(source, fidelity)})
        files = _files(aside)
    notes = (fidelity.told(),) if fidelity else ()
    return Exported(folder, files, (*notes, _ASK_AGAIN), fidelity.figures() if fidelity else {})


_ASK_AGAIN = (
    "Serve it, then ask it the same prompts: pullsmith fidelity MODEL http://127.0.0.1:PORT/v1#NAME"
)


def _to_ollama(source: Source, folder: Path, choices: Choices) -> Exported:
    programs = find_llama_cpp(choices.llama_cpp, quantise=bool(choices.quantise))
    window = _window(source, choices)
    with made_aside(folder) as aside:
        fidelity, told = _convert(source, aside, choices, programs)
        talks = [question.messages for question in asking_of(source, choices.prompts).questions]
        role = source.trained.role if source.trained else None
        frame, notes = frame_of(told.tokenizer, talks)
        parameters = Parameters(
            window_tokens=window,
            max_tokens=role.max_tokens if role else _ANSWER_TOKENS,
            temperature=role.temperature if role else 0.0,
            stops=stop_texts(told.tokenizer, told.stops),
        )
        text = modelfile(frame, parameters, weights=_gguf_name(source), notes=notes)
        write_texts(aside, {"Modelfile": text, "README.md": model_card(source, fidelity)})
        files = _files(aside)
    said = (fidelity.told(),) if fidelity else ()
    create = f"ollama create {source.name} -f {folder / 'Modelfile'}"
    return Exported(folder, files, (*said, *notes, f"Make it known with: {create}", _ASK_AGAIN),
                    fidelity.figures() if fidelity else {})  # fmt: skip


_ANSWER_TOKENS = 2048  # PR-Agent reserves 1,500 of its own tokens for an answer


@dataclass(frozen=True)
class _Told:
    """What a whole model's folder says of prompts and ends, before the folder goes."""

    tokenizer: Any
    stops: tuple[int, ...]


def _convert(
    source: Source, folder: Path, choices: Choices, programs: LlamaCpp
) -> tuple[Fidelity | None, _Told]:
    """Write the GGUF file into ``folder``; whole weights lie beside it only meanwhile."""
    whole = folder / "whole"
    make_folder(whole)
    asking = asking_of(source, choices.prompts)
    fidelity = write_whole(source, whole, asking, least_equal=choices.least_equal)
    write_gguf(whole, folder / _gguf_name(source), programs, quantise=choices.quantise)
    told = _Told(load_tokenizer(whole), stops_of(whole))
    shutil.rmtree(whole)
    return fidelity, told


def _gguf_name(source: Source) -> str:
    return f"{source.name}.gguf"


def _to_trainer(
    name: str, write: Callable[[Recipe], str], source: Source, folder: Path, choices: Choices
) -> Exported:
    if source.trained is None:
        raise StudyError("export: a folder tells no recipe; name the student: STUDY.toml#STUDENT")
    if choices.data is None:
        raise StudyError("export: say --data FOLDER, the data set that pullsmith publish made")
    need_extra(SERVING_MODULES)
    tokenizer = load_tokenizer(source.folder)
    stops = tuple({*stops_of(source.folder), int(tokenizer.eos_token_id)})
    recipe = Recipe(source.trained, choices.data, tokenizer, stops).checked()
    write_texts(folder, {name: write(recipe)})
    return Exported(folder, (name,), recipe_notes(recipe))


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
    "gguf": _to_gguf,
    "ollama": _to_ollama,
    "llama-factory": partial(_to_trainer, "llama-factory.yaml", llama_factory),
    "axolotl": partial(_to_trainer, "axolotl.yaml", axolotl),
    "pr-agent": _to_pr_agent,
}
