"""Strangers' text in HTML: escaped, and what cannot be seen of it written out and marked as ours.

Takes text, gives markup. An escape that we wrote stands in a span of its own, so that it is told from
the same letters in the text.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from pullsmith.visible import visible

_EMOJI_FORM = "\ufe0f"  # behind a character it asks for its picture; a run of them hides a text
_CODE = re.compile("`([^`\n]+)`")
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def seen(text: str, *, keep: str = "\t") -> Markup:
    r"""``text`` as markup: with its tags taken out it is ``visible(text)``.

    ``keep`` are control characters that stay, such as ``\n`` where a text has lines.
    """
    if visible(text, keep=keep) == text:
        return escape(text)
    return Markup("").join(_pieces(text, keep))


def seen_lines(text: str) -> Markup:
    """The same of a text of several lines."""
    return seen(text, keep="\n\t")


def spoken(text: str) -> Markup:
    """The same, and what stands between back-ticks as code, as a forge would show it."""
    parts = _CODE.split(text)
    shown = (
        Markup("<code>%s</code>") % seen(part) if at % 2 else seen_lines(part)
        for at, part in enumerate(parts)
    )
    return Markup("").join(shown)


def exact(text: str) -> Markup:
    """``text`` for an attribute that only our script reads, or a field that is edited: unchanged."""
    return escape(text)


def plain(value: object) -> object:
    """What a template prints where it says nothing else: visible, and then escaped by the template."""
    return visible(value, keep="\n\t") if type(value) is str else value


def _pieces(text: str, keep: str) -> list[Markup]:
    pieces: list[Markup] = []
    before = _EMOJI_FORM
    for character in text:
        emoji = character == _EMOJI_FORM and before not in _SELECTORS
        shown = character if emoji else visible(character, keep=keep)
        made = escape(shown)
        pieces.append(made if shown == character else Markup('<span class="esc">%s</span>') % shown)
        before = character
    return pieces
