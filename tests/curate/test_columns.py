"""What is suspicious, told from columns alone."""

from __future__ import annotations

from pathlib import Path

from pullsmith.contracts.answers import AnswerValue
from pullsmith.curate.columns import (
    LOW_SCORE,
    ODD_LENGTH,
    TEACHERS_DISAGREE,
    Row,
    Sources,
    disagree,
    read_rows_of,
    said_in,
    titles_and_languages,
)
from pullsmith.decisions import TO_REVIEW_NAME
from pullsmith.records import Answer, PullRequest
from pullsmith.rows import write_rows
from pullsmith.traits import language_of
from tests.clean.made import improve, review
from tests.curate.made import answer, job_path, requests, to_clean
from tests.curated import file, real
from tests.judged import describe

RECORDS = requests(1)


def flags(folder: Path, *said: Answer) -> dict[str, set[str]]:
    """The flags of the example of each answer of the first teacher's, by tool."""
    asked = to_clean(folder, records=RECORDS, said=list(said))
    rows = read_rows_of(
        Sources(
            (job_path(asked, "clean") / TO_REVIEW_NAME,),
            (job_path(asked, "generate") / "rows-00000.parquet",),
            (job_path(asked, "split") / "rows-00000.parquet",),
        )
    )
    return {row.tool: set(row.flags) for row in rows}


def by(model: str, value: AnswerValue) -> Answer:
    return answer(RECORDS[0], value, model=model)


def test_teachers_disagree_where_one_says_nothing_or_they_speak_of_other_files(
    tmp_path: Path,
) -> None:
    empty = review().model_copy(update={"key_issues_to_review": ()})
    mine, same, other = by("rules+truth", review(2)), by("rules", review(1)), by("rules", empty)
    assert flags(tmp_path / "same", mine, same) == {"review": set()}
    assert flags(tmp_path / "other", mine, other) == {"review": {TEACHERS_DISAGREE}}
    elsewhere = by("rules", review(1, "app/b.py"))
    assert flags(tmp_path / "files", mine, elsewhere) == {"review": {TEACHERS_DISAGREE}}
    assert flags(tmp_path / "both", by("rules+truth", empty), other) == {"review": set()}
    # A quote in a text is no field: it says nothing of files.
    quoting = empty.model_copy(update={"security_concerns": 'no "relevant_file":"x" here'})
    assert flags(tmp_path / "text", by("rules+truth", empty), by("rules", quoting)) == {
        "review": set()
    }


def test_a_low_score_is_one_by_the_models_own_look_or_a_graders(tmp_path: Path) -> None:
    first = answer(RECORDS[0], review(2), reflect_score=5.0, judge_score=8.0)
    second = answer(RECORDS[0], improve("b = 2", "b = 3"), reflect_score=4.9)
    assert flags(tmp_path, first, second) == {"review": set(), "improve": {LOW_SCORE}}


def test_doubts_of_the_validator_weigh_twice() -> None:
    def row(*codes: str) -> Row:
        return Row("n", "p", "", "review", "python", codes)

    assert row().doubts == 0
    assert row(ODD_LENGTH).doubts == row(LOW_SCORE).doubts == 1
    assert row("no_op").doubts == row(ODD_LENGTH, TEACHERS_DISAGREE).doubts == 2
    assert row("no_op", ODD_LENGTH).doubts == 3


def test_the_language_is_that_of_traits(tmp_path: Path) -> None:
    go = file(*"abcd", path="b.go").model_copy(update={"language": "go"})
    unknown = file(*"abcdefg", path="c").model_copy(update={"language": ""})
    records = [
        real("1", file("a"), go), real("2", unknown), real("3"), real("4", go, unknown),
        real("5", file("a"), go.model_copy(update={"added_lines": 1})),
    ]  # fmt: skip
    path = tmp_path / "rows.parquet"
    write_rows(path, PullRequest, records)
    found = {name: language for name, (_, language) in titles_and_languages([path])}
    assert found == {record.id: language_of(record) for record in records}


def test_describes_disagree_where_they_have_no_type_in_common(tmp_path: Path) -> None:
    one = {"id": "a", "tool": "describe", "value_json": '{"type":["Bug fix","Tests"]}'}
    two = {"id": "b", "tool": "describe", "value_json": '{"type":["Tests"]}'}
    three = {"id": "c", "tool": "describe", "value_json": '{"type":["Other"]}'}
    own = {"id": "d", "tool": "mine", "value_json": "{}"}
    said = [said_in(each) for each in (one, two, three, own)]
    assert not disagree(said[:2])
    assert disagree(said[1:3])
    assert not disagree([said[0], said[3]])  # nobody knows what a tool of one's own says
    assert describe().type[0].value == "Bug fix"  # as the contract writes it
