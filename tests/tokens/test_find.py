"""Counters by name: known ones found, others refused with what was meant."""

from __future__ import annotations

import pytest

from pullsmith.errors import StudyError
from pullsmith.tokens import count_tokens, find_counter


def test_the_default_is_the_estimate() -> None:
    assert find_counter("estimate") is count_tokens


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("estimat", "did you mean 'estimate'?"),
        ("teken", "did you mean 'tekken'?"),
        ("tiktoken", "did you mean 'tiktoken:'?"),
        ("tiktoken:", "did you mean 'tiktoken:'?"),
        ("hf", "did you mean 'hf:'?"),
        ("gpt-5", "known: estimate, tekken, tiktoken:NAME, hf:ORG/NAME, ./FOLDER"),
        ("", "known: estimate"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(StudyError) as refused:
        find_counter(name)
    assert str(refused.value).startswith(f"unknown token counter {name!r}: {hint}")
