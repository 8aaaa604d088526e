"""The user's PR-Agent is found, read without being run, and recognised."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pullsmith.contracts.pr_agent.installation import find_installation
from pullsmith.errors import StudyError
from tests.contracts.pr_agent.installed import installed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return installed(tmp_path)


@pytest.mark.parametrize("inside", [".", "pr_agent"])
def test_a_checkout_and_a_package_folder_are_read(folder: Path, inside: str) -> None:
    found = find_installation(folder / inside, "2026-04")
    assert found.folder == folder / inside / ("pr_agent" if inside == "." else "")
    assert found.templates["review"].system.startswith("Review")
    assert found.marks.own_headings == ("### user", "### type")
    assert found.language_of == {".py": "Python", ".pyw": "Python", ".rs": "Rust"}
    assert found.bad_extensions == {"bin"}
    assert [bool(one.match("gone/a")) for one in found.ignored] == [False, True, False]


def test_an_environment_is_read(tmp_path: Path) -> None:
    installed(tmp_path / "lib/python3.12/site-packages")
    assert find_installation(tmp_path, "2026-04").defaults.lines_before == 3


def test_the_importable_package_is_found_and_not_imported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    (folder / "pr_agent" / "__init__.py").write_text("raise SystemExit('imported')")
    find_installation.cache_clear()
    assert find_installation(None, "2026-04").folder == folder / "pr_agent"
    assert "pr_agent" not in sys.modules
    find_installation.cache_clear()


def test_no_package_says_what_to_do() -> None:
    find_installation.cache_clear()
    with pytest.raises(StudyError, match=r"contract\.pr_agent: no PR-Agent can be imported"):
        find_installation(None, "0.2.4")


def test_an_empty_folder_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"expected the folder of a checkout"):
        find_installation(tmp_path, "0.2.4")


def test_an_unknown_version_is_refused_with_what_was_found(folder: Path) -> None:
    with pytest.raises(
        StudyError,
        match=r"expected the prompts of pr-agent-0\.2\.4, found unknown ones \(describe ",
    ):
        find_installation(folder, "0.2.4")


def test_the_newest_form_is_told_by_its_mark(folder: Path) -> None:
    describe = folder / "pr_agent" / "settings" / "describe.toml"
    describe.write_text(describe.read_text().replace("changes_diagram", "no_mark"))
    with pytest.raises(StudyError, match=r"expected the prompts of pr-agent-2026-04"):
        find_installation(folder, "2026-04")


def test_files_with_keys_are_never_opened(folder: Path) -> None:
    (folder / "pr_agent" / "settings" / ".secrets.toml").write_text("not TOML at all")
    find_installation(folder, "2026-04")


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            "settings/configuration.toml",
            "max_number_of_calls = 2",
            "",
            "lack 'max_number_of_calls'",
        ),
        ("settings/ignore.toml", "[ignore]", "[ignore", "ignore.toml: "),
        ("algo/pr_processing.py", "ADDED_FILES_ =", "OTHER =", "a constant is not in its source"),
        ("algo/utils.py", "class", "class class", "cannot be read"),
    ],
)
def test_what_is_missing_is_named(
    folder: Path, path: str, old: str, new: str, message: str
) -> None:
    file = folder / "pr_agent" / path
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(StudyError, match=message):
        find_installation(folder, "2026-04")
