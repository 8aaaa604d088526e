"""Context: the patch stays git's own with three lines, and what stands around is the old file's.

The oracle is git: each file of a repository is printed twice, wide and as always. It runs on nasty
made-up files, on the seeded corpus, and on the bare clones that PULLSMITH_CLONES names.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.corpus import build_corpus
from pullsmith.diff.context import SHOWN, Around, as_records, lines_around, narrowed
from pullsmith.diff.hunks import Hunk, diff_hunks, parse_hunks, patch_lines, write_hunks
from pullsmith.errors import PatchError
from pullsmith.records import HunkContext
from tests.collect.repositories import Content, Teller, git

_SHOW = ("-p", "-M", "--full-index", "--diff-algorithm=myers", "--no-indent-heuristic")
_CHUNK = 200  # commits compared together


def numbers(*ranges: tuple[int, int]) -> list[bytes]:
    return [b"%d" % n for first, last in ranges for n in range(first, last + 1)]


def wide(old: list[bytes], new: list[bytes], lines: int) -> bytes:
    joined = (b"".join(line + b"\n" for line in side) for side in (old, new))
    return write_hunks(diff_hunks(*joined, context=SHOWN + lines))


def starts(patch: bytes) -> list[tuple[int, int, int, int]]:
    hunks = parse_hunks(patch)
    return [(one.old_start, one.old_count, one.new_start, one.new_count) for one in hunks]


# --- by hand -------------------------------------------------------------------------------------


def test_a_hunk_in_the_middle_has_lines_before_and_after() -> None:
    old = numbers((1, 30))
    new = [*old[:14], b"x", *old[15:]]
    patch, around = narrowed(wide(old, new, 4), 4)
    assert starts(patch) == [(12, 7, 12, 7)]
    assert around == (Around(tuple(numbers((8, 11))), tuple(numbers((19, 22)))),)


def test_fewer_lines_only_where_the_file_begins_or_ends() -> None:
    old = numbers((1, 12))
    new = [*old[:5], b"x", *old[6:]]  # shows 3 to 9
    _, around = narrowed(wide(old, new, 5), 5)
    assert around == (Around((b"1", b"2"), (b"10", b"11", b"12")),)
    new = [b"x", *old[1:11], b"y"]
    _, around = narrowed(wide(old, new, 5), 5)
    assert around == (
        Around((), tuple(numbers((5, 9)))),
        Around(tuple(numbers((4, 8))), ()),
    )


@pytest.mark.parametrize(("gap", "hunks"), [(6, 1), (7, 2)])
def test_git_parts_changes_with_more_than_six_lines_between(gap: int, hunks: int) -> None:
    old = numbers((1, 50))
    new = [*old[:19], b"x", *old[20 : 20 + gap], b"y", *old[21 + gap :]]
    patch, around = narrowed(wide(old, new, 10), 10)
    assert len(around) == len(parse_hunks(patch)) == hunks


def test_lines_between_two_hunks_are_context_of_both_and_reach_into_the_other() -> None:
    old = numbers((1, 40))
    new = [*old[:9], b"x", *old[10:19], b"y", *old[20:]]  # shows 7 to 13 and 17 to 23
    patch, (first, second) = narrowed(wide(old, new, 5), 5)
    assert starts(patch) == [(7, 7, 7, 7), (17, 7, 17, 7)]
    assert first.after == tuple(numbers((14, 18)))
    assert second.before == tuple(numbers((12, 16)))


def test_a_neighbours_deleted_lines_are_context_and_its_added_ones_are_not() -> None:
    old = numbers((1, 40))
    new = [*old[:9], b"new", b"newer", *old[11:18], *old[19:]]  # 10 and 11 go, 19 goes
    patch, (first, second) = narrowed(wide(old, new, 9), 9)
    assert starts(patch) == [(7, 8, 7, 8), (16, 7, 16, 6)]
    assert second.before == tuple(numbers((7, 15)))
    assert first.after == tuple(numbers((15, 23)))


def test_added_deleted_and_emptied_files_have_nothing_around() -> None:
    lines = numbers((1, 9))
    nothing = (Around((), ()),)
    for old, new in (([], lines), (lines, [])):
        patch = wide(old, new, 10)
        assert narrowed(patch, 10) == (patch, nothing)
    assert narrowed(b"", 10) == (b"", ())


def test_the_mark_of_a_missing_newline_stays_with_its_line() -> None:
    tail = b" 2\n 3\n 4\n"
    mark = b"\\ No newline at end of file\n"
    inside = b"@@ -1,4 +1,4 @@\n-1\n+x\n" + tail + mark
    assert narrowed(inside, 2) == (inside, (Around((), ()),))
    # On a line that is only context it goes, and the line is as it is.
    beyond = b"@@ -1,5 +1,5 @@\n-1\n+x\n" + tail + b" 5\n" + mark
    patch, around = narrowed(beyond, 2)
    assert patch == b"@@ -1,4 +1,4 @@\n-1\n+x\n" + tail
    assert around == (Around((), (b"5",)),)


def test_both_sides_may_end_without_a_newline() -> None:
    mark = b"\\ No newline at end of file\n"
    patch = b"@@ -1,5 +1,4 @@\n 1\n 2\n 3\n-4\n-5\n" + mark + b"+x\n" + mark
    assert narrowed(patch, 7) == (patch, (Around((), ()),))
    deeper = b"@@ -1,6 +1,5 @@\n 0\n" + patch.partition(b"\n")[2]
    assert narrowed(deeper, 7) == (
        b"@@ -2,5 +2,4 @@\n" + patch.partition(b"\n")[2],
        (Around((b"0",), ()),),
    )


def test_carriage_returns_and_lines_that_look_like_a_patch_are_content() -> None:
    old = [b"@@ -1 +1 @@\r", b"\\ no\r", b"-a\r", b"+b\r", b"1\r", b"2\r", b"\r"]
    _, around = narrowed(wide(old, [*old[:-1], b"x\r"], 9), 9)
    assert around == (Around((b"@@ -1 +1 @@\r", b"\\ no\r", b"-a\r"), ()),)


def test_a_blank_line_may_lack_its_sign() -> None:
    patch, around = narrowed(b"@@ -1,5 +1,5 @@\n\n 2\n 3\n 4\n-5\n+x\n", 3)
    assert patch == b"@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+x\n"
    assert around == (Around((b"",), ()),)


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        (b"def f(a):", b"def f(a):"),
        (b"_x", b"_x"),
        (b"$x", b"$x"),
        (b" f", b"own"),  # begins with a blank: what the wide hunk says
        (b"9", b"own"),
        ("é".encode(), b"own"),
        (b"f  \t\r", b"f"),
        (b"f \x0c", b"f \x0c"),  # a form feed is no blank to git
        (b"x" * 81, b"x" * 80),
        (b"x" * 79 + b" y", b"x" * 79),
        (b"x" + "é".encode() * 40, b"x" + "é".encode() * 39),
        (b"caf\xe9 f", b"caf"),
        (b"a \xed\xa0\x80", b"a "),  # half a surrogate pair
        (b"a\xef\xbf\xbf b", b"a"),  # no character, says git; Python takes it
    ],
)  # fmt: skip
def test_headings_are_gits(line: bytes, heading: bytes) -> None:
    patch = b"@@ -5,6 +5,6 @@ own\n " + line + b"\n 1\n 2\n 3\n-4\n+x\n 5\n"
    (hunk,) = parse_hunks(narrowed(patch, 1)[0])
    assert hunk.section == heading


def test_a_heading_may_be_a_deleted_line_but_no_added_one() -> None:
    old, new = [b"one", *numbers((1, 20))], [b"two", *numbers((1, 18)), b"x", b"20"]
    patch, _ = narrowed(wide(old, new, 20), 20)
    assert [hunk.section for hunk in parse_hunks(patch)] == [b"", b"one"]


def test_damaged_hunks_are_refused() -> None:
    with pytest.raises(PatchError, match="lines early"):
        narrowed(b"@@ -1,9 +1,9 @@\n 1\n-2\n+x\n", 3)


def test_context_that_is_not_in_the_patchs_encoding_is_none() -> None:
    around = (Around((b"caf\xe9",), ("é".encode(), b"x\r")),)
    assert as_records(around, "utf-8") is None
    assert as_records(around, "latin-1") == (
        HunkContext(before=("café",), after=("Ã©", "x\r")),
    )  # fmt: skip
    assert as_records((), "utf-8") == ()


# --- properties ----------------------------------------------------------------------------------

texts = st.lists(st.sampled_from([b" a", b" b", b"", b"\\", b"-", b"+\r"]), max_size=60)


@given(texts, texts, st.integers(1, 20))
def test_a_narrowed_patch_is_the_one_made_narrow(
    old: list[bytes], new: list[bytes], lines: int
) -> None:
    patch, around = narrowed(wide(old, new, lines), lines)
    assert patch == wide(old, new, 0)
    assert around == lines_around(old, parse_hunks(patch), lines)


@given(texts, st.data())
def test_around_and_hunk_together_are_a_part_of_the_old_file(
    old: list[bytes], data: st.DataObject
) -> None:
    lines = data.draw(st.integers(1, 20))
    at = data.draw(st.integers(0, len(old)))
    hunk = Hunk(at + 1, data.draw(st.integers(0, len(old) - at)), at + 1, 0, b"", ())
    if not hunk.old_count:
        hunk = replace(hunk, old_start=at)
    (one,) = lines_around(old, [hunk], lines)
    whole = [*one.before, *old[at : at + hunk.old_count], *one.after]
    assert whole == old[at - len(one.before) : at + hunk.old_count + len(one.after)]
    assert len(one.before) == min(lines, at)
    assert len(one.after) == min(lines, len(old) - at - hunk.old_count)


# --- git itself ----------------------------------------------------------------------------------


@dataclass
class Seen:
    """What the oracle saw of a repository."""

    files: int = 0
    hunks: int = 0
    faults: list[str] = field(default_factory=list)


def compare(repository: Path, lines: int) -> Seen:
    """Every file of every commit against its first parent."""
    seen = Seen()
    log = git(repository, "log", "--format=%H %P", "HEAD").decode().split("\n")[:-1]
    pairs = [one.split()[:2] for one in log if " " in one.strip()]
    for at in range(0, len(pairs), _CHUNK):
        feed = "".join(
            f"{commit} {parent}\n" for commit, parent in pairs[at : at + _CHUNK]
        ).encode()
        shown = [_shown(repository, feed, width) for width in (SHOWN + lines, SHOWN)]
        _compare(repository, shown[0], shown[1], lines, seen)
    return seen


def _shown(repository: Path, feed: bytes, width: int) -> bytes:
    return git(repository, "diff-tree", "--stdin", "-r", *_SHOW, f"-U{width}", stdin=feed)


def _compare(repository: Path, wide: bytes, own: bytes, lines: int, seen: Seen) -> None:
    for one, other in zip(_files(wide), _files(own), strict=True):
        seen.files += 1
        patch, around = narrowed(one[1], lines)
        if patch != other[1]:
            seen.faults.append(f"{one[0]!r}: the patch is not git's own")
        if not around or b"160000" in one[0]:  # a submodule's commit is in another repository
            continue
        seen.hunks += len(around)
        old = patch_lines(_old_text(repository, one[0]))
        if around != lines_around(old, parse_hunks(other[1]), lines):
            seen.faults.append(f"{one[0]!r}: the context is not the old file's")


def _files(shown: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(head, hunks) of each file."""
    for section in re.split(rb"^diff --git ", shown, flags=re.MULTILINE)[1:]:
        own = re.sub(rb"\n[0-9a-f]{40}\n\Z", b"\n", section)  # the next commit's id follows
        head, sign, hunks = own.partition(b"\n@@ -")
        yield head, sign[1:] + hunks


