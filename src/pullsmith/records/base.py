"""What every record shares: frozen models, the one digest, quoted names, closed sets."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION: Final = 1


def digest(value: object) -> str:
    """Sha-256 of the canonical JSON of ``value``, first 16 hex digits: the only digest there is.

    Models count as their JSON form; bytes and other types raise TypeError.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_json
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _as_json(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"cannot digest a {type(value).__name__}")


def id_part(name: str) -> str:
    """``name`` as it stands inside an id: the id's own separators percent-quoted."""
    return quote(name, safe="+.-_@").replace("~", "%7E")  # quote never touches a tilde


class Record(BaseModel):
    """Base of every record: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Split(StrEnum):
    """Which side of the study a pull request is on."""

    TRAIN = "train"
    EVAL = "eval"


class Phase(StrEnum):
    """Which state of a model answered; NONE for models that are not trained here."""

    NONE = "none"
    BEFORE = "before"
    AFTER = "after"


class ChangeStatus(StrEnum):
    """What happened to a file, in git's letters."""

    ADDED = "A"
    DELETED = "D"
    MODIFIED = "M"
    RENAMED = "R"
    TYPE_CHANGED = "T"


class Outcome(StrEnum):
    """How a call to a model ended. Only OK carries an answer that may be used."""

    OK = "ok"
    REFUSED = "refused"
    CUT = "cut"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    OVER_BUDGET = "over_budget"
    FAILED = "failed"


class Result(StrEnum):
    """A verdict, always from the candidate's side, whatever the order it was shown in."""

    WIN = "win"
    LOSS = "loss"
    TIE = "tie"
    UNREADABLE = "unreadable"


class Order(StrEnum):
    """Which answer the judge saw first."""

    CANDIDATE_FIRST = "candidate-first"
    REFERENCE_FIRST = "reference-first"
