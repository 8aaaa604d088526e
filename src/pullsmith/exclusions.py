"""What must never be used: repositories, pull requests and authors, named in a file of the user's.

Takes the file, says of a record whether something in it names it. Knows no stage: select drops
such records, and whatever hands data on asks again, so that a name added later is honoured.

    # one entry a line; what follows a # that begins a word is a remark
    repository    forge.test/owner/name       forge.test/owner/* is all of an owner's
    pull-request  forge.test/owner/name#12    or the record's id, owner/name@COMMIT
    author        Jane Doe                    as git or the forge has the name, in any case
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pullsmith.errors import StudyError
from pullsmith.records import PullRequest

_KINDS = ("repository", "pull-request", "author")
_REMARK = re.compile(r"(?:^|\s)#.*")  # not the # of owner/name#12
_EXAMPLES = {
    "repository": r"[^\s@#]+/[^\s@#]+",
    "pull-request": r"\S+[@#]\S+|planted:\S+",
    "author": r".+",
}


class Exclusions(BaseModel):
    """The entries of a file, in lower case and sorted: the same entries have the same digest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repositories: tuple[str, ...] = ()
    pull_requests: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()

    def naming(self, record: PullRequest) -> str | None:
        """The entry that names the record, with its kind; None where none does."""
        for kind, name in self._names(record):
            wanted = self._wanted(kind)
            if name.lower() in wanted:
                return f"{kind} {name}"
        return None

    def _names(self, record: PullRequest) -> Iterator[tuple[str, str]]:
        for repository in dict.fromkeys((record.repository, record.group)):
            yield "repository", repository
            yield "repository", f"{repository.rpartition('/')[0]}/*"
        yield "pull-request", record.id
        if record.number is not None:
            yield "pull-request", f"{record.repository}#{record.number}"
        yield "author", record.author

    def _wanted(self, kind: str) -> tuple[str, ...]:
        return {
            "repository": self.repositories,
            "pull-request": self.pull_requests,
            "author": self.authors,
        }[kind]


def read_exclusions(path: Path | None) -> Exclusions:
    """The entries of the file, none without one; raises StudyError naming the line and the fault."""
    if path is None:
        return Exclusions()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"select.exclude: {path} cannot be read: {error}") from error
    found: dict[str, set[str]] = {kind: set() for kind in _KINDS}
    for number, line in enumerate(text.splitlines(), start=1):
        if entry := _REMARK.sub("", line).strip():
            kind, name = _entry(entry, f"{path}, line {number}")
            found[kind].add(name.lower())
    return Exclusions(
        repositories=tuple(sorted(found["repository"])),
        pull_requests=tuple(sorted(found["pull-request"])),
        authors=tuple(sorted(found["author"])),
    )


def _entry(entry: str, where: str) -> tuple[str, str]:
    kind, _, name = entry.partition(" ")
    kind, name = kind.rstrip(":").lower(), " ".join(name.split())
    if kind not in _KINDS:
        raise StudyError(
            f"{where}: {entry!r}; a line begins with {', '.join(_KINDS[:-1])} or {_KINDS[-1]}, "
            "for example: repository forge.test/owner/name"
        )
    if not re.fullmatch(_EXAMPLES[kind], name):
        raise StudyError(
            f"{where}: {name!r} is no {kind}; write repository HOST/OWNER/NAME, "
            "pull-request HOST/OWNER/NAME#12 or author NAME"
        )
    return kind, name
