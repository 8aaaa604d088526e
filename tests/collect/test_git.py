"""Clones of every kind, and clones that would like to run something."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pullsmith.collect.git import Clone
from pullsmith.collect.opening import open_clone
from pullsmith.collect.source_git import Limits, read_git_source
from pullsmith.errors import SourceError
from pullsmith.records import PullRequest
from pullsmith.study.collect import GitSource
from tests.collect.repositories import FORGE, Teller, git, numbered

LIMITS = Limits(max_files=50, max_blob_bytes=1 << 20)
_DIFF = ("diff-tree", "--stdin", "-r", "-p", "--always")


def _told() -> Teller:
    """Two merged pull requests, one of them of a file with a space, and a squash."""
    teller = Teller()
    root = teller.commit("Start", {"a.py": numbered(30), "b c.py": numbered(9)})
    side = teller.commit(
        "Change a", {"a.py": numbered(30, l5="five")}, root, ref="refs/pull/1/head"
    )
    main = teller.commit(
        "Merge pull request #1 from ada/a\n\nChange a",
        {"a.py": numbered(30, l5="five")},
        root,
        side,
    )
    other = teller.commit(
        "Change b", {"b c.py": numbered(9, l2="two")}, root, ref="refs/pull/2/head"
    )
    main = teller.commit(
        "Merge pull request #2 from ada/b\n\nChange b",
        {"b c.py": numbered(9, l2="two")},
        main,
        other,
    )
    teller.commit(
        "Change both (#3)",
        {"a.py": numbered(30, l9="nine"), "b c.py": numbered(9)},
        main,
        committer=FORGE,
    )
    return teller  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clones") / "bare.git"
    _told().make(folder)
    return folder


def _records(path: Path) -> list[PullRequest]:
    return list(read_git_source(GitSource(git=path), LIMITS).pull_requests)


def test_bare_mirror_work_tree_and_linked_work_tree_read_alike(bare: Path, tmp_path: Path) -> None:
    expected = _records(bare)
    assert [one.number for one in expected] == [3, 2, 1]
    git(tmp_path, "clone", "--quiet", "--mirror", str(bare), "mirror.git")
    git(tmp_path, "clone", "--quiet", str(bare), "tree")
    git(tmp_path / "tree", "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    for name in ("mirror.git", "tree", "linked"):
        assert _records(tmp_path / name) == expected, name


@pytest.mark.parametrize("name", ["missing", "plain", "fake"])
def test_no_repository(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake/.git").write_text("gitdir: /nowhere\n")
    with (
        pytest.raises(SourceError, match=f"{name}: (no git repository|does not exist)"),
        open_clone(tmp_path / name),
    ):
        pass


def test_empty_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(SourceError, match="HEAD names no commit"), open_clone(tmp_path / "empty"):
        pass


def test_one_commit_is_no_change(tmp_path: Path) -> None:
    teller = Teller()
    teller.commit("Start", {"a": b"a\n"})
    teller.make(tmp_path / "one.git")
    with pytest.raises(SourceError, match=r"no usable pull request: 0 commits .* marks: none"):
        _records(tmp_path / "one.git")


def test_borrowed_objects_are_refused(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", "--shared", str(bare), "shared.git")
    with pytest.raises(SourceError, match="borrows objects"), open_clone(tmp_path / "shared.git"):
        pass
    shutil.copytree(bare, tmp_path / "linked.git")
    shutil.rmtree(tmp_path / "linked.git/objects")
    (tmp_path / "linked.git/objects").symlink_to(bare / "objects")
    with pytest.raises(SourceError, match="is a link"), open_clone(tmp_path / "linked.git"):
        pass


def test_shallow_clone_is_marked(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=2", f"file://{bare}", "shallow.git")
    (newest,) = _records(tmp_path / "shallow.git")
    assert (newest.number, newest.flags) == (3, ("shallow",))


def test_shallow_clone_of_one_commit_says_so(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=1", f"file://{bare}", "shallow.git")
    with pytest.raises(SourceError, match="a shallow clone: get the rest"):
        _records(tmp_path / "shallow.git")


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_partial_clone_is_no_silent_zero(bare: Path, tmp_path: Path, kind: str) -> None:
    shutil.copytree(bare, tmp_path / "from.git")
    git(tmp_path / "from.git", "config", "uploadpack.allowFilter", "true")
    url = f"file://{tmp_path / 'from.git'}"
    git(tmp_path, "clone", "--quiet", "--bare", f"--filter={kind}", url, "partial.git")
    with pytest.raises(SourceError, match="a partial clone"):
        _records(tmp_path / "partial.git")


def _loose(bare: Path, target: Path) -> Path:
    """A copy; fast-import leaves so few objects as files of their own, so that one can be lost."""
    shutil.copytree(bare, target)
    assert not list((target / "objects/pack").iterdir())
    return target


def _lose(repository: Path, name: str) -> str:
    sha = git(repository, "rev-parse", name).decode().strip()
    (repository / "objects" / sha[:2] / sha[2:]).unlink()
    return sha


def test_a_lost_blob_costs_the_changes_that_touch_it(bare: Path, tmp_path: Path) -> None:
    damaged = _loose(bare, tmp_path / "damaged.git")
    sha = _lose(damaged, "main~1:b c.py")
    collected = read_git_source(GitSource(git=damaged), LIMITS)
    assert [one.number for one in collected.pull_requests] == [1]
    assert [(one.reason, sha in one.detail) for one in collected.drops] == [
        ("missing_blob", True)
    ] * 2


def test_a_lost_tree_costs_one_change_and_the_stream_goes_on(bare: Path, tmp_path: Path) -> None:
    damaged = _loose(bare, tmp_path / "damaged.git")
    _lose(damaged, "main~1^2^{tree}")  # the head of pull request 2
    collected = read_git_source(GitSource(git=damaged), LIMITS)
    assert [one.number for one in collected.pull_requests] == [3, 1]
    assert [one.reason for one in collected.drops] == ["unreadable_object"]


def test_frames_of_items_with_no_output_and_repeated_ids(bare: Path) -> None:
    head, before = (git(bare, "rev-parse", name).strip() for name in ("main", "main~1"))
    with open_clone(bare) as clone:
        frames = list(clone.framed(_DIFF, [head + b" " + head, head + b" " + before] * 2))
        assert list(clone.framed(_DIFF, [])) == []
    assert [frame[:10] if frame else frame for frame in frames] == [b"", b"diff --git"] * 2


def test_a_reader_that_stops_early_leaves_no_process(bare: Path) -> None:
    head, before = (git(bare, "rev-parse", name).strip() for name in ("main", "main~1"))
    with open_clone(bare) as clone:
        frames = clone.framed(_DIFF, [head + b" " + before] * 500)
        assert next(frames)
        frames.close()  # type: ignore[attr-defined]  # it is a generator
    assert not clone.git_dir.exists()


def test_git_that_fails_is_an_error(bare: Path) -> None:
    with open_clone(bare) as clone:
        with pytest.raises(SourceError, match="git failed"):
            clone.output("cat-file", "-p", "0" * 40)
        with pytest.raises(SourceError, match="git failed"):
            list(clone.records("log", "-z", "--end-of-options", "0" * 40))


# --- hostile clones ----------------------------------------------------------------------------

_RUNS = (
    "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass",
    "core.alternateRefsCommand", "diff.external", "diff.x.textconv", "diff.x.command",
    "filter.x.clean", "filter.x.smudge", "filter.x.process", "gpg.program", "sequence.editor",
    "credential.helper", "uploadpack.packObjectsHook", "pager.log", "pager.diff-tree",
    "alias.log", "alias.diff-tree", "alias.cat-file", "remote.origin.vcs", "interactive.diffFilter",
)  # fmt: skip
_CHANGES_OUTPUT = {
    "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "diff.context": "9",
    "diff.renames": "false", "diff.algorithm": "histogram", "color.ui": "always",
    "diff.suppressBlankEmpty": "true", "diff.orderFile": "order", "diff.relative": "true",
    "core.quotePath": "false", "log.showSignature": "true", "log.mailmap": "true",
    "diff.submodule": "log", "i18n.logOutputEncoding": "UTF-16", "protocol.ssh.allow": "always",
    "core.attributesFile": "attributes", "diff.ignoreSubmodules": "all", "core.abbrev": "4",
    "format.pretty": "oneline", "log.follow": "true", "diff.interHunkContext": "40",
}  # fmt: skip
_HOOKS = (
    "post-checkout",
    "pre-commit",
    "reference-transaction",
    "post-index-change",
    "fsmonitor-watchman",
)


def _make_hostile(tree: Path, canary: Path) -> None:
    """Everything a clone can set up to run a program or to change what git prints."""
    program = tree / "program"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\ncat\n")
    program.chmod(0o755)
    for key in _RUNS:
        git(tree, "config", key, str(program))
    for key, value in _CHANGES_OUTPUT.items():
        git(tree, "config", key, value)
    git(tree, "config", "core.hooksPath", str(tree / "hooks"))
    (tree / "hooks").mkdir()
    for hook in _HOOKS:
        for place in (tree / "hooks", tree / ".git/hooks"):
            place.mkdir(exist_ok=True)
            shutil.copy(program, place / hook)
    for attributes in (tree / ".git/info/attributes", tree / ".gitattributes", tree / "attributes"):
        attributes.write_text("* diff=x filter=x -text\nb* -diff\n")
    (tree / ".mailmap").write_text("Mallory <m@example.org> <ada@example.org>\n")
    (tree / "order").write_text("b*\n")
    head, root = (git(tree, "rev-parse", name).decode().strip() for name in ("HEAD", "HEAD~3"))
    git(tree, "replace", head, root)
    (tree / ".git/info/grafts").write_text(f"{head}\n")
    packed = tree / ".git/packed-refs"
    with packed.open("a") as refs:
        refs.write(f"{root} refs/heads/--output=pwned\n")
    canary.unlink(missing_ok=True)  # making it has run a hook already


def test_nothing_of_a_hostile_clone_runs_or_changes_the_records(bare: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(bare), "tree")
    tree, canary = tmp_path / "tree", tmp_path / "canary"
    address = git(tree, "config", "remote.origin.url").decode().strip()
    expected = _records(tree)
    _make_hostile(tree, canary)
    git(tree, "config", "remote.origin.url", address)
    assert _records(tree) == expected
    assert not canary.exists(), canary.read_text()
    assert not list(tmp_path.rglob("*pwned"))


def test_the_hostile_clone_is_one(bare: Path, tmp_path: Path) -> None:
    """The test above can fail: plain git runs the programs and prints something else."""
    git(tmp_path, "clone", "--quiet", str(bare), "tree")
    tree, canary = tmp_path / "tree", tmp_path / "canary"
    before = git(tree, "log", "-p", "HEAD")
    _make_hostile(tree, canary)
    after = git(tree, "-c", "remote.origin.vcs=", "log", "-p", "HEAD")
    assert "program" in canary.read_text()
    assert after != before


def test_environment_of_the_caller_is_not_seen(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _records(bare)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "diff.noprefix")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    assert _records(bare) == expected


def test_an_address_that_is_a_program_names_nothing(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "c.git")
    git(tmp_path / "c.git", "config", "remote.origin.url", "ext::sh -c touch% pwned")
    with open_clone(tmp_path / "c.git") as clone:
        assert isinstance(clone, Clone)
        assert clone.origin == "ext::sh -c touch% pwned"
    assert _records(tmp_path / "c.git")[0].repository.startswith("local:")
    assert not list(tmp_path.rglob("pwned"))
