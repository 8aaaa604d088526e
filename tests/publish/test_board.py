"""A published board: whole, without what may not be handed on, and made again anywhere to the byte."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.errors import RunFolderError, SourceError, StudyError
from pullsmith.publish import publish
from pullsmith.publish.again import made_again
from pullsmith.publish.board import BoardList, open_board
from pullsmith.publish.listing import listed
from pullsmith.publish.recompute import report_files
from pullsmith.records import Answer, PullRequest, Verdict, drop
from pullsmith.reference_pack import read_pack
from pullsmith.rows import write_rows
from pullsmith.study import Study
from tests.contracts.folders import write_tool
from tests.finished import PULLS, TERSE, finished, small_study
from tests.judged import pull_request, store

SECRET = "token = 'ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'"


@pytest.fixture(scope="module")
def run_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = small_study(tmp_path_factory.mktemp("finished"))
    finished(made)
    return made


@pytest.fixture(scope="module")
def pack(run_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "pack"
    publish(run_study, folder, only="board")
    return folder


@pytest.fixture
def copy(pack: Path, tmp_path: Path) -> Path:
    """A pack that may be spoilt."""
    return Path(shutil.copytree(pack, tmp_path / "copy"))


def read_list(folder: Path) -> BoardList:
    return BoardList.model_validate_json((folder / "board" / "pack.json").read_bytes())


def write_list(folder: Path, **changes: object) -> None:
    """The list as somebody would write it who has changed the files and knows of digests."""
    board = folder / "board"
    said = read_list(folder).model_copy(update={"files": listed(board), **changes})
    (board / "pack.json").write_text(said.model_dump_json())


def test_the_pack_is_the_board_of_the_run_and_all_it_needs(run_study: Study, pack: Path) -> None:
    own = run_study.runs / run_study.name / "report"
    for name in ("board.json", "board.md", "board.csv", "index.html"):
        assert (pack / "board" / "report" / name).read_bytes() == (own / name).read_bytes()
    said = read_list(pack)
    assert (said.pull_requests, said.left_out) == (len(PULLS), {})
    assert said.files == listed(pack / "board")
    assert set(said.references) == {"rules", TERSE}
    references = [read_pack(path) for path in (pack / "board" / "references").iterdir()]
    assert {each.head.label: each.digest for each in references} == said.references


def test_it_is_made_again_with_nothing_but_the_pack(pack: Path, tmp_path: Path) -> None:
    """In another process, without a home, from files that were copied in another order."""
    board = tmp_path / "elsewhere" / "board"
    for path in sorted((pack / "board").rglob("*"), reverse=True):
        if path.is_file():
            target = board / path.relative_to(pack / "board")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    before = listed(board)
    empty = tmp_path / "home"
    empty.mkdir(mode=0o500)
    environment = {"PATH": os.environ["PATH"], "HOME": str(empty), "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pullsmith", "rank", str(board.parent), "--into", "made"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    files = report_files(board / "report")
    assert {"board.json", "board.md", "board.csv", "index.html", "measured.json"} <= files.keys()
    assert f"same as published: {len(files)} files of {board / 'report'}" in done.stdout
    assert f"the reference {TERSE} was retired on 2024-09-13" in done.stdout
    for name in ("board.json", "board.md", "board.csv", "index.html"):
        made, published = tmp_path / "made" / name, board / "report" / name
        assert made.read_bytes() == published.read_bytes()
    assert listed(board) == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "run/judge/tiny/rows-00000.parquet").unlink(), "is missing; the pack is not"),
        (lambda f: (f / "run/judge/tiny/rows-00001.parquet").write_bytes(b"x"), "is not of this pack"),
        (lambda f: (f / "report/board.md").write_text("better"), "report/board.md was changed"),
        (lambda f: (f / "pack.json").unlink(), "there is no pack.json"),
        (lambda f: (f / "pack.json").write_text("{}"), "no list of a board pack"),
        (lambda f: (f / "link").symlink_to("/etc/hostname"), "holds plain files only"),
    ],
)  # fmt: skip
def test_a_pack_that_is_not_whole_is_refused(copy: Path, spoil: object, said: str) -> None:
    spoil(copy / "board")  # type: ignore[operator]  # a function
    with pytest.raises(RunFolderError, match=said):
        open_board(copy)


def test_another_format_is_refused_and_the_version_to_use_is_named(copy: Path) -> None:
    write_list(copy, format_version=2, pullsmith_version="9.1")
    with pytest.raises(RunFolderError, match=r"has format 2, .* reads 1; use pullsmith 9\.1"):
        open_board(copy)


@pytest.mark.parametrize("name", ["../out.json", "/etc/passwd", "run/../../x", "a\\..\\b", "a\0b"])
def test_a_name_that_leads_out_of_the_pack_is_refused(copy: Path, name: str) -> None:
    write_list(copy, files={name: "0" * 64})
    with pytest.raises(RunFolderError, match="leads out of the pack"):
        open_board(copy)


def test_verdicts_that_were_turned_give_another_board_and_the_first_difference_is_named(
    copy: Path,
) -> None:
    board = open_board(copy)
    turned = [verdict.swap() for verdict in board.run.read("judge", Verdict, "tiny")]
    names = {"candidate": "tiny@after", "reference": "rules"}
    kept = [v.model_copy(update=names) for v in turned if v.candidate == "rules"]
    rows = [v for v in kept if v.reference_answer_id.count("/after/")]
    path = copy / "board/run/judge/tiny/rows-00000.parquet"
    write_rows(path, Verdict, sorted(rows, key=lambda verdict: verdict.id))
    write_list(copy)
    done = CliRunner().invoke(main, ["rank", str(copy)])
    assert done.exit_code == 1
    assert "the board made again is not the published one: board.json:" in done.output
    assert "here; it was made with the same versions" in done.output
    write_list(copy, versions={"numpy": "1.0"})
    assert (
        "it was made with numpy 1.0, here" in CliRunner().invoke(main, ["rank", str(copy)]).output
    )


@pytest.mark.parametrize(
    ("entry", "gone"), [("author Ada", 10), (f"pull-request {PULLS[0].id}", 1)]
)
def test_what_somebody_asked_to_remove_is_in_no_file(
    run_study: Study, tmp_path: Path, entry: str, gone: int
) -> None:
    exclude = tmp_path / "exclude.txt"
    exclude.write_text(entry)
    if gone == len(PULLS):
        with pytest.raises(SourceError, match=r"every pull request .* \(\{'removed': 10\}\)"):
            publish(run_study, tmp_path / "pack", only="board", exclude=exclude)
        assert not (tmp_path / "pack").exists()
        assert [path.name for path in tmp_path.iterdir()] == ["exclude.txt"]
        return
    published = publish(run_study, tmp_path / "pack", only="board", exclude=exclude)
    assert published.board is not None
    assert published.board.list.left_out == {"removed": 1}
    assert "pull_requests.all is 10 published and 9 here" in (published.board.unlike_run or "")
    for path in (tmp_path / "pack").rglob("*"):
        assert path.is_dir() or PULLS[0].id.encode() not in path.read_bytes(), path
    # What is left is a board of its own, and made again like any other.
    with made_again(tmp_path / "pack") as made:
        assert made.difference is None


def test_nothing_without_a_licence_and_no_secret_goes_out(tmp_path: Path) -> None:
    unlicensed = PULLS[0].model_copy(update={"licence": None})
    secret = PULLS[1].model_copy(update={"body": SECRET})
    made = small_study(tmp_path)
    finished(made, [unlicensed, secret, *PULLS[2:]])
    published = publish(made, tmp_path / "pack", only="board")
    assert published.board is not None
    assert published.board.list.left_out == {"licence_not_permissive": 1, "secret_found": 1}
    packed = open_board(tmp_path / "pack").run
    assert {r.id for r in packed.read("split", PullRequest)} == {p.id for p in PULLS[2:]}
    card = (tmp_path / "pack/board/README.md").read_text()
    assert "1 held-out pull requests are not here: no licence was recognised" in card
    whole = publish(made, tmp_path / "any", only="board", any_licence=True)
    assert whole.board is not None
    assert whole.board.list.left_out == {"secret_found": 1}


def test_a_secret_in_an_answer_or_a_reason_keeps_its_pull_request_back(tmp_path: Path) -> None:
    made = small_study(tmp_path)
    run = finished(made)
    answers = list(run.read("respond", Answer, "rules"))
    answers[0] = answers[0].model_copy(update={"text": SECRET})
    store(run, "respond", Answer, answers, "rules")
    verdicts = list(run.read("judge", Verdict, "tiny"))
    other = next(v for v in verdicts if v.pull_request_id != answers[0].pull_request_id)
    said = [v.model_copy(update={"why": SECRET}) if v == other else v for v in verdicts]
    store(run, "judge", Verdict, said, "tiny")
    published = publish(made, tmp_path / "pack", only="board")
    assert published.board is not None
    assert published.board.list.left_out == {"secret_found": 2}
    for path in (tmp_path / "pack").rglob("*.parquet"):
        assert b"a1B2c3D4e5F6" not in path.read_bytes()


def test_the_funnel_names_nothing_that_was_excluded(tmp_path: Path) -> None:
    drops = [
        drop("select", pull_request("gone", source="git"), "excluded", "repository o/gone"),
        drop("select", pull_request("known", source="git"), "bot", "author a-bot"),
        drop("select", pull_request("told", source="git"), "too_large", SECRET),
    ]
    made = small_study(tmp_path)
    finished(made, drops=drops)
    publish(made, tmp_path / "pack", only="board")
    board = json.loads((tmp_path / "pack/board/report/board.json").read_text())
    (select,) = (row for row in board["funnel"] if row["job"] == "select")
    assert select["dropped"] == {"bot": 1, "excluded": 1, "too_large": 1}
    assert list(select["examples"]) == ["bot"]


def test_no_place_of_this_machine_is_in_a_pack(pack: Path, run_study: Study) -> None:
    here = str(run_study.runs.parent).encode()
    files = [path for path in pack.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        assert here not in path.read_bytes(), path


def test_a_setting_that_looks_like_a_secret_stops_it(tmp_path: Path) -> None:
    judge = [{"model": "rubric", "extra_body": {"note": SECRET}}]
    made = small_study(tmp_path, judge=judge)
    finished(made)
    with pytest.raises(StudyError, match=r"the setting judge\.0\.extra_body\.note looks like"):
        publish(made, tmp_path / "pack", only="board")
    assert not (tmp_path / "pack").exists()


def test_code_in_a_pack_runs_only_where_somebody_says_so(tmp_path: Path) -> None:
    made = small_study(
        tmp_path, tool=[{"name": "spotted", "folder": write_tool(tmp_path / "tool")}]
    )
    finished(made)
    publish(made, tmp_path / "pack", only="board")
    with pytest.raises(StudyError, match=r"tools/spotted/tool\.py.*--trust-tools"):
        open_board(tmp_path / "pack")
    with made_again(tmp_path / "pack", trust_tools=True) as again:
        assert again.difference is None


def test_without_verdicts_there_is_data_alone_and_it_is_said(tmp_path: Path) -> None:
    made = small_study(tmp_path)
    run = finished(made)
    (run.path / "judge" / "tiny" / "manifest.json").unlink()
    with pytest.raises(RunFolderError, match="judge/tiny is not finished"):
        publish(made, tmp_path / "pack", only="board")
    assert not (tmp_path / "pack").exists()


def test_only_what_is_past_is_retired(pack: Path) -> None:
    with made_again(pack) as made:
        assert len(made.retired(date(2024, 9, 13))) == 1
        assert made.retired(date(2024, 9, 12)) == []


def test_nothing_is_written_over(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with (
        pytest.raises(StudyError, match="is not empty; a board is never written over"),
        made_again(pack, into=tmp_path),
    ):
        pass
    assert (tmp_path / "mine").read_text() == "mine"


def test_an_empty_folder_may_be_filled(run_study: Study, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    publish(run_study, tmp_path / "pack", only="board")
    assert open_board(tmp_path / "pack").list.left_out == {}
    with pytest.raises(StudyError, match="is not empty; a pack is never written over"):
        publish(run_study, tmp_path / "pack", only="board")
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_killed_in_the_middle_there_is_no_pack(run_study: Study, tmp_path: Path) -> None:
    """Killed as soon as the first verdicts are there: the folder is not, and publishing again works."""
    code = (
        "import sys, pathlib; from tests.finished import small_study; "
        "from pullsmith.publish import publish; "
        "publish(small_study(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]), only='board')"
    )
    target = tmp_path / "pack"
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(run_study.runs.parent), str(target)], env=environment
    )
    while process.poll() is None and not list(tmp_path.glob(".pack.*/board/run/split")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    assert not target.exists()
    (half,) = tmp_path.glob(".pack.*")
    with pytest.raises(RunFolderError, match="one that was not finished"):
        open_board(half)
    publish(run_study, target, only="board")
    assert open_board(target).list.pull_requests == len(PULLS)


def test_the_command_writes_data_and_board_and_the_cards_agree(tmp_path: Path) -> None:
    made = small_study(tmp_path)
    finished(made)
    (tmp_path / "study.toml").write_text(
        f'name = "{made.name}"\nbaselines = false\nstudent = [{{ model = "tiny", contract = "native-1" }}]\n'
        f'reference = [{{ model = "rules" }}, {{ model = "{TERSE}", retires = 2024-09-13 }}]\n'
        'collect.sources = [{ planted = "stdlib", count = 1 }]\n'
        "judging.controls = 2\nrank.resamples = 100\n"
    )
    arguments = ["publish", str(tmp_path / "study.toml"), str(tmp_path / "pack")]
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["rows"], told["board"]["pull_requests"], told["board"]["unlike_run"]) == (
        1,
        10,
        None,
    )
    cards = [
        (tmp_path / "pack" / name).read_text()
        for name in ("README.md", "board/README.md", "board/models/tiny.md")
    ]
    # Model, size and how often better, as on the board itself.
    assert all(re.search(r"\| tiny \(after\) \| [^|]+ \| 30\.0 %", card) for card in cards)
    for part in (
        "Compared with rules, openai:gpt-4 by rubric",
        "## Funnel",
    ):
        assert all(part in card for card in cards), part
    assert "| rules | native-1 | none stated | references/rules.parquet | " in cards[1]
    assert set(json.loads((tmp_path / "pack/pack.json").read_text())["files"]) > {
        "board/pack.json", "board/models/tiny.md", "data/native-1/train.parquet",
    }  # fmt: skip
    again = CliRunner().invoke(main, ["rank", str(tmp_path / "pack")])
    assert (again.exit_code, "same as published" in again.output) == (0, True)
    exclude = tmp_path / "exclude.txt"
    exclude.write_text(f"pull-request {PULLS[0].id}")
    more = [*arguments[:2], str(tmp_path / "fewer"), "--exclude", str(exclude)]
    said = CliRunner().invoke(main, more).output
    assert "9 of 10 pull requests, left out: 1 removed" in said
    assert "not the same as the run's own report: board.json" in said
    only = CliRunner().invoke(main, [*arguments[:2], str(tmp_path / "only"), "--only", "board"])
    assert only.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "only").iterdir()) == ["board", "pack.json"]


def test_a_run_without_verdicts_hands_on_its_data_and_says_why_no_board(tmp_path: Path) -> None:
    made = small_study(tmp_path)
    run = finished(made)
    (run.path / "judge" / "tiny" / "manifest.json").unlink()
    published = publish(made, tmp_path / "pack")
    assert (published.board, published.no_board) == (None, "judge/tiny is not finished")
    card = (tmp_path / "pack" / "README.md").read_text()
    assert "## Rows" in card
    assert not (tmp_path / "pack" / "board").exists()
