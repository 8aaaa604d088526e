"""Pull requests out of one clone: which commits, against which base, with which patch.

Takes a GitSource and limits, gives records and drops. In the order that costs least: the log says
which commits are candidates, raw lines and sizes say which are usable, and only those get a patch.
Decides nothing about what is worth having; what cannot be read is dropped with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pullsmith.collect.candidates import Candidate, Found, find_candidates
from pullsmith.collect.git import Clone
from pullsmith.collect.history import History
from pullsmith.collect.identity import repository_name
from pullsmith.collect.messages import is_bot
from pullsmith.collect.opening import open_clone
from pullsmith.collect.patches import file_changes
from pullsmith.collect.pull_refs import read_pull_refs
from pullsmith.collect.roots import Root, read_roots
from pullsmith.collect.styles import STYLES
from pullsmith.collect.survey import text
from pullsmith.collect.trees import Raw, blob_sizes, raw_files
from pullsmith.diff.context import SHOWN
from pullsmith.errors import PatchError, SourceError
from pullsmith.records import Drop, FileChange, PullRequest, Record, drop
from pullsmith.study.collect import GitSource

CHUNK = 1000  # candidates read together: a few processes of git for each chunk
SPOOL_BYTES = 256 << 20  # of blobs whose patches lie on disk together
MAX_MESSAGES = 100
_PATCH = (
    "diff-tree", "--stdin", "-r", "--raw", "-p", "-M", "-l400", "--no-ext-diff",
    "--no-textconv", "--full-index", "--no-abbrev", "--no-color", "--no-relative", "--always",
    "--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=myers", "--no-indent-heuristic",
    "--submodule=short",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What is too large to be read: files of a pull request, bytes of one file.

    ``context_lines`` is how many lines of the old file are read around each hunk.
    """

    max_files: int
    max_blob_bytes: int
    context_lines: int = 0


class DroppedChange(Record):
    """A candidate that became no pull request: what is known of it."""

    id: str
    repository: str
    number: int | None
    evidence: str
    title: str
    base_sha: str
    head_sha: str


def read_repository(
    path: Path, source: GitSource, limits: Limits, *, report: Callable[[str], None] = lambda _: None
) -> Iterator[PullRequest | Drop]:
    """Every usable pull request of a clone, newest first, and every candidate that is none.

    At most ``source.limit`` pull requests. Needs memory for some hundred of them. Raises SourceError
    where the folder cannot be read, and at the end where nothing usable was in it.
    """
    with open_clone(path) as clone:
        history = History(clone)
        found = find_candidates(history, source.changes, read_pull_refs(clone))
        reader = Reader(clone, history, repository_name(clone, history), limits)
        report(f"{path}: {found.describe()}")
        kept, reasons = 0, set[str]()
        for outcome in reader.read(found.candidates, source.limit):
            if isinstance(outcome, Drop):
                reasons.add(outcome.reason)
            kept += isinstance(outcome, PullRequest)
            yield outcome
            if kept == source.limit:  # what lies beyond it was never considered
                break
        if reader.absent:
            report(f"{path}: {_absent(clone, len(reader.absent))}")
        if not kept:
            raise SourceError(_nothing(reader, found, reasons), reason="no_pull_requests")


def _absent(clone: Clone, blobs: int) -> str:
    """How much a partial or damaged clone lacks, of what its pull requests need, and what to do."""
    if clone.partial:
        return (
            f"a partial clone, blobs absent: {blobs}; get them with git fetch --refetch --no-filter"
        )
    return f"blobs absent: {blobs}; git fsck names them, git fetch --refetch gets them"


def _nothing(reader: Reader, found: Found, reasons: Collection[str]) -> str:
    clone, count = reader.clone, len(found.candidates)
    dropped = f"; all {count} dropped: {', '.join(sorted(reasons))}" if reasons else ""
    hint = ""
    if reader.absent or clone.partial:
        hint = f"; {_absent(clone, len(reader.absent))}"
    elif clone.shallow:
        hint = "; a shallow clone: get the rest with git fetch --unshallow"
    elif not count:
        hint = _no_candidate(reader, found)
    return f"{clone.path}: no usable pull request: {found.describe()}{dropped}{hint}"


def _no_candidate(reader: Reader, found: Found) -> str:
    """Which marks were looked for, and what the log says instead."""
    if not found.first_parents:
        return "; its first commit has none before it to be compared with"
    newest = text(reader.history.commits[reader.clone.head].message).partition("\n")[0][:80]
    marks = sorted({name for style in STYLES for name in (style.merge, style.single) if name})
    return (
        f"; looked for {', '.join(marks)}; the newest commit says {newest!r}; "
        'changes = "first-parent" takes every commit as a change'
    )


