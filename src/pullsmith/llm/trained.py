"""Which weights a name on the command line means: a run's trained cell, a folder, an adapter, a base.

Takes what a person writes; gives the weights and what is known of how they were trained: label,
contract, longest answer. Loads nothing and imports no training library.

    runs/STUDY/train/CELL   a cell of a run, by its folder
    STUDY.toml#STUDENT      the same by its study; #STUDENT may be left out where there is one
    ./FOLDER                a model, or an adapter whose own settings name its base
    hf:ORG/NAME             a hub model, from its cache or from the hub
    tiny                    the embedded student, where one run near here has trained it
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import StudyError
from pullsmith.llm.open_model import Weights
from pullsmith.llm.weights import ADAPTER_CONFIG, is_adapter
from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.records import Checkpoint, Phase
from pullsmith.rows import read_rows
from pullsmith.store import JobFolder
from pullsmith.study.load import load_study

_NEAR = ("runs/*/train", "pullsmith-demo/runs/*/train")
_CELL = "train"


@dataclass(frozen=True)
class TrainedModel:
    """Weights by name. ``contract`` and ``max_tokens`` are the study's; empty and None without one."""

    label: str
    weights: Weights
    digest: str = "none"  # of the weights, where a run has recorded it
    contract: str = ""
    max_tokens: int | None = None
    temperature: float = 0.0


def trained_model(text: str, *, near: Path = Path()) -> TrainedModel:
    """The weights called ``text``; ``near`` is where ``tiny`` is looked for.

    Raises StudyError for a folder that is not there, a cell that is not trained yet, and a name
    that has no weights.
    """
    folder = Path(text).expanduser()
    study, _, label = text.partition("#")
    if study.endswith(".toml"):
        return _of_cell(_cell_of(Path(study).expanduser(), label))
    if text == ModelKind.TINY:
        return _of_cell(_only_tiny(near))
    if (folder / "manifest.json").is_file() or folder.parent.name == _CELL:
        return _of_cell(folder)
    if _looks_like_a_path(text) or folder.is_dir():
        return _of_folder(folder, text)
    name = parse_model_name(text)
    if name.kind is ModelKind.HUB:
        return TrainedModel(name.target, Weights(base=text))
    raise StudyError(
        f"model {text!r} has no weights to load; write STUDY.toml#STUDENT, runs/STUDY/train/CELL, "
        "./FOLDER, hf:ORG/NAME or tiny"
    )


def _cell_of(path: Path, label: str) -> Path:
    """The cell of a study's student."""
    study = load_study(path)
    found = [role for role in study.student if label in ("", role.label, role.cell)]
    if len(found) != 1:
        names = ", ".join(f"{path}#{role.cell}" for role in study.student)
        raise StudyError(f"model {str(path)!r}: which student? write one of: {names}")
    return study.runs / study.name / _CELL / found[0].cell


def _looks_like_a_path(text: str) -> bool:
    return text.startswith(("./", "../", "/", "~/"))


def _only_tiny(near: Path) -> Path:
    """The one cell ``tiny`` of the runs near here."""
    found = _trained(near, "tiny")
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(map(str, found))
        raise StudyError(f"model 'tiny': several runs have trained it: {names}; write which")
    looked = " and ".join(f"{near / where}/tiny" for where in _NEAR)
    raise StudyError(
        f"model 'tiny' is built by training, and no run near here has trained it (looked for "
        f"{looked}); make one with: pullsmith demo"
    )


def _trained(near: Path, cell: str) -> Sequence[Path]:
    folders = [path / cell for where in _NEAR for path in near.glob(where)]
    return sorted(folder for folder in folders if (folder / "manifest.json").is_file())


def _of_cell(folder: Path) -> TrainedModel:
    job = JobFolder(folder)
    manifest = job.manifest()
    if manifest is None:
        raise StudyError(
            f"{folder}: no trained cell there (it has no manifest.json); train it first, or name "
            "the folder of a model"
        )
    rows = [row for shard in job.shards() for row in read_rows(shard, Checkpoint)]
    after = next((row for row in rows if row.phase is Phase.AFTER), None)
    if after is None:
        raise StudyError(f"{folder}: its rows name no trained weights; is it a cell of train?")
    role = manifest.settings.get("role", {})
    return TrainedModel(
        label=after.student,
        weights=Weights(folder / after.folder, after.base),
        digest=after.weights_digest,
        contract=str(role.get("contract", "")),
        max_tokens=role.get("max_tokens"),
        temperature=float(role.get("temperature", 0.0)),
    )


def _of_folder(folder: Path, text: str) -> TrainedModel:
    if not folder.is_dir():
        raise StudyError(f"model {text!r}: {folder} is no folder")
    label = folder.resolve().name
    if is_adapter(folder):
        return TrainedModel(label, Weights(folder, _base_of(folder)))
    if not (folder / "config.json").is_file() and (folder / _CELL).is_dir():
        cells = ", ".join(sorted(str(path) for path in (folder / _CELL).iterdir()))
        raise StudyError(f"model {text!r}: a run, not a model; write which cell: {cells}")
    return TrainedModel(label, Weights(folder))


def _base_of(folder: Path) -> str:
    """The base that an adapter's own settings name; other tools write a hub id without prefix."""
    try:
        base = json.loads((folder / ADAPTER_CONFIG).read_bytes()).get("base_model_name_or_path")
    except (OSError, ValueError, AttributeError) as error:
        raise StudyError(f"{folder / ADAPTER_CONFIG}: cannot be read: {error}") from error
    if not base:
        raise StudyError(f"{folder / ADAPTER_CONFIG}: it names no base_model_name_or_path")
    named = str(base).startswith(("hf:", "./", "../", "/", "~/"))
    return str(base) if named else f"hf:{base}"
