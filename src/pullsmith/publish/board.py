"""The board of a run as a pack: all that it is a function of, and the board itself.

Takes a study whose verdicts are there; gives a folder from which anybody makes the same board again, with
no network, no model and no run folder:

    pack.json        what it is, a digest of every file; written last
    README.md        the board's card
    study.json       the study, without places; tools/ where it has tools of its own
    report/          the board: board.json, board.md, index.html, …
    references/      a reference pack of each reference
    models/          a card of each student
    run/             held-out pull requests, prompts, answers, verdicts and counts, as a run has them
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pullsmith import __version__
from pullsmith.errors import RunFolderError, SourceError, StudyError
from pullsmith.eval_set import eval_set_of
from pullsmith.publish.board_card import board_card
from pullsmith.publish.handed_on import HandedOn
from pullsmith.publish.listing import LIST_NAME, check_listed, listed
from pullsmith.publish.portable import read_study, write_study
from pullsmith.publish.recompute import RANK as RANKED
from pullsmith.publish.recompute import REPORT as REPORTED
from pullsmith.publish.recompute import first_difference, recompute, report_files
from pullsmith.publish.reference import packed_reference
from pullsmith.publish.run_part import unfinished, write_part
from pullsmith.records import PullRequest
from pullsmith.reference_pack import write_pack
from pullsmith.report.board import Board, read_board
from pullsmith.store import Manifest, RunFolder, make_folder, write_bytes
from pullsmith.study import Study

RUN, REPORT, REFERENCES, MODELS, CARD = "run", "report", "references", "models", "README.md"
FORMAT = 1
# The text of a card by the student's cell; what it must not name are ids of pull requests.
Cards = Callable[[Study, RunFolder, Board, frozenset[str]], Mapping[str, str]]


class BoardList(BaseModel):
    """pack.json of a board; ``eval_set`` is of all that was held out, also of what is not handed on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["pullsmith-board"] = "pullsmith-board"
    format_version: int = FORMAT
    study: str
    pullsmith_version: str
    versions: dict[str, str]
    eval_set: str
    pull_requests: int
    left_out: dict[str, int]
    references: dict[str, str]  # label -> digest of its pack
    files: dict[str, str]


@dataclass(frozen=True)
class PublishedBoard:
    """What was written; ``unlike_run`` says where the board differs from the run's own, if it does."""

    folder: Path
    list: BoardList
    unlike_run: str | None


@dataclass(frozen=True)
class BoardPack:
    """A pack that was read and is whole."""

    folder: Path
    list: BoardList
    study: Study

    @property
    def run(self) -> RunFolder:
        """The part of the run that was handed on."""
        return RunFolder(self.folder / RUN)

    @property
    def report(self) -> Path:
        """The folder of the published board."""
        return self.folder / REPORT


def why_no_board(study: Study, run: RunFolder) -> str | None:
    """Why there is no board to hand on yet; None where there is."""
    missing = unfinished(study, run)
    return missing and f"{missing} is not finished"


def no_cards(*_: object) -> dict[str, str]:
    """No card of any student."""
    return {}


def publish_board(
    study: Study, run: RunFolder, folder: Path, handed: HandedOn, cards: Cards = no_cards
) -> PublishedBoard:
    """Write the pack into ``folder``, which is empty or not there; ``cards`` says of every student what it is.

    Raises RunFolderError where the run has no verdicts yet, SourceError where nothing may be handed on.
    """
    if why := why_no_board(study, run):
        raise RunFolderError(f"publish: {why}; pullsmith run STUDY.toml does it")
    if not handed.pull_requests:
        raise SourceError(
            f"publish: every pull request of the board was left out ({handed.left_out}); where "
            "you may show them whatever their licence, say --licences any"
        )
    make_folder(folder)
    write_study(study, folder)
    write_part(study, run, RunFolder(folder / RUN), handed)
    _write_report(folder, run.job(RANKED).manifest())
    references = _write_references(study, run, folder, handed)
    board_list = BoardList(
        study=study.name,
        pullsmith_version=__version__,
        versions={name: version(name) for name in ("numpy", "scipy", "pyarrow", "pydantic")},
        eval_set=eval_set_of(run).digest,
        pull_requests=len(handed.pull_requests),
        left_out=handed.left_out,
        references=references,
        files={},
    )
    board = read_board(folder / REPORT / "board.json")
    _write_card(study, folder, board, board_list)
    for cell, text in cards(study, run, board, handed.removed).items():
        make_folder(folder / MODELS)
        write_bytes(folder / MODELS / f"{cell}.md", text.encode())
    board_list = board_list.model_copy(update={"files": listed(folder)})
    write_bytes(folder / LIST_NAME, board_list.model_dump_json(indent=2).encode() + b"\n")
    return PublishedBoard(folder, board_list, _unlike(run, folder))


