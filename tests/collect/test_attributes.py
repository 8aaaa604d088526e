"""linguist-* of .gitattributes: read as git reads patterns, and as data only."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullsmith.collect.attributes import MAX_PATTERN, MAX_RULES, parse_attributes


def flags(content: str, path: str, *before: str) -> tuple[str, ...]:
    found = parse_attributes(content.encode())
    return found.flags(path, before) if found else before


@pytest.mark.parametrize(
    ("line", "path", "twin"),
    [
        ("*.go linguist-generated", "a/b.go", "a/b.goo"),
        ("*.go linguist-generated=true", "b.go", "b.go/x"),
        ("gen/** linguist-generated", "gen/a/b", "x/gen/a"),
        ("gen/*.py linguist-generated", "gen/a.py", "gen/x/a.py"),
        ("/a.py linguist-generated", "a.py", "x/a.py"),
        ("**/api/*.py linguist-generated", "x/y/api/a.py", "x/api/y/a.py"),
        ("a/**/b linguist-generated", "a/x/y/b", "a/x/bb"),
        ("a? linguist-generated", "x/ab", "x/abc"),
        ("/* linguist-generated", "a", "a/b"),
        ("[ab].c linguist-generated", "a.c", "c.c"),
        ("[!ab].c linguist-generated", "c.c", "a.c"),
        (r"\*.c linguist-generated", "*.c", "a.c"),
        ('"with space.py" linguist-generated', "with space.py", "with"),
        ("a.py text eol=lf linguist-generated diff=evil", "a.py", "b.py"),
        ("a+(b).py linguist-generated\r", "a+(b).py", "aab.py"),
    ],
)
def test_a_pattern_and_a_path_that_it_misses(line: str, path: str, twin: str) -> None:
    assert flags(line, path) == ("generated",)
    assert flags(line, twin) == ()


def test_two_stars_alone_are_every_path() -> None:
    assert flags("/** linguist-generated", "a/b") == ("generated",)
    assert flags("** linguist-generated", "a/b") == ("generated",)


def test_each_attribute_has_its_flag_and_the_last_one_is_right() -> None:
    assert flags("a linguist-vendored linguist-documentation", "a") == ("docs", "vendored")
    assert flags("* linguist-generated\na -linguist-generated", "a", "generated", "test") == (
        "test",
    )
    assert flags("* linguist-generated=false", "a", "generated") == ()
    assert flags("a -linguist-generated\n* linguist-generated", "a") == ("generated",)
    assert flags("* linguist-generated\na !linguist-generated", "a") == ("generated",)
    assert flags("b linguist-vendored", "a", "lock") == ("lock",)


@pytest.mark.parametrize(
    "content",
    [
        "", "* text=auto", "# * linguist-generated", "linguist-generated", "*.py linguist-detectable",
        "dir/ linguist-generated", "!a linguist-generated", "[attr]m linguist-generated",
        "[z-a] linguist-generated",
    ],
)  # fmt: skip
def test_files_that_say_nothing_of_flags(content: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert parse_attributes(content.encode()) is None
    assert capfd.readouterr().err == ""  # nor does the engine complain of a clone's pattern


def test_bytes_that_are_no_utf_8_are_read() -> None:
    found = parse_attributes(b"\xe9.py linguist-generated")
    assert found is not None
    assert found.flags("\xe9.py", ()) == ("generated",)


def test_hostile_patterns_take_no_time() -> None:
    pattern = ("*a" * MAX_PATTERN)[: MAX_PATTERN - 1]
    content = f"{pattern}b linguist-generated\n" * (2 * MAX_RULES)
    begun = time.process_time()
    assert flags(content, "a" * 4000) == ()
    assert time.process_time() - begun < 5
    assert flags(f"{pattern}b linguist-generated", "a" * 60 + "b") == ("generated",)
    assert flags(f"{pattern}bc linguist-generated", "a" * 60 + "bc") == ()  # too long to be read


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text("ab/*?.", min_size=1, max_size=7), min_size=1, max_size=4),
    st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_git_agrees(
    tmp_path_factory: pytest.TempPathFactory, globs: list[str], parts: list[str]
) -> None:
    """``git check-attr`` is the oracle."""
    folder: Path = tmp_path_factory.mktemp("attributes")
    content = "".join(f"{glob} linguist-generated\n" for glob in globs)
    path = "/".join("x" + part for part in parts)
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / ".gitattributes").write_text(content)
    said = subprocess.run(
        ["git", "-C", folder, "check-attr", "linguist-generated", "--", path],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert flags(content, path) == (("generated",) if said.endswith(": set\n") else ())
