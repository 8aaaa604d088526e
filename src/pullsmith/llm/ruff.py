"""ruff, asked about many texts at once: one process for all that wait, never one a text.

Takes Python texts; gives ruff's diagnostics with its own edits. The texts are written into a folder
of their own and read there without any settings but ours. Refuses to know which rules are of use.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from pullsmith.errors import OutsideError

KEPT_TEXTS = 4096  # review and improve ask the same
_TARGET = "py313"  # of nothing in a patch is known for which Python it is; the newest reads most


class Edit(BaseModel):
    """Rows and columns count from 1, columns in characters; the end is not part of it."""

    model_config = ConfigDict(frozen=True)

    start: tuple[int, int]
    end: tuple[int, int]
    content: str


class Diagnostic(BaseModel):
    """What ruff says about one place; ``safe`` is its own word for edits that keep the meaning."""

    model_config = ConfigDict(frozen=True)

    code: str
    row: int
    column: int
    message: str
    edits: tuple[Edit, ...] = ()
    safe: bool = False


@cache  # it is asked for every call's key, and reading it opens and parses a file
def ruff_version() -> str:
    """The version of ruff that answers."""
    return version("ruff")


class Ruff:
    """Diagnostics of the rules ``codes``; safe for many callers at once."""

    def __init__(
        self,
        codes: Sequence[str],
        check: Callable[[Sequence[str], Sequence[str]], list[tuple[Diagnostic, ...]]] | None = None,
    ) -> None:
        """``check`` takes texts and codes; a test's double stands in its place."""
        self._codes = tuple(codes)
        self._check = check or run_ruff
        self._known: dict[str, tuple[Diagnostic, ...]] = {}
        self._waiting: dict[str, asyncio.Future[tuple[Diagnostic, ...]]] = {}
        self._run: asyncio.Task[None] | None = None

    async def diagnostics(self, texts: Iterable[str]) -> list[tuple[Diagnostic, ...]]:
        """One tuple a text, in their order. Raises OutsideError where ruff does not run."""
        return list(await asyncio.gather(*(self._ask(text) for text in texts)))

    async def _ask(self, text: str) -> tuple[Diagnostic, ...]:
        if text in self._known:
            return self._known[text]
        if text not in self._waiting:
            self._waiting[text] = asyncio.get_running_loop().create_future()
        future = self._waiting[text]
        if self._run is None or self._run.done():
            self._run = asyncio.create_task(self._serve())
        return await asyncio.shield(future)

    async def _serve(self) -> None:
        """Whoever comes while a process runs is in the next one."""
        while self._waiting:
            batch, self._waiting = self._waiting, {}
            try:
                found = await asyncio.to_thread(self._check, list(batch), self._codes)
            except OutsideError as error:
                for future in batch.values():
                    future.set_exception(error)
                continue
            for (text, future), diagnostics in zip(batch.items(), found, strict=True):
                self._keep(text, diagnostics)
                future.set_result(diagnostics)

    def _keep(self, text: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        if len(self._known) >= KEPT_TEXTS:
            del self._known[next(iter(self._known))]
        self._known[text] = diagnostics


def run_ruff(texts: Sequence[str], codes: Sequence[str]) -> list[tuple[Diagnostic, ...]]:
    """What one process of ruff says of every text, in the order of the rows.

    Raises OutsideError where it does not run, or says what is no answer.
    """
    with tempfile.TemporaryDirectory(prefix="pullsmith-ruff-") as name:
        folder = Path(name).resolve()
        for number, text in enumerate(texts):
            # A lone half of a character cannot be written; what it is changes no finding.
            (folder / f"{number}.py").write_bytes(text.encode("utf-8", "replace"))
        found = _said(folder, codes)
    by_file: list[list[Diagnostic]] = [[] for _ in texts]
    for each in found:
        if each["code"] in codes:
            by_file[int(Path(each["filename"]).stem)].append(_diagnostic(each))
    return [
        tuple(sorted(rows, key=lambda one: (one.row, one.column, one.code))) for rows in by_file
    ]


def _said(folder: Path, codes: Sequence[str]) -> list[Mapping[str, Any]]:
    command = [
        _binary(), "check", "--isolated", "--no-cache", "--exit-zero", "--no-respect-gitignore",
        "--force-exclude", "--output-format=json", f"--target-version={_TARGET}",
        f"--select={','.join(codes)}", ".",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        found: list[Mapping[str, Any]] = json.loads(done.stdout)
    except (OSError, ValueError) as error:
        raise OutsideError(f"ruff: cannot be asked: {error}; is it installed?") from error
    if done.returncode:
        raise OutsideError(f"ruff: exit code {done.returncode}: {done.stderr[:200]!r}")
    return found


@lru_cache(maxsize=1)
def _binary() -> str:
    from ruff.__main__ import find_ruff_bin

    return str(find_ruff_bin())


def _diagnostic(each: Mapping[str, Any]) -> Diagnostic:
    fix = each["fix"] or {"edits": [], "applicability": ""}
    return Diagnostic(
        code=each["code"],
        row=each["location"]["row"],
        column=each["location"]["column"],
        message=each["message"],
        edits=tuple(
            Edit(
                start=(edit["location"]["row"], edit["location"]["column"]),
                end=(edit["end_location"]["row"], edit["end_location"]["column"]),
                content=edit["content"] or "",
            )
            for edit in fix["edits"]
        ),
        safe=fix["applicability"] == "safe",
    )
