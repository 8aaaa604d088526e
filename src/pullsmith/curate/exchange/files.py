"""A file to export into or import from: which form it has, by its name or as it was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from pullsmith.curate.desk import Desk
from pullsmith.curate.exchange.argilla import read_records, write_records
from pullsmith.curate.exchange.label_studio import form as labelling
from pullsmith.curate.exchange.label_studio import form_path, read_tasks, write_tasks
from pullsmith.curate.exchange.line import Line
from pullsmith.curate.exchange.lines import Imported, apply, lines_of
from pullsmith.curate.exchange.tables import (
    Numbered,
    read_csv,
    read_jsonl,
    write_csv,
    write_jsonl,
)
from pullsmith.curate.items import Queue
from pullsmith.errors import RunFolderError
from pullsmith.rows import written_aside
from pullsmith.store import write_bytes

FORMS = ("csv", "jsonl", "label-studio", "argilla")
_WRITERS: dict[str, Callable[[Path, Iterable[Line]], int]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "label-studio": write_tasks,
    "argilla": write_records,
}
_READERS: dict[str, Callable[[Path], Numbered]] = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "label-studio": read_tasks,
    "argilla": read_records,
}


def form_of(path: Path, form: str = "") -> str:
    """The form that was said, else the one that the name of the file says.

    Raises RunFolderError where neither does.
    """
    found = form or {".csv": "csv", ".jsonl": "jsonl"}.get(path.suffix.casefold(), "")
    if found not in FORMS:
        raise RunFolderError(
            f"{path}: which form? name it *.csv or *.jsonl, or say --form label-studio or argilla"
        )
    return found


def export_file(desk: Desk, queue: Queue, path: Path, *, form: str = "", who: str = "") -> int:
    """Write a queue into a new file; returns how many lines.

    For Label Studio the form goes beside it, as FILE.xml. Raises RunFolderError where the file is there already or cannot be written.
    """
    wanted = form_of(path, form)
    if path.exists():
        raise RunFolderError(f"{path}: is there already; name another file or remove it")
    of_queue = next(each for each in desk.progress() if each.queue is queue)
    if not of_queue.total:
        raise RunFolderError(f"{desk.run.path}: {of_queue.why_empty}")
    lines = lines_of(desk, queue, who)
    with written_aside(path) as aside:
        count = _WRITERS[wanted](aside, lines)
    if wanted == "label-studio":
        write_bytes(form_path(path), labelling(queue).encode())
    return count


def import_file(desk: Desk, path: Path, *, form: str = "", who: str = "") -> Imported:
    """Make the decisions of a file; ``who`` is the person of lines that name none.

    Raises RunFolderError for a file that has not the form, or where decisions cannot be written.
    """
    return apply(desk, _READERS[form_of(path, form)](path), who)
