"""Inserted lines: a bad one, a harmless twin and the repair, filled from one pool.

A clean pull request gets the good twin, so that an inserted line is no clue in itself. Takes the
kind, the pool and a draw; refuses to know where the line goes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from string import Template as Filled

from pullsmith.collect.planted.by_language import templates_of
from pullsmith.collect.planted.words import WORDS, WordPool
from pullsmith.records import Split


@dataclass(frozen=True, slots=True)
class Twin:
    """Lines without the margin they get; an empty ``fix`` means that the bad ones should go."""

    bad: str
    good: str
    fix: str


def draw_twin(
    draw: random.Random, kind: str, name: str, pool: Split, *, language: str = "python"
) -> Twin:
    """Lines of ``kind`` about the variable ``name``; the three forms share their words."""
    template = draw.choice(templates_of(language)[pool][kind])
    good = draw.choice(template.good)
    values = _values(draw, name, WORDS[pool])
    filled = (Filled(text).substitute(values) for text in (template.bad, good, template.fix))
    return Twin(*filled)


def _values(draw: random.Random, name: str, words: WordPool) -> dict[str, str]:
    quote, command, secret = (draw.choice(each) for each in ("'\"", words.command, words.secret))
    items = ", ".join([*(f"{quote}{word}{quote}" for word in command.split()), name])
    return {
        "p": name,
        "q": quote,
        "v": draw.choice(words.variable),
        "s": secret,
        "S": secret.upper(),
        "x": _secret_value(draw, words),
        "c": command,
        "l": f"[{items}]",
        "t": draw.choice(words.table),
        "k": draw.choice(words.column),
        "w": draw.choice(words.note),
        "n": draw.choice(words.plain),
        "h": words.handle[len(name) % len(words.handle)],
        "m": _mixed_case(secret),
    }


def _mixed_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _secret_value(draw: random.Random, words: WordPool) -> str:
    """Made up on the spot, so no credential-like text is ever part of this package.

    One character at least is a digit: that is what a secret scan tells a drawn value by.
    """
    characters = [draw.choice(words.alphabet) for _ in range(draw.choice(words.lengths))]
    characters[draw.randrange(len(characters))] = draw.choice("23456789")
    return draw.choice(words.prefix) + "".join(characters)
