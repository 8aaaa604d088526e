"""Clones that would like to run something, to be read as something else, or to read this machine.

Every trap has a test that shows it closing on plain git: a trap that catches nobody proves nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pullsmith.collect.git import Clone
from pullsmith.collect.opening import open_clone
from pullsmith.collect.stage import run
from tests.collect.conftest import records, stage_context
from tests.collect.repositories import FORGE, Content, Teller, git, numbered

_RUNS = (
    "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass",
    "core.alternateRefsCommand", "core.gitProxy", "diff.external", "diff.x.textconv",
    "diff.x.command", "filter.x.clean", "filter.x.smudge", "filter.x.process", "gpg.program",
    "gpg.ssh.program", "gpg.x509.program", "sequence.editor", "credential.helper",
    "uploadpack.packObjectsHook", "remote.origin.uploadpack", "remote.origin.receivepack",
    "pager.log", "pager.diff-tree", "pager.cat-file", "alias.log", "alias.diff-tree",
    "alias.cat-file", "alias.rev-parse", "alias.index-pack", "remote.origin.vcs",
    "interactive.diffFilter", "merge.x.driver", "difftool.x.cmd", "submodule.part.update",
    "trailer.x.command", "trailer.x.cmd", "tar.x.command", "browser.x.cmd", "web.browser",
)  # fmt: skip
_CHANGES_OUTPUT = {
    "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "diff.context": "9",
    "diff.renames": "false", "diff.algorithm": "histogram", "color.ui": "always",
    "diff.suppressBlankEmpty": "true", "diff.orderFile": "order", "diff.relative": "true",
    "core.quotePath": "false", "log.showSignature": "true", "log.mailmap": "true",
    "diff.submodule": "log", "i18n.logOutputEncoding": "UTF-16", "protocol.ssh.allow": "always",
    "protocol.ext.allow": "always", "protocol.file.allow": "always", "protocol.allow": "always",
    "core.attributesFile": "attributes", "diff.ignoreSubmodules": "all", "core.abbrev": "4",
    "format.pretty": "oneline", "log.follow": "true", "diff.interHunkContext": "40",
    "core.warnAmbiguousRefs": "true", "core.useReplaceRefs": "true", "log.date": "relative",
    "diff.wsErrorHighlight": "all", "diff.dirstat": "lines", "diff.stat": "true",
    "core.whitespace": "cr-at-eol", "core.precomposeUnicode": "true", "core.ignoreCase": "true",
    "core.bigFileThreshold": "1", "diff.renameLimit": "1", "diff.colorMoved": "zebra",
    "grep.lineNumber": "true", "attr.tree": "HEAD", "mailmap.blob": "HEAD:.mailmap",
    "mailmap.file": ".mailmap", "core.commentChar": "%", "submodule.recurse": "true",
}  # fmt: skip
_HOOKS = (
    "post-checkout", "pre-commit", "reference-transaction", "post-index-change",
    "fsmonitor-watchman", "post-merge", "pre-auto-gc", "post-rewrite", "proc-receive",
)  # fmt: skip
_ODD_PATHS = (
    "--output=pwned", "-x", "$(touch pwned)", "`touch pwned`", "a;touch pwned", "%H", "a b/ c",
    "|touch pwned", "new\nline", 'quo"te', "back\\slash", ".gitconfig", "tab\there",
)  # fmt: skip


def _quoted(path: str) -> bytes:
    """A path as fast-import wants odd ones."""
    text = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"' + text.encode() + b'"'


def _history() -> Teller:
    """Attributes, a mailmap, submodules, paths and messages that are all in the history itself."""
    teller = Teller()
    traps: dict[str | bytes, Content] = {
        ".gitattributes": b"* diff=x filter=x -text merge=x\nb* -diff\n*.py working-tree-encoding=UTF-16\n",
        ".mailmap": b"Mallory <m@example.org> <ada@example.org>\n",
        ".gitmodules": b'[submodule "part"]\n\tpath = part\n\turl = ext::sh -c touch% pwned\n',
        "part": (b"160000", b"1" * 40),
    }  # fmt: skip
    main = teller.commit("Start", {**traps, "a.py": numbered(30), "b.py": numbered(9)})
    side = teller.commit(
        "Odd paths", {_quoted(path): b"x\n" for path in _ODD_PATHS}, main, ref="refs/pull/1/head"
    )
    main = teller.commit(
        "Merge pull request #1 from --output=pwned/$(touch pwned)\n\n`touch pwned`; %H %b",
        {_quoted(path): b"x\n" for path in _ODD_PATHS},
        main,
        side,
    )
    main = teller.commit(
        "Change \x1b[31m both (#2)\n\nSigned-off-by: a\n--output=pwned",
        {"a.py": numbered(30, l9="nine"), "b.py": numbered(9, l2="two"), "part": (b"160000", b"2" * 40)},
        main,
        author=("$(touch pwned)", "ada@example.org"),
        committer=FORGE,
    )  # fmt: skip
    teller.commit("Change a (#3)", {"a.py": numbered(30, l5="five")}, main, committer=FORGE)
    return teller


def _make_hostile(tree: Path, canary: Path) -> None:
    """Everything a clone can set up to run a program or to change what git prints."""
    program = tree / "program"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\ncat\n")
    program.chmod(0o755)
    for key in _RUNS:
        git(
            tree,
            "config",
            key,
            f"!{program}" if key.startswith(("alias.", "submodule.")) else str(program),
        )
    for key, value in _CHANGES_OUTPUT.items():
        git(tree, "config", key, value)
    git(tree, "config", "core.hooksPath", str(tree / "hooks"))
    git(tree, "config", "include.path", str(tree / "more-config"))
    git(tree, "config", "includeIf.gitdir:/.path", str(tree / "more-config"))
    (tree / "more-config").write_text(f"[diff]\n\texternal = {program}\n\tnoprefix = true\n")
    (tree / ".git/config.worktree").write_text(f"[core]\n\tfsmonitor = {program}\n")
    git(tree, "config", "extensions.worktreeConfig", "true")
    for hook in _HOOKS:
        for place in (tree / "hooks", tree / ".git/hooks"):
            place.mkdir(exist_ok=True)
            shutil.copy(program, place / hook)
    for attributes in (tree / ".git/info/attributes", tree / ".gitattributes", tree / "attributes"):
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text("* diff=x filter=x -text\nb* -diff\n")
    (tree / "order").write_text("b*\n")
    head, root = (git(tree, "rev-parse", name).decode().strip() for name in ("HEAD", "HEAD~3"))
    git(tree, "replace", head, root)
    (tree / ".git/info/grafts").write_text(f"{head}\n")
    with (tree / ".git/packed-refs").open("a") as refs:
        for name in ("heads/--output=pwned", "heads/$(touch pwned)", "tags/-x", "../../pwned"):
            refs.write(f"{root} refs/{name}\n")
    (tree / ".git/refs/heads/--output=pwned").write_text(f"{root}\n")
    canary.unlink(missing_ok=True)  # making it has run a hook already


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    _history().make(tmp_path / "from.git")
    git(tmp_path, "clone", "--quiet", "--no-recurse-submodules", "from.git", "tree")
    return tmp_path / "tree"


def _bytes(tree: Path, folder: Path) -> dict[str, str]:
    """Digest by name of every Parquet file the whole stage writes."""
    context = stage_context(folder, f'{{ git = "{tree}" }}')
    run(context)
    files = {path.name: path for path in context.job.path.glob("*.parquet")}
    assert {"rows-00000.parquet", "dropped.parquet"} <= files.keys()
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def test_nothing_of_a_hostile_clone_runs_or_changes_a_byte(tree: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    address = git(tree, "config", "remote.origin.url").decode().strip()
    expected = _bytes(tree, tmp_path / "before")
    read = records(tree)
    _make_hostile(tree, canary)
    git(tree, "config", "remote.origin.url", address)
    assert _bytes(tree, tmp_path / "after") == expected
    assert not canary.exists(), canary.read_text()
    assert not list(tmp_path.rglob("pwned"))
    assert not Path("pwned").exists()
    # Committed attributes and mailmap count for nothing either, and odd paths are only paths.
    third, second, first = read
    assert {file.path for file in first.files} == set(_ODD_PATHS)
    assert [file.path for file in second.files] == ["a.py", "b.py", "part"]
    assert all(file.patch and not file.binary for file in (*third.files, *second.files[:2]))
    assert (first.author, second.author) == ("Ada Example", "$(touch pwned)")
    assert second.title == "Change \x1b[31m both"


def test_the_hostile_clone_is_one(tree: Path, tmp_path: Path) -> None:
    """The test above can fail: plain git runs the programs and prints something else."""
    before = git(tree, "log", "-p", "HEAD")
    _make_hostile(tree, tmp_path / "canary")
    after = git(tree, "-c", "remote.origin.vcs=", "log", "-p", "HEAD")
    assert "program" in (tmp_path / "canary").read_text()
    assert after != before


def _absent_blob(tree: Path, canary: Path) -> None:
    """A clone that promises to fetch what it lacks, by a command of its own."""
    program = tree / "fetch"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\nexit 1\n")
    program.chmod(0o755)
    sha = git(tree, "rev-parse", "HEAD:a.py").decode().strip()
    (tree / ".git/objects" / sha[:2] / sha[2:]).unlink()
    for key, value in {
        "core.repositoryFormatVersion": "1", "extensions.partialClone": "origin",
        "remote.origin.promisor": "true", "remote.origin.url": "ssh://git@git.example.org/a/b",
        "core.sshCommand": str(program), "protocol.ssh.allow": "always",
    }.items():  # fmt: skip
        git(tree, "config", key, value)


def test_an_absent_object_is_fetched_from_nowhere(tree: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    git(tree.parent, "clone", "--quiet", "--bare", "--no-local", "from.git", "loose.git")
    shutil.rmtree(tree / ".git/objects")
    shutil.copytree(tmp_path / "from.git/objects", tree / ".git/objects")
    _absent_blob(tree, canary)
    assert [one.number for one in records(tree)] == [2, 1]
    assert not canary.exists(), canary.read_text()
    with pytest.raises(subprocess.CalledProcessError):
        git(tree, "cat-file", "-p", "HEAD:a.py")
    assert "git-upload-pack" in canary.read_text()


def test_a_config_that_cannot_be_read_is_not_read(tree: Path) -> None:
    """Of the config only the address is asked for; git itself would stop, or wait for a pipe."""
    expected = records(tree)
    pipe = tree / "pipe"
    os.mkfifo(pipe)
    config = tree / ".git/config"
    config.write_text(config.read_text() + f"[include]\n\tpath = {pipe}\n[core]\n\tbare = what\n")
    assert records(tree) == expected
    config.write_text("[core\n")
    with pytest.raises(subprocess.CalledProcessError):
        git(tree, "log")
    assert [one.merge_sha for one in records(tree)] == [one.merge_sha for one in expected]


# --- caches that lie: they are a clone's own, and git believes them ------------------------------


def _chunks(data: bytearray, at: int) -> dict[bytes, int]:
    """Offsets of a chunk file's parts: its table begins at ``at``, its number of parts is byte 6."""
    return {
        bytes(data[at + 12 * n : at + 12 * n + 4]): struct.unpack(">Q", data[at + 12 * n + 4 : at + 12 * n + 12])[0]
        for n in range(data[6])
    }  # fmt: skip


