"""A diff as GitHub writes it, read as a clone's; and every way in which it may be less than whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.collect.github.patch import with_raw_lines
from pullsmith.collect.patches import file_changes
from pullsmith.errors import PatchError, SourceError
from pullsmith.records import ChangeStatus
from tests.collect.github.asking import Asker
from tests.collect.github.forge import DIFF, Forge, Pull, changing, once, say, serving
from tests.collect.github.told import MERGE, ODD, Files
from tests.collect.repositories import FORGE, Teller

COMPARE = "/compare/"


def raw(diff: str) -> list[str]:
    lines = with_raw_lines(diff.encode()).decode().split("\n")
    return [line for line in lines if line.startswith(":")]


def test_what_headers_say_as_raw_lines() -> None:
    diff = """\
diff --git a/a b.py b/a b.py
index 1111111..2222222 100755
--- a/a b.py\t
+++ b/a b.py\t
@@ -1 +1 @@
-diff --git a/x b/x
+rename from y
diff --git a/old b/new
similarity index 100%
rename from old
rename to new
diff --git a/m b/m
old mode 100644
new mode 100755
diff --git a/added b/added
new file mode 100644
index 0000000..e69de29
diff --git a/gone b/gone
deleted file mode 120000
index 1111111..0000000
diff --git a/sub b/sub
index 1111111..2222222 160000
diff --git "a/\\303\\244" "b/\\303\\244"
index 1111111..2222222
Binary files "a/\\303\\244" and "b/\\303\\244" differ
"""
    assert raw(diff) == [
        ":100755 100755 0 0 M\ta b.py",
        ":100644 100644 0 0 R\told\tnew",
        ":100644 100755 0 0 M\tm",
        ":000000 100644 0 0 A\tadded",
        ":120000 000000 0 0 D\tgone",
        ":160000 160000 0 0 M\tsub",
        ':100644 100644 0 0 M\t"\\303\\244"',
    ]
    files = file_changes(with_raw_lines(diff.encode()))
    assert [one.path for one in files] == ["a b.py", "new", "m", "added", "gone", "sub", "ä"]
    assert files[-1].binary


def test_a_removal_and_an_addition_of_one_path_are_a_change_of_its_type() -> None:
    two = """\
diff --git a/{0} b/{0}
deleted file mode 100644
index 1111111..0000000
diff --git a/{1} b/{1}
new file mode 120000
index 0000000..1111111
"""
    assert raw(two.format("t", "t")) == [":100644 120000 0 0 T\tt"]
    assert raw(two.format("t", "u")) == [":100644 000000 0 0 D\tt", ":000000 120000 0 0 A\tu"]


@pytest.mark.parametrize(
    ("diff", "said"),
    [
        ("", "no diff begins like this"),
        ("<html>", "no diff begins like this"),
        ("diff --git a/x b/x\nnew file mode 1", "ends in the middle of a line"),
        ("diff --git a/x b/y\nindex 1..2 100644\n", "are two, and it is no rename"),
        ("diff --git x y\n", "does not begin with"),
        ("diff --git a/x b/y\nrename from x\n", "does not say to what"),
        ("diff --git a/x b/y\ncopy from x\ncopy to y\n", "a copied file"),
    ],
)
def test_what_is_no_diff(diff: str, said: str) -> None:
    with pytest.raises(PatchError, match=said):
        with_raw_lines(diff.encode())


def test_odd_files_are_those_of_a_clone(forge: Forge, work: Path) -> None:
    """Compared with the clone's in test_source; here what they are."""
    files = {one.path: one for one in Asker(forge, work).records()[ODD].files}
    assert files["new näme.py"].old_path == "old name.py"
    assert files["type"].status is ChangeStatus.TYPE_CHANGED
    assert files["latin.py"].encoding == "latin-1"
    assert files["crlf.py"].patch.endswith("+a\r\n+b\r\n")
    assert files["end.py"].patch.endswith("\\ No newline at end of file\n")
    assert "submodule" in files["sub"].flags
    assert files["bin"].binary


# --- less than whole ---------------------------------------------------------------------------


def last_file_gone(diff: bytes) -> bytes:
    return diff[: diff.rfind(b"\ndiff --git ") + 1]


def hunk_gone(diff: bytes) -> bytes:
    return diff[: diff.rfind(b"\n@@ ") + 1]


@pytest.mark.parametrize("cut", [last_file_gone, hunk_gone, lambda _: b""])
def test_a_cut_diff_is_asked_for_again_then_a_drop(
    forge: Forge, work: Path, tmp_path: Path, cut: object
) -> None:
    assert callable(cut)
    forge.pulls = {number: forge.pulls[number] for number in (MERGE, ODD)}
    forge.tricks = [changing(COMPARE, cut, form=DIFF, times=2)]
    assert set(Asker(forge, work).records()) == {MERGE, ODD}
    other = tmp_path / "other"
    other.mkdir()
    forge.tricks = [
        changing(COMPARE, lambda diff: cut(diff) if b"bin" in diff else diff, form=DIFF)
    ]
    drops = Asker(forge, other).drops()
    assert set(drops) == {str(ODD)}
    assert set(drops.values()) <= {"diff_differs", "unreadable_patch"}


def test_another_file_under_the_same_counts_is_noticed(forge: Forge, work: Path) -> None:
    forge.tricks = [changing(COMPARE, lambda diff: diff.replace(b"/e.py", b"/f.py"), form=DIFF)]
    assert list(Asker(forge, work).drops().values()) == ["diff_differs"]


def test_a_list_with_a_file_less_than_counted_is_no_change_of_it(forge: Forge, work: Path) -> None:
    forge.tricks = [changing(COMPARE, lambda found: {**found, "files": found["files"][:-1]})]
    with pytest.raises(SourceError, match="all dropped: counts_differ 5"):
        Asker(forge, work).outcomes()


@pytest.mark.parametrize("status", [406, 422])
def test_a_diff_that_github_will_not_make(forge: Forge, work: Path, status: int) -> None:
    forge.pulls = {number: forge.pulls[number] for number in (MERGE, ODD)}
    forge.tricks = [once(COMPARE, say(status, "the diff exceeded the maximum"), form=DIFF)]
    assert list(Asker(forge, work).drops().values()) == ["diff_cut"]
    assert forge.count(COMPARE, status) == 1  # asking again is no use


@pytest.mark.parametrize(("count", "kept"), [(300, True), (301, False)])
def test_three_hundred_files_are_the_most(
    tmp_path: Path, work: Path, count: int, kept: bool
) -> None:
    teller = Teller()
    root = teller.commit("Start", {"a": b"a\n"})
    files: Files = {f"f{n:03}": b"x\n" for n in range(count)}
    teller.commit("Many (#1)", files, root, committer=FORGE)
    small = teller.commit("Few (#2)", {"b": b"b\n"}, 2, committer=FORGE)
    at = teller.make(tmp_path / "many.git")
    forge = Forge(tmp_path / "many.git")
    forge.pulls = {
        1: Pull(1, at[2], at[root], at[2]),
        2: Pull(2, at[small], at[2], at[small]),
    }
    with serving(forge):
        asker = Asker(forge, work)
        assert asker.drops() == ({} if kept else {"1": "diff_cut"})
        records = asker.records()
    assert {number: len(one.files) for number, one in records.items()} == (
        {1: 300, 2: 1} if kept else {2: 1}
    )
