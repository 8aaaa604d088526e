"""Licence ids and expressions: what is allowed, and what cannot be read is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.spdx import KNOWN, OTHER, PERMISSIVE, allows, spelled

IDS = st.sampled_from(["MIT", "Apache-2.0", "GPL-3.0-only"])
EXPRESSIONS = st.recursive(
    IDS,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
        lambda three: f"({three[0]} {three[1]} {three[2]})"
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("Apache-2.0 AND GPL-2.0-only", False),
        ("GPL-2.0-only OR MIT", True),
        ("AGPL-3.0-only OR GPL-2.0-only", False),
        ("(Apache-2.0 OR GPL-2.0-only) AND MIT", True),
        ("(Apache-2.0 OR MIT) AND GPL-2.0-only", False),
        ("GPL-2.0-only AND MIT OR Apache-2.0", True),  # AND binds tighter
        ("MIT OR Apache-2.0 AND GPL-2.0-only", True),
        ("JSON", False),
        ("SSPL-1.0", False),
        ("BUSL-1.1", False),
        ("CC-BY-NC-4.0", False),
        ("mit", False),  # collect spells ids as SPDX does
        (None, False),
        ("", False),
        ("MIT AND", False),
        ("MIT Apache-2.0", False),
        ("(MIT", False),
        ("MIT)", False),
        ("AND", False),
    ],
)
def test_what_the_permissive_ones_cover(expression: str | None, expected: bool) -> None:
    assert allows(expression, PERMISSIVE) is expected


@given(EXPRESSIONS, st.sets(IDS))
def test_an_expression_is_what_python_makes_of_it(expression: str, allowed: set[str]) -> None:
    plain = expression.replace("AND", "and").replace("OR", "or")
    for spdx in ("MIT", "Apache-2.0", "GPL-3.0-only"):
        plain = plain.replace(spdx, str(spdx in allowed))
    assert allows(expression, allowed) is eval(plain)


def test_spelling_and_the_nearest_name() -> None:
    assert spelled("mit") == "MIT"
    assert spelled(" apache-2.0 ") == "Apache-2.0"
    with pytest.raises(ValueError, match=r"unknown licence 'Apache2'; did you mean 'Apache-2.0'\?"):
        spelled("Apache2")
    with pytest.raises(ValueError, match="it is not among the known ones"):
        spelled("qqqq")


def test_no_licence_is_both() -> None:
    assert not PERMISSIVE & OTHER
    assert KNOWN == PERMISSIVE | OTHER
    for spdx in ("JSON", "BUSL-1.1", "SSPL-1.0", "CC-BY-NC-4.0", "GPL-3.0-only", "BSD-4-Clause"):
        assert spdx in OTHER
