"""Raw lines and patch joined into FileChange records."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.collect.patches import file_changes
from pullsmith.diff.patch import apply_hunks, parse_hunks
from pullsmith.errors import PatchError
from pullsmith.records import ChangeStatus, FileChange, HunkContext
from tests.collect.repositories import Content, Teller, git, numbered

_SHOW = ("diff-tree", "-r", "--raw", "-p", "-M", "--no-abbrev", "--full-index")


def _changes(
    folder: Path,
    old: dict[str | bytes, Content],
    new: dict[str | bytes, Content],
    context_lines: int = 0,
) -> dict[str, FileChange]:
    teller = Teller()
    root = teller.commit("old", old)
    teller.commit("new", {**dict.fromkeys(old), **new}, root)
    teller.make(folder / "p.git")
    width = f"-U{3 + context_lines}"
    files = file_changes(git(folder / "p.git", *_SHOW, width, "main~1", "main"), context_lines)
    return {file.path: file for file in files}


def test_each_kind_of_change(tmp_path: Path) -> None:
    files = _changes(
        tmp_path,
        {
            "gone.py": b"going\n", "kept.py": b"a\nb\n", "from.py": numbered(20), "run.sh": (b"100644", b"x\n"),
            "mod": (b"160000", b"1" * 40), "link": (b"120000", b"one"), "kind": b"text\n",
            "pure.py": numbered(25), "latin.txt": b"caf\xe9\n", "data.bin": b"\0\1",
        },
        {
            "kept.py": b"a\nc\nd\n", "to.py": numbered(20, l3="x"), "run.sh": (b"100755", b"x\n"),
            "mod": (b"160000", b"2" * 40), "link": (b"120000", b"two"), "kind": (b"120000", b"kept.py"),
            "moved.py": numbered(25), "latin.txt": b"caf\xe9s\n", "data.bin": b"\0\2",
            "long.js": b"x" * 5001, "empty.py": b"", b"bad\xff.txt": b"x\n", "new.py": b"# DO NOT EDIT\nx\n",
        },
    )  # fmt: skip
    assert {path: file.status.value for path, file in files.items()} == {
        "gone.py": "D", "kept.py": "M", "to.py": "R", "run.sh": "M", "mod": "M", "link": "M", "kind": "T",
        "moved.py": "R", "latin.txt": "M", "data.bin": "M", "empty.py": "A", "bad\xff.txt": "A",
        "new.py": "A", "long.js": "A",
    }  # fmt: skip
    kept = files["kept.py"]
    assert kept.patch == "@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n"
    assert (kept.added_lines, kept.deleted_lines, kept.language) == (2, 1, "python")
    assert (files["to.py"].old_path, files["to.py"].patch.count("\n")) == ("from.py", 8)
    assert (files["moved.py"].old_path, files["moved.py"].patch) == ("pure.py", "")
    assert (files["run.sh"].flags, files["run.sh"].patch) == (("mode",), "")
    assert "+Subproject commit 2222" in files["mod"].patch
    assert files["mod"].flags == ("submodule",)
    assert files["link"].flags == ("symlink",)
    assert (files["data.bin"].binary, files["data.bin"].patch) == (True, "")
    assert (files["latin.txt"].encoding, files["latin.txt"].patch) == (
        "latin-1",
        "@@ -1 +1 @@\n-caf\xe9\n+caf\xe9s\n",
    )
    assert files["bad\xff.txt"].flags == ("latin_1_path",)
    assert files["empty.py"].patch == ""
    assert files["new.py"].flags == ("generated",)
    assert files["long.js"].flags == ("minified",)
    assert files["long.js"].added_lines == 1  # and a mark that no newline ends it
    assert files["kept.py"].flags == ()


OLD: dict[str | bytes, Content] = {
    "mid": numbered(40), "gone": b"a\n", "kind": b"a\nb\n", "data": b"\0\1", "moved": numbered(30),
    "far": b"caf\xe9\n1\n2\n3\n4\n", "near": b"caf\xe9\n" + numbered(9), "crlf": b"1\r\n2\r\n3\r\n4\r\n5\r\n",
    "mod": (b"160000", b"1" * 40),
}  # fmt: skip
NEW: dict[str | bytes, Content] = {
    "mid": numbered(40, l20="x"), "new": b"b\n", "kind": (b"120000", b"mid"), "data": b"\0\2", "here": numbered(30),
    "far": b"caf\xe9\n1\n2\n3\nx\n", "near": b"caf\xe9s\n" + numbered(9, l9="x"), "crlf": b"1\r\n2\r\n3\r\n4\r\nx\r\n",
    "mod": (b"160000", b"2" * 40),
}  # fmt: skip


def test_context_stands_beside_patches_that_stay_as_they_are(tmp_path: Path) -> None:
    plain = _changes(tmp_path / "plain", OLD, NEW)
    files = _changes(tmp_path / "wide", OLD, NEW, context_lines=2)
    assert {file.context for file in plain.values()} == {None}
    assert plain == {
        path: file.model_copy(update={"context": None}) for path, file in files.items()
    }
    assert files["mid"].context == (
        HunkContext(before=("line 15", "line 16"), after=("line 24", "line 25")),
    )
    nothing = (HunkContext(before=(), after=()),)
    for path in ("gone", "new", "kind", "mod"):
        assert files[path].context == nothing, path
    for path in ("data", "here"):  # no hunk
        assert files[path].context == (), path
    assert files["crlf"].context == (HunkContext(before=("1\r",), after=()),)


def test_context_has_the_patchs_encoding_or_is_none(tmp_path: Path) -> None:
    files = _changes(tmp_path, OLD, NEW, context_lines=6)
    assert (files["far"].encoding, files["far"].context) == ("utf-8", None)
    near = files["near"].context or ()
    assert (files["near"].encoding, near[1].before[0]) == ("latin-1", "café")
    assert files["mid"].context is not None


def test_a_type_change_is_one_hunk_that_applies(tmp_path: Path) -> None:
    files = _changes(tmp_path, {"kind": b"one\ntwo\n"}, {"kind": (b"120000", b"target")})
    (hunk,) = parse_hunks(files["kind"].patch.encode())
    assert files["kind"].status is ChangeStatus.TYPE_CHANGED
    assert files["kind"].flags == ("symlink",)
    assert apply_hunks(b"one\ntwo\n", (hunk,)) == b"target"


def test_line_ends_survive_the_trip_to_text(tmp_path: Path) -> None:
    old = "one\r\ntwo\rstill two\nsep\u2028arator\x0c\x1c\nlast".encode()
    new = old.replace(b"two\r", b"2\r")
    files = _changes(tmp_path, {"f": old}, {"f": new})
    assert apply_hunks(old, parse_hunks(files["f"].patch.encode())) == new


def test_a_patch_that_is_not_the_raw_lines_is_refused(tmp_path: Path) -> None:
    teller = Teller()
    root = teller.commit("old", {"a": b"1\n", "b": b"1\n"})
    teller.commit("new", {"a": b"2\n", "b": b"2\n"}, root)
    teller.make(tmp_path / "r.git")
    whole = git(tmp_path / "r.git", *_SHOW, "main~1", "main")
    assert len(file_changes(whole)) == 2
    with pytest.raises(PatchError, match="the patch has 1 files, the raw lines 2"):
        file_changes(whole[: whole.rindex(b"diff --git")])
    first, _, rest = whole.partition(b"\n")
    with pytest.raises(PatchError, match="the patch has 2 files, the raw lines 1"):
        file_changes(first + rest[rest.index(b"\n\ndiff --git ") :])
    with pytest.raises(PatchError, match=r"'a' is not where the raw lines say"):
        file_changes(whole.replace(b"a/a b/a", b"a/c b/a"))
    with pytest.raises(PatchError, match="no files"):
        file_changes(b"")


def test_a_hunk_that_is_not_as_long_as_it_says_is_refused(tmp_path: Path) -> None:
    teller = Teller()
    root = teller.commit("old", {"a": numbered(30)})
    teller.commit("new", {"a": numbered(30, l4="x", l20="y")}, root)
    teller.make(tmp_path / "r.git")
    whole = git(tmp_path / "r.git", *_SHOW, "main~1", "main")
    (file,) = file_changes(whole)
    assert (file.added_lines, file.deleted_lines) == (2, 2)
    for cut, found in ((b" line 21\n", "13 old and 13"), (b"+y\n", "14 old and 13")):
        with pytest.raises(PatchError, match=f"{found} new lines; their headers say 14 and 14"):
            file_changes(whole.replace(cut, b""))
    with pytest.raises(PatchError, match="have 11 old and 11 new lines"):
        file_changes(whole[: whole.index(b" line 21")])


def test_a_character_cut_by_git_in_a_section_heading_does_not_make_a_patch_latin_1(
    tmp_path: Path,
) -> None:
    heading = "def " + "é" * 60  # git shows its first 80 bytes; with "def " a character is whole
    for lead in ("", "x"):
        lines = [lead + heading, *(f"    line {n}" for n in range(9))]
        old = "\n".join(lines).encode()
        files = _changes(tmp_path / f"r{lead}", {"f.py": old}, {"f.py": old + b"\nend\n"})
        assert files["f.py"].encoding == "utf-8"
        assert "é" in files["f.py"].patch.partition("\n")[0]
        assert apply_hunks(old, parse_hunks(files["f.py"].patch.encode())).endswith(b"\nend\n")
    latin = heading.encode("latin-1")
    files = _changes(tmp_path / "l", {"f.py": latin + b"\na\n"}, {"f.py": latin + b"\nb\n"})
    assert files["f.py"].encoding == "latin-1"
