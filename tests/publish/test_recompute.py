"""Where two reports differ first: by name, place and value; pictures are not compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pullsmith.publish.recompute import first_difference

BOARD = {"study": "a", "models": [{"rate": 0.5, "tier": 1}, {"rate": None, "tier": 2}]}
FILES = {"board.json": json.dumps(BOARD), "board.md": "# a\n", "charts/forest.svg": "<svg/>"}


def report(folder: Path, **changes: str | None) -> Path:
    """A report of FILES; a name with ``__`` for the dot gives another text, or takes the file out."""
    for name, text in {**FILES, **{k.replace("__", "."): v for k, v in changes.items()}}.items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    return folder


def board(**changes: object) -> str:
    return json.dumps({**BOARD, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"forest__png": "other pixels"}, None),
        (
            {"board__json": board(models=[{"rate": 0.25, "tier": 1}, BOARD["models"][1]])},
            "board.json: models[0].rate is 0.5 published and 0.25 here",
        ),
        (
            {"board__json": board(models=[BOARD["models"][0]])},
            "board.json: the length of models is 2 published and 1 here",
        ),
        (
            {"board__json": board(models=[BOARD["models"][0], {"rate": 0, "tier": 2}])},
            "board.json: models[1].rate is null published and 0 here",
        ),
        ({"board__json": board(more="x")}, 'board.json: more is null published and "x" here'),
        ({"board__json": json.dumps(BOARD, indent=1)}, "board.json: line 1"),
        ({"board__json": "{"}, "board.json: line 1"),
        ({"board__md": "# a\n\nmore\n"}, "board.md: line 2"),
        ({"board__md": "# a\r\n"}, "board.md: the ends of lines"),
        ({"board__md": None}, "board.md is only published"),
        ({"board__csv": "a"}, "board.csv is only here"),
    ],
)
def test_the_first_difference_is_named(
    tmp_path: Path, changes: dict[str, str | None], said: str | None
) -> None:
    one, other = report(tmp_path / "one"), report(tmp_path / "other", **changes)
    assert first_difference(one, other) == said


def test_the_two_are_called_what_they_are(tmp_path: Path) -> None:
    one, other = report(tmp_path / "one"), report(tmp_path / "other", board__md=None)
    assert first_difference(one, other, names=("in the run", "in the pack")) == (
        "board.md is only in the run"
    )
