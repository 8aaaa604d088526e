"""Pull requests for benchmarks, a half of them copies of which it is known how much they copy.

Takes changes of a corpus or of clones, gives records: several changes in one, with names of their
own, so that they are different pull requests; every second one is a copy of the one before it:
exact, shifted, with 2 to 40 % of its lines replaced, one name changed, or its end cut off; half of
the copies are in a fork. Jaccard is counted here, on five-token runs by a plain regular expression.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullsmith.records import FileChange, PullRequest

CHARACTERS = 7_500  # of patch a record, about
TOKEN = re.compile(r"\w+|[^\w\s]")
NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]{3,}")
FIRST_ADDED = re.compile(r"^\+.*$", re.MULTILINE)
KINDS = ("exact", "shifted", "2 %", "5 %", "15 %", "40 %", "renamed", "cut")


@dataclass(frozen=True)
class Pair:
    """A copy, what it is the copy of, how it was changed, and how much the two have in common."""

    copy: str
    origin: str
    kind: str
    jaccard: float


def make_records(
    pool: Sequence[FileChange], count: int, *, truth: bool = True
) -> Iterator[tuple[PullRequest, Pair | None]]:
    """``count`` records; every second one is a copy of the one before it, and says so with its truth."""
    for number in range(0, count, 2):
        draw = random.Random(f"data-{number}")
        origin = record(number, draw, tuple(drawn_files(pool, draw)))
        yield origin, None
        kind = KINDS[number // 2 % len(KINDS)]
        files = tuple(edited(file, kind, pool, draw) for file in origin.files)
        copy = record(number + 1, draw, files, fork=draw.random() < 0.5)
        much = jaccard(runs_of(origin), runs_of(copy)) if truth else 0.0
        yield copy, Pair(copy.id, origin.id, kind, much)


def record(
    number: int, draw: random.Random, files: tuple[FileChange, ...], *, fork: bool = False
) -> PullRequest:
    repository = f"forge.test/{'fork' if fork else 'owner'}{number // 2 % 40}/name"
    return PullRequest(
        id=f"{repository}@{draw.getrandbits(160):040x}",
        source="git", repository=repository, group=repository, number=number,
        title=f"Change {number}", body="What was wrong, and how it is mended.\n" * 3,
        author=f"Person {number % 97}", merged_at=f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
        files=files,
    )  # fmt: skip


def drawn_files(pool: Sequence[FileChange], draw: random.Random) -> Iterator[FileChange]:
    """Changes of the pool up to the wanted length, a third of their names salted; some secrets."""
    size, salt = 0, f"_{draw.getrandbits(24):x}"
    while size < CHARACTERS * draw.uniform(0.3, 1.3):
        file = draw.choice(pool)
        other = draw.getrandbits(30)
        patch = NAME.sub(
            lambda found: found[0] + salt if hash_of(found[0], other) % 3 == 0 else found[0],  # noqa: B023
            file.patch,
        )
        if draw.random() < 0.04:
            secret = f'+password = "{draw.getrandbits(60):x}"'
            patch = FIRST_ADDED.sub(secret, patch, count=1)
        size += len(patch)
        yield file.model_copy(
            update={"path": f"{draw.getrandbits(16):x}/{file.path}", "patch": patch}
        )


def hash_of(word: str, other: int) -> int:
    return sum(word.encode()) * 2654435761 + other


def edited(
    file: FileChange, kind: str, pool: Sequence[FileChange], draw: random.Random
) -> FileChange:
    """The file after the edit; only added lines change, and hunk headers keep their counts."""
    lines = file.patch.split("\n")
    added = [at for at, line in enumerate(lines) if line.startswith("+")]
    if kind == "shifted":
        lines = [re.sub(r"^@@ -(\d+)", lambda m: f"@@ -{int(m[1]) + 7}", line) for line in lines]
    elif kind.endswith("%"):
        other = [line for line in draw.choice(pool).patch.split("\n") if line.startswith("+")]
        for at in draw.sample(added, round(len(added) * int(kind.split(maxsplit=1)[0]) / 100)):
            lines[at] = draw.choice(other or ["+pass"]) + f"  # {draw.getrandbits(16)}"
    elif kind == "renamed" and (names := NAME.findall("\n".join(lines[at] for at in added))):
        name = draw.choice(names)
        lines = [re.sub(rf"\b{name}\b", name + "_new", line) if line[:1] == "+" else line for line in lines]  # fmt: skip
    elif kind == "cut":
        for at in added[len(added) - len(added) // 8 :]:
            lines[at] = "+"
    return file.model_copy(update={"patch": "\n".join(lines)})


def runs_of(pull_request: PullRequest) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for file in pull_request.files:
        rows = file.patch.split("\n")
        sign = "+" if any(row.startswith("+") for row in rows) else "-"
        tokens = TOKEN.findall("\n".join(row[1:] for row in rows if row.startswith(sign)))
        found |= {(sign, *tokens[at : at + 5]) for at in range(max(1, len(tokens) - 4))}
    return found


def jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / max(1, len(one | other))


def added_text(pull_request: PullRequest) -> str:
    rows = (row for file in pull_request.files for row in file.patch.split("\n"))
    return "\n".join(row[1:] for row in rows if row.startswith("+")) or "empty"
