"""Settings of select: which pull requests are good enough to pay a teacher for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator

from pullsmith.spdx import spelled
from pullsmith.study.base import Settings


class NearDuplicates(StrEnum):
    """What becomes of pull requests whose added code is nearly that of another."""

    DROP = "drop"
    MARK = "mark"  # all stay, with their cluster, which split keeps on one side
    OFF = "off"


class Choosing(StrEnum):
    """How max_pull_requests are chosen."""

    SEED = "seed"
    DIVERSE = "diverse"  # in each language and size, those far from each other


class SelectSettings(Settings):
    """Limits and switches; every drop is kept with its reason."""

    licences: str | tuple[str, ...] = "any"
    """Which licences are allowed: "permissive", a list of SPDX ids, or "any", with the evidence on record."""
    only_merged: bool = True
    """Drop pull requests that nobody merged."""
    exclude: Path | None = None
    """A file of repositories, pull requests and authors never to use, one a line; docs/data.md has the form."""
    drop_bots: bool = True
    """Drop pull requests written by bots."""
    drop_reverts: bool = True
    """Drop reverts."""
    drop_backports: bool = True
    """Drop backports and cherry-picks."""
    min_changed_lines: int = Field(default=1, ge=0)
    """Fewer added and deleted lines than this: dropped as too_small."""
    max_changed_lines: int = Field(default=2000, ge=1)
    """More than this, lock, generated and vendored files not counted: dropped as too_large."""
    max_files: int = Field(default=50, ge=1)
    """More files than this: dropped as too_large."""
    max_patch_characters: int = Field(default=60_000, ge=1)
    """Longer patches are dropped as too_large."""
    max_patch_tokens: int | None = Field(default=None, ge=1)
    """Patches of more tokens, by pullsmith's own estimate, are dropped as too_large."""
    drop_only_lock: bool = True
    """Drop pull requests that touch nothing but lock files."""
    drop_only_generated: bool = True
    """Drop pull requests that touch nothing but generated files."""
    drop_only_vendored: bool = True
    """Drop pull requests that touch nothing but vendored files."""
    drop_only_docs: bool = False
    """Drop pull requests that touch nothing but documentation."""
    exact_duplicates: bool = True
    """Of pull requests that add the same lines to the same files, keep the best."""
    near_duplicates: NearDuplicates = NearDuplicates.DROP
    """Of pull requests whose added code is nearly the same, keep the best ("drop"), or mark them ("mark", "off")."""
    near_duplicate_similarity: float = Field(default=0.8, ge=0.75, le=1)
    """From which share of common five-token runs on they are nearly the same; planted ones are only marked."""
    near_duplicate_min_runs: int = Field(default=25, ge=1)
    """Pull requests with fewer runs are nobody's near-duplicate: short changes are alike by chance."""
    secret_rules: tuple[Path, ...] = ()
    """Files of more secret rules, in the gitleaks format; what they find is masked as what ours find."""
    max_per_repository: int | None = Field(default=None, ge=1)
    """At most this many real pull requests of one repository, drawn by the study's seed."""
    max_per_language: int | None = Field(default=None, ge=1)
    """At most this many real ones of one language."""
    max_per_kind: int | None = Field(default=None, ge=1)
    """At most this many real ones of one kind: fix, feature, docs, test, refactor, …, by the title."""
    max_per_size: int | None = Field(default=None, ge=1)
    """At most this many real ones of one size: small, medium or large."""
    max_pull_requests: int | None = Field(default=None, ge=1)
    """At most this many real ones in all."""
    choose: Choosing = Choosing.SEED
    """How these are chosen: drawn by the seed, or those that are far from each other ("diverse")."""

    @field_validator("licences")
    @classmethod
    def _known_licences(cls, licences: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if licences in ("any", "permissive"):
            return licences
        if isinstance(licences, str) or not licences:
            raise ValueError('write "any", "permissive" or a list of SPDX ids such as ["MIT"]')
        return tuple(spelled(one) for one in licences)
