"""A verdict store: Parquet files of Verdicts, in a folder or by themselves.

Takes paths, gives verdicts by id. What a run's judge jobs wrote is one as it is; controls are left
out, for they are no entrants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pullsmith.controls import PREFIX
from pullsmith.errors import RunFolderError
from pullsmith.records import Verdict
from pullsmith.rows import read_rows, write_rows
from pullsmith.store import make_folder

_LEFT_OUT = {"dropped.parquet"}


def read_verdicts(paths: Sequence[Path]) -> list[Verdict]:
    """Every verdict below ``paths``, once, by id.

    Raises RunFolderError where there is none, and where one id has two verdicts that differ.
    """
    found: dict[str, Verdict] = {}
    for path in paths:
        for file in _files(path):
            for verdict in read_rows(file, Verdict):
                if verdict.candidate.startswith(PREFIX):
                    continue
                if found.setdefault(verdict.id, verdict) != verdict:
                    raise RunFolderError(
                        f"{file}: verdict {verdict.id} is {verdict.result} here and "
                        f"{found[verdict.id].result} elsewhere; these are stores of two studies, "
                        "rate them apart"
                    )
    if not found:
        raise RunFolderError(f"{', '.join(map(str, paths))}: no verdict there")
    return [found[name] for name in sorted(found)]


def write_verdicts(path: Path, verdicts: Iterable[Verdict]) -> int:
    """Write a store of one file, by id, its folder if need be; gives how many."""
    make_folder(path.parent)
    rows = sorted(verdicts, key=lambda verdict: verdict.id)
    write_rows(path, Verdict, rows)
    return len(rows)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(each for each in path.rglob("*.parquet") if each.name not in _LEFT_OUT)
    # A whole run: only what judges wrote.
    judged = [each for each in files if "judge" in each.relative_to(path).parts]
    return judged or files
