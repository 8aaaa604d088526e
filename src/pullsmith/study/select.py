"""Settings of select: which pull requests are good enough to pay a teacher for."""

from __future__ import annotations

from pydantic import Field

from pullsmith.study.base import Settings


class SelectSettings(Settings):
    """Limits and switches; every drop is kept with its reason."""

    min_changed_lines: int = Field(default=1, ge=0)
    """Fewer added and deleted lines than this: dropped as too_small."""
    max_changed_lines: int = Field(default=2000, ge=1)
    """More than this: dropped as too_large."""
    max_patch_characters: int = Field(default=60_000, ge=1)
    """Longer patches are dropped as too_large."""
    drop_bots: bool = True
    """Drop pull requests written by bots."""
    drop_reverts: bool = True
    """Drop reverts."""
    drop_only_lock: bool = True
    """Drop pull requests that touch nothing but lock files."""
    drop_only_generated: bool = True
    """Drop pull requests that touch nothing but generated files."""
    drop_only_vendored: bool = True
    """Drop pull requests that touch nothing but vendored files."""
    licences: tuple[str, ...] = ()
    """SPDX ids that are allowed; empty allows every pull request, with its evidence on record."""
