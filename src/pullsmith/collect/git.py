"""The git command, safe to point at a hostile clone.

Takes a folder, gives a ``Clone`` that is read through a throw-away *clean git dir*: our own config,
no refs, no hooks, no attributes, alternates that point at the clone's objects. So nothing the
clone has set up runs or changes the output. Only object ids and our own flags reach the command
line. Every exit code is checked. Knows nothing of pull requests.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pullsmith.errors import OutsideError, SourceError

CHUNK_BYTES = 1 << 20
MAX_DEATHS = 20  # each costs two processes; a clone with more broken objects needs repair first
# Somebody or the kernel ended git; that says nothing of the clone. A crash (SEGV, ABRT, BUS) does.
_ENDED = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SAFE = (
    "-c", "safe.directory=*",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.attributesFile=/dev/null",
    "-c", "protocol.allow=never",
    "-c", "i18n.logOutputEncoding=UTF-8",
    "-c", "core.deltaBaseCacheLimit=256m",  # neighbouring pull requests change the same files
    "--no-pager",
)  # fmt: skip


@dataclass(frozen=True)
class Clone:
    """A repository as we read it. ``git_dir`` is the clean one, and lives as long as the block."""

    path: Path
    git_dir: Path
    head: bytes
    shallow: bool
    partial: bool  # made with --filter: objects may be absent
    origin: str  # remote.origin.url as configured, or empty
    refs: Callable[[bytes], dict[bytes, bytes]]  # (prefix of names) -> ids by name

    @property
    def hash_bytes(self) -> int:
        """Bytes of an object id in trees: 20 for SHA-1, 32 for SHA-256."""
        return len(self.head) // 2

    @property
    def absent(self) -> bytes:
        """The id that stands for no object."""
        return b"0" * len(self.head)

    def output(self, *arguments: str, feed: bytes = b"") -> bytes:
        """All that git prints; raises SourceError when git fails."""
        with git_process(self.git_dir, arguments, feed) as running:
            output = running.out.read()
        running.check(self)
        return output

    def records(self, *arguments: str) -> Iterator[bytes]:
        """NUL-separated records as git prints them; raises SourceError when git fails."""
        with git_process(self.git_dir, arguments, b"") as running:
            rest = b""
            while data := running.out.read(CHUNK_BYTES):
                *whole, rest = (rest + data).split(b"\0")
                yield from whole
        running.check(self)
        if rest:
            yield rest

    def framed(
        self, arguments: Sequence[str], items: Sequence[bytes], *, spooled: bool = False
    ) -> Iterator[bytes | None]:
        """What ``git … --stdin --always`` prints for each item; None where git died on it.

        The first word of an item is the id git prints on a line of its own before the item's
        output. ``spooled`` takes less time, and room on disk for all of it. Raises SourceError
        after MAX_DEATHS.
        """
        at, deaths = 0, 0
        while at < len(items):
            for record in self._unbroken(arguments, items[at:], spooled):
                yield record
                at += 1
            if at < len(items):  # git died at this item or right after it: ask for it alone
                deaths += 1
                if deaths > MAX_DEATHS:
                    raise SourceError(self._broken(items[at]))
                yield next(self._unbroken(arguments, items[at : at + 1], spooled), None)
                at += 1

    def _unbroken(
        self, arguments: Sequence[str], items: Sequence[bytes], spooled: bool
    ) -> Iterator[bytes]:
        """The records that are certainly whole: followed by the next id, or by a clean exit."""
        feed = b"".join(item + b"\n" for item in items)
        last: bytes | None = None
        with git_process(self.git_dir, arguments, feed, spooled=spooled) as running:
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
        return f"{self.path}: objects of {item.split()[0].decode()} and others are absent or damaged; {hint}"


class _Running:
    """A git process: its output, and after the block its exit code and what it complained of."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.code, self.said = -1, ""

    def check(self, clone: Clone) -> None:
        """A failed ``git log`` would otherwise look like a repository without pull requests."""
        if self.code:
            hint = "; it is a partial clone" if clone.partial else ""
            raise SourceError(f"{clone.path}: git failed ({self.code}): {self.said}{hint}")


@contextmanager
def git_process(
    git_dir: Path, arguments: Sequence[str], feed: bytes | IO[bytes], *, spooled: bool = False
) -> Iterator[_Running]:
    """A running git with the safe flags and environment; ``feed`` is its input.

    ``spooled`` output is read after git has ended, from a file without a name: no turns are taken,
    which is a tenth of the time of all. Raises OutsideError where there is no git, where git was
    killed, and on a full disk. A reader that leaves early ends the process.
    """
    # Input from a file, not a pipe: no deadlock when git answers before all input is written.
    given = _temporary_file(feed) if isinstance(feed, bytes) else nullcontext(feed)
    with given as stdin, _temporary_file(b"") as errors, ExitStack() as stack:
        spool = stack.enter_context(_temporary_file(b"")) if spooled else None
        process = _start(git_dir, arguments, stdin, spool or subprocess.PIPE, errors)
        running = _Running(spool or _widened(process))
        finished = False
        try:
            if spool:
                process.wait()
                spool.seek(0)
            yield running
            finished = True
        finally:
            if not finished:  # the reader has had enough, or failed
                process.kill()
            running.out.close()
            running.code = process.wait()
            errors.seek(0)
            running.said = errors.read(400).decode("utf-8", "replace").strip().replace("\n", "; ")
        if running.code and "No space left on device" in running.said:
            raise OutsideError(f"{git_dir}: the disk is full; make room, or set TMPDIR elsewhere")
        if -running.code in _ENDED:  # else what it had not said yet would look damaged
            name = signal.Signals(-running.code).name
            raise OutsideError(f"git was ended by {name} (out of memory?); run again to go on")


def _temporary_file(content: bytes) -> IO[bytes]:
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115  # its user closes it
        file.write(content)
        file.seek(0)
    except OSError as error:
        raise OutsideError(
            f"{tempfile.gettempdir()}: cannot be written: {error.strerror}; "
            "make room, or set TMPDIR to another folder"
        ) from error
    return file


def _start(
    git_dir: Path, arguments: Sequence[str], stdin: IO[bytes], stdout: IO[bytes] | int,
    stderr: IO[bytes],
) -> subprocess.Popen[bytes]:  # fmt: skip
    command = ["git", *_SAFE, "--git-dir", str(git_dir), *arguments]
    try:
        return subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, env=_environment()
        )
    except FileNotFoundError as error:
        raise OutsideError("the git command is not installed, or not on PATH") from error


def _widened(process: subprocess.Popen[bytes]) -> IO[bytes]:
    """Its output, with fewer turns between git and us where the system knows and allows that."""
    assert process.stdout is not None
    with suppress(AttributeError, OSError):
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, CHUNK_BYTES)
    return process.stdout


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
        # glibc would give memory back and ask for it again with every blob: a fifth of git's time.
        "MALLOC_TRIM_THRESHOLD_": str(1 << 28),
        "MALLOC_TOP_PAD_": str(1 << 24),
        "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
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
                with memoryview(buffer) as view:
                    record = bytes(view[len(current) + 1 : found + 1])
                del buffer[: found + 1]
                yield record
                break
            searched = max(0, len(buffer) - len(current) - 2)
            data = stream.read(CHUNK_BYTES)
            if not data:
                if needle is None and buffer.startswith(current + b"\n"):
                    yield bytes(buffer[len(current) + 1 :])
                return
            buffer += data
