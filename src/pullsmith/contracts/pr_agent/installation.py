"""The user's own PR-Agent: its prompts, its defaults, its lists; read from files, never imported.

Takes a folder (a checkout, an installation, its environment) or finds the importable package; gives
frozen text and numbers. No text of PR-Agent is kept anywhere else. Which version it is, its prompt
tables say; one that nobody has compared is refused. Runs no code of it.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pullsmith.contracts.pr_agent.sources import Marks, read_marks
from pullsmith.contracts.pr_agent.versions import VERSIONS, Extension, Version
from pullsmith.errors import StudyError

_PLACES = ("pr_agent", "lib/python*/site-packages/pr_agent", "Lib/site-packages/pr_agent")
_NEWER = "changes_diagram"  # a field of describe's answer that only the newest form has
_Tables = Mapping[str, Any]  # as TOML gives them; they go no further than this file


@dataclass(frozen=True)
class Templates:
    """The two Jinja2 templates of a tool."""

    system: str
    user: str


@dataclass(frozen=True)
class Defaults:
    """What the installation's own settings say of rendering."""

    lines_before: int
    lines_after: int
    lines_dynamic: int  # 0 where no enclosing function is looked for
    unextended: tuple[str, ...]  # ends of file names
    description_tokens: int
    commit_tokens: int
    improve_tokens: int  # 0: as many as any tool
    improve_calls: int
    clips: bool  # a patch too large for any prompt, instead of leaving it out
    most_summaries: int  # files of a pull request that describe sums up one by one
    review_suggestions: int


@dataclass(frozen=True)
class Installation:
    """Everything that is read of it."""

    folder: Path
    version: Version
    templates: Mapping[str, Templates]
    defaults: Defaults
    ignored: tuple[re.Pattern[str], ...]
    bad_extensions: frozenset[str]
    languages: Mapping[str, frozenset[str]]
    marks: Marks

    @cached_property
    def language_of(self) -> Mapping[str, str]:
        """Extension, dot included, to language; the first one that has it."""
        found: dict[str, str] = {}
        for name, ends in self.languages.items():
            for end in ends:
                found.setdefault(end, name)
        return found


@lru_cache(maxsize=8)
def find_installation(folder: Path | None, version: str) -> Installation:
    """What is read of the PR-Agent in ``folder``, which must be ``version``.

    Raises StudyError where there is none, where it is another version, or one nobody knows.
    """
    package = _package(folder)
    tables = _tables(package / "settings")
    wanted = VERSIONS[version]
    _check_version(tables, wanted, package)
    try:
        return _installation(package, tables, wanted)
    except (KeyError, TypeError, ValueError) as error:
        raise StudyError(
            f"contract.pr_agent: {package}: its settings lack {error}; is the installation whole?"
        ) from error


def _package(folder: Path | None) -> Path:
    if folder is None:
        spec = find_spec("pr_agent")
        locations = list(spec.submodule_search_locations or ()) if spec else []
        if not locations:
            raise StudyError(
                "contract.pr_agent: no PR-Agent can be imported here; set it to the folder of a "
                "checkout or of an environment where it is installed"
            )
        return Path(locations[0])
    places = [folder, *(each for pattern in _PLACES for each in sorted(folder.glob(pattern)))]
    for found in places:
        if (found / "settings" / "configuration.toml").is_file():
            return found
    raise StudyError(
        f"contract.pr_agent: {folder}: no pr_agent/settings/configuration.toml in it; expected the "
        "folder of a checkout or of an environment where PR-Agent is installed"
    )


def _tables(settings: Path) -> _Tables:
    """All its settings files as one, like its own loader: later files add to tables and win."""
    merged: dict[str, Any] = {}
    for path in sorted(settings.rglob("[!.]*.toml")):  # one with a dot holds keys
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StudyError(f"contract.pr_agent: {path}: {error}") from error
        for key, value in found.items():
            old = merged.get(key)
            merged[key] = {**old, **value} if isinstance(old, dict) else value
    return merged


def _check_version(tables: _Tables, wanted: Version, package: Path) -> None:
    found = {tool: _digest(tables.get(made.table)) for tool, made in wanted.tools.items()}
    if found == dict(wanted.digests):
        return
    known = next((each for each in VERSIONS.values() if found == dict(each.digests)), None)
    newer = known is None and _NEWER in str(tables.get("pr_description_prompt"))
    if newer and not wanted.digests:
        return
    said = ", ".join(f"{tool} {digest}" for tool, digest in found.items())
    seen = f"those of pr-agent-{known.name}" if known else f"unknown ones ({said})"
    raise StudyError(
        f"contract.pr_agent: {package}: expected the prompts of pr-agent-{wanted.name}, found {seen}"
        f"{'; they look newer than 2025-03' if newer else ''}"
    )


def _digest(table: object) -> str:
    if not isinstance(table, dict) or not {"system", "user"} <= table.keys():
        return "none"
    return hashlib.sha256(f"{table['system']}\0{table['user']}".encode()).hexdigest()[:8]


def _installation(package: Path, tables: _Tables, version: Version) -> Installation:
    extensions = tables["bad_extensions"]
    bad = [*extensions["default"]]
    if tables["config"].get("use_extra_bad_extensions"):
        bad += extensions["extra"]
    return Installation(
        folder=package,
        version=version,
        templates={
            tool: Templates(tables[made.table]["system"], tables[made.table]["user"])
            for tool, made in version.tools.items()
        },
        defaults=_defaults(tables, version),
        ignored=tuple(_patterns(tables["ignore"])),
        bad_extensions=frozenset(bad),
        languages={
            name: frozenset(ends) for name, ends in tables["language_extension_map_org"].items()
        },
        marks=read_marks(package),
    )


def _defaults(tables: _Tables, version: Version) -> Defaults:
    config, improve = tables["config"], tables["pr_code_suggestions"]
    both = config.get("patch_extra_lines", 0)  # one number for either side, before there were two
    most = 10 if version.extension is Extension.CHECKED else 1 << 30
    dynamic = config.get("allow_dynamic_context", False)
    return Defaults(
        lines_before=min(config.get("patch_extra_lines_before", both), most),
        lines_after=min(config.get("patch_extra_lines_after", both), most),
        lines_dynamic=config["max_extra_lines_before_dynamic_context"] if dynamic else 0,
        unextended=tuple(config.get("patch_extension_skip_types", ())),
        description_tokens=config["max_description_tokens"],
        commit_tokens=config["max_commits_tokens"],
        improve_tokens=improve.get("max_context_tokens", 0),
        improve_calls=improve["max_number_of_calls"],
        clips=config.get("large_patch_policy", "skip") == "clip",
        most_summaries=tables["pr_description"].get("collapsible_file_list_threshold", 8),
        review_suggestions=tables["pr_reviewer"].get("num_code_suggestions", 0),
    )


def _patterns(ignore: _Tables) -> Iterator[re.Pattern[str]]:
    globs: Sequence[str] = ignore["glob"]
    for source in (*ignore["regex"], *map(fnmatch.translate, globs)):
        try:
            yield re.compile(source)
        except re.error:  # PR-Agent passes it by as well
            continue
