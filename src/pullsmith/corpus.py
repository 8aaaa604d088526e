"""A seeded git repository built from code that is already on the machine: what tests and benches mine.

Takes a seed and a number of changes, gives a bare repository made with ``git fast-import``: GitHub
style merges, squashes and plain commits over standard-library and installed sources (Python and C
headers) and generated Markdown, JSON and TOML, with every odd case git knows, spread evenly. The
head of each merged pull request is ``refs/pull/N/head``, so what a miner finds can be checked.
Same seed, same machine: same commit ids. Knows nothing of how the repository will be read.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from identify.vendor.licenses import LICENSES

from pullsmith.errors import OutsideError

SMALLEST, LARGEST = 800, 24_000  # bytes of a source file that is used
EPOCH = 1_600_000_000
ORIGIN = "https://git.example.org/corpus/seeded.git"
_PEOPLE = (
    ("Ada Example", "ada@example.org"),
    ("Bj\u00f6rn Example", "bjorn@example.org"),
    ("Chen Example", "chen@example.org"),
    ("Dana Example", "dana@example.org"),
)
_BOT = ("updater[bot]", "49699333+updater[bot]@users.noreply.github.com")
_FORGE = ("GitHub", "noreply@github.com")
_VERBS = ("Add", "Fix", "Rework", "Simplify", "Speed up", "Tidy", "Extend", "Correct")
_THINGS = (
    "error handling", "edge cases", "the parser", "defaults", "lookups", "argument checks",
    "messages", "the cache", "types", "clean up", "ordering", "formatting",
)  # fmt: skip
_ODD_PATHS = (
    b"odd/with space.txt", b"odd/tab\there.txt", b"odd/new\nline.txt", b'odd/quo"te.txt',
    b"odd/back\\slash.txt", b"odd/caf\xc3\xa9.txt", b"odd/bad\xff.txt", b"odd/a b/ b",
    b"odd/trailing .txt ", b"odd/--output=x",
)  # fmt: skip

Mode = bytes
Entry = tuple[Mode, bytes]  # mode, and content (or, for a submodule, the commit's id)
Edit = dict[bytes, Entry | None]  # None: the path goes


def build_corpus(folder: Path, *, seed: int, changes: int) -> Path:
    """The repository ``folder/corpus.git`` with ``changes`` changes after its first commit.

    About 45 % merges, 40 % squashes, the rest plain commits. Raises OutsideError when git fails.
    """
    repository = folder / "corpus.git"
    repository.mkdir(parents=True)
    _git(repository, "init", "--quiet", "--bare", "--initial-branch=main", ".")
    _git(repository, "config", "remote.origin.url", ORIGIN)
    story = _Story(random.Random(f"corpus-{seed}"))
    _git(repository, "fast-import", "--quiet", "--done", feed=story.tell(changes))
    _git(repository, "repack", "-a", "-d", "-q")
    _git(repository, "pack-refs", "--all")  # as a clone has them
    return repository


def _git(repository: Path, *arguments: str, feed: Iterable[bytes] = ()) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
    }  # fmt: skip
    command = ["git", "-C", str(repository), *arguments]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        for piece in feed:
            process.stdin.write(piece)
        process.stdin.close()
        said = process.stderr.read().decode("utf-8", "replace")
    if process.returncode:
        raise OutsideError(f"git {arguments[0]} failed: {said.strip()}")


@dataclass
class _Story:
    """The history as it is told: main's files, and the fast-import stream that makes them."""

    draw: random.Random
    files: dict[bytes, Entry] = field(default_factory=dict)
    marks: int = 0
    main: list[int] = field(default_factory=list)  # marks of main's commits
    number: int = 0
    clock: int = EPOCH

    def tell(self, changes: int) -> Iterator[bytes]:
        """The stream: a first commit, then the changes, an odd one every third time."""
        yield from self._commit(b"refs/heads/main", "Start", self._first_files())
        self.main.append(self.marks)
        odd = _odd_cases()
        for at in range(changes):
            if at == changes // 2:
                edit = self._licence("Apache-2.0")
            else:
                edit = odd[at // 3 % len(odd)](self) if at % 3 == 2 else self._plain_edit()
            yield from self._change(edit or self._plain_edit(), at)
        yield b"done\n"

    def _change(self, edit: Edit, at: int) -> Iterator[bytes]:
        kind = self.draw.random()
        bot = at % 17 == 4
        if kind < 0.45 and not bot:
            yield from self._merge(edit)
        elif kind < 0.85 or bot:
            yield from self._squash(edit, bot=bot)
        else:
            yield from self._commit(b"refs/heads/main", self._title(), edit, parent=self.main[-1])
            self.main.append(self.marks)
        self._keep(edit)

    def _merge(self, edit: Edit) -> Iterator[bytes]:
        """A branch that left main up to three commits ago, and its merge."""
        self.number += 1
        ref = b"refs/pull/%d/head" % self.number
        parent = self.main[-1 - self.draw.randrange(min(4, len(self.main)))]
        for part in self._parts(edit):
            yield from self._commit(ref, self._title(), part, parent=parent)
            parent = self.marks
        message = f"Merge pull request #{self.number} from someone/branch-{self.number}"
        if self.draw.random() < 0.9:
            message += f"\n\n{self._title()}"
        yield from self._commit(
            b"refs/heads/main", message, edit, parent=self.main[-1], other=parent, by_forge=True
        )
        self.main.append(self.marks)

    def _squash(self, edit: Edit, *, bot: bool) -> Iterator[bytes]:
        self.number += 1
        message = f"{self._title()} (#{self.number})"
        if self.draw.random() < 0.5:
            message += f"\n\n* {self._title()}\n\n* {self._title()}\n\nFixes #{self.number + 1}"
        yield from self._commit(
            b"refs/heads/main", message, edit, parent=self.main[-1], by_forge=True, bot=bot
        )
        self.main.append(self.marks)

    def _parts(self, edit: Edit) -> list[Edit]:
        """The edit as one to three commits, whole paths each."""
        paths = list(edit)
        count = min(len(paths), self.draw.randint(1, 3))
        return [{path: edit[path] for path in paths[start::count]} for start in range(count)]

    def _commit(  # noqa: PLR0913  # what a commit has
        self, ref: bytes, message: str, edit: Edit, *, parent: int = 0, other: int = 0,
        by_forge: bool = False, bot: bool = False,
    ) -> Iterator[bytes]:  # fmt: skip
        self.marks += 1
        self.clock += self.draw.randint(60, 90_000)
        author = _BOT if bot else self.draw.choice(_PEOPLE)
        yield b"commit %s\nmark :%d\n" % (ref, self.marks)
        yield _person(b"author", author, self.clock)
        yield _person(b"committer", _FORGE if by_forge else author, self.clock + 30)
        text = message.encode()
        yield b"data %d\n%s\n" % (len(text), text)
        yield b"from :%d\n" % parent if parent else b""
        yield b"merge :%d\n" % other if other else b""
        for path, entry in edit.items():
            yield _file_command(path, entry)
        yield b"\n"

    def _keep(self, edit: Edit) -> None:
        for path, entry in edit.items():
            if entry is None:
                self.files.pop(path, None)
            else:
                self.files[path] = entry

    def _title(self) -> str:
        return f"{self.draw.choice(_VERBS)} {self.draw.choice(_THINGS)}"

    # --- what changes ---------------------------------------------------------------------------

    def _first_files(self) -> Edit:
        pool = list(_pool())
        chosen = self.draw.sample(pool, min(len(pool), 240))
        edit: Edit = {name: (b"100644", content) for name, content in chosen}
        edit |= {name: (b"100644", content) for name, content in _generated_texts(self.draw)}
        edit |= dict.fromkeys(_ODD_PATHS, (b"100644", b"odd\n"))
        edit[b"odd/module"] = (b"160000", b"1" * 40)
        edit[b"odd/link"] = (b"120000", b"with space.txt")
        edit[b"odd/typed"] = (b"100644", b"a file\n")
        edit[b"odd/crlf.txt"] = (b"100644", b"one\r\ntwo\r\nthree\r\n")
        edit[b"odd/latin.txt"] = (b"100644", b"caf\xe9\nna\xefve\n")
        edit[b"odd/binary.bin"] = (b"100644", bytes(range(256)))
        edit |= self._licence("MIT")
        self._keep(edit)
        return edit

    def _licence(self, spdx: str) -> Edit:
        """A licence text of the installed ``identify``: it changes once, in the middle."""
        return {b"LICENSE": (b"100644", dict(LICENSES)[spdx].encode())}

    def _plain_edit(self) -> Edit:
        names = [name for name in self.files if name.startswith((b"src/", b"include/", b"text/"))]
        count = min(self.draw.choice((1, 1, 1, 2, 2, 3, 5)), len(names))
        return {name: self._edited(self.files[name]) for name in self.draw.sample(names, count)}

    def _edited(self, entry: Entry) -> Entry:
        """One to four blocks moved, repeated, left out or reworded."""
        lines = entry[1].split(b"\n")
        for _ in range(self.draw.randint(1, 4)):
            at = self.draw.randrange(len(lines))
            block = lines[at : at + self.draw.randint(1, 8)]
            to = self.draw.randrange(len(lines) + 1)
            kind = self.draw.random()
            if kind < 0.5:
                lines[to:to] = [line.replace(b"self", b"this", 1) for line in block]
            elif kind < 0.8 and len(lines) > 40:
                del lines[at : at + len(block)]
            else:
                lines[at : at + len(block)] = [line + b"  # %d" % self.clock for line in block]
        return (entry[0], b"\n".join(lines))


def _file_command(path: bytes, entry: Entry | None) -> bytes:
    if entry is None:
        return b"D %s\n" % _quoted(path)
    mode, content = entry
    if mode == b"160000":
        return b"M %s %s %s\n" % (mode, content, _quoted(path))
    return b"M %s inline %s\ndata %d\n%s\n" % (mode, _quoted(path), len(content), content)


def _person(role: bytes, person: tuple[str, str], when: int) -> bytes:
    return b"%s %s <%s> %d +0000\n" % (role, person[0].encode(), person[1].encode(), when)


def _quoted(path: bytes) -> bytes:
    escapes = {0x22: b'\\"', 0x5C: b"\\\\", 0x0A: b"\\n"}
    return b'"' + b"".join(escapes.get(byte, bytes([byte])) for byte in path) + b'"'


# --- odd cases ---------------------------------------------------------------------------------


def _odd_cases() -> tuple[Callable[[_Story], Edit], ...]:
    """Each makes one odd edit of what is there; an empty edit where there is nothing for it."""
    return (
        lambda s: _text(s, b"odd/crlf.txt", b"line %d\r\n" % s.clock),
        lambda s: _text(s, b"odd/latin.txt", b"\xe9t\xe9 %d\n" % s.clock),
        lambda s: _text(s, b"odd/no-newline.txt", b"" if s.clock % 2 else b"\nlast %d" % s.clock),
        lambda s: _text(s, b"odd/separators.txt", "a\u2028b\x0cc\x1cd\re %d\n".encode()),
        lambda s: _text(s, s.draw.choice(_ODD_PATHS), b"++ b/x %d\n-- a/x\n" % s.clock),
        lambda s: {b"odd/binary.bin": (b"100644", bytes(range(256)) + b"%d" % s.clock)},
        lambda s: {b"odd/module": (b"160000", b"%040x" % s.clock)},
        lambda s: {b"odd/link": (b"120000", b"target-%d" % s.clock)},
        lambda s: {b"odd/empty-%d.txt" % s.clock: (b"100644", b"")},
        lambda s: {b"package-lock.json": (b"100644", _lock(s.clock))},
        lambda s: {b"vendor/lib.py": (b"100644", b"x = %d\n" % s.clock)},
        _rename,
        _mode_change,
        _type_change,
        _removal,
        _new_file,
    )


def _text(story: _Story, path: bytes, more: bytes) -> Edit:
    mode, content = story.files.get(path, (b"100644", b"start"))
    return {path: (mode, content + more)}


def _lock(number: int) -> bytes:
    packages = {f"package-{n}": {"version": f"1.{n}.{number % 97}"} for n in range(60)}
    return json.dumps({"packages": packages}, indent=2).encode() + b"\n"


def _source(story: _Story) -> bytes:
    return story.draw.choice([name for name in story.files if name.startswith(b"src/")])


def _rename(story: _Story) -> Edit:
    name = _source(story)
    stem, _, suffix = name.rpartition(b".")
    return {name: None, b"%s_moved%d.%s" % (stem, story.clock % 1000, suffix): story.files[name]}


def _mode_change(story: _Story) -> Edit:
    name = _source(story)
    mode, content = story.files[name]
    return {name: (b"100644" if mode == b"100755" else b"100755", content)}


def _type_change(story: _Story) -> Edit:
    mode, _ = story.files[b"odd/typed"]
    other = (b"100644", b"a file\n") if mode == b"120000" else (b"120000", b"with space.txt")
    return {b"odd/typed": other}


def _removal(story: _Story) -> Edit:
    return {_source(story): None} if len(story.files) > 100 else {}


def _new_file(story: _Story) -> Edit:
    name, content = story.draw.choice(_pool())
    return {b"src/new_%d_%s" % (story.clock, name.rpartition(b"/")[2]): (b"100644", content)}


# --- what it is made of ------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _pool() -> tuple[tuple[bytes, bytes], ...]:
    """(path, content) of usable sources on this machine, by path: at most 500 Python, 120 C."""
    paths = sysconfig.get_paths()
    found: list[tuple[bytes, bytes]] = []
    places = (("stdlib", "*.py", b"src/", 300), ("purelib", "*/*.py", b"src/", 200),
              ("include", "**/*.h", b"include/", 120))  # fmt: skip
    for place, pattern, prefix, most in places:
        root = Path(paths[place])
        usable = (path for path in sorted(root.glob(pattern)) if _usable(path))
        names = [(path, "_".join(path.relative_to(root).parts).encode()) for path in usable]
        found += [(prefix + name, path.read_bytes()) for path, name in names[:most]]
    return tuple(found)


def _usable(path: Path) -> bool:
    return path.is_file() and SMALLEST <= path.stat().st_size <= LARGEST


def _generated_texts(draw: random.Random) -> Iterator[tuple[bytes, bytes]]:
    for number in range(12):
        words = [draw.choice(_THINGS) for _ in range(60)]
        prose = "\n".join(f"- {word}\n\nOne on {word}, {n}." for n, word in enumerate(words))
        yield b"text/note_%d.md" % number, f"# Note {number}\n\n{prose}\n".encode()
        table = "\n".join(f"[part{n}]\nname = '{word}'" for n, word in enumerate(words))
        yield b"text/table_%d.toml" % number, table.encode() + b"\n"
        yield b"text/data_%d.json" % number, json.dumps(words, indent=1).encode() + b"\n"
