"""Spots: a few added lines each, for the tool that asks for nothing but kind and line.

Takes the generator; gives flagged pull requests of the training side. A spot is cut out of a
planted change, so unlike the whole ones its before-text need not parse.
"""

from __future__ import annotations

import random
from dataclasses import replace

from pullsmith.collect.planted.edits import Edit, EditMaker
from pullsmith.collect.planted.generate import Generator, Planted
from pullsmith.collect.planted.patches import added_numbers
from pullsmith.records import Split

_LINES = {1: 0.4, 2: 0.25, 3: 0.2, 4: 0.15}  # how many lines a spot shows, and how often


def spot(generator: Generator, number: int) -> Planted:
    """The ``number``-th spot; SourceError where distinct ones run out."""

    def make(draw: random.Random, maker: EditMaker, edit: Edit) -> Planted | None:
        short = _shortened(draw, generator, edit)
        if short is None:
            return None
        record = generator.record([generator.part(short)], maker.pool, flags=("planted", "spot"))
        return None if record is None else Planted(record, (short,))

    return generator.distinct(Split.TRAIN, f"{generator.seed}/spot/{number}", make)


def _shortened(draw: random.Random, generator: Generator, edit: Edit) -> Edit | None:
    """The edit as if only a few of its added lines were new, the defective one among them."""
    part = generator.part(edit)
    offset = edit.function.first_line
    added = [number - offset for number in added_numbers(part.hunks)]
    if not added or part.lines > generator.source.max_patch_lines:
        return None
    if edit.truth is not None and edit.truth.at not in added:
        return None
    chosen = draw.choice(added) if edit.truth is None else edit.truth.at
    count = draw.choices(list(_LINES), list(_LINES.values()))[0]
    start = max(added[0], chosen - draw.randrange(count))
    end = min(start + count, added[-1] + 1)
    return replace(edit, before=edit.after[:start] + edit.after[end:])
