"""parse_patch and the hunks under it, against git, unidiff and crafted text."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unidiff import PatchSet

from pullsmith.diff.patch import (
    FilePatch,
    apply_hunks,
    diff_hunks,
    parse_hunks,
    parse_patch,
    unquote,
    write_hunks,
)
from pullsmith.errors import PatchError

LINES = [b"a", b"b", b"", b"-- x", b"++ y", b"@@ -1 +1 @@", b"\\ No newline", b"\r", b"\x0c\x1c"]
TEXTS = st.builds(
    lambda lines, last: b"".join(line + b"\n" for line in lines) + last,
    st.lists(st.sampled_from(LINES), max_size=14),
    st.sampled_from([b"", b"end", b"a"]),
)


@given(TEXTS, TEXTS, st.integers(0, 4))
def test_made_hunks_apply_and_survive_writing(old: bytes, new: bytes, context: int) -> None:
    hunks = diff_hunks(old, new, context=context, section=b"def f")
    assert apply_hunks(old, hunks) == new
    assert parse_hunks(write_hunks(hunks)) == hunks
    assert bool(hunks) == (old != new)


@given(TEXTS, TEXTS)
def test_made_hunks_read_by_unidiff(old: bytes, new: bytes) -> None:
    """unidiff ends lines at a lone \\r too, so those texts are left to git below."""
    if b"\r" in old + new or b"\x0c" in old + new or old == new:
        return
    hunks = diff_hunks(old, new)
    text = b"--- a/f\n+++ b/f\n" + write_hunks(hunks)
    theirs = PatchSet(text.decode())[0]
    assert [(h.source_start, h.source_length, h.target_start, h.target_length) for h in theirs] == [
        (h.old_start, h.old_count, h.new_start, h.new_count) for h in hunks
    ]
    assert theirs.added == sum(line[:1] == b"+" for h in hunks for line in h.lines)
    assert theirs.removed == sum(line[:1] == b"-" for h in hunks for line in h.lines)


def test_hunks_closer_than_two_contexts_are_one() -> None:
    old = b"".join(b"%d\n" % n for n in range(1, 31))
    # Lines 5 and 12: six lines (6..11) between them, twice the context: one hunk; 5 and 13: two.
    near = old.replace(b"\n5\n", b"\nx\n").replace(b"\n12\n", b"\ny\n")
    far = old.replace(b"\n5\n", b"\nx\n").replace(b"\n13\n", b"\ny\n")
    assert [(h.old_start, h.old_count) for h in diff_hunks(old, near)] == [(2, 14)]
    assert [(h.old_start, h.old_count) for h in diff_hunks(old, far)] == [(2, 7), (10, 7)]


def test_some_hunks_apply_without_the_others() -> None:
    old = b"".join(b"%d\n" % n for n in range(1, 31))
    new = old.replace(b"\n2\n", b"\n2\n2b\n").replace(b"\n25\n", b"\nx\n")
    assert apply_hunks(old, diff_hunks(old, new)[1:]) == old.replace(b"\n25\n", b"\nx\n")


# --- git as the oracle -------------------------------------------------------------------------

# path -> (old, new); None where the file does not exist on that side
TREES: dict[bytes, tuple[bytes | None, bytes | None]] = {
    b"crlf.txt": (b"one\r\ntwo\r\n", b"one\r\nTWO\r\n"),
    b"lone-cr.txt": (b"one\rtwo\rthree\n", b"one\rTWO\rthree\n"),
    b"separators.txt": ("a\u2028b\x0cc\x1cd\n".encode(), "a\u2028b\x0cC\x1cd\n".encode()),
    b"no-newline-old.txt": (b"one\ntwo", b"one\ntwo\n"),
    b"no-newline-new.txt": (b"one\ntwo\n", b"one\ntwo"),
    b"no-newline-both.txt": (b"one\ntwo", b"ONE\ntwo"),
    b"latin-1.txt": (b"caf\xe9\n", b"caf\xe9s\n"),
    b"invalid.txt": (b"\xff\xfe\xc3\n", b"\xff\xfe\xc3\xc3\n"),
    b"utf-16.txt": ("hé\n".encode("utf-16"), "ho\n".encode("utf-16")),
    b"binary.bin": (b"\0\1\2", b"\0\1\3"),
    b"empty-new.txt": (None, b""),
    b"added.txt": (None, b"new\n"),
    b"deleted.txt": (b"old\n", None),
    b"emptied.txt": (b"one\ntwo\n", b""),
    b"header.txt": (b"-- a/x\ncontext\n", b"++ b/x\ncontext\ndiff --git a/x b/x\n@@ -1 +1 @@\n"),
    b"minus.sql": (b"-- a\n-- b\n-- c\n", b"-- a\n-- c\n"),
    b"with space.txt": (b"a\n", b"b\n"),
    b"trailing-space .txt ": (b"a\n", b"b\n"),
    b"d/a b/ b": (b"a\n", b"b\n"),
    b"tab\there.txt": (b"a\n", b"b\n"),
    b"new\nline.txt": (b"a\n", b"b\n"),
    b'quo"te.txt': (b"a\n", b"b\n"),
    b"back\\slash.txt": (b"a\n", b"b\n"),
    b"caf\xc3\xa9.txt": (b"a\n", b"b\n"),
    b"bad\xff.txt": (b"a\n", b"b\n"),
}
MODES = {b"run me.sh": (b"echo\n", b"echo\n"), b"run\tme.sh": (b"echo\n", b"echo\n")}


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, input=stdin, env=environment, stdout=subprocess.PIPE, check=True
    ).stdout


def _quoted(path: bytes) -> bytes:
    plain = {ord('"'): b'\\"', ord("\\"): b"\\\\"}
    escaped = [plain.get(c, b"%c" % c if 32 <= c < 127 else b"\\%03o" % c) for c in path]
    return b'"' + b"".join(escaped) + b'"'


def _file(path: bytes, content: bytes | None, mode: bytes = b"100644") -> bytes:
    if content is None:
        return b""
    return b"M %s inline %s\ndata %d\n%s\n" % (mode, _quoted(path), len(content), content)


def _import_stream() -> bytes:
    sides = []
    for side in (0, 1):
        files = [_file(path, texts[side]) for path, texts in TREES.items()]
        mode = (b"100644", b"100755")[side]
        files += [_file(path, texts[side], mode) for path, texts in MODES.items()]
        long = b"".join(b"line %d\n" % n for n in range(20))
        files.append(_file((b"moved from.txt", b"moved to.txt")[side], long + b"end%d\n" % side))
        files.append(_file((b"pure\told.txt", b"pure new.txt")[side], long * 2))
        files.append(_file(b"link", (b"target-1", b"target-2")[side], b"120000"))
        files.append(
            _file(b"typed", (b"text\n", b"typed-target")[side], (b"100644", b"120000")[side])
        )
        files.append(b"M 160000 %s sub\n" % ((b"1" * 40, b"2" * 40)[side]))
        sides.append(b"".join(files))
    commit = b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata 1\nx\n"
    clear = b"deleteall\n"
    return (commit % 1) + sides[0] + b"\n" + (commit % 2) + clear + sides[1] + b"\n"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oracle")
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", ".")
    _git(folder, "fast-import", "--quiet", stdin=_import_stream())
    return folder


@pytest.fixture(scope="module")
def parsed(repository: Path) -> list[FilePatch]:
    return parse_patch(_git(repository, "diff-tree", "-p", "-M", "--full-index", "main~1", "main"))


def _by_path(files: list[FilePatch]) -> dict[bytes, FilePatch]:
    return {file.new_path or file.old_path or b"": file for file in files if file.status != "T"}


def test_every_text_file_reapplies_byte_for_byte(repository: Path, parsed: list[FilePatch]) -> None:
    checked = 0
    for file in parsed:
        if file.binary or "160000" in (file.old_mode, file.new_mode):
            continue
        old, new = (
            _git(repository, "cat-file", "blob", blob) if blob and set(blob) != {"0"} else b""
            for blob in (file.old_blob, file.new_blob)
        )
        assert apply_hunks(old, file.hunks) == new, file
        assert parse_hunks(write_hunks(file.hunks)) == file.hunks
        checked += bool(file.hunks)
    # every entry of TREES but two binary and an empty one; a rename, a link, both typed halves
    assert checked == len(TREES) - 3 + 4


def test_paths_are_the_trees_own(parsed: list[FilePatch]) -> None:
    found = {file.new_path or file.old_path for file in parsed}
    others = {b"moved to.txt", b"pure new.txt", b"link", b"typed", b"sub"}
    assert found == {*TREES, *MODES, *others}


def test_writing_gives_back_gits_own_bytes(repository: Path) -> None:
    patch = _git(repository, "diff-tree", "-p", "-M", "main~1", "main", "--", "crlf.txt")
    (file,) = parse_patch(patch)
    assert patch.endswith(write_hunks(file.hunks))
    assert write_hunks(file.hunks).startswith(b"@@ -1,2 +1,2 @@\n one\r\n-two\r\n")


def test_what_happened_to_each_file(parsed: list[FilePatch]) -> None:
    files = _by_path(parsed)
    assert (files[b"added.txt"].status, files[b"added.txt"].old_path) == ("A", None)
    assert (files[b"deleted.txt"].status, files[b"deleted.txt"].new_path) == ("D", None)
    moved = files[b"moved to.txt"]
    assert (moved.status, moved.old_path, len(moved.hunks)) == ("R", b"moved from.txt", 1)
    pure = files[b"pure new.txt"]
    assert (pure.status, pure.old_path, pure.hunks) == ("R", b"pure\told.txt", ())
    for path in MODES:
        mode = files[path]
        assert (mode.status, mode.old_mode, mode.new_mode) == ("M", "100644", "100755")
    assert (files[b"link"].old_mode, files[b"link"].hunks[0].lines[0]) == ("120000", b"-target-1")
    assert files[b"sub"].hunks[0].lines[1] == b"+Subproject commit " + b"2" * 40
    typed = [file.status for file in parsed if b"typed" in (file.old_path, file.new_path)]
    assert typed == ["D", "A"]
    assert {path for path, file in files.items() if file.binary} == {b"binary.bin", b"utf-16.txt"}
    assert files[b"empty-new.txt"].hunks == ()


def test_binary_patch_body_is_passed_over(repository: Path) -> None:
    patch = _git(repository, "diff-tree", "-p", "--binary", "main~1", "main", "--", "binary.bin")
    (file,) = parse_patch(patch)
    assert (file.binary, file.hunks, file.new_path) == (True, (), b"binary.bin")


# --- crafted text ------------------------------------------------------------------------------

HEAD = b"diff --git a/f b/f\n--- a/f\n+++ b/f\n"


def test_empty_patch_has_no_files() -> None:
    assert parse_patch(b"") == []
    assert parse_hunks(b"") == ()
    assert write_hunks(()) == b""
    assert apply_hunks(b"a\n", ()) == b"a\n"


def test_empty_file_that_goes_has_a_path_and_no_hunk() -> None:
    (file,) = parse_patch(
        b"diff --git a/a b/ b b/a b/ b\ndeleted file mode 100644\nindex e69de29bb..000000000\n"
    )
    assert (file.status, file.old_path, file.new_path) == ("D", b"a b/ b", None)
    assert (file.old_blob, file.old_mode, file.hunks) == ("e69de29bb", "100644", ())


def test_text_around_the_files_is_passed_over() -> None:
    patch = b"From 1 Mon\nSubject: x\n\n" + HEAD + b"@@ -1 +1 @@ f(\n-a\n+b\n-- \n2.39.5\n\n"
    (file,) = parse_patch(patch)
    assert file.hunks[0].lines == (b"-a", b"+b")
    assert file.hunks[0].section == b"f("


def test_context_without_its_space_is_context() -> None:
    (file,) = parse_patch(HEAD + b"@@ -1,2 +1,3 @@\n a\n\n+b\n")
    assert apply_hunks(b"a\n\n", file.hunks) == b"a\n\nb\n"


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (b"just text\n", "no 'diff --git' line"),
        (HEAD + b"@@ -1,2 +1,2 @@\n a\n-b\n", "ends 1 lines early"),
        (HEAD + b"@@ -1 +1,2 @@\n-a\n-b\n+c\n+d\n", "more lines than its header"),
        (HEAD + b"@@ -x +1 @@\n-a\n+b\n", "no hunk header"),
        (b"diff --git a/f b/g\nold mode 100644\nnew mode 100755\n", "without a path"),
        (b'diff --git "a/f b/f\n--- "a/f\n+++ "b/f\n@@ -1 +1 @@\n-a\n+b\n', "without its end"),
    ],
)
def test_damaged_patch_is_refused(patch: bytes, message: str) -> None:
    with pytest.raises(PatchError, match=message):
        parse_patch(patch)


def test_text_after_hunks_is_refused() -> None:
    with pytest.raises(PatchError, match="line 4: expected a hunk"):
        parse_hunks(b"@@ -1 +1 @@\n-a\n+b\ndiff --git a/f b/f\n")


@pytest.mark.parametrize(
    ("old", "message"),
    [
        (b"x\nb\n", "old line 1: the text has"),
        (b"a\n", "old line 2: the text ends"),
        (b"a\nb", "old line 2: the text has"),  # the patch says that line ends with a newline
    ],
)
def test_patch_for_another_text_is_refused(old: bytes, message: str) -> None:
    hunks = parse_hunks(b"@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    assert apply_hunks(b"a\nb\n", hunks) == b"a\nc\n"
    with pytest.raises(PatchError, match=message):
        apply_hunks(old, hunks)


def test_hunks_out_of_order_are_refused() -> None:
    old = b"".join(b"%d\n" % n for n in range(1, 31))
    new = old.replace(b"\n2\n", b"\nx\n").replace(b"\n25\n", b"\nx\n")
    with pytest.raises(PatchError, match="used up"):
        apply_hunks(old, diff_hunks(old, new)[::-1])


def test_newline_mark_without_a_line_is_refused() -> None:
    hunks = parse_hunks(b"@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n")
    with pytest.raises(PatchError, match="begins with a mark"):
        apply_hunks(b"a\n", hunks)


def test_text_after_a_line_without_newline_is_refused() -> None:
    hunks = parse_hunks(b"@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n")
    with pytest.raises(PatchError, match="would not be the last"):
        apply_hunks(b"a\nrest\n", hunks)


def test_unquote() -> None:
    assert unquote(b'"a\\tb\\303\\251\\"\\\\"') == b'a\tb\xc3\xa9"\\'
    assert unquote(b"plain") == b"plain"
    with pytest.raises(PatchError, match="broken escape"):
        unquote(b'"a\\q"')
