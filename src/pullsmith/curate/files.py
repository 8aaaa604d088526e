"""What the queues read: which jobs are there, and whether they are still those that were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from pullsmith.errors import DecisionError
from pullsmith.store import JobKey, RunFolder

Signature = tuple[tuple[int, int, int] | None, ...]


def is_finished(run: RunFolder, *stages: str) -> bool:
    """Whether each of these stages has left its manifest; nothing of it is read."""
    return all(manifest_of(run, JobKey(stage)).exists() for stage in stages)


def manifest_of(run: RunFolder, key: JobKey) -> Path:
    """The file that is written last, so that it changes whenever the job was done anew."""
    return run.job(key).path / "manifest.json"


def signature(paths: Iterable[Path]) -> Signature:
    """Something that changes when one of the files is another one; files are only ever replaced whole."""
    return tuple(_of(path) for path in paths)


@contextmanager
def being_made_anew(name: str) -> Iterator[None]:
    """Turn a file that went away while it was read into a DecisionError: a stage runs beside the desk."""
    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise DecisionError(
            f"{name}: its run is being made anew ({error}); wait for it, then look again"
        ) from error


def _of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
