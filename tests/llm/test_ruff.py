"""ruff behind one queue: many texts a process, each answered, a failure told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from pullsmith.errors import OutsideError
from pullsmith.llm.ruff import KEPT_TEXTS, Diagnostic, Ruff, ruff_version, run_ruff


class Counting:
    """Answers every text with its length, and remembers how often and about what it was asked."""

    def __init__(self, fails: int = 0) -> None:
        self.batches: list[list[str]] = []
        self.fails = fails

    def __call__(self, texts: Sequence[str], codes: Sequence[str]) -> list[tuple[Diagnostic, ...]]:
        self.batches.append(list(texts))
        if len(self.batches) <= self.fails:
            raise OutsideError("ruff: gone")
        return [(Diagnostic(code=codes[0], row=len(text), column=1, message=""),) for text in texts]


def test_callers_share_a_process_and_get_their_own_answer() -> None:
    check = Counting()
    ruff = Ruff(["E711"], check)

    async def ask() -> list[list[tuple[Diagnostic, ...]]]:
        return list(
            await asyncio.gather(*(ruff.diagnostics(["x" * n, "y"]) for n in range(1, 200)))
        )

    found = asyncio.run(ask())
    assert [answer[0][0].row for answer in found] == list(range(1, 200))
    assert len(check.batches) <= 2
    assert sum(map(len, check.batches)) == 200  # "y" once


def test_what_is_known_is_not_asked_again_and_not_kept_for_ever() -> None:
    check = Counting()
    ruff = Ruff(["E711"], check)
    texts = [f"x{n}" for n in range(KEPT_TEXTS + 1)]
    asyncio.run(ruff.diagnostics(texts))
    asyncio.run(ruff.diagnostics(texts[-1:]))
    assert len(check.batches) == 1
    asyncio.run(ruff.diagnostics(texts[:1]))
    assert check.batches[-1] == texts[:1]


def test_a_failure_reaches_who_asked_and_the_next_one_is_answered() -> None:
    ruff = Ruff(["E711"], Counting(fails=1))
    with pytest.raises(OutsideError, match="gone"):
        asyncio.run(ruff.diagnostics(["x"]))
    assert len(asyncio.run(ruff.diagnostics(["x"]))) == 1


def test_ruff_itself() -> None:
    first, second, third = run_ruff(["x == None\n", "x = 1\n", "def f(:\n"], ["E711"])
    (found,) = first
    assert (found.code, found.row, found.safe) == ("E711", 1, False)
    assert [(edit.start, edit.end, edit.content) for edit in found.edits] == [
        ((1, 1), (1, 10), "x is None")
    ]
    assert second == third == ()
    assert run_ruff([], ["E711"]) == []
    assert ruff_version()


def test_settings_of_a_folder_above_do_not_count(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ruff.toml").write_text('exclude = ["*.py"]')  # type: ignore[operator]  # a path
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert len(run_ruff(["x == None\n"], ["E711"])[0]) == 1


def test_a_rule_that_ruff_does_not_know_is_an_error() -> None:
    with pytest.raises(OutsideError, match="ruff"):
        run_ruff(["x = 1\n"], ["NOPE1"])
