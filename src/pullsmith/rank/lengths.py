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
from pullsmith.stats.length import length_effect
from pullsmith.study.judging import panel_of

Lengths = Mapping[str, int]  # answer id -> characters of its canonical YAML


def length_statistics(
    judged: Mapping[str, Sequence[Verdict]],
    lengths: Lengths,
    resampler: Resampler,
    *,
    ruled: Iterable[Verdict] = (),
) -> Iterator[Statistic]:
    """All three numbers; an effect that cannot be told (see ``length_effect``) is left out.

    ``ruled`` are verdicts by rule: no length moves them, and they stay in the rate as they are.
    """
    for judge, verdicts in judged.items():
        column = _longer_won(verdicts, lengths)
        if column:
            yield statistic("longer_rate", resampler.intervals([column])[0], judges=(judge, ""))
    panel = panel_of(judged)
    together = [verdict for judge in sorted(panel) for verdict in judged[judge]]
    by_rule = _by_pair(ruled)
    for judge, verdicts in {**judged, ALL: together}.items() if len(panel) > 1 else judged.items():
        of = panel if judge == ALL else {judge}
        for rated, mine in _by_pair(verdicts).items():
            fixed = [verdict for verdict in by_rule.get(rated, ()) if verdict.judge in of]
            yield from _effect(mine, fixed, lengths, ((judge, ""), rated))


def _effect(
    verdicts: Sequence[Verdict],
    fixed: Sequence[Verdict],
    lengths: Lengths,
    who: tuple[tuple[str, str], tuple[str, str]],
) -> Iterator[Statistic]:
    seen = [v for v in verdicts if v.result is not Result.UNREADABLE and _known(v, lengths)]
    better = np.array([float(v.result is Result.WIN) for v in seen])
    longer_by = np.array([float(_longer_by(v, lengths)) for v in seen])
    found = length_effect(better, longer_by, [v.pull_request_id for v in seen])
    if found is None:
        return
    wins = sum(verdict.result is Result.WIN for verdict in fixed)
    everything = len(seen) + len(fixed)
    at_equal = (found.rate, found.rate_low, found.rate_high)
    rates = [(wins + len(seen) * each) / everything for each in at_equal]
    for name, values, counted in (
        ("length_effect", [found.effect, found.effect_low, found.effect_high], seen),
        ("length_controlled_rate", rates, [*seen, *fixed]),
    ):
        value, low, high = (round(each, 6) for each in values)
        requests = len({verdict.pull_request_id for verdict in counted})
        interval = Interval(value, low, high, requests, len(counted))
        yield statistic(name, interval, judges=who[0], rated=who[1])


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
