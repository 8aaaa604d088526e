"""Settings of collect: where pull requests come from."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from pullsmith.study.base import Settings

GITHUB_API = "https://api.github.com"
_OWNER_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$"
_OWNER_NAME_OR_NOTHING = rf"^$|{_OWNER_NAME}"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _api_address(value: str) -> str:
    """An API's address: https, or http to this machine, because a token travels to it."""
    parts = urlsplit(value)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "write https://HOST/api/v3, without user, password, query or fragment; "
            "the token comes from GITHUB_TOKEN"
        )
    return value.rstrip("/")


_Address = Annotated[str, AfterValidator(_api_address)]


class Changes(StrEnum):
    """Which commits of a repository count as pull requests."""

    AUTO = "auto"  # pull-request marks where there are enough of them, else first-parent commits
    PULL_REQUESTS = "pull-requests"
    FIRST_PARENT = "first-parent"


class GitSource(Settings):
    """Pull requests out of a local clone."""

    git: Path
    """A work tree, a bare, mirror or shallow clone, a git bundle, or a folder of any of these."""
    changes: Changes = Changes.AUTO
    """Which commits count as pull requests."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many a repository, the newest first."""
    github: str = Field(default="", pattern=_OWNER_NAME_OR_NOTHING)
    """The same repository's owner/name: its API then fills in bodies, labels and reviews."""
    base_url: _Address = GITHUB_API
    """The API's address; of a GitHub Enterprise server, https://HOST/api/v3."""
    optional: bool = False
    """Whether a folder that is no repository, or one without pull requests, is passed over."""


class GitHubSource(Settings):
    """Pull requests out of GitHub's API, without a clone."""

    github: str = Field(pattern=_OWNER_NAME)
    """The repository: owner/name."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many, the newest first."""
    since: date | None = None
    """Only pull requests merged on this day (UTC) or later."""
    base_url: _Address = GITHUB_API
    """The API's address; of a GitHub Enterprise server, https://HOST/api/v3."""
    optional: bool = False
    """Whether a repository without merged pull requests is passed over."""


class PlantedOn(StrEnum):
    """What of a repository a defect is planted in."""

    FUNCTIONS = "functions"  # of its newest commit: changes are made up
    PULL_REQUESTS = "pull-requests"  # its own changes, each with one added line made wrong


class PlantedRepository(Settings):
    """A local clone to plant in."""

    repository: Path
    """A work tree, a bare, mirror or shallow clone."""
    on: PlantedOn = PlantedOn.FUNCTIONS
    """What a defect is planted in: made-up changes of its functions, or its own pull requests."""


def _kind_of_code(value: object) -> str:
    """Which code a value names: a table is a repository, a text the library or a folder."""
    if isinstance(value, dict | PlantedRepository):
        return "PlantedRepository"
    return "stdlib" if value == "stdlib" else "folder"


Code = Annotated[
    Annotated[Literal["stdlib"], Tag("stdlib")]
    | Annotated[PlantedRepository, Tag("PlantedRepository")]
    | Annotated[Path, Tag("folder")],
    Discriminator(_kind_of_code),
]
Language = Literal["python", "javascript", "typescript", "go", "java", "rust"]


class PlantedSource(Settings):
    """Pull requests with known truth, made from code on this machine."""

    planted: Code = "stdlib"
    """The code they are made from: "stdlib", a folder, or { repository = PATH, on = "functions" }."""
    languages: tuple[Language, ...] = Field(default=("python",), min_length=1)
    """The languages of that code; all but Python need the extra languages."""
    count: int = Field(default=0, ge=0)
    """How many pull requests; with fill_to, at least this many."""
    fill_to: int | None = Field(default=None, ge=1)
    """Make as many as bring all sources together to this number."""
    spots: int = Field(default=0, ge=0)
    """How many short kind-and-line pull requests, for the spot tool, on top; train side only."""
    clean_share: float = Field(default=0.4, ge=0, le=1)
    """The share without a defect; none on pull requests, because nobody can say that a real one is clean."""
    max_function_lines: int = Field(default=8, ge=3, le=40)
    """The longest function used."""
    eval_share: float = Field(default=0.1, gt=0, lt=1)
    """The share of the pull requests that is made for the eval side."""
    eval_files: float = Field(default=0.2, gt=0, lt=1)
    """The share of the source files that only the eval side is made from; templates and words are apart too."""
    kinds: tuple[str, ...] = ()
    """The kinds of defect, or ["all"]; empty means the ten simple ones, on pull requests all."""
    context_lines: int = Field(default=0, ge=0, le=10)
    """Unchanged lines around a change; none keeps prompts short enough for a small student."""
    max_patch_lines: int = Field(default=14, ge=2)
    """At most this many lines of patch, over all files and without hunk headers."""
    second_file_share: float = Field(default=0.25, ge=0, le=1)
    """The share with a second, clean file."""
    more_hunks_share: float = Field(default=0.0, ge=0, le=1)
    """The share in which one or two other functions of the same file change too, cleanly."""
    canary_share: float = Field(default=0.0, ge=0, le=1)
    """The share of the eval side whose description tells the reviewer what to answer; how many obey is on the board."""
    invented_share: float = Field(default=0.7, ge=0, le=1)
    """The share of the training side whose paths are invented, so that no student learns them by heart."""

    @property
    def on_pull_requests(self) -> bool:
        """Whether defects are planted in the pull requests of a repository."""
        planted = self.planted
        return isinstance(planted, PlantedRepository) and planted.on is PlantedOn.PULL_REQUESTS

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.planted == "stdlib" and self.languages != ("python",):
            raise ValueError(
                'the standard library is Python only; write planted = "FOLDER", or '
                "{ repository = PATH }, for other languages"
            )
        if self.on_pull_requests and (self.spots or self.clean_share_given):
            raise ValueError(
                'on = "pull-requests" makes neither spots nor clean ones: leave out spots and '
                "clean_share"
            )
        return self

    @property
    def clean_share_given(self) -> bool:
        """Whether a share above 0 was asked for, not taken from the default."""
        return "clean_share" in self.model_fields_set and self.clean_share > 0


def _kind_of_source(value: object) -> str | None:
    """Which source a table is: the one whose first key it has."""
    if isinstance(value, dict):
        return next((name for key, name in _SOURCE_KEYS.items() if key in value), None)
    return type(value).__name__


# In this order: a clone may name its repository on GitHub as well.
_SOURCE_KEYS = {"git": "GitSource", "github": "GitHubSource", "planted": "PlantedSource"}
Source = Annotated[
    Annotated[GitSource, Tag("GitSource")]
    | Annotated[GitHubSource, Tag("GitHubSource")]
    | Annotated[PlantedSource, Tag("PlantedSource")],
    Discriminator(
        _kind_of_source,
        custom_error_type="unknown_source",
        custom_error_message='write { git = "PATH" }, { github = "owner/name" } or { planted = "stdlib" }',
    ),
]


class CollectSettings(Settings):
    """Where pull requests come from."""

    sources: tuple[Source, ...] = Field(min_length=1)
    """The sources, in order."""
    max_files: int = Field(default=50, ge=1)
    """Pull requests with more files are dropped before their patch is read."""
    max_blob_bytes: int = Field(default=1 << 20, ge=1)
    """Pull requests that touch a larger file are dropped before their patch is read."""
    context_lines: int = Field(default=0, ge=0, le=20)
    """Lines of the old file kept around each hunk, for contracts that show more than git's three; GitHub alone gives none."""
