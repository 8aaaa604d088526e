"""Describing by rules: types, labels, phrases, effort."""

from __future__ import annotations

import pytest

from pullsmith.contracts.answers import ChangeType
from pullsmith.llm.describing import change_type, describe, effort, label, relevant_tests
from pullsmith.records import ChangeStatus
from tests.llm.pulls import PATH, added, change, pull_request, shown_of

EDIT = "@@ -1,1 +1,1 @@\n-x = 1\n+x = 2\n"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Fix the crash of load", ChangeType.BUG_FIX),
        ("fix(load): no crash", ChangeType.BUG_FIX),
        ("#12: crash when empty", ChangeType.BUG_FIX),
        ("Add a cache", ChangeType.ENHANCEMENT),
        ("feat: cache", ChangeType.ENHANCEMENT),
        ("docs: a word", ChangeType.DOCUMENTATION),
        ("tests: more", ChangeType.TESTS),
        ("Bump x to 2", ChangeType.OTHER),
        ("Prefix names", ChangeType.OTHER),
        ("", ChangeType.OTHER),
        ("12", ChangeType.OTHER),
    ],
)
def test_types_by_title(title: str, kind: ChangeType) -> None:
    pull = pull_request(change(EDIT), title=title)
    assert change_type(pull, shown_of(pull)) is kind


def test_the_commit_messages_where_the_title_says_nothing() -> None:
    pull = pull_request(change(EDIT), title="load", commit_messages=("wip", "Fixes load\n\nAdd x"))
    assert change_type(pull, shown_of(pull)) is ChangeType.BUG_FIX


@pytest.mark.parametrize(
    ("path", "kind"),
    [("tests/test_a.py", ChangeType.TESTS), ("docs/a.md", ChangeType.DOCUMENTATION)],
)
def test_paths_go_before_titles_where_all_agree(path: str, kind: ChangeType) -> None:
    alone = pull_request(change(EDIT, path=path), title="Fix it")
    mixed = pull_request(change(EDIT, path=path), change(EDIT), title="Fix it")
    assert change_type(alone, shown_of(alone)) is kind
    assert change_type(mixed, shown_of(mixed)) is ChangeType.BUG_FIX


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tests/a.py", "tests"), ("a/test_b.py", "tests"), ("a/b_test.go", "tests"),
        ("latest/a.py", "enhancement"), ("contest.py", "enhancement"),
        ("README", "documentation"), ("docs/conf.py", "documentation"), ("a.rst", "documentation"),
        ("setup.cfg", "configuration changes"), ("a.py", "enhancement"), ("a", "enhancement"),
    ],
)  # fmt: skip
def test_labels(path: str, name: str) -> None:
    assert label(path) == name


@pytest.mark.parametrize(
    ("patch", "status", "phrase"),
    [
        (EDIT, ChangeStatus.MODIFIED, "Changes a line"),
        ("@@ -1,1 +1,2 @@\n-x = 1\n+x = 2\n+y\n", ChangeStatus.MODIFIED, "Changes some lines"),
        ("@@ -1,1 +0,0 @@\n-x = 1\n", ChangeStatus.MODIFIED, "Removes some lines"),
        (added("def f():", "    return 1"), ChangeStatus.MODIFIED, "Adds a function"),
        (added("    @property", "    def f():"), ChangeStatus.MODIFIED, "Adds a function"),
        (added("    x = 1"), ChangeStatus.MODIFIED, "Extends a function"),
        (added("X = 1"), ChangeStatus.MODIFIED, "Adds some lines"),
        (added("x = 1", start=1), ChangeStatus.ADDED, "Adds a file"),
        ("@@ -1,1 +0,0 @@\n-x = 1\n", ChangeStatus.DELETED, "Removes a file"),
        ("", ChangeStatus.RENAMED, "Renames a file"),
        (EDIT, ChangeStatus.RENAMED, "Changes a line"),
        ("", ChangeStatus.MODIFIED, "Changes a file without text"),
    ],
)
def test_phrases(patch: str, status: ChangeStatus, phrase: str) -> None:
    pull = pull_request(change(patch, status=status))
    (file,) = describe(pull, shown_of(pull)).pr_files
    assert file.changes_title == phrase


def test_a_description() -> None:
    files = [change(EDIT, path=f"a{n:02d}.py") for n in range(25)]
    pull = pull_request(*files, title="Fix it")
    value = describe(pull, shown_of(pull))
    assert value.title == "Update 'a00.py'"
    assert value.description == "\n".join(["- Changes a line"] * 4)
    assert [file.filename for file in value.pr_files] == [f"a{n:02d}.py" for n in range(20)]


def test_a_type_change_is_one_file_of_a_description() -> None:
    removed = change("@@ -1,1 +0,0 @@\n-x\n", status=ChangeStatus.DELETED)
    pull = pull_request(removed, change(added("y", start=1), status=ChangeStatus.ADDED))
    assert [f.filename for f in describe(pull, shown_of(pull)).pr_files] == [PATH]


@pytest.mark.parametrize(
    ("files", "lines", "level"),
    [(1, 20, 1), (1, 21, 2), (2, 10, 2), (3, 20, 2), (4, 10, 3), (8, 26, 4), (9, 1, 4), (21, 1, 5)],
)
def test_effort(files: int, lines: int, level: int) -> None:
    patch = added(*["x = 1"] * lines)
    pull = pull_request(*(change(patch, path=f"a{n}.py") for n in range(files)))
    assert effort(shown_of(pull)) == level


def test_tests_by_path() -> None:
    with_tests = pull_request(change(EDIT), change(EDIT, path="tests/test_load.py"))
    assert relevant_tests(shown_of(with_tests)) == "Yes"
    assert relevant_tests(shown_of(pull_request(change(EDIT)))) == "No"
