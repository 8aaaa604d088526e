"""Does the longer answer win? Length effect and length-controlled rate of each entrant and judge.

Takes verdicts and the length of every answer as judges see it; gives Statistics: ``longer_rate``
(of the verdicts that chose, the longer answer won), ``length_effect`` (logits) and
``length_controlled_rate`` (the better rate at equal length). Beside the headline, never instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from pullsmith.rank.panel import statistic
from pullsmith.rank.rates import ALL
from pullsmith.records import Result, Statistic, Verdict
from pullsmith.stats.bootstrap import Interval, Resampler
from pullsmith.stats.length import LengthEffect, length_effect
from pullsmith.study.judging import panel_of

Lengths = Mapping[str, int]  # answer id -> characters of its canonical YAML


def length_statistics(
    judged: Mapping[str, Sequence[Verdict]], lengths: Lengths, resampler: Resampler
) -> Iterator[Statistic]:
    """All three numbers; an effect that cannot be told (see ``length_effect``) is left out."""
    for judge, verdicts in judged.items():
        column = _longer_won(verdicts, lengths)
        if column:
            yield statistic("longer_rate", resampler.intervals([column])[0], judges=(judge, ""))
    panel = panel_of(judged)
    together = [verdict for judge in sorted(panel) for verdict in judged[judge]]
    for judge, verdicts in {**judged, ALL: together}.items() if len(panel) > 1 else judged.items():
        for rated, mine in _by_pair(verdicts).items():
            yield from _effect(mine, lengths, (judge, ""), rated)


def _effect(
    verdicts: Sequence[Verdict], lengths: Lengths, judges: tuple[str, str], rated: tuple[str, str]
) -> Iterator[Statistic]:
    seen = [v for v in verdicts if v.result is not Result.UNREADABLE and _known(v, lengths)]
    better = np.array([float(v.result is Result.WIN) for v in seen])
    longer_by = np.array([float(_longer_by(v, lengths)) for v in seen])
    found = length_effect(better, longer_by, [v.pull_request_id for v in seen])
    if found is None:
        return
    requests = len({v.pull_request_id for v in seen})
    for name, interval in _intervals(found, requests, len(seen)):
        yield statistic(name, interval, judges=judges, rated=rated)


def _intervals(found: LengthEffect, requests: int, count: int) -> Iterator[tuple[str, Interval]]:
    effect = found.effect, found.effect_low, found.effect_high
    rate = found.rate, found.rate_low, found.rate_high
    for name, values in (("length_effect", effect), ("length_controlled_rate", rate)):
        value, low, high = (round(each, 6) for each in values)
        yield name, Interval(value, low, high, requests, count)


def _by_pair(verdicts: Iterable[Verdict]) -> dict[tuple[str, str], list[Verdict]]:
    found: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        found[verdict.candidate, verdict.reference].append(verdict)
    return dict(sorted(found.items()))


def _longer_won(verdicts: Iterable[Verdict], lengths: Lengths) -> dict[str, tuple[float, float]]:
    """By pull request: of the choices between answers of unlike length, how many took the longer."""
    found: dict[str, tuple[float, float]] = {}
    for verdict in verdicts:
        if verdict.result not in (Result.WIN, Result.LOSS) or not _known(verdict, lengths):
            continue
        longer_by = _longer_by(verdict, lengths)
        if longer_by:
            won, count = found.get(verdict.pull_request_id, (0.0, 0.0))
            took = (verdict.result is Result.WIN) == (longer_by > 0)
            found[verdict.pull_request_id] = won + took, count + 1
    return found


def _known(verdict: Verdict, lengths: Lengths) -> bool:
    return verdict.candidate_answer_id in lengths and verdict.reference_answer_id in lengths


def _longer_by(verdict: Verdict, lengths: Lengths) -> int:
    return lengths[verdict.candidate_answer_id] - lengths[verdict.reference_answer_id]
