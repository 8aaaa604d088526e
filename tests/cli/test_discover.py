"""``pullsmith discover``: what is printed, where, and with which exit code."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.study import parse_study
from pullsmith.study.collect import GitHubSource
from tests.discover.hours import comment, cut, full, hour


def pullsmith(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["discover", *map(str, arguments)])


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    hour(tmp_path, "2025-01-01-0", *[full(n, by="ben") for n in range(12)], comment(1, "ann"))
    hour(tmp_path, "2025-01-01-2", full(1, repo="small/one"))
    return tmp_path


def test_a_table_on_stdout_and_the_rest_on_stderr(hours: Path) -> None:
    done = pullsmith(hours)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "rank  score  merged  closed  comments  authors  reviewers  licence  repository",
        "   1    4.9      12      12         1        1          1  unknown  forge/anvil",
        "   2    1.0       1       1         0        1          0  unknown  small/one",
    ]
    assert "2 files, 0 not used; 14 events of pull requests" in done.stderr
    assert "hours missing: 2025-01-01-1" in done.stderr
    assert "at least" not in done.stderr


def test_a_bound_is_shown_as_one(tmp_path: Path) -> None:
    hour(tmp_path, "2025-10-08-0", cut(1, "closed"))
    done = pullsmith(tmp_path)
    assert "0…1" in done.stdout
    assert "merged = at least … at most" in done.stderr


def test_names_and_sources_are_usable_next(hours: Path) -> None:
    assert pullsmith(hours, "--names", "--top", "1").stdout == "forge/anvil\n"
    text = pullsmith(hours, "--toml").stdout
    study = parse_study('name = "x"\nstudent = [{ model = "tiny" }]\n' + text)
    assert [source.github for source in study.collect.sources if isinstance(source, GitHubSource)] == [
        "forge/anvil", "small/one",
    ]  # fmt: skip
    assert tomllib.loads(text)["collect"]["sources"][0]["optional"] is True


def test_json_and_a_file(hours: Path) -> None:
    done = pullsmith(hours, "--json", "--min-merged", "2", "--out", hours / "list.json")
    assert done.stdout == ""
    listed = json.loads((hours / "list.json").read_text())
    assert [one["repository"] for one in listed["repositories"]] == ["forge/anvil"]
    assert listed["repositories"][0]["licence"] == "unknown"
    assert listed["missing_hours"] == ["2025-01-01-1"]
    assert [file["state"] for file in listed["files"]] == ["read", "read"]


def test_exit_codes(hours: Path) -> None:
    assert pullsmith(hours / "none.json.gz").exit_code == 1
    assert pullsmith("https://127.0.0.1:1/2025-01-01-0.json.gz", "--min-merged", "x").exit_code == 2
    assert pullsmith().exit_code == 2
    assert pullsmith(hours, "--out", hours / "no" / "such" / "folder").exit_code == 1


def test_a_name_cannot_steer_the_terminal(hours: Path) -> None:
    odd = hours / "2025-01-01-3\x1b[2J.json.gz"
    odd.write_text("<html>")
    done = pullsmith(hours)
    assert "\x1b" not in done.output
    assert "\\x1b[2J.json.gz: not used, html" in done.stderr
