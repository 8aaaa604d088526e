"""What a study hands on, in one folder: its examples as a data set, and its board to be made again.

Takes a study, gives a folder that was empty or not there. It is made aside and renamed when it is whole, so
what was killed in the middle leaves no pack. The file of exclusions is asked again here.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.exclusions import Exclusions, read_exclusions
from pullsmith.publish.board import Cards, PublishedBoard, no_cards, publish_board, why_no_board
from pullsmith.publish.data import PublishedData, publish_data
from pullsmith.publish.handed_on import handed_on, removed_by
from pullsmith.publish.listing import LIST_NAME, listed
from pullsmith.split.stage import MANIFEST_NAME
from pullsmith.store import JobKey, RunFolder, make_folder, write_bytes
from pullsmith.study import Study

BOARD = "board"
Part = Literal["data", "board"]


@dataclass(frozen=True)
class Published:
    """What was written; ``no_board`` says why the board is not there where it was wanted."""

    folder: Path
    data: PublishedData | None
    board: PublishedBoard | None
    no_board: str = ""


def publish(
    study: Study,
    folder: Path,
    *,
    exclude: Path | None = None,
    only: Part | None = None,
    any_licence: bool = False,
    cards: Cards = no_cards,
) -> Published:
    """Write a study's examples, and its board where every verdict is there, into ``folder``.

    ``exclude`` is a file of exclusions to honour besides the study's; ``any_licence`` shows also
    held-out pull requests without a permissive licence; ``cards`` are of the students. Raises RunFolderError where a stage that is
    needed is not done, StudyError where the folder holds anything, SourceError where nothing is left.
    """
    run = RunFolder(study.runs / study.name)
    _check(run, folder, only)
    no_board = (only != "data" and why_no_board(study, run)) or ""
    if only == "board" and no_board:
        raise RunFolderError(f"publish: {no_board}; pullsmith run STUDY.toml does it")
    lists = [read_exclusions(study.select.exclude), read_exclusions(exclude)]
    data = board = None
    with _made_aside(folder) as aside:
        if only != "board":
            asked = [each for each in lists if each != Exclusions()]
            data = publish_data(study, run, aside, removed_by(run, asked))
        if only != "data" and not no_board:
            handed = handed_on(study, run, lists, any_licence=any_licence)
            board = publish_board(study, run, aside / BOARD, handed, cards)
        write_bytes(aside / LIST_NAME, _listed(run, aside, data).encode())
    return Published(folder, data, board, no_board)


def _check(run: RunFolder, folder: Path, only: Part | None) -> None:
    for stage in ("split", "clean") if only != "board" else ():
        if run.job(JobKey(stage)).manifest() is None:
            raise RunFolderError(
                f"publish: {stage} is not finished; pullsmith run STUDY.toml --until clean"
            )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder}: is not empty; a pack is never written over anything")


@contextmanager
def _made_aside(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder``, renamed to it when the block ends well, removed when it does not."""
    aside = folder.absolute().with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    make_folder(aside)
    try:
        yield aside
        aside.rename(folder)  # an empty folder may give way, one with anything in it does not
    except OSError as error:
        raise RunFolderError(f"{folder}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _listed(run: RunFolder, folder: Path, data: PublishedData | None) -> str:
    """What the pack holds and what it was made from, with a digest of every file."""
    clean = run.job(JobKey("clean")).manifest()
    split = json.loads((run.job(JobKey("split")).path / MANIFEST_NAME).read_bytes())
    rows = {"rows_in": data.rows_in, "rows": data.rows, "left_out": data.left_out} if data else {}
    content = {
        **rows,
        "clean": clean.output_digest if clean else "",
        "split": {"name": split["name"], "id": split["id"]},
        "files": listed(folder),
    }
    return json.dumps(content, indent=2) + "\n"
