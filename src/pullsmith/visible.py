r"""Text of strangers made visible: what could steer a terminal or a page, or hide in it, is written out.

Takes any text, gives one in which every character shows. Bidirectional overrides, zero-width and
control characters, lone halves of characters and letters that are blank become escapes such as
``\u202e``. Escaping for HTML is the page's own matter. Knows no record and no screen.
"""

from __future__ import annotations

import re

# Printable by their category, and yet nothing is seen of them: joiners, blank letters of Hangul and
# Khmer, the blank of braille, and variation selectors, of which one behind a character is common in
# emoji, and a run of them carries text that nobody sees.
_HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\uffa0\ufe00-\ufe0e\U000e0100-\U000e01ef]"
    "|(?:^|(?<=[\ufe00-\ufe0f]))\ufe0f"
)


def visible(text: str, *, keep: str = "\t") -> str:
    r"""``text`` with every character that is not seen written as its escape, but those in ``keep``.

    ``keep="\n\t"`` keeps a text of several lines in lines. Nothing is left out, so two texts that
    differ still differ, unless one of them has the escape's own letters.
    """
    if text.isprintable() and not _HIDDEN.search(text):
        return text
    shown = "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)
    return _HIDDEN.sub(lambda found: _escape(found[0]), shown)


def _escape(character: str) -> str:
    escaped = character.encode("unicode_escape").decode()
    # Printable ASCII has no escape of its own, but nothing of it is hidden.
    return escaped if escaped != character else f"\\x{ord(character):02x}"
