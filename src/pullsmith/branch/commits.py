"""A range of commits as a pull request: which two ends, and what lies between them.

Takes a folder and ``BASE..HEAD`` as people write it; gives a PullRequest, read through a clean git
dir as collect reads every clone. What is not committed is not part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pullsmith.collect.candidates import Candidate
from pullsmith.collect.confidence import Reason
from pullsmith.collect.git import Clone, git_process
from pullsmith.collect.history import History
from pullsmith.collect.identity import repository_name
from pullsmith.collect.messages import Mark
from pullsmith.collect.opening import open_clone
from pullsmith.collect.places import Place, find_place
from pullsmith.collect.source_git import Limits, Reader
from pullsmith.collect.survey import text
from pullsmith.collect.trees import read_objects
from pullsmith.errors import SourceError
from pullsmith.records import Drop, FileChange, PullRequest

LIMITS = Limits(max_files=300, max_blob_bytes=1 << 20, context_lines=20)
# Where a branch usually goes, the first that is there and is not the branch itself.
_DEFAULTS = ("origin/HEAD", "origin/main", "origin/master", "main", "master", "trunk", "develop")
_ON_BRANCH = "ref: refs/heads/"
_SEPARATORS = re.compile(r"[-_/]+")


@dataclass(frozen=True)
class Ends:
    """The two commits of a range, and what was written for each."""

    base: bytes
    head: bytes
    base_name: str
    head_name: str

    def __str__(self) -> str:
        return f"{self.base_name}..{self.head_name} ({self.base[:9].decode()}..{self.head[:9].decode()})"


@dataclass(frozen=True)
class FileTexts:
    """One file before and after; empty where there is none."""

    old: str
    new: str


@dataclass(frozen=True)
class CommitRange:
    """What lies between two commits. ``texts`` has the whole files, in the order of the change."""

    ends: Ends
    pull_request: PullRequest
    texts: tuple[FileTexts, ...]


def read_range(folder: Path, spec: str | None = None) -> CommitRange:
    """The range ``spec`` of the repository that ``folder`` is in.

    Without a spec: from where HEAD left the default branch to HEAD. ``BASE`` alone means
    ``BASE..HEAD``; as in a pull request, BASE stands for where HEAD left it. Raises SourceError
    where there is no repository, a name is not known, or nothing was committed in between.
    """
    top = _top(folder)
    place = find_place(top)
    ends = _ends(place, spec)
    with open_clone(top) as opened:
        clone = replace(opened, head=ends.head)
        ends = replace(ends, base=_merge_base(clone, ends))
        history = History(clone)
        reader = Reader(clone, history, repository_name(clone, history), LIMITS)
        candidate = _candidate(clone, ends, _branch(place, ends.head_name))
        (outcome,) = reader.read([candidate], 1)
        if isinstance(outcome, Drop):
            raise SourceError(f"{ends}: {_why(outcome)}", reason=outcome.reason)
        return CommitRange(ends, outcome, tuple(_texts(clone, outcome)))


def _top(folder: Path) -> Path:
    """The nearest folder upwards that is a repository."""
    here = folder.resolve()
    for each in (here, *here.parents):
        if (each / ".git").exists():
            return each
    if (here / "HEAD").is_file() and (here / "objects").is_dir():
        return here
    raise SourceError(
        f"{folder}: not inside a git repository; go to yours, or name it with --repository",
        reason="not_a_repository",
    )


def _ends(place: Place, spec: str | None) -> Ends:
    base, dots, head = (spec or "").partition("..")
    base, head = base.strip(), head.removeprefix(".").strip()
    if spec is not None and not base and not dots:
        raise SourceError(f"range {spec!r}: write BASE..HEAD, or BASE")
    head = head or "HEAD"
    head_id = _commit(place, head)
    if head_id is None:
        raise SourceError(f"range {spec!r}: {head!r} is no commit of {place.path}")
    if not base:
        return _from_default(place, head, head_id)
    base_id = _commit(place, base)
    if base_id is None:
        raise SourceError(f"range {spec!r}: {base!r} is no commit of {place.path}")
    return Ends(base_id, head_id, base, head)


def _from_default(place: Place, head: str, head_id: bytes) -> Ends:
    for name in _DEFAULTS:
        found = _commit(place, name)
        if found is not None and found != head_id:
            return Ends(found, head_id, name, head)
    raise SourceError(
        f"{place.path}: no branch to compare {head} with (looked for {', '.join(_DEFAULTS)}); "
        "write BASE..HEAD, for example HEAD~1..HEAD"
    )


def _commit(place: Place, name: str) -> bytes | None:
    """The commit's id, as git reads names; None where it knows none. No hook or filter runs here."""
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    with git_process(place.git_dir, arguments, b"") as running:
        found = running.out.read().strip()
    return found if not running.code and found else None


def _merge_base(clone: Clone, ends: Ends) -> bytes:
    try:
        found = clone.output("merge-base", ends.base.decode(), ends.head.decode()).split()
    except SourceError as error:
        raise SourceError(
            f"{ends}: the two have no commit in common (a shallow clone: git fetch --unshallow)"
        ) from error
    if found[0] == ends.head:
        raise SourceError(
            f"{ends}: nothing was committed between them; commit first, or write another range",
            reason="empty",
        )
    return found[0]


def _branch(place: Place, head: str) -> str:
    """The branch that ``head`` names, HEAD's included; empty where it names no branch."""
    if head != "HEAD":
        return head if _commit(place, f"refs/heads/{head}") else ""
    try:
        said = (place.git_dir / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return said.removeprefix(_ON_BRANCH) if said.startswith(_ON_BRANCH) else ""


def _candidate(clone: Clone, ends: Ends, branch: str) -> Candidate:
    listed = clone.output(
        "rev-list", "--reverse", "--no-merges", f"{ends.base.decode()}..{ends.head.decode()}"
    )
    commits = tuple(listed.split())
    newest = text(clone.output("log", "-1", "--format=%s", ends.head.decode())).strip()
    # One commit gives its subject; several, the branch's words, as forges propose it.
    words = _SEPARATORS.sub(" ", branch).strip().capitalize()
    title = "" if len(commits) == 1 else words or newest
    mark = Mark(subject=newest, title=title, branch=branch, reason=Reason.NO_MARK)
    return Candidate(ends.head, ends.base, ends.head, commits, 1, mark, Reason.NO_MARK)


def _why(dropped: Drop) -> str:
    if dropped.reason == "empty":
        return "both ends have the same files; there is nothing to look at"
    return f"cannot be read: {dropped.reason} ({dropped.detail})"


def _texts(clone: Clone, pull_request: PullRequest) -> Iterator[FileTexts]:
    files = pull_request.files
    names = [
        _name(commit, path, file)
        for file in files
        for commit, path in (
            (pull_request.base_sha, file.old_path or file.path),
            (pull_request.head_sha, file.path),
        )
    ]
    # A path with a newline cannot be asked for by name; its file is shown without its texts.
    asked = [name for name in names if b"\n" not in name]
    found = dict(zip(asked, read_objects(clone, asked, max_bytes=1 << 20), strict=True))
    for old, new in zip(names[::2], names[1::2], strict=True):
        yield FileTexts(text(found.get(old) or b""), text(found.get(new) or b""))


def _name(commit: str, path: str, file: FileChange) -> bytes:
    coded = path.encode("latin-1" if "latin_1_path" in file.flags else "utf-8", "surrogateescape")
    return commit.encode() + b":" + coded
