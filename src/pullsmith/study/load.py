"""Reading a study file: TOML, then ``a.b=c`` overrides, then validation with one clear line."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pullsmith.errors import StudyError
from pullsmith.study.collect import GitSource, PlantedRepository, PlantedSource, Source
from pullsmith.study.study import Study


def load_study(path: Path, overrides: Iterable[str] = ()) -> Study:
    """The study at ``path`` with ``a.b=c`` overrides merged left to right.

    Relative paths in the file are relative to the file. Raises StudyError naming the key, what was
    found and, for a misspelt key, the nearest name.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error}); pullsmith init {path} writes one"
        ) from error
    return parse_study(text, source=str(path), folder=path.parent, overrides=overrides)


def parse_study(
    text: str, *, source: str = "study", folder: Path | None = None, overrides: Iterable[str] = ()
) -> Study:
    """The study in ``text``; ``source`` is what errors call it, ``folder`` what paths are relative to."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{source}: not valid TOML: {error}") from error
    for override in overrides:
        _merge(values, override)
    try:
        study = Study.model_validate(values)
    except ValidationError as error:
        raise StudyError(f"{source}: {_explain(error)}") from error
    return _resolve_paths(study, folder or Path())


def _merge(values: dict[str, Any], override: str) -> None:
    """Put one ``a.b=c`` into ``values``; ``c`` is read as TOML, and as plain text if it is none."""
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise StudyError(f"override {override!r}: write key=value, for example train.steps=100")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, last = key.split(".")
    at: Any = values
    for part in parents:
        at = _step(at, part, override)
    if isinstance(at, list):
        at[_index(at, last, override)] = value
    elif isinstance(at, dict):
        at[last] = value
    else:
        raise StudyError(f"override {override!r}: {last!r} is inside a plain value")


def _step(at: object, part: str, override: str) -> Any:  # noqa: ANN401  # parsed TOML has no type yet
    if isinstance(at, list):
        return at[_index(at, part, override)]
    if isinstance(at, dict):
        return at.setdefault(part, {})
    raise StudyError(f"override {override!r}: {part!r} is inside a plain value")


def _index(at: list[Any], part: str, override: str) -> int:
    if not part.isdigit() or int(part) >= len(at):
        raise StudyError(f"override {override!r}: the list has entries 0 to {len(at) - 1}")
    return int(part)


def _explain(error: ValidationError) -> str:
    """One line for the first fault; how many more there are."""
    faults = error.errors()
    # An unknown key says more than the required one it was meant to be.
    first = min(faults, key=lambda fault: fault["type"] == "missing")
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return _explain_one(first) + more


def _explain_one(fault: ErrorDetails) -> str:
    where = ".".join(str(part) for part in fault["loc"] if str(part) not in _MODELS)
    if fault["type"] == "extra_forbidden":
        names = list(_owner(fault["loc"]).model_fields)
        near = difflib.get_close_matches(str(fault["loc"][-1]), names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(names)}"
        return f"unknown key {where!r}; {hint}"
    message = fault["msg"].removeprefix("Value error, ")
    if not where:  # about the whole study, which is too long for a line
        return message
    found = "" if fault["type"] == "missing" else f", found {fault['input']!r}"
    return f"{where}: {message}{found}"


def _models_of(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_of(argument)


def _all_models(model: type[BaseModel]) -> Mapping[str, type[BaseModel]]:
    found = {model.__name__: model}
    for field in model.model_fields.values():
        for inner in _models_of(field.annotation):
            found.update(_all_models(inner))
    return found


_MODELS = _all_models(Study)


def _owner(location: tuple[int | str, ...]) -> type[BaseModel]:
    """The settings model that refused the last part of ``location``."""
    owner: type[BaseModel] = Study
    for part in location[:-1]:
        if str(part) in _MODELS:
            owner = _MODELS[str(part)]
        elif isinstance(part, str) and part in owner.model_fields:
            owner = next(_models_of(owner.model_fields[part].annotation), owner)
    return owner


def _resolve_paths(study: Study, folder: Path) -> Study:
    sources = tuple(_resolved(source, folder) for source in study.collect.sources)
    collect = study.collect.model_copy(update={"sources": sources})
    select = study.select
    if select.exclude is not None:
        select = select.model_copy(update={"exclude": _inside(folder, select.exclude)})
    rules = tuple(_inside(folder, path) for path in select.secret_rules)
    contract = study.contract
    if contract.pr_agent is not None:
        update = {"pr_agent": _inside(folder, contract.pr_agent)}
        contract = contract.model_copy(update=update)
    benchmarks = tuple(_inside(folder, path) for path in study.split.benchmarks)
    own = tuple(_resolved_rule(name, folder) for name in study.clean.rules)
    tools = tuple(
        tool.model_copy(update={"folder": _inside(folder, tool.folder)}) for tool in study.tool
    )
    references = tuple(
        role.model_copy(update={"pack": _inside(folder, role.pack)}) if role.pack else role
        for role in study.reference
    )
    return study.model_copy(
        update={
            "collect": collect,
            "reference": references,
            "select": select.model_copy(update={"secret_rules": rules}),
            "split": study.split.model_copy(update={"benchmarks": benchmarks}),
            "clean": study.clean.model_copy(update={"rules": own}),
            "contract": contract,
            "runs": _inside(folder, study.runs),
            "tool": tools,
        }
    )


def _resolved_rule(name: str, folder: Path) -> str:
    path, _, function = name.rpartition(":")
    return f"{_inside(folder, Path(path))}:{function}"


def _inside(folder: Path, path: Path) -> Path:
    """A path as a study names it: relative to the folder the study file is in."""
    return (folder / path.expanduser()).resolve()


def _resolved(source: Source, folder: Path) -> Source:
    """A source whose paths are absolute; relative ones are relative to the study file's folder."""
    if isinstance(source, GitSource):
        return source.model_copy(update={"git": (folder / source.git.expanduser()).resolve()})
    if isinstance(source, PlantedSource) and isinstance(source.planted, Path):
        return source.model_copy(
            update={"planted": (folder / source.planted.expanduser()).resolve()}
        )
    if isinstance(source, PlantedSource) and isinstance(source.planted, PlantedRepository):
        path = (folder / source.planted.repository.expanduser()).resolve()
        planted = source.planted.model_copy(update={"repository": path})
        return source.model_copy(update={"planted": planted})
    return source
