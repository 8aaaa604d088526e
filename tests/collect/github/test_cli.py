"""``pullsmith collect`` on a study that names GitHub, alone and beside a clone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.records import Drop, PullRequest
from pullsmith.rows import read_rows
from tests.collect.github.forge import Forge, once, say
from tests.collect.github.told import BY_BOT, MERGE, ODD, Told

STUDY = 'name = "s"\nstudent = [{ model = "tiny" }]\n[collect]\nsources = [%s]\n'


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    monkeypatch.setattr("pullsmith.collect.github.quota.PACE_SECONDS", 0.0)
    monkeypatch.chdir(tmp_path)


def collect(source: str) -> tuple[int, str]:
    Path("s.toml").write_text(STUDY % source)
    done = CliRunner().invoke(main, ["collect", "s.toml"])
    return done.exit_code, done.output


def rows() -> dict[int, PullRequest]:
    shards = sorted(Path("runs/s/collect").glob("*.parquet"))
    return {
        one.number or 0: one
        for shard in shards
        if shard.name != "dropped.parquet"
        for one in read_rows(shard, PullRequest)
    }


def test_github_alone(forge: Forge) -> None:
    forge.pulls[ODD].merge = None
    source = f'{{ github = "ada/tool", base_url = "{forge.url}", limit = 3, since = 2026-01-01 }}'
    code, said = collect(source)
    assert code == 0, said
    assert len(rows()) == 3
    assert rows()[BY_BOT].evidence == "github_squash"
    (dropped,) = read_rows(Path("runs/s/collect/dropped.parquet"), Drop)
    assert dropped.reason == "no_merge_commit"
    assert CliRunner().invoke(main, ["show", str(ODD), "--study", "s.toml"]).exit_code == 0
    asked = len(forge.log)
    assert collect(source)[0] == 0
    assert len(forge.log) == asked
    assert forge.log[0].token == "token t0ken"
    assert not [
        path for path in Path("runs").rglob("*") if path.is_file() and b"t0ken" in path.read_bytes()
    ]


def test_a_clone_and_github(forge: Forge, told: Told) -> None:
    code, said = collect(
        f'{{ git = "{told.folder}", github = "ada/tool", base_url = "{forge.url}" }}'
    )
    assert code == 0, said
    assert rows()[MERGE].source == "git"
    assert rows()[MERGE].labels == ("bug", "easy")
    assert len(rows()[MERGE].threads) == 3


def test_max_files_counts(forge: Forge) -> None:
    source = f'{{ github = "ada/tool", base_url = "{forge.url}" }}'
    assert collect(source)[0] == 0
    assert ODD in rows()
    Path("s.toml").write_text(STUDY % source + "max_files = 2\n")
    done = CliRunner().invoke(main, ["collect", "s.toml", "--restart"])
    assert done.exit_code == 0, done.output
    assert ODD not in rows()


@pytest.mark.parametrize(
    ("status", "code", "words"), [(404, 1, "no repository ada/tool"), (401, 3, "GITHUB_TOKEN")]
)
def test_errors_are_one_line_with_their_code(
    forge: Forge, status: int, code: int, words: str
) -> None:
    forge.tricks = [once("", say(status, "no"), times=0)]
    found, said = collect(f'{{ github = "ada/tool", base_url = "{forge.url}" }}')
    assert found == code
    assert words in said
    assert "Traceback" not in said


def test_an_optional_one_is_passed_over(forge: Forge, told: Told) -> None:
    forge.pulls = {}
    github = f'github = "ada/tool", base_url = "{forge.url}"'
    assert collect(f"{{ {github} }}")[0] == 1
    code, said = collect(f'{{ {github}, optional = true }}, {{ git = "{told.folder}" }}')
    assert code == 0, said
    assert rows()[MERGE].source == "git"
