"""The git command, safe to point at a hostile clone.

Takes a folder, gives a ``Clone`` that is read through a throw-away *clean git dir*: our own config,
no refs, no hooks, no attributes, alternates that point at the clone's objects. So nothing the
clone has set up runs or changes the output. Only object ids and our own flags reach the command
line. Every exit code is checked. Knows nothing of pull requests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pullsmith.errors import OutsideError, SourceError

CHUNK_BYTES = 1 << 18
MAX_DEATHS = 20  # each costs two processes; a clone with more broken objects needs repair first
_SAFE = (
    "-c", "safe.directory=*",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.attributesFile=/dev/null",
    "-c", "protocol.allow=never",
    "-c", "i18n.logOutputEncoding=UTF-8",
    "--no-pager",
)  # fmt: skip
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


@dataclass(frozen=True)
class Clone:
    """A repository as we read it. ``git_dir`` is the clean one, and lives as long as the block."""

    path: Path
    git_dir: Path
    head: bytes
    shallow: bool
    partial: bool  # made with --filter: objects may be absent
    origin: str  # remote.origin.url as configured, or empty

    def output(self, *arguments: str, feed: bytes = b"") -> bytes:
        """All that git prints; raises SourceError when git fails."""
        with _process(self.git_dir, arguments, feed) as running:
            output = running.out.read()
        running.check(self)
        return output

    def records(self, *arguments: str) -> Iterator[bytes]:
        """NUL-separated records as git prints them; raises SourceError when git fails."""
        with _process(self.git_dir, arguments, b"") as running:
            rest = b""
            while data := running.out.read(CHUNK_BYTES):
                *whole, rest = (rest + data).split(b"\0")
                yield from whole
        running.check(self)
        if rest:
            yield rest

    def framed(self, arguments: Sequence[str], items: Sequence[bytes]) -> Iterator[bytes | None]:
        """What ``git … --stdin --always`` prints for each item; None where git died on it.

        The first word of an item is the id git prints on a line of its own before the item's
        output. Raises SourceError after MAX_DEATHS.
        """
        at, deaths = 0, 0
        while at < len(items):
            for record in self._unbroken(arguments, items[at:]):
                yield record
                at += 1
            if at < len(items):  # git died at this item or right after it: ask for it alone
                deaths += 1
                if deaths > MAX_DEATHS:
                    raise SourceError(self._broken(items[at]))
                yield next(self._unbroken(arguments, items[at : at + 1]), None)
                at += 1

    def _unbroken(self, arguments: Sequence[str], items: Sequence[bytes]) -> Iterator[bytes]:
        """The records that are certainly whole: followed by the next id, or by a clean exit."""
        feed = b"".join(item + b"\n" for item in items)
        last: bytes | None = None
        with _process(self.git_dir, arguments, feed) as running:
            records = _cut(running.out, [item.split(b" ", 1)[0] for item in items])
            for count, record in enumerate(records, start=1):
                if count == len(items):
                    last = record
                else:
                    yield record
        if running.code == 0 and last is not None:
            yield last

    def _broken(self, item: bytes) -> str:
        hint = "git fsck shows the damage"
        if self.partial:
            hint = "it is a partial clone: fetch the rest with git fetch --refetch --no-filter"
        return (
            f"{self.path}: objects of {item[:40].decode()} and others are absent or damaged; {hint}"
        )


@contextmanager
def open_clone(path: Path) -> Iterator[Clone]:
    """The repository at ``path``: a work tree (also a linked one), a bare or a mirror clone.

    Raises SourceError where there is none, where it borrows objects from another repository, and
    where it has no commit.
    """
    git_dir = find_git_dir(path)
    if git_dir is None:
        raise SourceError(f"{path}: no git repository; give a work tree, or a bare or mirror clone")
    common = _common_dir(git_dir)
    _refuse_borrowed(path, common)
    head = _head(path, git_dir)
    with tempfile.TemporaryDirectory(prefix="pullsmith-git-") as folder:
        clean = Path(folder)
        _make_clean(clean, common / "objects", head)
        if (common / "shallow").is_file():
            shutil.copyfile(common / "shallow", clean / "shallow")
        yield Clone(
            path=path,
            git_dir=clean,
            head=head,
            shallow=(common / "shallow").is_file(),
            partial=any((common / "objects/pack").glob("*.promisor")),
            origin=_origin(common),
        )


def find_git_dir(path: Path) -> Path | None:
    """The git dir of a work tree, bare or mirror clone at exactly ``path``; None if it is none."""
    inner = path / ".git"
    if inner.is_file():  # a linked work tree or a submodule says where its git dir is
        text = inner.read_bytes().decode("utf-8", "surrogateescape")
        target = path / text.removeprefix("gitdir:").strip()
        return target if text.startswith("gitdir:") and _is_git_dir(target) else None
    return next((place for place in (inner, path) if _is_git_dir(place)), None)


def enclosing_repository(folder: Path) -> Path | None:
    """The nearest folder at or above ``folder`` that is a repository; None if there is none."""
    start = folder.resolve()
    return next((place for place in (start, *start.parents) if find_git_dir(place)), None)


def _is_git_dir(path: Path) -> bool:
    return (path / "HEAD").is_file() and (_common_dir(path) / "objects").is_dir()


def _common_dir(git_dir: Path) -> Path:
    """Where a linked work tree's git dir keeps objects and config: git calls it the common dir."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    return git_dir / pointer.read_bytes().decode("utf-8", "surrogateescape").strip()


