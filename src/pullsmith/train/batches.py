"""Which examples are trained together, and when.

Whole pull requests go into a batch, all tools of one diff together, and spots (short kind-and-line
examples) into batches of their own. Never sorted by length: the length of an answer says whether
anything was found, so a batch of short answers is a batch of clean ones, the loss is a mean a
batch, and a model trained on such batches answers "nothing found" to everything (measured).

The order is a pure function of the seed and the examples' ids: to resume at step k is to go on with
batch k.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count, islice

from pullsmith.errors import TrainingError
from pullsmith.records import digest
from pullsmith.train.encode import Encoded

SPOT = "spot"
Batch = tuple[int, ...]  # positions in the list of examples


def plan_batches(
    encoded: Sequence[Encoded],
    *,
    batches: int,
    seed: int,
    pull_requests_per_batch: int,
    spots_per_batch: int,
) -> list[Batch]:
    """The first ``batches`` batches. Each pass over the data has every example once, in a new order.

    The last batch of a pass may be smaller. Raises TrainingError where there are no examples.
    """
    if not encoded:
        raise TrainingError("no examples to train on")
    pulls, spots = _units(encoded)
    sizes = ((pulls, pull_requests_per_batch), (spots, spots_per_batch))
    return list(islice(_passes(sizes, seed), batches))


def hold_out(
    encoded: Sequence[Encoded], *, share: float, seed: int
) -> tuple[list[Encoded], list[Encoded]]:
    """What is trained, and what is kept back to see when to stop: whole pull requests, by their id.

    Raises TrainingError where a share is asked for and either side would be empty.
    """
    kept = [_draw(seed, one.pull_request_id) >= share for one in encoded]
    trained = [one for one, is_kept in zip(encoded, kept, strict=True) if is_kept]
    held = [one for one, is_kept in zip(encoded, kept, strict=True) if not is_kept]
    if share and not (trained and held):
        raise TrainingError(
            f"train.held_out_share = {share}: of {len(encoded)} examples {len(held)} would be held "
            "out; take another share, or more pull requests"
        )
    return trained, held


def _draw(seed: int, pull_request_id: str) -> float:
    return int(digest([seed, "held out", pull_request_id])[:8], 16) / 2**32


def one_pass(
    encoded: Sequence[Encoded], *, seed: int, pull_requests_per_batch: int, spots_per_batch: int
) -> list[Batch]:
    """Batches that hold every example once; none for no examples."""
    pulls, spots = _units(encoded)
    count = -(-len(pulls) // pull_requests_per_batch) + -(-len(spots) // spots_per_batch)
    sizes = ((pulls, pull_requests_per_batch), (spots, spots_per_batch))
    return list(islice(_passes(sizes, seed), count)) if encoded else []


def _units(encoded: Sequence[Encoded]) -> tuple[dict[str, Batch], dict[str, Batch]]:
    """What may not be torn apart, by a name to draw with: pull requests, and single spots."""
    pulls: defaultdict[str, list[int]] = defaultdict(list)
    spots: dict[str, Batch] = {}
    for position, example in enumerate(encoded):
        if example.tool == SPOT:
            spots[example.example_id] = (position,)
        else:
            pulls[example.pull_request_id].append(position)
    return {name: tuple(group) for name, group in pulls.items()}, spots


def _passes(sizes: Sequence[tuple[dict[str, Batch], int]], seed: int) -> Iterator[Batch]:
    for turn in count():
        batches: dict[str, Batch] = {}
        for units, size in sizes:
            names = sorted(units, key=lambda name: digest([seed, turn, name]))
            for start in range(0, len(names), size):
                chosen = names[start : start + size]
                batches[chosen[0]] = tuple(i for name in chosen for i in units[name])
        yield from (
            batches[name]
            for name in sorted(batches, key=lambda name: digest([seed, turn, "batch", name]))
        )
