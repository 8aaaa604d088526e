"""The published rows: fourteen, with the one "before" there is, and a label nobody can leave out."""

from __future__ import annotations

import pytest

from pullsmith.models.published import LABEL, published_rows


def test_every_published_row_is_there_and_the_best_is_first() -> None:
    rows = published_rows()
    assert len(rows) == 14
    assert [row.after for row in rows] == sorted((row.after for row in rows), reverse=True)
    best, last = rows[0], rows[-1]
    assert best.model == "deepseek-ai/deepseek-coder-33b-instruct"
    assert last.model == "mistralai/Mistral-7B-v0.1"
    assert [best.after, last.after] == pytest.approx([0.407, 0.161])
    assert all(row.size_billions is not None for row in rows)


def test_only_one_rate_before_tuning_was_published_and_the_others_are_unknown() -> None:
    (known,) = [row for row in published_rows() if row.before is not None]
    assert known.model == "deepseek-ai/deepseek-coder-33b-instruct"
    assert known.before == pytest.approx(0.036)


def test_every_row_says_what_it_is_and_where_it_was_read() -> None:
    for row in published_rows():
        assert row.label == LABEL == "published 2024, not rerun"
        assert "finetuning_benchmark" in row.source