class Reader:
    """Candidates in, records and drops out, a chunk at a time."""

    def __init__(self, clone: Clone, history: History, repository: str, limits: Limits) -> None:
        self.clone, self.history = clone, history
        self.repository, self.limits = repository, limits
        self.absent: set[bytes] = set()  # blobs that candidates need and the clone lacks

    def read(
        self, candidates: Iterable[Candidate], limit: int | None
    ) -> Iterator[PullRequest | Drop]:
        """One outcome a candidate, in their order; chunks are short where few are wanted."""
        waiting = iter(candidates)
        size = min(CHUNK, 2 * (limit or CHUNK))
        while chunk := list(islice(waiting, size)):
            yield from self._read_chunk(chunk)

    def _read_chunk(self, chunk: Sequence[Candidate]) -> Iterator[PullRequest | Drop]:
        refused, sizes = self._survey(chunk)
        usable = [one for one in chunk if one.merge not in refused]
        roots = read_roots(self.clone, [one.base for one in usable])
        patches = self._patches(usable, sizes)
        for one in chunk:
            if one.merge in refused:
                yield self._drop(one, *refused[one.merge])
                continue
            record = next(patches)
            if record is None:
                yield self._drop(one, "unreadable_object", "git could not make the patch")
                continue
            try:
                files = file_changes(record, self.limits.context_lines)
            except PatchError as error:
                yield self._drop(one, "unreadable_patch", str(error))
                continue
            yield self._pull_request(one, files, roots[one.base])

    def _patches(
        self, usable: Sequence[Candidate], sizes: dict[bytes, int]
    ) -> Iterator[bytes | None]:
        """What git says of each candidate, None where it could not."""
        command = (*_PATCH, f"-U{SHOWN + self.limits.context_lines}")
        waiting: list[bytes] = []
        held = 0
        for one in usable:
            held += sizes[one.merge]
            if held > SPOOL_BYTES and waiting:
                yield from self.clone.framed(command, waiting, spooled=True)
                waiting, held = [], sizes[one.merge]
            waiting.append(one.head + b" " + one.base)
        yield from self.clone.framed(command, waiting, spooled=True)

    def _survey(
        self, chunk: Sequence[Candidate]
    ) -> tuple[dict[bytes, tuple[str, str]], dict[bytes, int]]:
        """(reason, detail) of candidates that must not reach the patch stage; bytes of the others.

        Both by merge id. One absent blob would end the patch stream for all that come after it.
        """
        refused = {one.merge: one.refused for one in chunk if one.refused is not None}
        readable = [one for one in chunk if one.refused is None]
        changes = [(one.head, one.base) for one in readable]
        raws = list(raw_files(self.clone, changes, max_files=self.limits.max_files))
        blobs = blob_sizes(self.clone, {blob for raw in raws if raw for blob in raw.blobs})
        sizes: dict[bytes, int] = {}
        for one, raw in zip(readable, raws, strict=True):
            cause = self._too_much(raw, blobs)
            if cause is not None:
                refused[one.merge] = cause
            elif raw is not None:
                sizes[one.merge] = sum(map(blobs.__getitem__, raw.blobs))
        return refused, sizes

    def _too_much(self, raw: Raw | None, blobs: Mapping[bytes, int]) -> tuple[str, str] | None:
        """Why a change is not read; None where it can be."""
        if raw is None:
            return "unreadable_object", "git could not compare the trees"
        if not raw.count:
            return "empty", "base and head have the same files"
        if raw.count > self.limits.max_files:
            return "too_many_files", f"{raw.count} files"
        missing = [blob for blob in raw.blobs if blob not in blobs]
        if missing:
            self.absent.update(missing)
            return "missing_blob", f"{len(missing)} absent, {missing[0].decode()}"
        largest = max(map(blobs.__getitem__, raw.blobs), default=0)
        if largest > self.limits.max_blob_bytes:
            return "blob_too_large", f"{largest} bytes"
        return None

    def _pull_request(
        self, one: Candidate, files: tuple[FileChange, ...], root: Root
    ) -> PullRequest:
        head = self.history.commits[one.head]
        messages = list(one.mark.commit_messages)
        messages += [text(self.history.commits[commit].message) for commit in one.commits]
        author = text(head.author)
        flags = list(one.flags)
        flags += ["bot"] if is_bot(author, text(head.author_email)) else []
        flags += ["several_merge_bases"] if one.bases > 1 else []
        flags += ["shallow"] if self.clone.shallow else []
        return PullRequest(
            id=f"{self.repository}@{one.merge.decode()}",
            source="git",
            repository=self.repository,
            group=self.repository,
            number=one.mark.number,
            evidence=one.evidence,
            confidence=one.reason.confidence,
            confidence_reason=one.reason.value,
            title=_title(one, messages),
            body=one.mark.body,
            branch=one.mark.branch,
            commit_messages=tuple(message.strip() for message in messages[:MAX_MESSAGES]),
            author=author,
            merged_at=_when(self.history.commits[one.merge].committed_at),
            base_sha=one.base.decode(),
            head_sha=one.head.decode(),
            merge_sha=one.merge.decode(),
            flags=tuple(sorted(flags)),
            files=root.flagged(files),
            licence=root.licence,
        )

    def _drop(self, one: Candidate, reason: str, detail: str) -> Drop:
        record = DroppedChange(
            id=f"{self.repository}@{one.merge.decode()}",
            repository=self.repository,
            number=one.mark.number,
            evidence=one.evidence,
            title=one.mark.title or one.subject,
            base_sha=one.base.decode(),
            head_sha=one.head.decode(),
        )
        return drop("collect", record, reason, detail)


def _title(one: Candidate, messages: Sequence[str]) -> str:
    """The mark's title; where the merge has none, its only commit's, else the merge's own subject.

    One that was cut with an ellipsis is taken whole from the commit that begins like it.
    """
    firsts = [message.partition("\n")[0].strip() for message in messages]
    if one.mark.title:
        start = one.mark.title.removesuffix("...").removesuffix("\u2026")
        cut = start != one.mark.title
        return next((first for first in firsts if cut and first.startswith(start)), one.mark.title)
    return firsts[0] if len(firsts) == 1 else one.subject


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"
