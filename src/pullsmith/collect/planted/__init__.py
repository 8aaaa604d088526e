"""Pull requests whose truth is known, because one defect at most was planted in them.

Takes code on this machine and a seed; gives PullRequest records of source "planted". Refuses to
know what becomes of them.
"""

from __future__ import annotations

import platform
from pathlib import Path

from pullsmith.collect.opening import find_repository
from pullsmith.collect.planted.generate import Generator
from pullsmith.collect.planted.mined import plant_on_mined
from pullsmith.collect.planted.origins import read_origin
from pullsmith.collect.planted.spots import spot
from pullsmith.collect.source_git import Limits
from pullsmith.records import PullRequest, Split
from pullsmith.study.collect import PlantedRepository, PlantedSource

__all__ = ["planted_pull_requests", "planted_state"]

_LIMITS = Limits(max_files=50, max_blob_bytes=1 << 20)


def planted_pull_requests(
    source: PlantedSource,
    *,
    seed: int,
    count: int,
    limits: Limits = _LIMITS,
    folder: Path | None = None,
    file_limit: int | None = None,
) -> list[PullRequest]:
    """``count`` planted pull requests and, on top, ``source.spots`` short ones, in that order.

    ``source.eval_share`` of the ``count`` are of the eval pool; spots are of the training pool and
    flagged "spot". ``pool`` must decide the split: files, templates and words are disjoint by it.
    A made-up secret stands only in records flagged "planted-secret". ``folder`` is used in the
    library's place, and at most ``file_limit`` files of it. On pull requests, ``limits`` says which
    are too large, and the records are what ``plant_on_mined`` says.

    The same code, settings and seed give the same records. An empty list if nothing is asked for.
    Raises SourceError on an unknown kind, unusable code, or where there are not so many distinct
    ones; MissingExtraError for a language whose extra is not installed.
    """
    if not count + source.spots:
        return []
    if source.on_pull_requests and isinstance(source.planted, PlantedRepository):
        path = source.planted.repository
        return plant_on_mined(source, path, seed=seed, count=count, limits=limits)
    origin = read_origin(source, folder=folder, file_limit=file_limit)
    generator = Generator(origin, source, seed=seed, lines_around=limits.context_lines)
    held_out = round(count * source.eval_share)
    sides = [(Split.EVAL, held_out), (Split.TRAIN, count - held_out)]
    made = [generator.pull_request(pool, each) for pool, total in sides for each in range(total)]
    made += [spot(generator, each) for each in range(source.spots)]
    return [each.record for each in made]


def planted_state(source: PlantedSource) -> str:
    """What changes when the code of a source does: for a run to know that it must plant anew.

    A folder has none but its path: it is taken to stay as it is. Raises SourceError where a
    repository cannot be read.
    """
    if isinstance(source.planted, PlantedRepository):
        return find_repository(source.planted.repository).state()
    if isinstance(source.planted, Path):
        return str(source.planted)
    return f"{platform.python_implementation()} {platform.python_version()}"
