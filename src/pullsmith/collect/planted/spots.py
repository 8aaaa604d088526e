"""Spots: a few added lines each, for the tool that asks for nothing but kind and line.

Takes the generator; gives flagged pull requests of the training side. A spot shows some lines of
the function after a planted change, around the place the change is about, as if only they were
new; so unlike the whole ones its before-text need not parse. Where the source asks for it, some
show a few clean lines of another function too: pointing is harder where lines start again.
"""

from __future__ import annotations

import random
from dataclasses import replace

from pullsmith.collect.planted.edits import Edit, EditMaker
from pullsmith.collect.planted.generate import Generator, Planted
from pullsmith.records import Split

_SAME_FILE = 0.5  # of the second places
# How many lines a place shows, and how often.
_LINES = {1: 0.25, 2: 0.2, 3: 0.2, 4: 0.15, 5: 0.1, 6: 0.1}


def spot(generator: Generator, number: int) -> Planted:
    """The ``number``-th spot; SourceError where distinct ones run out."""
    share = generator.source.spot_places_share

    def make(draw: random.Random, maker: EditMaker, edit: Edit) -> Planted | None:
        short = _window(draw, edit)
        parts = [generator.part(short)]
        if share and draw.random() < share:
            second = _second_place(draw, maker, edit)
            if second is None:
                return None
            parts = generator.places(short, second)
        return generator.planted(draw, parts, maker.pool, flags=("planted", "spot"))

    return generator.distinct(Split.TRAIN, f"{generator.seed}/spot/{number}", make)


def _second_place(draw: random.Random, maker: EditMaker, edit: Edit) -> Edit | None:
    """A few clean lines of the same file, or of any; None where the draw failed."""
    path = edit.function.path if draw.random() < _SAME_FILE else ""
    grown = maker.draw_clean_growth(draw, path)
    return None if grown is None else _window(draw, grown)


def _window(draw: random.Random, edit: Edit) -> Edit:
    """The edit as if a few lines around its place were new.

    Clean ones are cut around the same place, so that the harmless twin is what they show.
    """
    count = min(draw.choices(list(_LINES), list(_LINES.values()))[0], len(edit.after))
    start = edit.at - draw.randrange(count)
    start = max(0, min(start, len(edit.after) - count))
    return replace(edit, before=edit.after[:start] + edit.after[start + count :])
