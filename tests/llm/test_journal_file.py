"""Files of a journal: out of one journal, into another, and nothing is asked again."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.llm.journal import Journal
from pullsmith.llm.journal_file import export_journal, import_journal
from pullsmith.llm.scripted import ScriptedModel, Turn
from tests.llm.asked import ask, request

ENDINGS = (".parquet", ".jsonl")
REQUESTS = [request(text) for text in ("one", "two", "three")]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    ask(tmp_path / "j", ScriptedModel([Turn("hello")]), REQUESTS, price={"input": 1, "output": 1})
    return tmp_path / "j"


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_goes_out_comes_in_and_is_not_asked_again(journal: Path, ending: str) -> None:
    pack, other = journal.with_name(f"pack{ending}"), journal.with_name("other")
    assert export_journal(journal, pack) == 3
    assert import_journal(pack, other) == 3
    assert import_journal(pack, other) == 0
    model = ScriptedModel([Turn("never")])
    answers = ask(other, model, REQUESTS)
    assert not model.asked
    assert [a.text for a in answers] == ["hello"] * 3
    with Journal(journal) as one, Journal(other) as two:
        assert one.spending() == two.spending()
    again = journal.with_name(f"again{ending}")
    export_journal(other, again)
    assert again.read_bytes() == pack.read_bytes()


def test_the_columns_that_are_documented(journal: Path) -> None:
    pack = journal.with_name("pack.parquet")
    export_journal(journal, pack)
    (row, *_) = pq.read_table(pack).to_pylist()
    assert (row["model"], row["outcome"], row["text"]) == ("scripted:x", "ok", "hello")
    assert json.loads(row["request_json"])["messages"][0]["role"] == "user"
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    assert all(f"`{name}`" in page for name in row)


def test_one_model_only(journal: Path) -> None:
    assert export_journal(journal, journal.with_name("p.jsonl"), "scripted:other") == 0


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda row: {**row, "request_json": row["request_json"].replace("one", "uno")},
            "was changed",
        ),
        (lambda row: {**row, "completion_json": "{}"}, "no file of this version"),
        (lambda row: {"id": row["id"]}, "line 1: Field required; it is no such file"),
    ],
)
def test_a_file_that_was_tampered_with(journal: Path, change: object, found: str) -> None:
    pack = journal.with_name("p.jsonl")
    export_journal(journal, pack)
    rows = [json.loads(line) for line in pack.read_text().splitlines()]
    (one,) = (row for row in rows if '"one"' in row["request_json"])
    pack.write_text(json.dumps(change(one)) + "\n")  # type: ignore[operator]  # a function
    with pytest.raises(StudyError, match=found):
        import_journal(pack, journal.with_name("other"))


def test_other_endings_and_journals_that_are_not_there(journal: Path) -> None:
    with pytest.raises(StudyError, match=r"name it \*\.parquet or \*\.jsonl"):
        export_journal(journal, journal.with_name("p.csv"))
    with pytest.raises(RunFolderError, match="there is no journal"):
        export_journal(journal.with_name("none"), journal.with_name("p.jsonl"))
    with pytest.raises(StudyError, match="cannot be read"):
        import_journal(journal.with_name("none.jsonl"), journal.with_name("other"))
