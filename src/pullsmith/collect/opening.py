"""Opening a repository that may be hostile.

Takes a path, gives a Clone to read through a throw-away *clean git dir*: our own config, no refs,
no hooks, no attributes, alternates that point at the clone's objects; a bundle's objects are
unpacked into it. Nothing the clone has set up runs or changes the output, and no cache of its
(commit graph, index over several packs) is believed. Knows nothing of commits.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pullsmith.collect.bundles import is_bundle, read_bundle
from pullsmith.collect.git import Clone, git_process
from pullsmith.collect.places import Place, config_value, find_place
from pullsmith.collect.refs import read_head, read_refs
from pullsmith.errors import OutsideError, SourceError
from pullsmith.records import digest

# The two caches say which tree, parents and bytes an id has: a clone's own could lie.
_CONFIG = "[core]\n\trepositoryformatversion = {version}\n\tbare = true\n"
_CONFIG += "\tcommitGraph = false\n\tmultiPackIndex = false\n"
_SHA256 = "[extensions]\n\tobjectFormat = sha256\n"
_SHALLOW = re.compile(rb"(?:[0-9a-f]{40}(?:[0-9a-f]{24})?\n)*")


@dataclass(frozen=True)
class Repository:
    """What the files of a repository say, before git has read any of them."""

    path: Path
    head: bytes  # an id; whether it is a commit's is not known yet
    refs: Callable[[bytes], dict[bytes, bytes]]
    objects: Path  # a folder, or a bundle
    offset: int = 0  # where in a bundle the objects begin
    shallow: bytes = b""
    partial: bool = False
    origin: str = ""

    def state(self) -> str:
        """A digest that changes when commits, refs, address or packs do."""
        packs = self.objects / "pack"
        names = sorted(map(str, packs.iterdir())) if packs.is_dir() else []
        refs = [(repr(name), repr(one)) for name, one in self.refs(b"refs/").items()]
        return digest([repr(self.head), refs, repr(self.shallow), self.origin, names])


def find_repository(path: Path) -> Repository:
    """The work tree (also a linked one), bare, mirror or shallow clone, or bundle at ``path``.

    Raises SourceError where there is none, where it borrows objects from another repository, and
    where it has no commit.
    """
    try:
        return _of_bundle(path) if is_bundle(path) else _of_place(find_place(path))
    except OutsideError:  # of this machine, not of the repository
        raise
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error


@contextmanager
def open_clone(path: Path) -> Iterator[Clone]:
    """The repository at ``path``, as ``find_repository`` finds it, ready to be read by git.

    Raises SourceError as it does, and where HEAD's commit is damaged; OutsideError where there is
    no room for what a bundle holds.
    """
    found = find_repository(path)
    try:
        folder = tempfile.TemporaryDirectory(prefix="pullsmith-git-")
    except OSError as error:
        raise OutsideError(f"{tempfile.gettempdir()}: no folder can be made: {error}") from error
    with folder as name:
        clean = Path(name)
        _make_clean(clean, found)
        yield Clone(
            path=path,
            git_dir=clean,
            head=_commit(found, clean),
            shallow=bool(found.shallow),
            partial=found.partial,
            origin=found.origin,
            refs=found.refs,
        )


def _of_bundle(path: Path) -> Repository:
    bundle = read_bundle(path)
    return Repository(
        path=path,
        head=bundle.head,
        refs=lambda prefix: {n: one for n, one in bundle.refs.items() if n.startswith(prefix)},
        objects=path,
        offset=bundle.offset,
        partial=bundle.partial,
    )


def _of_place(place: Place) -> Repository:
    if (place.common / "reftable").exists():
        raise SourceError(
            f"{place.path}: a reftable repository; convert it (git 2.46 or newer) with: "
            "git refs migrate --ref-format=files, or give a bundle: git bundle create FILE HEAD --all",
            reason="reftable",
        )
    head = read_head(place.git_dir, place.common)
    if not head:
        raise SourceError(
            f"{place.path}: HEAD names no commit: an empty repository, or a branch that is not there",
            reason="empty_repository",
        )
    return Repository(
        path=place.path,
        head=head,
        refs=partial(read_refs, place.common),
        objects=place.common / "objects",
        shallow=_shallow(place),
        partial=any((place.common / "objects/pack").glob("*.promisor")),
        origin=config_value(place.common / "config", "remote.origin.url"),
    )


def _shallow(place: Place) -> bytes:
    path = place.common / "shallow"
    content = path.read_bytes() if path.is_file() else b""
    if not _SHALLOW.fullmatch(content):
        raise SourceError(
            f"{place.path}: a damaged shallow clone: {path.name} holds no list of ids"
        )
    return content


def _make_clean(clean: Path, found: Repository) -> None:
    sha256 = len(found.head) == 64
    try:
        (clean / "objects/info").mkdir(parents=True)
        (clean / "refs").mkdir()
        # HEAD names no commit: git 2.43 would read the attributes of the one it names.
        (clean / "HEAD").write_text("ref: refs/heads/none\n")
        (clean / "config").write_text(
            _CONFIG.format(version=int(sha256)) + (_SHA256 if sha256 else "")
        )
        if found.shallow:
            (clean / "shallow").write_bytes(found.shallow)
        if not found.offset:
            (clean / "objects/info/alternates").write_bytes(_alternate(found.objects))
    except OSError as error:
        raise OutsideError(f"{clean.parent}: cannot be written: {error.strerror}") from error
    if found.offset:
        _unpack(found, clean)


def _alternate(objects: Path) -> bytes:
    where = os.fsencode(objects.resolve())
    if b"\n" in where:
        raise SourceError(f"{str(objects)!r}: a path with a newline cannot be handed to git")
    return b'"' + where.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"\n'


def _unpack(found: Repository, clean: Path) -> None:
    """A bundle's objects, each checked against its id as it is unpacked; one thread a process."""
    with found.objects.open("rb") as file:
        os.lseek(file.fileno(), found.offset, os.SEEK_SET)
        with git_process(clean, ("index-pack", "--stdin", "--threads=1"), file) as running:
            running.out.read()
    if running.code:
        raise SourceError(f"{found.path}: a damaged git bundle: {running.said}")


def _commit(found: Repository, clean: Path) -> bytes:
    """HEAD's commit, through a tag if need be; the first object read out of the repository."""
    name = found.head.decode() + "^{commit}"
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    with git_process(clean, arguments, b"") as running:
        head = running.out.read().strip()
    if running.code or not head:
        said = f" (git: {running.said})" if running.said else ""
        raise SourceError(f"{found.path}: HEAD's commit is absent or damaged{said}")
    return head
