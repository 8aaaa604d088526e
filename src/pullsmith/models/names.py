"""The names models go by in a study file, read strictly.

openai:NAME  anthropic:NAME  http://HOST:PORT/v1#NAME  hf:ORG/NAME  ./FOLDER
tiny         the embedded student, built on the spot
rules        no model: what linters and the diff itself can say
rules+truth  the same plus planted truth; a teacher, never a reference
rubric       no model: a judge by schema, grounding, limits and planted truth
constant, majority   priors without skill, rows of every board
scripted:NAME        answers from a list, for tests
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from pullsmith.errors import StudyError


class ModelKind(StrEnum):
    """How a model is reached."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    ENDPOINT = "endpoint"
    HUB = "hub"
    FOLDER = "folder"
    TINY = "tiny"
    RULES = "rules"
    RULES_TRUTH = "rules+truth"
    RUBRIC = "rubric"
    CONSTANT = "constant"
    MAJORITY = "majority"
    SCRIPTED = "scripted"


BARE = {
    kind.value: kind
    for kind in (
        ModelKind.TINY, ModelKind.RULES, ModelKind.RULES_TRUTH, ModelKind.RUBRIC,
        ModelKind.CONSTANT, ModelKind.MAJORITY,
    )
}  # fmt: skip
PREFIXES = {
    "openai": ModelKind.OPENAI,
    "anthropic": ModelKind.ANTHROPIC,
    "hf": ModelKind.HUB,
    "scripted": ModelKind.SCRIPTED,
}
LOCAL = {ModelKind.HUB, ModelKind.FOLDER, ModelKind.TINY}
BATCHED = {ModelKind.OPENAI, ModelKind.ANTHROPIC, ModelKind.ENDPOINT}  # may have a batch API
MODEL_FREE = {
    ModelKind.RULES, ModelKind.RULES_TRUTH, ModelKind.RUBRIC, ModelKind.CONSTANT, ModelKind.MAJORITY,
}  # fmt: skip


@dataclass(frozen=True)
class ModelName:
    """A parsed name. ``target`` is the provider's own name, hub id or folder; ``base_url`` an endpoint."""

    text: str
    kind: ModelKind
    target: str
    base_url: str | None = None


def parse_model_name(text: str) -> ModelName:
    """Read a model name; raises StudyError naming the nearest known form."""
    if text in BARE:
        return ModelName(text, BARE[text], text)
    if text.startswith(("http://", "https://")):
        url, separator, name = text.partition("#")
        if not separator or not name:
            raise StudyError(f"model {text!r}: an endpoint is written http://host:port/v1#NAME")
        return ModelName(text, ModelKind.ENDPOINT, name, url)
    prefix, separator, rest = text.partition(":")
    if separator and rest and prefix in PREFIXES:
        return ModelName(text, PREFIXES[prefix], rest)
    if text.startswith(("./", "../", "/", "~/")):
        return ModelName(text, ModelKind.FOLDER, text)
    known = [*BARE, *(f"{prefix}:" for prefix in PREFIXES)]
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.5)
    hint = (
        f"did you mean {near[0]!r}?"
        if near
        else f"known: {', '.join(known)}, http://…#NAME, ./FOLDER"
    )
    raise StudyError(f"unknown model {text!r}: {hint}")
