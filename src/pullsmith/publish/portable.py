"""A study without places on this machine, so that it can be handed on beside its board; and back.

Takes a Study; gives JSON in which every path is a mere name. Ranking and reporting read no other file
than the user's own tools, whose folders go along.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.publish.scanned import holds_secret
from pullsmith.store import make_folder, write_bytes
from pullsmith.study import Study
from pullsmith.study.cluster import ClusterSettings, Engine

STUDY_NAME = "study.json"
TOOLS = "tools"


def write_study(study: Study, folder: Path) -> None:
    """Write the study, and the folders of its own tools, into ``folder``.

    Raises StudyError where a setting or a tool looks like it holds a secret.
    """
    make_folder(folder)
    for tool in study.tool:
        make_folder(folder / TOOLS / tool.name)
        for name, content in tool.files().items():
            write_bytes(folder / TOOLS / tool.name / name, content)
            if holds_secret((content.decode("utf-8", "replace"),)):
                raise StudyError(f"publish: {tool.folder / name} looks like it holds a secret")
    plain = study.model_copy(update={"engine": Engine.LOCAL, "cluster": ClusterSettings()})
    values = _without_places(plain.model_dump())
    values["clean"]["rules"] = [_bare_rule(rule) for rule in study.clean.rules]
    for where, text in _texts(values, ""):
        if holds_secret((text,)):
            raise StudyError(
                f"publish: the setting {where} looks like it holds a secret or an address; "
                "take it out of the study, or write it where it is not handed on"
            )
    portable = Study.model_validate(values)
    write_bytes(folder / STUDY_NAME, portable.model_dump_json(indent=2).encode() + b"\n")


def read_study(folder: Path) -> Study:
    """The study in a pack, its own tools found there; raises RunFolderError where it is none."""
    path = folder / STUDY_NAME
    try:
        study = Study.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise RunFolderError(
            f"{path}: no study of this version of pullsmith: {error.errors()[0]['msg']}"
        ) from error
    tools = tuple(
        tool.model_copy(update={"folder": folder / TOOLS / tool.name}) for tool in study.tool
    )
    return study.model_copy(update={"runs": folder, "tool": tools})


def _without_places(value: Any) -> Any:  # noqa: ANN401  # a study as plain values
    if isinstance(value, Path):
        return value.name or "."
    if isinstance(value, dict):
        return {key: _without_places(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_places(inner) for inner in value]
    return value


def _bare_rule(rule: str) -> str:
    path, _, function = rule.rpartition(":")
    return f"{Path(path).name}:{function}"


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Every text of a setting, with the setting's name."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{where}.{number}")
