"""Pull requests whose truth is known, because one defect at most was planted in them.

Takes Python sources on this machine and a seed; gives PullRequest records of source "planted".
Refuses to know what becomes of them.
"""

from __future__ import annotations

from pathlib import Path

from pullsmith.collect.planted.generate import Generator
from pullsmith.collect.planted.harvest import harvest, standard_library
from pullsmith.collect.planted.licence import interpreter_licence
from pullsmith.collect.planted.spots import spot
from pullsmith.records import PullRequest, Split
from pullsmith.study.collect import PlantedSource

__all__ = ["planted_pull_requests"]


def planted_pull_requests(
    source: PlantedSource,
    *,
    seed: int,
    count: int,
    folder: Path | None = None,
    file_limit: int | None = None,
) -> list[PullRequest]:
    """``count`` planted pull requests and, on top, ``source.spots`` short ones, in that order.

    ``source.eval_share`` of the ``count`` are of the eval pool; spots are of the training pool and
    flagged "spot". ``pool`` must decide the split: files, templates and words are disjoint by it.
    A made-up secret stands only in records flagged "planted-secret". ``folder`` is used in the
    library's place, and at most ``file_limit`` files of it.

    The same interpreter, settings and seed give the same records. An empty list if nothing is
    asked for. Raises SourceError on an unknown kind, an unusable library, or where there are not
    so many distinct ones.
    """
    if not count + source.spots:
        return []
    folder = folder or standard_library()
    generator = Generator(
        harvest(folder, max_lines=source.max_function_lines, file_limit=file_limit),
        source,
        seed=seed,
        licence=interpreter_licence(folder),
    )
    held_out = round(count * source.eval_share)
    sides = [(Split.EVAL, held_out), (Split.TRAIN, count - held_out)]
    made = [generator.pull_request(pool, each) for pool, total in sides for each in range(total)]
    made += [spot(generator, each) for each in range(source.spots)]
    return [each.record for each in made]