def open_board(folder: Path, *, trust_tools: bool = False) -> BoardPack:
    """The pack in ``folder`` (or in its ``board``), whole and of this version.

    Raises RunFolderError naming the first file that is missing, more or changed, and StudyError where
    the pack brings code that nobody has said to trust.
    """
    inner = folder / "board"
    place = inner if inner.is_dir() else folder
    said = _read_list(place)
    check_listed(place, said.files)
    study = read_study(place)
    if study.tool and not trust_tools:
        names = ", ".join(f"tools/{tool.name}/tool.py" for tool in study.tool)
        raise StudyError(
            f"{place}: the pack brings code of its own ({names}), which ranking would run; read it, "
            "then say --trust-tools"
        )
    return BoardPack(place, said, study)


def _read_list(folder: Path) -> BoardList:
    path = folder / LIST_NAME
    if not path.is_file():
        raise RunFolderError(
            f"{folder}: there is no {LIST_NAME}: no published board, or one that was not finished; "
            "pullsmith publish STUDY.toml FOLDER writes one"
        )
    try:
        said = BoardList.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise RunFolderError(
            f"{path}: no list of a board pack (format {FORMAT}): {error.errors()[0]['msg']}"
        ) from error
    if said.format_version != FORMAT:
        raise RunFolderError(
            f"{path}: the pack has format {said.format_version}, this pullsmith ({__version__}) reads "
            f"{FORMAT}; use pullsmith {said.pullsmith_version}"
        )
    return said


def _write_report(folder: Path, made_by: Manifest | None) -> None:
    """The board as anybody makes it again: of the pack, not of the run."""
    with tempfile.TemporaryDirectory(prefix="pullsmith-") as work:
        made = recompute(read_study(folder), folder / RUN, Path(work), made_by=made_by)
        for name, path in report_files(made.job(REPORTED).path).items():
            make_folder((folder / REPORT / name).parent)
            shutil.copyfile(path, folder / REPORT / name)
        said = made.job(RANKED).manifest()
    if said:
        job = RunFolder(folder / RUN).job(RANKED)
        make_folder(job.path)
        job.finish(said)


def _write_references(
    study: Study, run: RunFolder, folder: Path, handed: HandedOn
) -> dict[str, str]:
    """A pack of each reference, without what is not handed on; the digests by label."""
    make_folder(folder / REFERENCES)
    found = {}
    for role in study.reference:
        rows = [
            row
            for row in packed_reference(run, role)
            if row.prompt.pull_request_id in handed.pull_requests
        ]
        found[role.label] = write_pack(folder / REFERENCES / f"{role.cell}.parquet", rows)
    return found


def _write_card(study: Study, folder: Path, board: Board, said: BoardList) -> None:
    records = list(RunFolder(folder / RUN).read("split", PullRequest))
    text = board_card(study, board, records, said.left_out, said.references)
    write_bytes(folder / CARD, text.encode())


def _unlike(run: RunFolder, folder: Path) -> str | None:
    own = run.path / "report"
    if not (own / "board.json").is_file():
        return None
    return first_difference(own, folder / REPORT)
