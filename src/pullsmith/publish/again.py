"""A published board made again: whether it is the same, and where not, what differs first.

Takes a pack's folder; gives the folder of the new report and what it was compared with.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from pullsmith import __version__
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.publish.board import RUN, BoardPack, open_board
from pullsmith.publish.recompute import REPORT, first_difference, recompute, report_files
from pullsmith.store import make_folder
from pullsmith.study.roles import Role


@dataclass(frozen=True)
class MadeAgain:
    """A board that was made again from ``pack``; ``difference`` is None where it is the same."""

    pack: BoardPack
    report: Path
    difference: str | None

    def retired(self, today: date) -> list[str]:
        """What to say of judges and references that nobody can ask any more."""
        study = self.pack.study
        roles: list[tuple[str, Role]] = [("judge", role) for role in study.judges]
        roles += [("reference", role) for role in study.reference]
        return [
            f"the {name} {role.label} was retired on {role.retires}: what it said is stored, and nobody "
            "can ask it again"
            for name, role in roles
            if role.retires and role.retires <= today
        ]

    def same(self) -> str:
        """That it is the same; raises RunFolderError naming the first difference and what may explain it."""
        if self.difference:
            raise RunFolderError(
                f"{self.pack.folder}: the board made again is not the published one: {self.difference}; "
                f"{self._versions()}"
            )
        return (
            f"same as published: {len(report_files(self.pack.report))} files of {self.pack.report}"
        )

    def _versions(self) -> str:
        """Which programs made the one and the other, where these are not the same."""
        said = {"pullsmith": self.pack.list.pullsmith_version, **self.pack.list.versions}
        here = {
            "pullsmith": __version__,
            **{name: version(name) for name in self.pack.list.versions},
        }
        unlike = [
            f"{name} {said[name]}, here {here[name]}" for name in said if said[name] != here[name]
        ]
        if not unlike:
            return "it was made with the same versions, so this is a fault: please report it"
        return f"it was made with {'; '.join(unlike)}: use those versions"


@contextmanager
def made_again(
    folder: Path, *, into: Path | None = None, trust_tools: bool = False
) -> Iterator[MadeAgain]:
    """Rank and report what a pack holds; the report stays in ``into``, else only while the block lasts.

    Raises RunFolderError for a pack that is not whole, StudyError where ``into`` is not empty.
    """
    pack = open_board(folder, trust_tools=trust_tools)
    if into and into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise StudyError(f"{into}: is not empty; a board is never written over anything")
    with tempfile.TemporaryDirectory(prefix="pullsmith-") as work:
        report = recompute(pack.study, pack.folder / RUN, Path(work)).job(REPORT).path
        difference = first_difference(pack.report, report)
        if into:
            for name, path in report_files(report).items():
                make_folder((into / name).parent)
                shutil.copyfile(path, into / name)
        yield MadeAgain(pack, into or report, difference)
