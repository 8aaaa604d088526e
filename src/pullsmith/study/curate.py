"""Settings of curate: what people are asked."""

from __future__ import annotations

from pydantic import Field

from pullsmith.study.base import Settings


class CurateSettings(Settings):
    """How people share the work."""

    twice: float = Field(default=0.1, ge=0, le=1)
    """The part of the examples and pairs that a second person is asked about too, drawn by hash of the id."""
