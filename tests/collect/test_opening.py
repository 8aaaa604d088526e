"""Clones of every kind read alike; what cannot be read is refused in words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pullsmith.collect.opening import find_repository, open_clone
from pullsmith.errors import OutsideError, SourceError
from pullsmith.records import PullRequest
from pullsmith.study.collect import Changes
from tests.collect.conftest import records
from tests.collect.reading import collected
from tests.collect.repositories import Teller, git, three_pull_requests


def refusal(path: Path) -> tuple[str, str]:
    """(reason, message) of opening it."""
    with pytest.raises(SourceError) as caught, open_clone(path):
        pass
    assert str(caught.value).startswith(str(path))
    return caught.value.reason, str(caught.value)


def unchecked(found: list[PullRequest]) -> list[PullRequest]:
    """Without how sure they are: only a mirror brings the pull heads that say so."""
    return [one.model_copy(update={"confidence": 0, "confidence_reason": ""}) for one in found]


def test_bare_mirror_work_tree_linked_submodule_and_bundle_read_alike(
    bare: Path, tmp_path: Path
) -> None:
    expected = records(bare)
    assert [one.number for one in expected] == [3, 2, 1]
    git(tmp_path, "clone", "--quiet", "--mirror", str(bare), "mirror.git")
    git(tmp_path, "clone", "--quiet", str(bare), "tree")
    git(tmp_path / "tree", "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    git(tmp_path, "init", "--quiet", "super")
    allowed = ("-c", "protocol.file.allow=always")
    git(tmp_path / "super", *allowed, "submodule", "--quiet", "add", str(bare), "lib/part")
    git(bare, "bundle", "create", "--quiet", str(tmp_path / "all.bundle"), "HEAD", "--all")
    for name in ("mirror.git", "tree", "linked", "super/lib/part", "all.bundle"):
        found = records(tmp_path / name)
        assert unchecked(found) == unchecked(expected), name
        assert (found == expected) is (name in ("mirror.git", "all.bundle")), name  # have refs/pull


def test_sha256_repositories_and_bundles(tmp_path: Path) -> None:
    teller = three_pull_requests()
    ids = teller.make(tmp_path / "new.git", ids="sha256")
    git(tmp_path / "new.git", "bundle", "create", "--quiet", "../new.bundle", "HEAD", "--all")
    found = records(tmp_path / "new.git")
    assert [one.merge_sha for one in found] == [ids[6], ids[5], ids[3]]
    assert {len(one.base_sha) for one in found} == {64}
    assert records(tmp_path / "new.bundle") == found
    with open_clone(tmp_path / "new.git") as clone:
        assert (clone.hash_bytes, clone.absent) == (32, b"0" * 64)
    # The same changes as in a SHA-1 repository, but for the ids.
    teller.make(tmp_path / "old.git")
    with open_clone(tmp_path / "old.git") as clone:
        assert (clone.hash_bytes, clone.absent) == (20, b"0" * 40)
    for new, old in zip(found, records(tmp_path / "old.git"), strict=True):
        assert (new.files, new.title) == (old.files, old.title)


@pytest.mark.parametrize("name", ["missing", "plain", "fake", "file"])
def test_no_repository(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake/.git").write_text("gitdir: /nowhere\n")
    (tmp_path / "file").write_text("# v9 git bundle\n")
    reason, said = refusal(tmp_path / name)
    assert reason == "not_a_repository"
    assert ("does not exist" if name == "missing" else "no git repository; give a") in said


def test_empty_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    reason, said = refusal(tmp_path / "empty")
    assert reason == "empty_repository"
    assert "HEAD names no commit: an empty repository" in said


def test_one_commit_is_no_change(tmp_path: Path) -> None:
    teller = Teller()
    teller.commit("Start", {"a": b"a\n"})
    teller.make(tmp_path / "one.git")
    with pytest.raises(
        SourceError, match=r"no usable pull request: 0 commits.* to be compared with"
    ):
        records(tmp_path / "one.git")


def test_without_marks_it_says_which_were_looked_for_and_what_the_log_says(tmp_path: Path) -> None:
    teller = Teller()
    first = teller.commit("Start", {"a": b"a\n"})
    teller.commit("Polish\n\nat length", {"a": b"b\n"}, first)
    teller.make(tmp_path / "plain.git")
    with pytest.raises(SourceError) as caught:
        collected(tmp_path / "plain.git", changes=Changes.PULL_REQUESTS)
    for said in ("gh_merge", "gitlab_squash", "trailer", "says 'Polish'", '"first-parent" takes'):
        assert said in str(caught.value)
    assert len(collected(tmp_path / "plain.git").pull_requests) == 1


def test_borrowed_objects_are_refused(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", "--shared", str(bare), "shared.git")
    reason, said = refusal(tmp_path / "shared.git")
    assert (reason, "git repack -a -d" in said) == ("borrowed_objects", True)
    git(tmp_path / "shared.git", "repack", "-a", "-d", "-q")  # what the message says to do
    (tmp_path / "shared.git/objects/info/alternates").unlink()
    assert len(records(tmp_path / "shared.git")) == 3


def test_borrowed_objects_of_a_submodule_are_refused(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "super")
    allowed = ("-c", "protocol.file.allow=always")
    git(tmp_path / "super", *allowed, "submodule", "--quiet", "add", str(bare), "part")
    info = tmp_path / "super/.git/modules/part/objects/info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"{bare}/objects\n")
    assert refusal(tmp_path / "super/part")[0] == "borrowed_objects"


def test_shallow_clone_is_marked(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=2", f"file://{bare}", "shallow.git")
    (newest,) = records(tmp_path / "shallow.git")
    assert (newest.number, newest.flags) == (3, ("shallow",))


def test_shallow_clone_of_one_commit_says_so(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=1", f"file://{bare}", "shallow.git")
    with pytest.raises(SourceError, match="a shallow clone: get the rest"):
        records(tmp_path / "shallow.git")


def test_a_shallow_file_that_is_none(bare: Path, tmp_path: Path) -> None:
    """A link to another file of this machine must not reach an error message through git."""
    shutil.copytree(bare, tmp_path / "odd.git")
    (tmp_path / "secret").write_text("hunter2\n")
    (tmp_path / "odd.git/shallow").symlink_to(tmp_path / "secret")
    reason, said = refusal(tmp_path / "odd.git")
    assert (reason, "hunter2" in said) == ("broken_repository", False)
    assert "a damaged shallow clone" in said


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_partial_clone_is_no_silent_zero(bare: Path, tmp_path: Path, kind: str) -> None:
    shutil.copytree(bare, tmp_path / "from.git")
    git(tmp_path / "from.git", "config", "uploadpack.allowFilter", "true")
    url = f"file://{tmp_path / 'from.git'}"
    git(tmp_path, "clone", "--quiet", "--bare", f"--filter={kind}", url, "partial.git")
    said = "a partial clone, blobs absent: 5; get them with" if kind == "blob:none" else "partial"
    with pytest.raises(SourceError, match=said):
        records(tmp_path / "partial.git")
    git(tmp_path / "partial.git", "fetch", "--quiet", "--refetch", "--no-filter")  # as it says
    found = unchecked(records(tmp_path / "partial.git"))
    assert found == unchecked(records(tmp_path / "from.git"))


def test_a_reftable_repository_is_refused_with_what_to_do(bare: Path, tmp_path: Path) -> None:
    """As git 2.45 lays one out; the git of these tests may be older."""
    shutil.copytree(bare, tmp_path / "new.git")
    (tmp_path / "new.git/HEAD").write_text("ref: refs/heads/.invalid\n")
    (tmp_path / "new.git/reftable").mkdir()
    reason, said = refusal(tmp_path / "new.git")
    assert (reason, "git refs migrate --ref-format=files" in said) == ("reftable", True)


def test_a_head_that_is_lost_or_damaged(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "lost.git")
    (tmp_path / "lost.git/HEAD").write_text("0123456789" * 4 + "\n")
    assert "HEAD's commit is absent or damaged" in refusal(tmp_path / "lost.git")[1]
    (tmp_path / "lost.git/HEAD").write_text("garbage\n")
    assert "HEAD is no branch and no commit" in refusal(tmp_path / "lost.git")[1]


def test_a_branch_that_is_a_tag_is_its_commit(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "tag.git")
    person = ("-c", "user.name=a", "-c", "user.email=a@b")
    git(tmp_path / "tag.git", *person, "tag", "-a", "-m", "x", "v1", "main")
    tag = git(tmp_path / "tag.git", "rev-parse", "v1")
    (tmp_path / "tag.git/HEAD").write_bytes(tag)
    with open_clone(tmp_path / "tag.git") as clone:
        assert clone.head == git(bare, "rev-parse", "main").strip()


def test_the_state_of_a_repository_follows_refs_and_packs(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "a.git")
    before = find_repository(tmp_path / "a.git").state()
    assert before == find_repository(tmp_path / "a.git").state() == find_repository(bare).state()
    git(tmp_path / "a.git", "update-ref", "refs/pull/9/head", "main")
    after = find_repository(tmp_path / "a.git").state()
    git(tmp_path / "a.git", "repack", "-adq")
    packed = find_repository(tmp_path / "a.git").state()
    assert len({before, after, packed}) == 3


def test_no_room_for_the_clean_git_dir(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutsideError, match="gone: cannot be written"), open_clone(bare):
        pass
