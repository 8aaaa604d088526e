"""Models known by their hub id, from presets.toml: every fact with its source, or unknown.

Takes the file's text, gives presets; knows no study and loads no model. A fact without a source is
refused, and so is a source nobody uses: what cannot be traced is not known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pullsmith.errors import StudyError

UNKNOWN = "unknown"
Value = TypeVar("Value")
Date = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class Fact(BaseModel, Generic[Value]):
    """A value and where it was read; None and an empty source where nobody has looked it up."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    value: Value | None
    source: str

    @model_validator(mode="before")
    @classmethod
    def _pair(cls, found: object) -> object:
        if found == UNKNOWN:
            return {"value": None, "source": ""}
        if isinstance(found, list) and len(found) == 2 and found[1] and found[0] is not None:
            return {"value": _as_tuple(found[0]), "source": found[1]}
        if isinstance(found, dict) and set(found) == {"value", "source"}:
            return found
        raise ValueError(f'{found!r} is neither [value, source] nor "{UNKNOWN}"')


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Preset(BaseModel):
    """One model. Sizes are in billions of weights.

    ``published_rate`` is how often it was better after tuning, ``published_before`` before it, in
    per cent, as published in 2024.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    hub: Fact[str]
    vendor: Fact[str]
    family: Fact[str]
    size_billions: Fact[float]
    active_billions: Fact[float]
    architecture: Fact[str]
    layers: Fact[int]
    width: Fact[int]
    vocabulary: Fact[int]
    context_tokens: Fact[int]
    variant: Fact[Literal["base", "instruct"]]
    model_class: Fact[Literal["code", "general"]] = Field(alias="class")
    licence: Fact[str]
    cutoff: Fact[Date]
    released: Fact[Date]
    lora_targets: Fact[tuple[str, ...]]
    system_role: Fact[bool]
    published_rate: Fact[float]
    published_before: Fact[float]
    note: str = ""


def read_presets(text: str) -> dict[str, Preset]:
    """The presets of a TOML text, by name; raises StudyError naming the preset, field and fault."""
    tables = tomllib.loads(text)
    sources: dict[str, str] = tables.pop("sources", {})
    presets = {name: _preset(name, table, sources) for name, table in tables.items()}
    used = {fact[1] for table in tables.values() for fact in table.values() if _is_pair(fact)}
    if idle := sorted(set(sources) - used):
        raise StudyError(f"presets: source {idle[0]!r} is used by no preset: remove it")
    return presets


def _preset(name: str, table: Mapping[str, Any], sources: Mapping[str, str]) -> Preset:
    for field, found in table.items():
        if _is_pair(found) and found[1] not in sources:
            raise StudyError(f"preset {name}, {field}: source {found[1]!r} is not in [sources]")
    full = {
        field: [found[0], sources[found[1]]] if _is_pair(found) else found
        for field, found in table.items()
    }
    try:
        return Preset.model_validate(full)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise StudyError(f"preset {name}, {where}: {first['msg']}") from error


def _is_pair(found: object) -> bool:
    return isinstance(found, list) and len(found) == 2 and isinstance(found[1], str)


@cache
def presets() -> dict[str, Preset]:
    """The presets that ship, by name."""
    path = files("pullsmith").joinpath("models/presets.toml")
    return read_presets(path.read_text(encoding="utf-8"))


def preset_of(hub_id: str) -> Preset | None:
    """The preset of a hub id (ORG/NAME, in any case), or None."""
    wanted = hub_id.lower()
    return next(
        (one for one in presets().values() if (one.hub.value or "").lower() == wanted), None
    )


def with_facts(preset: Preset | None, facts: Mapping[str, object], *, source: str) -> Preset:
    """``preset``, or one of which nothing is known, with ``facts`` from ``source`` in place."""
    known = {field: UNKNOWN for field in Preset.model_fields if field != "note"}
    fields: dict[str, object] = dict(preset) if preset else dict(known)
    fields |= {name: [value, source] for name, value in facts.items()}
    return Preset.model_validate(fields)


def describe(preset: Preset) -> str:
    """One line of what is known, for people; empty where nothing is."""
    said = [
        fact.value for fact in (preset.vendor, preset.family, preset.model_class, preset.variant)
    ]
    dated = (
        ("licence", preset.licence.value),
        ("released", preset.released.value),
        ("training data until", preset.cutoff.value),
        ("context in tokens", preset.context_tokens.value),
    )
    said += [f"{name} {value}" for name, value in dated if value is not None]
    return ", ".join(str(one) for one in said if one is not None)
