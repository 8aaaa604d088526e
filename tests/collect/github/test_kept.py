"""The file of what was fetched: it survives, refuses what is not its own, and says what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pullsmith.collect.github.kept import Kept, Response
from pullsmith.errors import OutsideError, RunFolderError


def test_what_is_kept_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "github.sqlite"
    with Kept(path) as kept:
        assert kept.response("a") is None
        assert kept.item("a") is None
        assert kept.fact("a") is None
        kept.keep_response("a", Response(b"x", "e", None))
        kept.keep_response("a", Response(b"y", "f", True))
        kept.finish_item("a", "record", "1")
        kept.finish_item("a", "record", "2")
        kept.learn("a", "b")
        assert [kept.take("id", 1), kept.take("id", 2)] == [1, 1]
    with Kept(path) as kept:
        assert kept.response("a") == Response(b"y", "f", True)
        assert kept.item("a") == ("record", b"1")  # the first one stays
        assert kept.fact("a") == "b"


def learn_and_fail(kept: Kept) -> None:
    with kept.transaction():
        kept.learn("a", "b")
        raise KeyError


def test_all_of_a_transaction_or_nothing(tmp_path: Path) -> None:
    with Kept(tmp_path / "github.sqlite") as kept:
        with pytest.raises(KeyError):
            learn_and_fail(kept)
        assert kept.fact("a") is None


def test_a_file_that_is_none_and_one_of_another_version(tmp_path: Path) -> None:
    path = tmp_path / "github.sqlite"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(
        RunFolderError, match=r"github\.sqlite: cannot be read.*delete it and run again"
    ):
        Kept(path)
    path.unlink()
    base = sqlite3.connect(path)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(RunFolderError, match="version 99, expected 1; delete it"):
        Kept(path)


def fill(kept: Kept) -> None:
    for number in range(100):
        kept.finish_item(str(number), "record", "".join(map(chr, range(32, 9000))))


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    with Kept(tmp_path / "github.sqlite") as kept:
        kept._base.execute("PRAGMA max_page_count = 20")
        with pytest.raises(OutsideError, match=r"cannot be written: .* is full; make room and run"):
            fill(kept)
