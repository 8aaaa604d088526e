"""What is exported: a student that a run has trained, or a folder with weights or an adapter.

Takes the model as the command line names it; gives its folder, its base and, of a run, the study,
the role and the Checkpoint. Loads no weights and asks the network nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.llm.weights import ADAPTER_CONFIG, is_adapter, safe_folder, weights_digest
from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.models.presets import Preset, preset_of
from pullsmith.pipeline import STAGES
from pullsmith.records import Checkpoint, Phase
from pullsmith.store import JobKey, RunFolder, changed_settings
from pullsmith.study import Study, load_study
from pullsmith.study.known import known_of
from pullsmith.study.roles import StudentRole


@dataclass(frozen=True)
class Trained:
    """What a run knows of a model."""

    study: Study
    role: StudentRole
    checkpoint: Checkpoint
    run: RunFolder


@dataclass(frozen=True)
class Source:
    """A model to export: weights in ``folder``, or an adapter there that sits on ``base``."""

    name: str
    folder: Path
    base: str = ""  # hf:ORG/NAME or ./FOLDER; empty where the folder holds all weights
    trained: Trained | None = None

    @property
    def preset(self) -> Preset | None:
        """What is known of the model, or of the one an adapter sits on; None where nothing is."""
        if self.trained:
            return known_of(self.trained.role)
        if self.base and parse_model_name(self.base).kind is ModelKind.HUB:
            return preset_of(parse_model_name(self.base).target)
        return None

    @property
    def window_tokens(self) -> int | None:
        """The longest sequence it was made for, by its study, its own settings or what is known."""
        if self.trained and self.trained.role.window_tokens:
            return self.trained.role.window_tokens
        own = None if self.base else _settings(self.folder / "config.json")
        stated = own.get("max_position_embeddings") if own else None
        known = self.preset.context_tokens.value if self.preset else None
        found = [length for length in (stated, known) if isinstance(length, int) and length > 0]
        return min(found, default=None)


def find_source(model: str, *, base: str = "") -> Source:
    """The model called ``model``: STUDY.toml#STUDENT, STUDY.toml with one student, or a folder.

    ``base`` says what an adapter in a folder sits on, where its own settings do not. Raises
    StudyError for what is none of these, RunFolderError where the student is not trained yet.
    """
    path, _, label = model.partition("#")
    if path.endswith(".toml"):
        if base:
            raise StudyError("export: --base is for an adapter in a folder; a study names the base")
        return _of_study(Path(path), label)
    return _of_folder(Path(model).expanduser(), base)


def _of_study(path: Path, label: str) -> Source:
    study = load_study(path)
    role = _student(study, label, path)
    run = RunFolder(study.runs / study.name)
    job = run.job(JobKey("train", role.cell))
    manifest = job.manifest()
    if manifest is None:
        raise RunFolderError(
            f"export: student {role.cell} is not trained yet; pullsmith run {path} --until train"
        )
    stage = next(each for each in STAGES if each.name == "train")
    if changes := changed_settings(manifest.settings, stage.settings(study, role.cell)):
        raise RunFolderError(
            f"export: student {role.cell} was trained with other settings than {path} says now: "
            f"{', '.join(changes)}; take them back, or train again with --restart"
        )
    after = next(row for row in job.read(Checkpoint) if row.phase is Phase.AFTER)
    folder = safe_folder(job.path / after.folder, model_label(role))
    if (found := weights_digest(folder)) != after.weights_digest:
        raise RunFolderError(
            f"export: {folder}: its weights are not those the run trained (digest {found}, expected "
            f"{after.weights_digest}); train again with --restart"
        )
    return Source(
        model_label(role), folder, after.base, Trained(study.for_student(role), role, after, run)
    )


def model_label(role: StudentRole) -> str:
    """What a trained student is called where it is served: one word of the file system's letters."""
    return role.cell.rpartition("/")[2]


def _student(study: Study, label: str, path: Path) -> StudentRole:
    if not label and len(study.student) == 1:
        return study.student[0]
    for role in study.student:
        if label and label in (role.label, role.cell):
            return role
    names = ", ".join(f"{path}#{role.cell}" for role in study.student)
    said = f"no student {label!r}" if label else "several students"
    raise StudyError(f"export: {path} has {said}; write one of: {names}")


def _of_folder(folder: Path, base: str) -> Source:
    safe_folder(folder, str(folder))
    if not is_adapter(folder):
        if base:
            raise StudyError(
                f"export: {folder} holds whole weights ({ADAPTER_CONFIG} is not there), so it sits "
                "on no base; leave --base out"
            )
        return Source(folder.resolve().name, folder)
    return Source(folder.resolve().name, folder, base or _named_base(folder))


def _named_base(folder: Path) -> str:
    """What an adapter's own settings say it sits on, as a model's name."""
    said = str(_settings(folder / ADAPTER_CONFIG).get("base_model_name_or_path") or "")
    if not said:
        raise StudyError(
            f"export: {folder}: {ADAPTER_CONFIG} names no base model; say --base hf:ORG/NAME or ./FOLDER"
        )
    if said.startswith("hf:") or Path(said).expanduser().is_dir():
        return said if said.startswith(("hf:", "/", "./", "../", "~/")) else f"./{said}"
    if said.count("/") == 1 and not said.startswith((".", "/", "~")):
        return f"hf:{said}"
    raise StudyError(
        f"export: {folder}: its base {said!r} is no folder here and no ORG/NAME; say --base"
    )


def _settings(path: Path) -> dict[str, Any]:
    """A JSON file of settings; raises StudyError where it is none."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StudyError(
            f"export: {path}: cannot be read ({error}); is the folder whole?"
        ) from error
    if not isinstance(found, dict):
        raise StudyError(f"export: {path}: expected a JSON object")
    return found
