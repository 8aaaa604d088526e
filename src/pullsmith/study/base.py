"""The base of every settings model: frozen, unknown keys refused."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

S = TypeVar("S", bound="Settings")


class Settings(BaseModel):
    """Frozen, validated when built; an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def settled(general: S, particular: S) -> S:
    """``general`` with what somebody has written into ``particular``; defaults there say nothing."""
    said: dict[str, Any] = {name: getattr(particular, name) for name in particular.model_fields_set}
    for name, value in said.items():
        if isinstance(value, Settings):
            said[name] = settled(getattr(general, name), value)
    return general.model_copy(update=said)
