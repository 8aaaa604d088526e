"""One rule, one function, one reason: what a pull request is dropped for.

Rules take a record and the settings and look at nothing else; they trust the flags that collect
recorded. A rule gives the Drop, or None where it has nothing against the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from pullsmith.records import Drop, FileChange, PullRequest, drop
from pullsmith.spdx import PERMISSIVE, allows
from pullsmith.study.select import SelectSettings
from pullsmith.tokens import count_tokens

_NOT_BY_HAND = frozenset({"lock", "generated", "vendored", "minified"})
Rule = Callable[[PullRequest, SelectSettings], Drop | None]


def licence_not_allowed(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """A licence that ``licences`` does not cover, or none that was recognised; "any" allows all."""
    allowed = PERMISSIVE if settings.licences == "permissive" else settings.licences
    found = pull_request.licence.spdx if pull_request.licence else None
    if allowed == "any" or allows(found, allowed):
        return None
    wanted = (
        settings.licences if isinstance(settings.licences, str) else ", ".join(settings.licences)
    )
    detail = f"{found or 'no licence'} found, {wanted} allowed"
    return drop("select", pull_request, "licence_not_allowed", detail)


def not_merged(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Nobody merged it, and only_merged is on; planted ones were never to be merged."""
    if not settings.only_merged or pull_request.planted or pull_request.merged_at:
        return None
    return drop("select", pull_request, "not_merged", "no time of a merge on record")


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


def backport(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """A backport or cherry-pick, and drop_backports is on: the change is another pull request's."""
    copied = {"backport", "cherry_pick"}.intersection(pull_request.flags)
    if not (settings.drop_backports and copied):
        return None
    return drop("select", pull_request, "backport", pull_request.title[:200])


def too_small(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Fewer changed lines than min_changed_lines; binary files and pure renames have none."""
    changed = _changed_lines(pull_request.files)
    if changed >= settings.min_changed_lines:
        return None
    detail = f"{changed} changed lines, at least {settings.min_changed_lines} wanted"
    return drop("select", pull_request, "too_small", detail)


def too_large(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """More files or changed lines than wanted, or more characters or tokens of all patches.

    Of the files people write: lock, generated, vendored and minified ones are never shown.
    """
    files = [file for file in pull_request.files if _NOT_BY_HAND.isdisjoint(file.flags)]
    limits = (
        ("files", settings.max_files, len(files)),
        ("changed lines", settings.max_changed_lines, _changed_lines(files)),
        ("characters", settings.max_patch_characters, _characters(files)),
    )
    for unit, most, count in (*limits, *_token_limit(files, settings)):
        if count > most:
            detail = f"{count} {unit}, at most {most} wanted"
            return drop("select", pull_request, "too_large", detail)
    return None


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


def only_docs(pull_request: PullRequest, settings: SelectSettings) -> Drop | None:
    """Nothing but documentation, or that with files of the other kinds, as far as switched on."""
    switches = {
        "docs": settings.drop_only_docs,
        "vendored": settings.drop_only_vendored,
        "generated": settings.drop_only_generated,
        "lock": settings.drop_only_lock,
    }
    return _only(pull_request, "docs", switches)


RULES: tuple[Rule, ...] = (
    licence_not_allowed, not_merged, bot, revert, backport, too_small, too_large, only_lock,
    only_generated, only_vendored, only_docs,
)  # fmt: skip


def _changed_lines(files: Sequence[FileChange]) -> int:
    return sum(file.added_lines + file.deleted_lines for file in files)


def _characters(files: Sequence[FileChange]) -> int:
    return sum(len(file.patch) for file in files)


def _token_limit(
    files: Sequence[FileChange], settings: SelectSettings
) -> Iterator[tuple[str, int, int]]:
    """Tokens are counted only where there may be too many: none is shorter than a character."""
    most = settings.max_patch_tokens
    if most is not None and _characters(files) > most:
        yield "tokens", most, sum(count_tokens(file.patch) for file in files)


def _only(pull_request: PullRequest, flag: str, switches: Mapping[str, bool]) -> Drop | None:
    """Drop where the flag is on and every file has it or another one that is on."""
    on = {name for name, switch in switches.items() if switch}
    files = pull_request.files
    if not (flag in on and files and all(on.intersection(file.flags) for file in files)):
        return None
    if not any(flag in file.flags for file in files):
        return None
    paths = ", ".join(file.path for file in files[:5])
    return drop("select", pull_request, f"only_{flag}", paths)
