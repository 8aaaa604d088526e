"""All anchors in one pass: exactly those that stand in the text, and all where the pass gives up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.redact.rules import RULES
from pullsmith.redact.scan import _EXACT, _FOLDED, _Anchors

WORDS = st.sampled_from([*(a for r in RULES for a in r.anchors), "x", "\ud800", "é", "\0"])


@pytest.mark.parametrize("anchors", [_EXACT, _FOLDED])
@given(words=st.lists(WORDS), long=st.booleans())
def test_one_pass_finds_every_anchor(anchors: _Anchors, words: list[str], long: bool) -> None:
    text = " " * 200 * long + "".join(words)
    assert anchors.in_text(text) == [pair for pair in anchors.pairs if pair[1] in text]


def test_where_the_pass_gives_up_every_anchor_is_looked_for() -> None:
    class GivesUp:
        def Match(self, _text: bytes) -> None:  # noqa: N802  # re2's name
            return None

    anchors = _Anchors(RULES)
    anchors.all = GivesUp()
    assert anchors.in_text("nothing" * 100) == anchors.pairs
