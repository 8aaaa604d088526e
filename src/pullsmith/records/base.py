"""What every record shares: frozen models, the one digest, quoted names, closed sets."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError, to_json

SCHEMA_VERSION: Final = 1
# Temperatures and shares; other floats may be written 1e-05 by one and 0.00001 by the other.
_ALIKE = frozenset(number / 100 for number in range(201))


def digest(value: object) -> str:
    """Sha-256 of the canonical JSON of ``value``, first 16 hex digits: the only digest there is.

    Models count as their JSON form; bytes and other types raise TypeError.
    """
    try:
        content = to_json(_in_order(value))  # a tenth of json.dumps on long texts
    except (_OtherwiseWritten, PydanticSerializationError):
        text = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_json
        )
        content = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:16]


class _OtherwiseWritten(Exception):  # noqa: N818  # caught where it is raised for
    """The two writers of JSON differ on it, or may: only json.dumps counts."""


def _in_order(value: object) -> object:
    """``value`` with the keys of its mappings sorted, where both writers give the same bytes."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is dict:
        assert isinstance(value, dict)
        if not all(type(key) is str for key in value):
            raise _OtherwiseWritten
        return {key: _in_order(value[key]) for key in sorted(value)}
    if kind is list or kind is tuple:
        assert isinstance(value, list | tuple)
        return [_in_order(each) for each in value]
    if kind is float and value in _ALIKE:
        return value
    raise _OtherwiseWritten


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


class Claim(StrEnum):
    """What a difference between groups of models is said to show; the left side is named first."""

    FINE_TUNING = "fine_tuning"  # after minus before, of one model
    FINE_TUNING_MEAN = "fine_tuning_mean"  # the same, the mean over models
    CODE = "code"  # code-dedicated minus general
    NEWER = "newer"  # released from the middle date on, minus earlier
    BIG_VENDOR = "big_vendor"  # made by a large company, minus the rest
    LARGE = "large"  # more than ten billion weights, minus the rest
    INSTRUCT = "instruct"  # instruct minus base
    METHOD = "method"  # a way of training minus another, the same models
    DATA = "data"  # all cleaned examples minus an ablation, the same models
    LONG = "long"  # long prompts minus short ones, the same models