def _refuse_borrowed(path: Path, common: Path) -> None:
    """Alternates could point at any repository on this machine, and would put it into the records."""
    for name in ("alternates", "http-alternates"):
        if (common / "objects/info" / name).exists():
            raise SourceError(
                f"{path}: borrows objects from another repository (objects/info/{name}); "
                "make it whole with: git repack -a -d, then delete that file"
            )
    if (common / "objects").is_symlink():
        raise SourceError(f"{path}: its objects folder is a link; give the repository it points to")


def _head(path: Path, git_dir: Path) -> bytes:
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}")
    with _process(git_dir, arguments, b"") as running:
        head = running.out.read().strip()
    if running.code or not head:
        said = f" (git: {running.said})" if running.said else ""
        raise SourceError(f"{path}: HEAD names no commit{said}; an empty or damaged repository")
    if len(head) != 40:
        raise SourceError(f"{path}: a SHA-256 repository; only SHA-1 repositories are read so far")
    return head


def _origin(common: Path) -> str:
    """``--file`` reads one file and follows no include; nothing of it is run."""
    arguments = ("config", "--file", str(common / "config"), "--get", "remote.origin.url")
    with _process(common, arguments, b"") as running:
        url = running.out.read()
    return url.decode("utf-8", "replace").strip() if running.code == 0 else ""


def _make_clean(clean: Path, objects: Path, head: bytes) -> None:
    (clean / "objects/info").mkdir(parents=True)
    (clean / "refs").mkdir()
    where = os.fsencode(objects.resolve())
    if b"\n" in where:
        raise SourceError(f"{str(objects)!r}: a path with a newline cannot be handed to git")
    quoted = where.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    (clean / "objects/info/alternates").write_bytes(b'"' + quoted + b'"\n')
    (clean / "HEAD").write_bytes(head + b"\n")
    (clean / "config").write_text(_CONFIG)


class _Running:
    """A git process: its output, and after the block its exit code and what it complained of."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        assert process.stdout is not None
        self.process, self.out, self.errors = process, process.stdout, errors
        self.code, self.said = -1, ""

    def check(self, clone: Clone) -> None:
        """A failed ``git log`` would otherwise look like a repository without pull requests."""
        if self.code:
            hint = "; it is a partial clone" if clone.partial else ""
            raise SourceError(f"{clone.path}: git failed ({self.code}): {self.said}{hint}")


@contextmanager
def _process(git_dir: Path, arguments: Sequence[str], feed: bytes) -> Iterator[_Running]:
    # Input from a file, not a pipe: no deadlock when git answers before all input is written.
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as errors:
        stdin.write(feed)
        stdin.seek(0)
        command = ["git", *_SAFE, "--git-dir", str(git_dir), *arguments]
        try:
            process = subprocess.Popen(
                command, stdin=stdin, stdout=subprocess.PIPE, stderr=errors, env=_environment()
            )
        except FileNotFoundError as error:
            raise OutsideError("the git command is not installed, or not on PATH") from error
        running = _Running(process, errors)
        finished = False
        try:
            yield running
            finished = True
        finally:
            if not finished:  # the reader has had enough, or failed
                process.kill()
            running.out.close()
            running.code = process.wait()
            errors.seek(0)
            running.said = errors.read(400).decode("utf-8", "replace").strip().replace("\n", "; ")


def _environment() -> dict[str, str]:
    """Nothing is inherited but where programs are, so no GIT_* variable is."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        # A clone's protocol.ssh.allow overrules `-c protocol.allow=never`; nothing overrules this.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
    }


def _cut(stream: IO[bytes], ids: Sequence[bytes]) -> Iterator[bytes]:
    """Cut a stream that prints each id on a line of its own, in order.

    No line of a diff begins with a bare hex id. The last record is what came until the end.
    """
    buffer = bytearray()
    for number, current in enumerate(ids):
        needle = b"\n" + ids[number + 1] + b"\n" if number + 1 < len(ids) else None
        searched = 0
        while True:
            found = buffer.find(needle, searched) if needle else -1
            if found >= 0:
                yield bytes(buffer[len(current) + 1 : found + 1])
                del buffer[: found + 1]
                break
            searched = max(0, len(buffer) - len(current) - 2)
            data = stream.read(CHUNK_BYTES)
            if not data:
                if needle is None and buffer.startswith(current + b"\n"):
                    yield bytes(buffer[len(current) + 1 :])
                return
            buffer += data