def _ids(data: bytearray, chunks: dict[bytes, int]) -> list[str]:
    (count,) = struct.unpack_from(">I", data, chunks[b"OIDF"] + 255 * 4)
    at = chunks[b"OIDL"]
    return [data[at + 20 * n : at + 20 * n + 20].hex() for n in range(count)]


def _forged(path: Path, forge: Callable[[bytearray], None]) -> None:
    data = bytearray(path.read_bytes())
    forge(data)
    data[-20:] = hashlib.sha1(data[:-20]).digest()
    path.chmod(0o644)
    path.write_bytes(data)


def _rev(clone: Path, name: str) -> str:
    return git(clone, "rev-parse", name).decode().strip()


def test_a_forged_commit_graph_changes_nothing(bare: Path, tmp_path: Path) -> None:
    """It says that HEAD's parent is the root, and that HEAD has the root's tree."""
    clone = tmp_path / "c.git"
    shutil.copytree(bare, clone)
    expected, log = records(clone), git(clone, "log", "--format=%H %T")
    head, root, tree = (_rev(clone, name) for name in ("main", "main~3", "main~3^{tree}"))
    git(clone, "commit-graph", "write", "--reachable")

    def forge(data: bytearray) -> None:
        chunks = _chunks(data, 8)
        ids = _ids(data, chunks)
        at = chunks[b"CDAT"] + 36 * ids.index(head)
        data[at : at + 24] = bytes.fromhex(tree) + struct.pack(">I", ids.index(root))

    _forged(clone / "objects/info/commit-graph", forge)
    assert git(clone, "log", "--format=%H %T") == f"{head} {tree}\n{root} {tree}\n".encode() != log
    assert records(clone) == expected


