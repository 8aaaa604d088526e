"""Spots: a few added lines each, for the tool that asks for nothing but kind and line.

Takes the generator; gives flagged pull requests of the training side. A spot shows some lines of
the function after a planted change, around the place the change is about, as if only they were
new; so unlike the whole ones its before-text need not parse.
"""

from __future__ import annotations

import random
from dataclasses import replace

from pullsmith.collect.planted.edits import Edit, EditMaker
from pullsmith.collect.planted.generate import Generator, Planted
from pullsmith.records import Split

# How many lines a spot shows, and how often.
_LINES = {1: 0.25, 2: 0.2, 3: 0.2, 4: 0.15, 5: 0.1, 6: 0.1}


def spot(generator: Generator, number: int) -> Planted:
    """The ``number``-th spot; SourceError where distinct ones run out."""

    def make(draw: random.Random, maker: EditMaker, edit: Edit) -> Planted | None:
        short = _window(draw, edit)
        record = generator.record([generator.part(short)], maker.pool, flags=("planted", "spot"))
        return None if record is None else Planted(record, (short,))

    return generator.distinct(Split.TRAIN, f"{generator.seed}/spot/{number}", make)


def _window(draw: random.Random, edit: Edit) -> Edit:
    """The edit as if a few lines around its place were new.

    Clean ones are cut around the same place, so that the harmless twin is what they show.
    """
    count = min(draw.choices(list(_LINES), list(_LINES.values()))[0], len(edit.after))
    start = edit.at - draw.randrange(count)
    start = max(0, min(start, len(edit.after) - count))
    return replace(edit, before=edit.after[:start] + edit.after[start + count :])
