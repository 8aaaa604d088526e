"""One rule, one function, one reason: what a pull request is dropped for.

Rules take a record and the settings and look at nothing else; they trust the flags that collect
recorded. A rule gives the Drop, or None where it has nothing against the record.
"""

from __future__ import annotations

from collections.abc import Callable

from pullsmith.records import Drop, PullRequest, drop
from pullsmith.study.select import SelectSettings

Rule = Callable[[PullRequest, SelectSettings], Drop | None]


def too_small(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Fewer changed lines than min_changed_lines; binary files and pure renames have none."""
    changed = _changed_lines(pull_request)
    if changed >= settings.min_changed_lines:
        return None
    detail = f"{changed} changed lines, at least {settings.min_changed_lines} wanted"
    return drop("select", pull_request, "too_small", detail)


def too_large(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """More changed lines than max_changed_lines, or patches over max_patch_characters together."""
    changed = _changed_lines(pull_request)
    characters = sum(len(file.patch) for file in pull_request.files)
    if changed > settings.max_changed_lines:
        detail = f"{changed} changed lines, at most {settings.max_changed_lines} wanted"
    elif characters > settings.max_patch_characters:
        detail = f"{characters} characters, at most {settings.max_patch_characters} wanted"
    else:
        return None
    return drop("select", pull_request, "too_large", detail)


def bot(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Written by a bot, and drop_bots is on."""
    if not (settings.drop_bots and "bot" in pull_request.flags):
        return None
    return drop("select", pull_request, "bot", f"author {pull_request.author!r}")


def revert(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """A revert, and drop_reverts is on: its description is about another pull request."""
    if not (settings.drop_reverts and "revert" in pull_request.flags):
        return None
    return drop("select", pull_request, "revert", pull_request.title[:200])


def only_lock(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Nothing but lock files, and drop_only_lock is on."""
    return _only(pull_request, "lock", {"lock": settings.drop_only_lock})


def only_generated(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Nothing but generated files, or generated and lock files, as far as each is switched on."""
    switches = {"generated": settings.drop_only_generated, "lock": settings.drop_only_lock}
    return _only(pull_request, "generated", switches)


def only_vendored(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Nothing but vendored files, or those with generated and lock files, as far as switched on."""
    switches = {
        "vendored": settings.drop_only_vendored,
        "generated": settings.drop_only_generated,
        "lock": settings.drop_only_lock,
    }
    return _only(pull_request, "vendored", switches)


def licence_not_allowed(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """A licence, or none recognised, that is not among ``licences``; an empty list allows all."""
    allowed = {spdx.lower() for spdx in settings.licences}
    found = pull_request.licence.spdx if pull_request.licence else None
    if not allowed or (found or "").lower() in allowed:
        return None
    detail = f"{found or 'no licence'} found, {', '.join(settings.licences)} allowed"
    return drop("select", pull_request, "licence_not_allowed", detail)


RULES: tuple[Rule, ...] = (
    too_small, too_large, bot, revert, only_lock, only_generated, only_vendored,
    licence_not_allowed,
)  # fmt: skip


def rejected(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """The Drop of the first rule that has something against the record, else None."""
    for rule in RULES:
        found = rule(pull_request, settings)
        if found is not None:
            return found
    return None


def _changed_lines(pull_request: PullRequest) -> int:
    return sum(file.added_lines + file.deleted_lines for file in pull_request.files)


def _only(pull_request: PullRequest, flag: str, switches: dict[str, bool]) -> Drop | None:
    """Drop where the flag is on and every file has it or another one that is on."""
    on = {name for name, switch in switches.items() if switch}
    files = pull_request.files
    if not (flag in on and files and all(on.intersection(file.flags) for file in files)):
        return None
    if not any(flag in file.flags for file in files):
        return None
    paths = ", ".join(file.path for file in files[:5])
    return drop("select", pull_request, f"only_{flag}", paths)
