"""``pullsmith show``: a record a person can read, on a terminal nobody else can steer."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from pullsmith.cli import main
from pullsmith.cli.shown_pull_request import changes, pull_request
from pullsmith.cli.shown_records import Cut
from pullsmith.pipeline import run_folder
from pullsmith.records import (
    Answer,
    ChangeStatus,
    Defect,
    FileChange,
    LicenceEvidence,
    LicenceFile,
    LinkedIssue,
    Outcome,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
    SecretScan,
    Split,
    drop,
)
from pullsmith.store import JobKey
from pullsmith.study import load_study
from tests.clean.made import answer, improve, review
from tests.curated import file, finish, planted, real

STUDY = 'name = "small"\nstudent = [{ model = "tiny" }]\ncollect.sources = [{ git = "clone" }]\n'
SHA = "ab12cd34" * 5
THREAD = ReviewThread(
    path="app/a.py", start_line=3, end_line=4, commit_sha=SHA, resolved=True, outdated=True,
    comments=(
        ReviewComment(author="cleo", body="Why not two?", written_at="2026-01-01T00:00:00Z",
                      suggestions=("return 2\n",)),
        ReviewComment(author="ann", body="Gone.", written_at="2026-01-02T00:00:00Z", suggestions=("",)),
    ),
)  # fmt: skip
RECORD = real(
    SHA,
    FileChange(
        path="app/new.py", old_path="app/old.py", status=ChangeStatus.RENAMED, language="python", added_lines=1,
        deleted_lines=1, flags=("test",), encoding="latin-1",
        patch="@@ -9,3 +9,3 @@ def f():\n a\n-b\n+c\n d\n\\ No newline at end of file\n",
    ),
    FileChange(path="logo.png", status=ChangeStatus.ADDED, binary=True),
    repository="forge.test/a/b", number=7, evidence="gh_merge", confidence=0.99,
    confidence_reason="merge_head_equals_pull_head", title="Return two", body="Because.\n\nIt is right.",
    branch="ann/two", author="Ann", merged_at="2026-01-03T00:00:00Z", base_sha="1" * 40, head_sha="2" * 40,
    merge_sha=SHA, flags=("revert",), commit_messages=("First\n\nwith words", "Second"), labels=("bug", "easy"),
    licence=LicenceEvidence(spdx="MIT", files=(LicenceFile(path="LICENSE", blob_sha="3" * 40, spdx="MIT"),),
                            found_at="1" * 40),
    reviews=(Review(author="cleo", state="approved", body="Fine.", written_at="2026-01-02T00:00:00Z"),),
    threads=(THREAD,), closes=(LinkedIssue(repository="forge.test/a/b", number=5, title="One is wrong"),),
)  # fmt: skip


def shown(lines: object, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=colour, color_system="standard" if colour else None,
                      highlight=False, markup=False, soft_wrap=True)  # fmt: skip
    for line in lines:  # type: ignore[attr-defined]  # an iterator of lines
        console.print(line)
    return out.getvalue()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    return path


def show(study: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["show", *arguments, "--study", str(study)])


def test_a_record_says_everything_that_is_known_of_it() -> None:
    assert shown(pull_request(RECORD, Cut())).splitlines() == [
        "  forge.test/a/b #7: Return two",
        "  evidence     gh_merge (git; confidence 0.99, merge_head_equals_pull_head)",
        "  author       Ann",
        "  merged       2026-01-03T00:00:00Z",
        "  branch       ann/two",
        "  commits      base 111111111111, head 222222222222, merge ab12cd34ab12",
        "  flags        revert",
        "  labels       bug, easy",
        "  licence      MIT, at 111111111111",
        "               LICENSE: MIT, blob 333333333333",
        "  closes       forge.test/a/b#5 One is wrong",
        "  body",
        "    Because.",
        "    ",
        "    It is right.",
        "  commit messages (2)",
        "    - First",
        "      ",
        "      with words",
        "    - Second",
        "  files (2): +1 -1",
        "    R app/old.py → app/new.py  (python, +1 -1, test, latin-1)",
        "      @@ -9,3 +9,3 @@ def f():",
        "       9  9  a",
        "      10    -b",
        "         10 +c",
        "      11 11  d",
        "            \\ No newline at end of file",
        "    A logo.png  (+0 -0, binary)",
        "  reviews (1)",
        "    cleo: approved, 2026-01-02T00:00:00Z",
        "      Fine.",
        "  review threads (1)",
        "    app/a.py:3-4 (new side, at ab12cd34ab12, resolved, outdated)",
        "      cleo, 2026-01-01T00:00:00Z",
        "        Why not two?",
        "        suggests instead:",
        "          return 2",
        "      ann, 2026-01-02T00:00:00Z",
        "        Gone.",
        "        suggests to take the lines out",
    ]


def test_the_truth_of_a_planted_one() -> None:
    truth = Defect(
        kind="is_literal", path="app/a.py", start_line=2, end_line=3, defective=("if x is 1:", "    y()"),
        original=("if x == 1:",), header="Identity", content="Compares identity, not value.", security=True,
    )  # fmt: skip
    text = shown(pull_request(planted("ab", defect=truth), Cut()))
    for line in (
        "    kind         is_literal, security, app/a.py:2-3",
        "    there stands \n      if x is 1:\n          y()",
        "    should be    \n      if x == 1:",
    ):
        assert line in text
    clean = planted("ab", defect=truth.model_copy(update={"original": ()}))
    assert "should be    nothing" in shown(pull_request(clean, Cut()))
    assert "planted defect" not in shown(pull_request(planted("ab"), Cut()))


def test_colours_only_on_a_terminal() -> None:
    coloured = shown(pull_request(RECORD, Cut()), colour=True)
    assert "\x1b[32m+c\x1b[0m" in coloured
    assert "\x1b[31m-b\x1b[0m" in coloured
    assert "\x1b" not in shown(pull_request(RECORD, Cut()))


EVIL = "x\x1b]0;owned\x07\x9b2J\u202e\r\x7f[bold]:smile:"
SAFE = "x\\x1b]0;owned\\x07\\x9b2J\\u202e\\r\\x7f[bold]:smile:"


def evil_record() -> PullRequest:
    """A record with the same hostile text wherever text can stand."""
    patch = f"@@ -1,1 +1,1 @@ {EVIL}\n-{EVIL}\n+{EVIL}\n"
    change = FileChange(
        path=EVIL, old_path="y" + EVIL, status=ChangeStatus.RENAMED, patch=patch, flags=(EVIL,)
    )
    thread = THREAD.model_copy(
        update={
            "path": EVIL,
            "comments": (
                ReviewComment(author=EVIL, body=EVIL, written_at=EVIL, suggestions=(EVIL,)),
            ),
        }
    )
    words = ("title", "body", "author", "branch", "evidence", "confidence_reason", "merged_at")
    return RECORD.model_copy(
        update={
            **dict.fromkeys(words, EVIL), "flags": (EVIL,), "labels": (EVIL,), "commit_messages": (EVIL,),
            "files": (change, change.model_copy(update={"patch": EVIL})), "threads": (thread,),
            "reviews": (Review(author=EVIL, state=EVIL, body=EVIL, written_at=EVIL),),
            "closes": (LinkedIssue(repository=EVIL, number=1, title=EVIL),),
            "licence": LicenceEvidence(spdx=EVIL, files=(LicenceFile(path=EVIL, blob_sha=EVIL, spdx=EVIL),),
                                       found_at=EVIL),
            "defect": Defect(kind=EVIL, path=EVIL, start_line=1, end_line=1, defective=(EVIL,), original=(EVIL,),
                             header=EVIL, content=EVIL),
        }
    )  # fmt: skip


def test_nothing_of_a_stranger_steers_the_terminal(study: Path) -> None:
    record = evil_record()
    run = run_folder(load_study(study))
    finish(run, "collect", PullRequest, [record])
    finish(run, "select", PullRequest, [real("a" * 40)])
    run.job(JobKey("select")).write_drops([drop("select", record, "near_duplicate", EVIL)])
    done = show(study, "7", "--full")
    assert done.exit_code == 0
    assert SAFE in done.stdout
    assert done.stdout.count(SAFE) > 25
    lines = done.stdout.replace("\n", "") + show(study, "7", "--json").stdout.replace("\n", "")
    assert [c for c in lines if not c.isprintable()] == []


def test_long_texts_are_cut_with_a_count_unless_asked(study: Path) -> None:
    patch = "@@ -0,0 +1,500 @@\n" + "".join(f"+line {n}\n" for n in range(500))
    long_line = "@@ -0,0 +1,1 @@\n+" + "y" * 5000 + "\n"
    changed = [
        FileChange(path="a.py", status=ChangeStatus.ADDED, patch=patch),
        FileChange(path="b.js", status=ChangeStatus.ADDED, patch=long_line),
    ]
    record = real("1", *changed, body="word\n" * 90, commit_messages=("m",) * 40)
    finish(run_folder(load_study(study)), "collect", PullRequest, [record])
    cut, full = show(study, record.id).stdout, show(study, record.id, "--full").stdout
    assert "… 441 more lines of this patch; --full shows them" in cut
    assert "… 60 more lines; --full shows them" in cut
    assert "… 10 more messages; --full shows them" in cut
    assert "… 3001 more characters" in cut
    assert "line 499" in full
    assert "more lines" not in full
    assert "y" * 5000 in full


def test_many_files_share_a_limit() -> None:
    patch = "@@ -0,0 +1,50 @@\n" + "+x\n" * 50
    files = [FileChange(path=f"{n}.py", status=ChangeStatus.ADDED, patch=patch) for n in range(9)]
    lines = shown(pull_request(real("1", *files), Cut(all_patch_lines=120))).splitlines()
    assert (
        sum("+x" in line for line in lines) == 117
    )  # two whole patches of 51 lines, 18 lines of a third
    assert sum("… 51 more lines of this patch" in line for line in lines) == 6
    assert sum("… 33 more lines of this patch" in line for line in lines) == 1


def test_a_later_stage_shows_what_it_changed() -> None:
    masked = RECORD.model_copy(
        update={"author": "<masked>", "scan": SecretScan(rules_version="r1", found=("person-name",)),
                "files": (RECORD.files[0], file("z = 1", path="logo.png"))}
    )  # fmt: skip
    text = shown(changes(RECORD, masked, Cut()))
    assert "author       <masked>" in text
    assert "secrets      person-name masked (rules r1)" in text
    assert "files (1)" in text
    assert "logo.png" in text
    assert "new.py" not in text
    assert (
        shown(changes(RECORD, RECORD.model_copy(update={"split": Split.EVAL}), Cut()))
        == "  split        eval\n"
    )
    assert shown(changes(RECORD, RECORD, Cut())) == "  as before\n"


def test_stages_that_are_done_are_shown_and_the_others_named(study: Path) -> None:
    finish(run_folder(load_study(study)), "collect", PullRequest, [RECORD])
    done = show(study, "b#7")
    assert done.stdout.startswith(f"── collect: PullRequest {RECORD.id}\n")
    assert "not done yet: select, split, render" in done.stderr


def test_a_dropped_one_says_why(study: Path) -> None:
    run = run_folder(load_study(study))
    finish(run, "collect", PullRequest, [])
    run.job(JobKey("collect")).write_drops([drop("collect", RECORD, "missing_blob", "1 absent")])
    text = show(study, "7").stdout
    assert f"── collect: Drop {RECORD.id}\n" in text
    for line in ("reason       missing_blob", "detail       1 absent", "title        Return two"):
        assert line in text


def test_json_is_every_record_as_a_line(study: Path) -> None:
    finish(run_folder(load_study(study)), "collect", PullRequest, [RECORD])
    done = show(study, RECORD.id, "--json")
    (line,) = done.stdout.splitlines()
    values = json.loads(line)
    assert values.pop("job") == "collect"
    assert PullRequest.model_validate(values) == RECORD
    assert done.stderr == ""


def test_what_is_not_there_is_one_line_and_exit_1(study: Path) -> None:
    assert show(study, "7").exit_code == 1
    finish(run_folder(load_study(study)), "collect", PullRequest, [RECORD])
    done = show(study, "8")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert f"{RECORD.id} (#7)" in done.stderr


def test_the_answers_to_several_parts_are_shown_as_one_as_well(study: Path) -> None:
    run = run_folder(load_study(study))
    finish(run, "collect", PullRequest, [RECORD])
    scored: dict[str, Any] = {"contract": "native-1", "pull_request_id": RECORD.id}
    parts = [
        answer(improve("a", word), **scored, suggestion_scores=(score,)).model_copy(
            update={
                "prompt_id": f"{RECORD.id}#improve/native-1/{part}",
                "id": f"{RECORD.id}#improve/native-1/{part}~m/none/none/0",
            }
        )
        for part, (word, score) in enumerate([("weak", 2), ("strong", 9)])
    ]
    refused = parts[0].model_copy(
        update={
            "prompt_id": f"{RECORD.id}#improve/native-1/2", "outcome": Outcome.UNREADABLE,
            "id": f"{RECORD.id}#improve/native-1/2~m/none/none/0", "value_json": None,
        }
    )  # fmt: skip
    alone = answer(review(), contract="native-1").model_copy(
        update={
            "pull_request_id": RECORD.id, "prompt_id": f"{RECORD.id}#review/native-1/0",
            "id": f"{RECORD.id}#review/native-1/0~m/none/none/0",
        }
    )  # fmt: skip
    finish(run, "generate", Answer, [*parts, refused, alone])
    text = show(study, RECORD.id).output
    head = "── generate: improve of rules+truth in native-1, merged from 2 of 3 parts"
    assert text.count(", merged from ") == 1
    merged = text.split(head)[1]
    assert merged.index("strong") < merged.index("weak")
