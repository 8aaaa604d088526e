"""The file of exclusions: what an entry names and what it does not, and lines that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import StudyError
from pullsmith.exclusions import Exclusions, read_exclusions
from pullsmith.records import PullRequest
from tests.curated import planted, real

TEXT = """\
# asked to be left out in May
repository    forge.test/A/one   # a remark
repository    forge.test/gone/*
pull-request  forge.test/a/b#12
pull-request: forge.test/a/b@7
author        Jane  Doe
"""


@pytest.fixture
def excluded(tmp_path: Path) -> Exclusions:
    (tmp_path / "list.txt").write_text(TEXT, encoding="utf-8")
    return read_exclusions(tmp_path / "list.txt")


@pytest.mark.parametrize(
    ("bad", "twin", "entry"),
    [
        (
            real(repository="forge.test/a/one"),
            real(repository="forge.test/a/one-more"),
            "repository forge.test/a/one",
        ),
        (
            real(repository="forge.test/gone/x"),
            real(repository="forge.test/gone2/x"),
            "repository forge.test/gone/*",
        ),
        (
            planted("1", group="forge.test/a/one"),
            planted("1", group="forge.test/a/two"),
            "repository forge.test/a/one",
        ),
        (real(number=12), real(number=1), "pull-request forge.test/a/b#12"),
        (real("7"), real("71"), "pull-request forge.test/a/b@7"),
        (real(author="jane doe"), real(author="jane"), "author jane doe"),
    ],
)
def test_an_entry_names_the_record_and_not_its_twin(
    excluded: Exclusions, bad: PullRequest, twin: PullRequest, entry: str
) -> None:
    assert excluded.naming(bad) == entry
    assert excluded.naming(twin) is None


def test_order_and_remarks_do_not_count(excluded: Exclusions, tmp_path: Path) -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith("#")]
    (tmp_path / "other.txt").write_text("\r\n".join(reversed(lines)), encoding="utf-8")
    assert read_exclusions(tmp_path / "other.txt") == excluded


def test_no_file_excludes_nothing() -> None:
    assert read_exclusions(None) == Exclusions()
    assert read_exclusions(None).naming(real()) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nforge.test/a/b", r"line 2: 'forge.test/a/b'; a line begins with repository"),
        ("repository b", "line 1: 'b' is no repository; write repository HOST/OWNER/NAME"),
        ("repository a/b@c", "line 1: 'a/b@c' is no repository"),
        ("pull-request 12", "line 1: '12' is no pull-request"),
        ("author", "line 1: '' is no author"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "list.txt").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=said):
        read_exclusions(tmp_path / "list.txt")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(StudyError, match=r"select.exclude: .*list.txt cannot be read"):
        read_exclusions(tmp_path / "list.txt")
