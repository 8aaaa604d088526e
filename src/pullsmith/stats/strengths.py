"""Bradley-Terry strengths of many entrants from all comparisons together, a tie as half a win.

Takes counts of (entrant, entrant, result), gives one strength each, on the scale of natural logits
with mean 0: P(i beats j) = 1 / (1 + exp(s_j - s_i)).

Source: Bradley and Terry, Biometrika 1952; solved by evalica (Newman's iteration). Half a win each
way is added to every pair that met, so that an entrant who always won has a finite strength.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pairs = Sequence[tuple[str, str]]
_PRIOR = 0.5
_TOLERANCE = 1e-10
_MOST_STEPS = 10_000


def strengths(pairs: Pairs, counts: Array) -> dict[str, float]:
    """The strength of everyone in ``pairs``; ``counts`` is (pairs, 3): wins, losses, ties.

    Empty for no pairs. Groups of entrants that never met, directly or through others, cannot be
    compared: each is centred on 0 by itself only in so far as the prior allows; ask ``connected``.
    """
    from evalica import Winner, bradley_terry

    if not pairs:
        return {}
    wins = counts[:, 0] + counts[:, 2] / 2 + _PRIOR
    losses = counts[:, 1] + counts[:, 2] / 2 + _PRIOR
    firsts = [one for one, _ in pairs] * 2
    seconds = [other for _, other in pairs] * 2
    found = bradley_terry(
        firsts,
        seconds,
        [Winner.X] * len(pairs) + [Winner.Y] * len(pairs),
        weights=np.concatenate([wins, losses]).tolist(),
        tolerance=_TOLERANCE,
        limit=_MOST_STEPS,
    )
    logits = np.log(found.scores.to_numpy(dtype=np.float64))
    centred = logits - logits.mean()
    return dict(zip(map(str, found.scores.index), centred.tolist(), strict=True))


def connected(pairs: Pairs) -> bool:
    """Whether everyone met everyone, directly or through others; True for no pairs."""
    groups: list[set[str]] = []
    for pair in pairs:
        joined = set(pair).union(*(group for group in groups if group & set(pair)))
        groups = [group for group in groups if not group & set(pair)] + [joined]
    return len(groups) <= 1
