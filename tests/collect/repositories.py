"""Small repositories for tests, told commit by commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Content = bytes | tuple[bytes, bytes] | None  # text, (mode, text), or gone
ADA = ("Ada Example", "ada@example.org")
FORGE = ("GitHub", "noreply@github.com")


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git as a user would, but with no settings of this machine."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C",
    }  # fmt: skip
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=stdin, env=environment, capture_output=True, check=True,
    ).stdout  # fmt: skip


@dataclass
class Teller:
    """Commits on main and beside it; each ``commit`` gives a mark to be a parent by."""

    stream: list[bytes] = field(default_factory=list)
    marks: int = 0

    def commit(
        self,
        message: str | bytes,
        files: Mapping[str | bytes, Content] = {},
        *parents: int,
        author: tuple[str, str] = ADA,
        committer: tuple[str, str] = ADA,
        ref: str = "refs/heads/main",
    ) -> int:
        """A commit whose tree is its first parent's with ``files`` changed."""
        self.marks += 1
        text = message.encode() if isinstance(message, str) else message
        when = 1_600_000_000 + 60 * self.marks
        lines = [
            b"commit " + ref.encode(),
            b"mark :%d" % self.marks,
            _person("author", author, when),
            _person("committer", committer, when),
            b"data %d\n%s" % (len(text), text),
        ]
        lines += [b"from :%d" % parents[0]] if parents else []
        lines += [b"merge :%d" % parent for parent in parents[1:]]
        lines += [_file(path, content) for path, content in files.items()]
        self.stream += [line + b"\n" for line in lines]
        return self.marks

    def make(self, folder: Path, *, ids: str = "sha1") -> dict[int, str]:
        """The bare repository at ``folder``; commit ids by mark."""
        folder.mkdir(parents=True, exist_ok=True)
        form = f"--object-format={ids}"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", form, ".")
        git(folder, "fast-import", "--quiet", "--export-marks=marks", stdin=b"".join(self.stream))
        lines = (folder / "marks").read_text().split("\n")
        return {int(mark[1:]): sha for mark, sha in (line.split() for line in lines if line)}


def _person(role: str, person: tuple[str, str], when: int) -> bytes:
    return f"{role} {person[0]} <{person[1]}> {when} +0000".encode()


def _file(path: str | bytes, content: Content) -> bytes:
    name = path.encode() if isinstance(path, str) else path
    if content is None:
        return b"D " + name
    mode, text = (b"100644", content) if isinstance(content, bytes) else content
    if mode == b"160000":
        return b"M 160000 %s %s" % (text, name)
    return b"M %s inline %s\ndata %d\n%s" % (mode, name, len(text), text)


def numbered(count: int, **changed: str) -> bytes:
    """``count`` lines "line N", some replaced: ``numbered(9, l3="x")``."""
    lines = [changed.get(f"l{n}", f"line {n}") for n in range(1, count + 1)]
    return "".join(line + "\n" for line in lines).encode()


def three_pull_requests() -> Teller:
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
