"""The tools a study may name: those that are built in, and the user's own, each a folder of files."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from pullsmith.errors import StudyError
from pullsmith.records import digest
from pullsmith.study.base import Settings

BUILT_IN_TOOLS = ("describe", "review", "improve")
SPOT = "spot"  # is put to short pull requests only, where a source makes some
# "all" stands for every tool on the board.
RESERVED = (*BUILT_IN_TOOLS, "reflect", SPOT, "all")


class ToolSettings(Settings):
    """A tool of the user's own. Its tool.py is run, as the user who runs the study."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    """What render.tools calls it: small letters, digits and dashes."""
    folder: Path
    """Where its tool.py, system.j2 and user.j2 are, relative to the study file."""

    def files(self) -> dict[str, bytes]:
        """Every file in the folder by name, hidden ones and folders apart; raises StudyError."""
        try:
            paths = [path for path in self.folder.iterdir() if path.name[0] != "."]
            return {path.name: path.read_bytes() for path in sorted(paths) if path.is_file()}
        except OSError as error:
            raise StudyError(
                f"tool {self.name!r}: {self.folder}: expected a folder with tool.py, system.j2 and "
                f"user.j2, found {error.strerror or error}"
            ) from error

    @property
    def digest(self) -> str:
        """Changes with every byte of its files, so that what was made with others is made anew."""
        texts = {
            name: data.decode("utf-8", "surrogateescape") for name, data in self.files().items()
        }
        return digest([self.name, texts])