def _old_text(repository: Path, head: bytes) -> bytes:
    match = re.search(rb"^index ([0-9a-f]+)\.\.", head, re.MULTILINE)
    blob = match[1].decode() if match else ""
    return git(repository, "cat-file", "blob", blob) if blob.strip("0") else b""


NASTY = (
    b"def f():", b"    pass", b"", b"\r", b"x = 1\r", b"@@ -1,2 +1,2 @@", b"-gone", b"+come", b" ",
    b"\\ No newline at end of file", b"$v \t", b"_v", "é".encode(), b"caf\xe9", b"\x0c", b"f\x0c",
    b"diff --git a/f b/f", b"--- a/f", b"+++ b/f", b"C" + "é".encode() * 50, b"L" * 78 + b"  x",
)  # fmt: skip


def _text(draw: random.Random, rows: list[bytes]) -> bytes:
    text = b"\n".join(rows)
    return text + b"\n" if rows and draw.random() < 0.7 else text


def _edited(draw: random.Random, rows: list[bytes]) -> list[bytes]:
    rows = list(rows)
    for _ in range(draw.choice([1, 1, 2, 4, 9])):
        at = draw.randrange(len(rows) + 1)
        rows[at : at + draw.randrange(3)] = draw.choices(NASTY, k=draw.randrange(3))
    return rows


