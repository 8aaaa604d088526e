"""Which files are meant, which hours of GitHub's public life they hold, and which hours are missing.

Takes what a person typed: paths, globs, folders, http and https addresses. Opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from glob import glob, has_magic
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pullsmith.errors import SourceError

_HOUR = re.compile(r"(?:^|/)(\d{4})-(\d{2})-(\d{2})-(\d{1,2})\.json(?:\.gz)?$")
_ONE = timedelta(hours=1)


@dataclass(frozen=True)
class HourFile:
    """A file to read. ``name`` is what people see; ``hour`` is None where its name holds none."""

    name: str
    hour: datetime | None
    path: Path | None = None
    url: str | None = None


def hour_files(arguments: Sequence[str]) -> list[HourFile]:
    """The files behind the arguments, each once, by hour and name.

    A glob or folder stands for the files in it; raises SourceError where that is none, and for an
    address that is neither http nor https. A path that does not exist is kept: reading it says so.
    """
    found = [file for argument in arguments for file in _files(argument)]
    distinct = {file.url or str(file.path): file for file in found}
    return sorted(
        distinct.values(),
        key=lambda file: (file.hour or datetime.max.replace(tzinfo=UTC), file.name),
    )


def _files(argument: str) -> list[HourFile]:
    scheme = urlsplit(argument).scheme.lower() if "://" in argument else ""
    if scheme in ("http", "https"):
        name = _without_password(argument)
        return [HourFile(name, hour_of(urlsplit(argument).path), url=argument)]
    if scheme:
        raise SourceError(f"{argument}: only http and https addresses are fetched")
    return [HourFile(str(path), hour_of(path.name), path=path) for path in _paths(argument)]


def _paths(argument: str) -> list[Path]:
    path = Path(argument)
    if path.is_dir():
        inside = sorted([*path.glob("*.json.gz"), *path.glob("*.json")])
    elif has_magic(argument) and not path.exists():
        # Path.glob takes no absolute pattern.
        inside = [Path(name) for name in sorted(glob(argument, recursive=True))]  # noqa: PTH207
    else:
        return [path]
    if not inside:
        raise SourceError(
            f"{argument}: no hour files there; they are named like 2026-01-31-5.json.gz"
        )
    return inside


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def hour_of(name: str) -> datetime | None:
    """The hour in a file's name, as GH Archive writes it (5, not 05); None where there is none."""
    match = _HOUR.search(name)
    if match is None:
        return None
    try:
        return datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc, arg-type]  # four of them
    except ValueError:
        return None


def hour_name(hour: datetime) -> str:
    """``2026-01-31-5``, as GH Archive names it."""
    return f"{hour:%Y-%m-%d}-{hour.hour}"


def missing_hours(asked: Iterable[datetime], there: Iterable[datetime]) -> list[datetime]:
    """The hours from the first to the last asked for that are not there; none where none was asked for."""
    wanted, had = set(asked), set(there)
    if not wanted:
        return []
    hours = (max(wanted) - min(wanted)) // _ONE + 1
    return [hour for n in range(hours) if (hour := min(wanted) + n * _ONE) not in had]


def spans(hours: Sequence[datetime]) -> list[str]:
    """Sorted hours in words, a run of them as ``first to last (n)``; nothing for none."""
    runs: list[list[datetime]] = []
    for hour in hours:
        if runs and hour - runs[-1][-1] == _ONE:
            runs[-1].append(hour)
        else:
            runs.append([hour])
    return [
        hour_name(run[0])
        if len(run) == 1
        else f"{hour_name(run[0])} to {hour_name(run[-1])} ({len(run)})"
        for run in runs
    ]
