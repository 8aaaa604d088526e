from __future__ import annotations

import pytest

from pullsmith.engine import ALONE, Processes, processes_of
from pullsmith.errors import StudyError


def test_a_launcher_says_how_many_and_which() -> None:
    assert processes_of({}) == ALONE
    found = processes_of({"WORLD_SIZE": "4", "RANK": "3"})
    assert found == Processes(4, 3)
    assert not found.first
    assert processes_of({"WORLD_SIZE": "4", "RANK": "0"}).first


@pytest.mark.parametrize(
    ("count", "rank", "said"),
    [("two", "0", "two numbers were expected"), ("2", "2", "RANK is 2 of WORLD_SIZE = 2")],
)
def test_words_that_do_not_fit_together_are_refused(count: str, rank: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        processes_of({"WORLD_SIZE": count, "RANK": rank})