def nasty_repository(folder: Path, *, seed: int, files: int) -> Path:
    draw = random.Random(seed)
    old: dict[str | bytes, Content] = {}
    new: dict[str | bytes, Content] = {}
    for number in range(files):
        rows = draw.choices(NASTY, k=draw.choice([0, 1, 3, 9, 40, 120]))
        old[f"f{number}"] = _text(draw, rows)
        new[f"f{number}"] = None if number % 29 == 0 else _text(draw, _edited(draw, rows))
        if number % 31 == 0:
            old.pop(f"f{number}")
    teller = Teller()
    teller.commit("new", new, teller.commit("old", old))
    teller.make(folder)
    return folder


@pytest.mark.parametrize("lines", [1, 4, 10, 20])
def test_git_agrees_on_nasty_files(tmp_path: Path, lines: int) -> None:
    seen = compare(nasty_repository(tmp_path / "n.git", seed=lines, files=300), lines)
    assert seen.faults == []
    assert seen.files > 250
    assert seen.hunks > 300


def test_git_agrees_on_the_corpus(tmp_path: Path) -> None:
    seen = compare(build_corpus(tmp_path, seed=5, changes=60), 10)
    assert seen.faults == []
    assert seen.files > 100


def test_the_oracle_sees_a_fault(tmp_path: Path) -> None:
    teller = Teller()
    old = b"".join(b"%d\n" % n for n in range(40))
    root = teller.commit("old", {"f": old})
    teller.commit("new", {"f": old.replace(b"20\n", b"x\n")}, root)
    teller.make(tmp_path / "r.git")
    feed = b"%s %s\n" % tuple(git(tmp_path / "r.git", "rev-parse", "main", "main~1").split())
    shown = [_shown(tmp_path / "r.git", feed, width) for width in (7, 3, 2)]
    for own, faults in ((shown[1], 0), (shown[2], 2)):
        seen = Seen()
        _compare(tmp_path / "r.git", shown[0], own, 4, seen)
        assert (seen.files, seen.hunks, len(seen.faults)) == (1, 1, faults)


@pytest.mark.parametrize("clone", os.environ.get("PULLSMITH_CLONES", "").split(os.pathsep))
def test_git_agrees_on_clones(clone: str) -> None:
    if not clone:
        pytest.skip("PULLSMITH_CLONES names no bare clones")
    seen = compare(Path(clone), 10)
    assert seen.faults == []
    assert seen.files
