from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.branch.commits import FileTexts, read_range
from pullsmith.errors import SourceError
from tests.branch.repositories import NEW, OLD, commit, git, repository


def test_from_where_head_left_the_default_branch(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    found = read_range(folder)
    (change,) = found.pull_request.files  # and not the file that main has since
    assert (change.path, change.added_lines, change.deleted_lines) == ("mean.py", 3, 1)
    assert found.texts == (FileTexts(OLD, NEW),)
    assert found.pull_request.title == "mean: nothing for nothing"
    assert found.pull_request.branch == "fix/empty-mean"
    assert found.pull_request.commit_messages == ("mean: nothing for nothing\n\nBecause of #7.",)
    assert (found.ends.base_name, found.ends.head_name) == ("main", "HEAD")


def test_several_commits_are_called_by_their_branch(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    commit(folder, "More", mean_py=NEW + "\n")
    found = read_range(folder).pull_request
    assert found.title == "Fix empty mean"
    assert [message.split("\n")[0] for message in found.commit_messages] == [
        "mean: nothing for nothing", "More",
    ]  # fmt: skip


def test_it_is_found_from_a_folder_below_and_in_a_linked_work_tree(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    (folder / "a" / "b").mkdir(parents=True)
    expected = read_range(folder).pull_request
    assert read_range(folder / "a" / "b").pull_request == expected
    git(folder, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    linked = read_range(tmp_path / "linked", "main..HEAD").pull_request
    assert linked.files == expected.files
    assert linked.branch == ""


@pytest.mark.parametrize("spec", ["main", "main..", "main..HEAD", "main..fix/empty-mean", "main...HEAD", "HEAD~1..HEAD"])  # fmt: skip
def test_ways_to_write_a_range(tmp_path: Path, spec: str) -> None:
    folder = repository(tmp_path / "r")
    assert read_range(folder, spec).pull_request.files == read_range(folder).pull_request.files


def test_what_is_not_committed_is_not_part_of_it(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    (folder / "mean.py").write_text("changed\n")
    (folder / "new.py").write_text("new\n")
    assert read_range(folder).texts == (FileTexts(OLD, NEW),)


def test_files_added_deleted_and_moved_have_their_texts(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    long = "".join(f"line {number}\n" for number in range(30))
    commit(folder, "a", one_txt=long, README_md=None)
    base = git(folder, "rev-parse", "HEAD")
    git(folder, "mv", "one.txt", "two.txt")
    commit(folder, "b", two_txt=long + "end\n", three_txt="3\n")
    found = read_range(folder, f"{base}..HEAD")
    texts = dict(zip((file.path for file in found.pull_request.files), found.texts, strict=True))
    assert texts == {"three.txt": FileTexts("", "3\n"), "two.txt": FileTexts(long, long + "end\n")}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("HEAD..HEAD", "nothing was committed between them"),
        ("fix/empty-mean..main~1", "nothing was committed between them"),
        ("nope..HEAD", "'nope' is no commit"),
        ("main..nope", "'nope' is no commit"),
        ("--upload-pack=x..HEAD", "is no commit"),
        ("", "write BASE..HEAD, or BASE"),
    ],
)
def test_ranges_that_are_none(tmp_path: Path, spec: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_range(repository(tmp_path / "r"), spec)


def test_commits_that_change_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    commit(folder, "empty")
    with pytest.raises(SourceError, match="both ends have the same files"):
        read_range(folder, "HEAD~1..HEAD")


def test_without_another_branch_the_range_must_be_named(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Begin", a_py="1\n")
    with pytest.raises(SourceError, match=r"no branch to compare HEAD with .*HEAD~1\.\.HEAD"):
        read_range(folder)


def test_outside_a_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not inside a git repository"):
        read_range(tmp_path)


def test_histories_without_a_common_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    git(folder, "checkout", "-q", "--orphan", "other")
    commit(folder, "Another", z_py="1\n")
    with pytest.raises(SourceError, match="no commit in common"):
        read_range(folder, "main..other")
