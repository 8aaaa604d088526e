"""What a choice of data takes: the right rows, nested draws of whole pull requests, the same start."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.records import SECOND_LOOK, Example
from pullsmith.store import JobKey, RunFolder, make_folder
from pullsmith.study.data import TrainingData
from pullsmith.study.roles import StudentRole
from pullsmith.train.examples import taken, training_set
from tests.curated import finish, finish_as_it_is
from tests.train.builders import TOOLS, example, examples


def role(data: str = "all", **changes: object) -> StudentRole:
    values = {"model": "tiny", "contract": "compact-1", "data": (data,), "entry": "tiny"}
    return StudentRole.model_validate({**values, **changes})


def write_control(run: RunFolder, cell: str, rows: list[Example]) -> None:
    job = run.job(JobKey("control", cell))
    make_folder(job.path)
    job.write(Example, rows)
    finish_as_it_is(job)


@given(st.integers(0, 99), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_smaller_share_is_a_part_of_a_larger_one(seed: int, one: float, other: float) -> None:
    rows = examples(40, 10)
    low, high = sorted(
        (
            taken(rows, TrainingData.parse(f"share:{share:.2f}"), seed=seed)
            for share in (one, other)
        ),
        key=len,
    )
    assert {row.id for row in low} <= {row.id for row in high}
    assert low == [row for row in rows if row in low], "in their order"


def test_a_share_is_of_whole_pull_requests_drawn_by_the_seed() -> None:
    rows = examples(40, 0)
    some = taken(rows, TrainingData.parse("share:0.3"), seed=1)
    # 40 pull requests of three tools each: 12 of them, 36 rows.
    assert Counter(Counter(row.pull_request_id for row in some).values()) == {3: 12}
    assert some != taken(rows, TrainingData.parse("share:0.3"), seed=2)
    # What is drawn hashes the id: other rows beside it change nothing but how many there are.
    assert taken(rows[:3], TrainingData.parse("share:0.01"), seed=1) == rows[:3]


def test_some_tools_are_those_rows_and_improve_has_its_second_looks() -> None:
    look = example(3, SECOND_LOOK)
    rows = [*examples(4, 2), look]
    found = {
        words: {row.tool for row in taken(rows, TrainingData.parse(words), seed=0)}
        for words in ("tools:review", "tools:review+spot", "tools:improve", "all")
    }
    assert found == {
        "tools:review": {"review"},
        "tools:review+spot": {"review", "spot"},
        "tools:improve": {"improve", SECOND_LOOK},
        "all": {*TOOLS, "spot", SECOND_LOOK},
    }


def test_the_control_is_read_and_the_vocabulary_stays_cleans(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    kept, drawn = examples(4, 0), [*examples(6, 0)[9:], example(9, "review", contract="native-1")]
    finish(run, "clean", Example, kept)
    with pytest.raises(RunFolderError, match="random: not finished"):
        training_set(run, role("random"), seed=0)
    write_control(run, "random", drawn)
    found = training_set(run, role("random"), seed=0)
    assert (found.examples, found.vocabulary) == (drawn[:-1], kept)
    assert training_set(run, role("share:0.3"), seed=0).vocabulary == kept
    assert training_set(run, role(), seed=0).examples == kept


def test_a_choice_that_leaves_nothing_says_which(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    finish(run, "clean", Example, examples(4, 0))
    with pytest.raises(StudyError, match=r"in contract 'native-1'; see its dropped"):
        training_set(run, role(contract="native-1"), seed=0)
    with pytest.raises(StudyError, match=r"in contract 'compact-1' for data 'tools:spot'; see"):
        training_set(run, role("tools:spot"), seed=0)
