"""Decoding in stages gives what decoding in one gives, row by row, and stops what goes in circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from pullsmith.llm.decoding import STAGE_TOKENS, Asked, circles, decode
from pullsmith.llm.weights import load_model
from tests.train.builders import twin_folder

if TYPE_CHECKING:
    from transformers import LogitsProcessor, PreTrainedModel

PAD, END = 0, 1


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedModel:
    return load_model(twin_folder(tmp_path_factory.mktemp("twin")), dtype="auto").eval()


def nothing(_rows: Sequence[int]) -> Sequence[LogitsProcessor]:
    return ()


def answers(model: PreTrainedModel, asked: list[Asked], stops: set[int]) -> list[list[int]]:
    rows = decode(model, asked, stops=stops, pad=PAD, noise=nothing)
    assert len(rows) == len(asked)
    return [meant(row[: one.room], stops) for row, one in zip(rows, asked, strict=True)]


def meant(row: list[int], stops: set[int]) -> list[int]:
    """As far as the first end token."""
    end = next((at for at, token in enumerate(row) if token in stops), len(row))
    return row[:end]


def test_rows_are_what_each_is_alone_whoever_leaves_the_batch(model: PreTrainedModel) -> None:
    asked = [
        Asked([2, 5 + n, *range(10, 10 + n)], room=STAGE_TOKENS * 3 - 9 * n, greedy=False)
        for n in range(6)
    ]
    # Every end token that some row says in its first stages and others do not: rows leave at
    # different times.
    free = answers(model, asked, {END})
    for stop in sorted({token for row in free for token in row[: STAGE_TOKENS + 4]})[:8]:
        stops = {END, stop}
        alone = [answers(model, [one], stops)[0] for one in asked]
        assert answers(model, asked, stops) == alone
        assert alone == [meant(row, stops) for row in free]


def test_a_cache_that_cannot_be_divided_is_decoded_in_one_stage(
    model: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers.cache_utils import DynamicLayer

    asked = [Asked([2, 5 + n], room=STAGE_TOKENS * (1 + n) + 3, greedy=False) for n in range(3)]
    staged = answers(model, asked, {END})
    monkeypatch.delattr(DynamicLayer, "batch_select_indices")
    assert answers(model, asked, {END}) == staged


@pytest.mark.parametrize(
    ("row", "room", "found"),
    [
        ([7] * 48, 112, True),
        ([9, 8, *[1, 2, 3] * 16], 112, True),
        ([*range(100, 112)] * 4, 112, True),
        ([7] * 47, 112, False),  # too short
        ([*[7] * 47, 8], 112, False),  # it has just left the circle
        ([*range(100, 113)] * 4, 112, False),  # too long a stretch
        ([7] * 100, 1000, False),  # an eighth of the room is 125
        ([7] * 125, 1000, True),
        ([], 112, False),
    ],
)
def test_circles(row: list[int], room: int, found: bool) -> None:
    assert circles(row, room) is found
