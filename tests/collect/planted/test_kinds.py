from __future__ import annotations

import pytest

from pullsmith.collect.planted.kinds import KINDS, SIMPLE, Group, chosen_kinds
from pullsmith.collect.planted.operators import OPERATOR_KINDS
from pullsmith.collect.planted.templates import TWIN_KINDS
from pullsmith.errors import SourceError


def test_ten_simple_kinds_are_the_default_and_all_can_be_seen_by_a_linter() -> None:
    assert len(SIMPLE) == 10
    assert chosen_kinds(()) == SIMPLE
    assert {KINDS[name].group for name in SIMPLE} == {Group.SURFACE}


def test_every_kind_is_made_by_an_operator_or_a_template() -> None:
    assert set(KINDS) == OPERATOR_KINDS | TWIN_KINDS
    # A simple kind by one only: how the demo's records are drawn must not change.
    assert {"eval", "unclosed"} == OPERATOR_KINDS & TWIN_KINDS


def test_there_are_more_kinds_than_the_simple_ones_and_all_is_a_word_for_them() -> None:
    assert len(KINDS) >= 22
    assert chosen_kinds(("all",)) == tuple(KINDS)
    assert all(kind.content.endswith(".") and len(kind.content) < 80 for kind in KINDS.values())


def test_headers_are_distinct_because_they_are_what_an_answer_is_scored_by() -> None:
    headers = [kind.header.lower() for kind in KINDS.values()]
    assert len(set(headers)) == len(headers)


def test_chosen_kinds_keep_the_tables_order_and_count_once() -> None:
    assert chosen_kinds(("sql", "secret", "sql")) == ("secret", "sql")


def test_an_unknown_kind_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SourceError, match="unknown kind 'secrets'; did you mean 'secret'"):
        chosen_kinds(("sql", "secrets"))
    with pytest.raises(SourceError, match="known: debug_print"):
        chosen_kinds(("xyzzy",))
