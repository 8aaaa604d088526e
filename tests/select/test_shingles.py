"""Runs of tokens: what counts as the same code, against an independent, slower definition."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pullsmith.errors import MissingExtraError
from pullsmith.select.shingles import PERMUTATIONS, run_sets, signatures

TOKEN = re.compile(r"\w+|[^\w\s]", re.ASCII)


def slow_runs(patch: str) -> set[tuple[str, ...]]:
    """By hand: tokens of the added lines, of the deleted ones where none is added, five at a time.

    What goes is never what comes: the sign is part of a run.
    """
    rows = patch.split("\n")
    sign = "+" if any(row.startswith("+") for row in rows) else "-"
    text = "\n".join(row[1:] for row in rows if row.startswith(sign))
    tokens = TOKEN.findall(text)
    return (
        {(sign, *tokens[at : at + 5]) for at in range(max(1, len(tokens) - 4))} if tokens else set()
    )


def same(one: str, other: str) -> bool:
    left, right = run_sets([[one], [other]])
    return np.array_equal(left, right)


LINE = st.text(alphabet="ab1_ .,(=\t\r", max_size=9)
PATCH = st.lists(st.tuples(st.sampled_from("+- @\\"), LINE), max_size=12).map(
    lambda rows: "\n".join(sign + text for sign, text in rows)
)


@given(st.lists(st.lists(PATCH, max_size=3), max_size=5), st.integers(1, 60))
@example([["+1", "-1"]], 1)
def test_there_are_as_many_runs_as_by_hand(patches: list[list[str]], batch: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pullsmith.select.shingles.BATCH_BYTES", batch)
        found = run_sets(patches)
    wanted = [set().union(*(slow_runs(patch) for patch in files)) for files in patches]
    assert [len(one) for one in found] == [len(one) for one in wanted]
    assert all(np.all(one[1:] > one[:-1]) for one in found)


@given(PATCH, PATCH)
def test_sets_have_as_much_in_common_as_by_hand(one: str, other: str) -> None:
    left, right = run_sets([[one], [other]])
    assert len(np.intersect1d(left, right)) == len(slow_runs(one) & slow_runs(other))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("@@\n+a = f(x, 1)\n", "@@\n+  a=f( x,\n+\t1 )\n", True),  # blanks and line ends
        ("+a = f(x, 1)\r\n", "+a = f(x, 1)", True),
        ("+a = f(x, 1)\n-old\n rest", "+a = f(x, 1)\n+\n", True),  # what is not added
        ("+a = f(x, 1)", "+a = f(x, 2)", False),  # digits
        ("+a = f(x, 1)", "+A = f(x, 1)", False),  # case
        ("+a = f(x, 1)", "+a = f(x; 1)", False),  # punctuation
        ("+ab = 1", "+a b = 1", False),
        ("+a b c d e f", "+a b c e d f", False),  # order
        ("-a = 1", "- a = 1\n rest", True),  # of a file without added lines
        ("-a = 1", "+a = 1", False),  # taking it out is not putting it in
        ("-a = 1\n+b", "-c = 1\n+b", True),
    ],
)
def test_code_is_preserved_and_blanks_are_not(one: str, other: str, equal: bool) -> None:
    assert same(one, other) is equal


def test_runs_do_not_cross_files() -> None:
    apart, together = run_sets([["+a b c", "+d e f"], ["+a b c\n+d e f"]])
    assert (len(apart), len(together)) == (2, 2)
    assert not len(np.intersect1d(apart, together))


def test_no_text_is_no_run() -> None:
    assert [len(one) for one in run_sets([[], [""], ["@@ -1 +1 @@\n unchanged\n"]])] == [0, 0, 0]


def test_the_numbers_are_the_same_everywhere() -> None:
    """They are kept in work folders, so another draw would need another version of the looks."""
    (found,) = run_sets([["+def f(x):\n+    return x + 1\n"]])
    assert found.tolist() == [313382743, 810412817, 1514831448, 1669019164, 3240201959, 4223349558]
    row = signatures([found])[0]
    assert (len(row), row[:3].tolist()) == (PERMUTATIONS, [3251272887, 3669390196, 326748612])


def test_signatures_estimate_jaccard() -> None:
    draw = np.random.Generator(np.random.PCG64(0))
    pool = draw.integers(0, 1 << 32, 2400, dtype=np.uint32)
    pairs = [(np.sort(pool[:2000]), np.sort(pool[400:])) for _ in range(1)]  # J = 1600 / 2400
    rows = signatures([one for pair in pairs for one in pair])
    # Four standard deviations of 120 draws at 2/3.
    assert abs((rows[0] == rows[1]).mean() - 2 / 3) < 4 * (2 / 9 / PERMUTATIONS) ** 0.5
    assert signatures([]).shape == (0, PERMUTATIONS)


def test_another_version_of_rensa_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pullsmith.select.shingles.ALGORITHM", 99)
    with pytest.raises(MissingExtraError, match="rensa's signatures are of version 2, not 99"):
        signatures([])
