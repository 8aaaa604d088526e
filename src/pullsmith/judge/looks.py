"""Judging in five looks, for the question "better or worse than the reference" alone.

Takes pairs of one entrant and reference and a way to judge some of them; gives the verdicts until
the panel's mean has left even, and the pairs nobody was asked about any more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from pullsmith.pairs import Pair
from pullsmith.records import Result, Verdict, digest
from pullsmith.stats.stopping import look_sizes, may_stop
from pullsmith.study.judging import panel_of

JudgePairs = Callable[[Sequence[Pair]], list[Verdict]]
_WORTH = {Result.WIN: 1.0, Result.TIE: 0.5, Result.LOSS: 0.0}


def in_looks(
    pairs: Sequence[Pair], judge_pairs: JudgePairs, *, seed: int
) -> tuple[list[Verdict], list[Pair]]:
    """Verdicts in the order they came, and the pairs left; whole pull requests are asked at a time.

    Their order is drawn by hash, so that what is asked first is no choice of anybody's.
    """
    by_request: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_request[pair.pull_request.id].append(pair)
    names = sorted(by_request, key=lambda name: digest([seed, "looks", name]))
    found: list[Verdict] = []
    asked = 0
    for size in look_sizes(len(names)) if names else ():
        found += judge_pairs([pair for name in names[asked:size] for pair in by_request[name]])
        asked = size
        if may_stop(panel_means(found), len(names)):
            break
    return found, [pair for name in names[asked:] for pair in by_request[name]]


def panel_means(verdicts: Iterable[Verdict]) -> list[float]:
    """The panel's mean of each pull request, a tie as half; without a readable verdict there is none."""
    given = list(verdicts)
    panel = panel_of(verdict.judge for verdict in given)
    worth: dict[str, list[float]] = defaultdict(list)
    for verdict in given:
        if verdict.result in _WORTH and not verdict.repeat and verdict.judge in panel:
            worth[verdict.pull_request_id].append(_WORTH[verdict.result])
    return [math.fsum(values) / len(values) for values in worth.values()]
