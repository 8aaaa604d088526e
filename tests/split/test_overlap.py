"""Thirteen words in a row: what counts as a word, where rows end, which texts a benchmark has."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import StudyError
from pullsmith.records import PullRequest
from pullsmith.split.benchmarks import read_texts
from pullsmith.split.overlap import WORDS, Evaluated, added_words, of_patches, of_texts, overlap
from tests.curated import file, real

WORD = [f"w{n}" for n in range(40)]


def patches(record: PullRequest) -> list[str]:
    return [changed.patch for changed in record.files]


def seen(*records: PullRequest) -> Evaluated:
    return of_patches((record.id, patches(record)) for record in records)


def test_words_are_of_added_lines_only_and_file_by_file() -> None:
    record = real("1", file("a.b(c_1)", deleted=["gone"]), file("é = 2", path="b.py"))
    assert list(added_words(patches(record))) == [["a", "b", "c_1"], ["é", "2"]]


def test_a_row_does_not_reach_from_one_file_into_another() -> None:
    whole = real("1", file(" ".join(WORD[:WORDS])))
    halves = real("2", file(" ".join(WORD[:7])), file(" ".join(WORD[7:WORDS]), path="b.py"))
    assert overlap(patches(halves), seen(whole)) is None
    assert overlap(patches(whole), seen(halves)) is None
    assert overlap(patches(whole), seen(whole)) == f"{whole.id}: {' '.join(WORD[:WORDS])}"


def test_layout_and_punctuation_hide_no_copy_and_another_word_is_none() -> None:
    lines = ["a = b(c, d)", "e = f[g]", "h, i = k(l, m, n)"]  # 4 + 3 + 6: thirteen words
    copy = real("2", file("if True:", *(f"    {line};" for line in lines)))
    twin = real("3", file(*lines[:2], "h, i = k(l, m, other)"))
    evaluated = seen(real("1", file(*lines)))
    assert overlap(patches(copy), evaluated) == "forge.test/a/b@1: a b c d e f g h i k l m n"
    assert overlap(patches(twin), evaluated) is None


@given(st.lists(st.sampled_from("abc"), max_size=60), st.lists(st.sampled_from("abc"), max_size=60))
def test_it_finds_exactly_the_shared_rows(one: list[str], other: list[str]) -> None:
    def rows(words: list[str]) -> set[str]:
        return {" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)}

    found = overlap(patches(real("1", file(" ".join(one)))), of_texts({"b": [" ".join(other)]}))
    assert (found is not None) == bool(rows(one) & rows(other))


def test_benchmarks_of_every_form_give_their_texts(tmp_path: Path) -> None:
    values = [{"prompt": "one\ntwo", "tests": [{"deep": "three"}, {"deep": "four"}], "n": 5}]
    files = {name: tmp_path / name for name in ("a.txt", "a.json", "a.jsonl", "a.parquet")}
    files["a.txt"].write_text("one two three four")
    files["a.json"].write_text(json.dumps(values))
    files["a.jsonl"].write_text("\n".join(map(json.dumps, values)) + "\n\n")
    pq.write_table(pa.Table.from_pylist(values), files["a.parquet"])
    for path in files.values():
        assert " ".join(read_texts(path)).split() == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.txt", None, "cannot be read"),
        ("empty.txt", b" \n", "no text in it"),
        ("bad.jsonl", b'{"a": "b"}\n{', "line 2"),
        ("bad.parquet", b"PAR0", "cannot be read"),
        ("bytes.txt", b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_benchmark_that_says_nothing_is_an_error(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(StudyError, match=rf"split\.benchmarks: .*{name}: {message}"):
        list(read_texts(tmp_path / name))
