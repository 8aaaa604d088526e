"""The folder an export is written to: empty before, whole or not there after, no secret in a text.

Takes files by path; knows no target. Texts are scanned once more here, because what a study says
(instructions, addresses, names) comes into files that are handed on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pullsmith.errors import PullsmithError, RunFolderError, SecretError, StudyError
from pullsmith.redact import scan_text
from pullsmith.store import make_folder, write_bytes


def check_empty(folder: Path) -> None:
    """Raise StudyError where ``folder`` is there and holds anything, or is no folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder}: is not empty; an export is never written over anything")


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write ``texts`` by path below ``folder``, each whole or not at all.

    All are scanned before the first is written; raises SecretError naming file and line.
    """
    for path, text in texts.items():
        check_text(path, text)
    for path, text in texts.items():
        make_folder((folder / path).parent)
        write_bytes(folder / path, text.encode())


def check_text(path: str, text: str) -> None:
    """Raise SecretError where a rule finds a secret or an address in ``text``; ``path`` is named."""
    for found in scan_text(text):
        line = text.count("\n", 0, found.start) + 1
        raise SecretError(
            "secret_found",
            f"{path}, line {line}: rule {found.rule_id} finds a secret or an address; take it out "
            "of what the study or the model says, then export again",
        )


@contextmanager
def made_aside(folder: Path) -> Iterator[Path]:
    """An empty folder beside ``folder``, renamed to it when the block ends well.

    A killed export leaves only a hidden folder, which the next try removes. Raises StudyError where
    ``folder`` holds anything, RunFolderError where the disk does not take it.
    """
    check_empty(folder)
    aside = folder.with_name(f".{folder.name}.part")
    _remove(aside)
    make_folder(aside)
    try:
        yield aside
        if folder.is_dir():
            folder.rmdir()
        aside.rename(folder)
    except PullsmithError:  # some are errors of the operating system's kind too
        raise
    except OSError as error:
        raise RunFolderError(f"{folder}: cannot be written: {error.strerror or error}") from error
    finally:
        _remove(aside)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
