"""Finding repositories, and refusing what would lead out of one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pullsmith.collect.places import config_value, find_place, find_repositories
from pullsmith.errors import SourceError
from tests.collect.repositories import git


@pytest.fixture
def folder(bare: Path, tmp_path: Path) -> Path:
    """Repositories one and two levels deep, and much that is none."""
    clones = tmp_path / "clones"
    for name in ("zeta.git", "ada/tool.git", "bob+lib/repo", "ada/deep/er/too-deep.git"):
        shutil.copytree(bare, clones / name)
    git(clones, "clone", "--quiet", str(bare), "tree")
    shutil.copytree(bare, clones / "tree/vendored.git")
    git(bare, "bundle", "create", "--quiet", str(clones / "ada/all.bundle"), "--all")
    git(clones, "init", "--quiet", "empty")
    (clones / "damaged/.git").mkdir(parents=True)
    (clones / "notes").mkdir()
    (clones / "notes/HEAD").write_text("a note\n")
    (clones / "readme.txt").write_text("text\n")
    (clones / "link.git").symlink_to(bare)
    (clones / "loop").symlink_to(clones)
    return clones


def test_a_folder_of_clones(folder: Path) -> None:
    found = [str(path.relative_to(folder)) for path in find_repositories(folder)]
    assert found == [
        "ada/all.bundle", "ada/tool.git", "bob+lib/repo", "damaged", "empty", "tree", "zeta.git",
    ]  # fmt: skip


def test_a_folder_that_is_a_repository_is_the_only_one(folder: Path, bare: Path) -> None:
    assert find_repositories(folder / "tree") == [folder / "tree"]
    assert find_repositories(bare) == [bare]
    assert find_repositories(folder / "link.git") == [folder / "link.git"]  # named, so followed
    assert find_repositories(folder / "ada/all.bundle") == [folder / "ada/all.bundle"]
    shutil.copy(folder / "ada/all.bundle", folder / "by-content")
    assert find_repositories(folder / "by-content") == [folder / "by-content"]


def test_where_there_is_none(folder: Path) -> None:
    for name in ("notes", "readme.txt", "missing", "tree/deep"):
        assert find_repositories(folder / name) == [], name


def test_where_the_parts_are(folder: Path, bare: Path) -> None:
    place = find_place(folder / "tree")
    assert (place.git_dir, place.common) == (folder / "tree/.git",) * 2
    assert find_place(bare).git_dir == bare
    git(folder / "tree", "worktree", "add", "--quiet", "--detach", "../linked")
    linked = find_place(folder / "linked")
    assert linked.common.resolve() == (folder / "tree/.git").resolve()
    assert linked.git_dir.name == "linked"


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        find_place(path)
    assert caught.value.reason == "borrowed_objects"
    return str(caught.value)


def test_a_pointer_to_a_repository_that_knows_nothing_of_it(folder: Path, bare: Path) -> None:
    """An archive with such a file would read any repository of this machine."""
    (folder / "thief").mkdir()
    (folder / "thief/.git").write_text(f"gitdir: {bare}\n")
    assert "does not name it back" in refusal(folder / "thief")
    git(folder / "tree", "worktree", "add", "--quiet", "--detach", "../linked")
    shutil.copytree(folder / "linked", folder / "copied")  # its git dir names the first
    assert "does not name it back" in refusal(folder / "copied")
    assert find_place(folder / "linked").git_dir.name == "linked"


def test_a_common_dir_that_is_another_repository(folder: Path, bare: Path) -> None:
    (folder / "tree/.git/commondir").write_text(f"{bare}\n")
    assert "commondir" in refusal(folder / "tree")


@pytest.mark.parametrize("part", [".git", ".git/objects", ".git/objects/pack", ".git/objects/ab"])
def test_links_are_refused(folder: Path, bare: Path, part: str) -> None:
    target = folder / "tree" / part
    shutil.rmtree(target, ignore_errors=True)
    target.symlink_to(bare / part.removeprefix(".git/").removeprefix(".git"))
    assert "link" in refusal(folder / "tree")


def test_a_pipe_among_the_objects_is_refused(folder: Path) -> None:
    """git would wait for ever for somebody to write into it."""
    os.mkfifo(folder / "zeta.git/objects/pack/pack-0.idx")
    assert "objects/pack/pack-0.idx is a link or no plain file" in refusal(folder / "zeta.git")


def test_config_values_follow_no_include(tmp_path: Path) -> None:
    (tmp_path / "more").write_text('[remote "origin"]\n\turl = more\n')
    (tmp_path / "config").write_text(f"[include]\n\tpath = {tmp_path}/more\n")
    assert config_value(tmp_path / "config", "remote.origin.url") == ""
    assert config_value(tmp_path / "more", "remote.origin.url") == "more"
    assert config_value(tmp_path / "none", "remote.origin.url") == ""
    os.mkfifo(tmp_path / "pipe")
    assert config_value(tmp_path / "pipe", "remote.origin.url") == ""
