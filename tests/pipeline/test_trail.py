"""Finding one pull request by what a person remembers of it, and its trail through the stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.pipeline import find_pull_request, run_folder, trail, unfinished
from pullsmith.records import (
    Coverage,
    Message,
    Prompt,
    PullRequest,
    Record,
    SecretScan,
    Split,
    drop,
)
from pullsmith.store import JobKey
from pullsmith.study import Study
from tests.curated import finish, planted, real, study

CLICK, FLASK, LOCAL = "github.com/pallets/click", "github.com/pallets/flask", "local:" + "c" * 40
KEPT = (
    real("ab12" + "0" * 36, repository=CLICK, number=12),
    real("ab13" + "0" * 36, repository=CLICK, number=13),
    real("cd14" + "0" * 36, repository=FLASK, number=12),
    real("ef15" + "0" * 36, repository=LOCAL, number=99),
    real("12345678" + "0" * 32, repository=LOCAL, number=None),
    planted("0123456789abcdef"),
)
GONE = real("9a16" + "0" * 36, repository=CLICK, number=77)


@pytest.fixture
def made(tmp_path: Path) -> Study:
    made = study(runs=tmp_path)
    run = run_folder(made)
    finish(run, "collect", PullRequest, KEPT)
    run.job(JobKey("collect")).write_drops([drop("collect", GONE, "missing_blob", "1 absent")])
    return made


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (KEPT[0].id, 0),
        (f"{KEPT[0].id}#review/native-1/0", 0),
        (f"{KEPT[0].id}#review/native-1/0~tiny/before/none/0", 0),
        ("13", 1),
        ("#13", 1),
        ("pallets/click#12", 0),
        ("flask#12", 2),
        ("pallets/click@ab12", 0),
        ("Pallets/Click@AB12", 0),
        ("github.com/pallets/flask", 2),
        ("cd14", 2),
        ("CD140", 2),
        ("99", 3),
        ("12345678", 4),
        ("planted:01", 5),
        ("77", None),
        ("9a16", None),
    ],
)
def test_whatever_fits_one(made: Study, wanted: str, found: int | None) -> None:
    assert find_pull_request(made, wanted) == (GONE.id if found is None else KEPT[found].id)


def test_an_id_that_begins_another_is_itself(tmp_path: Path) -> None:
    made = study(runs=tmp_path)
    finish(run_folder(made), "collect", PullRequest, [planted("ab"), planted("abc")])
    assert find_pull_request(made, "planted:ab") == "planted:ab"


@pytest.mark.parametrize(
    ("wanted", "count"), [("12", 2), ("pallets/click", 2), ("github.com", 3), ("local:", 2)]
)
def test_what_fits_several_names_them(made: Study, wanted: str, count: int) -> None:
    with pytest.raises(
        StudyError, match=rf"{count} pull requests fit {wanted!r}: .*more of the id"
    ):
        find_pull_request(made, wanted)


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [
        ("98", rf"the nearest: {LOCAL}@ef150*"),
        ("pallets/clikc@ab13", CLICK),
        ("", "the nearest: "),
        ("ick@ab12", "the nearest: "),
        ("ab1", "the nearest: "),
        ("flask#13", r"cd140* \(#12\)"),
        ("1" * 40, "the nearest: "),
    ],
)
def test_what_fits_none_names_the_nearest(made: Study, wanted: str, nearest: str) -> None:
    with pytest.raises(StudyError, match=f"no pull request fits .*{nearest}"):
        find_pull_request(made, wanted)


def test_before_collect_is_done(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="collect is not finished"):
        find_pull_request(study(runs=tmp_path), "12")


def test_the_trail_holds_what_is_done_and_only_this_pull_request(made: Study) -> None:
    run = run_folder(made)
    prompts = [
        Prompt(
            id=f"{one.id}#review/native-1/0", pull_request_id=one.id, tool="review", contract="native-1",
            split=Split.TRAIN, messages=(Message(role="user", content="?"),), coverage=Coverage(shown=()),
            scan=SecretScan(rules_version="1"),
        )
        for one in KEPT[:2]
    ]  # fmt: skip
    finish(run, "select", PullRequest, KEPT[:2])
    finish(run, "render", Prompt, prompts[:1])
    run.job(JobKey("render")).write_drops(
        [drop("render", prompts[0], "no_room"), drop("render", prompts[1], "no_room")]
    )
    seen: list[tuple[str, Record]] = [(str(job), record) for job, record in trail(made, KEPT[0].id)]
    assert [(job, type(record).__name__) for job, record in seen] == [
        ("collect", "PullRequest"), ("select", "PullRequest"), ("render", "Prompt"), ("render", "Drop"),
    ]  # fmt: skip
    assert seen[0][1] == KEPT[0]
    assert seen[2][1] == prompts[0]
    assert [str(key) for key in unfinished(made)][:3] == ["split", "generate", "clean"]


def test_the_trail_of_a_dropped_candidate_is_its_drop(made: Study) -> None:
    (only,) = trail(made, GONE.id)
    assert (str(only[0]), getattr(only[1], "reason", "")) == ("collect", "missing_blob")