def test_a_forged_index_over_several_packs_changes_nothing(bare: Path, tmp_path: Path) -> None:
    """It gives one version of a file for another."""
    clone = tmp_path / "c.git"
    shutil.copytree(bare, clone)
    git(clone, "repack", "-adq")
    git(clone, "multi-pack-index", "write")
    expected = records(clone)
    new, old = _rev(clone, "main:a.py"), _rev(clone, "main~3:a.py")
    content = git(clone, "cat-file", "-p", new)

    def forge(data: bytearray) -> None:
        chunks = _chunks(data, 12)
        one, other = (chunks[b"OOFF"] + 8 * _ids(data, chunks).index(sha) for sha in (new, old))
        data[one : one + 8], data[other : other + 8] = data[other : other + 8], data[one : one + 8]

    _forged(clone / "objects/pack/multi-pack-index", forge)
    assert git(clone, "cat-file", "-p", new) != content
    assert records(clone) == expected


def test_an_address_that_is_a_program_names_nothing(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "c.git")
    git(tmp_path / "c.git", "config", "remote.origin.url", "ext::sh -c touch% pwned")
    with open_clone(tmp_path / "c.git") as clone:
        assert isinstance(clone, Clone)
        assert clone.origin == "ext::sh -c touch% pwned"
    assert records(tmp_path / "c.git")[0].repository.startswith("local:")
    assert not list(tmp_path.rglob("pwned"))
