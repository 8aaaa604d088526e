"""``pack``: exported, shown, pinned by the lines it prints; without secrets and without what was removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.records import Answer
from pullsmith.reference_pack import read_pack
from pullsmith.study import Study, load_study
from tests.finished import PULLS, TERSE, finished, small_study
from tests.judged import store

SECRET = "token = 'ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'"
HEAD = """
name = "hand-made"
student = [{ model = "tiny", contract = "native-1" }]
collect.sources = [{ planted = "stdlib", count = 1 }]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = small_study(tmp_path_factory.mktemp("made"))
    run = finished(study)
    answers = list(run.read("respond", Answer, "rules"))
    secret = [a.model_copy(update={"text": SECRET}) if a == answers[0] else a for a in answers]
    store(run, "respond", Answer, secret, "rules")
    lines = f'reference = [{{ model = "rules" }}, {{ model = "{TERSE}" }}]\n'
    (study.runs.parent / "study.toml").write_text(HEAD + lines)
    return study


def called(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["pack", *arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_the_lines_it_prints_are_a_reference_of_another_study(made: Study, tmp_path: Path) -> None:
    study = made.runs.parent / "study.toml"
    lines = called("export", f"{study}#{TERSE}", str(tmp_path / "gpt.parquet"))
    other = tmp_path / "other.toml"
    other.write_text(HEAD + lines)
    (role,) = load_study(other).reference
    pack = read_pack(tmp_path / "gpt.parquet")
    assert (role.model, role.pack, role.digest) == (TERSE, pack.path, pack.digest)
    assert len(pack.rows) == 2 * len(PULLS)
    shown = called("show", str(tmp_path / "gpt.parquet"))
    assert shown.startswith(f"{TERSE}, native-1: 20 prompts; answers: 20 ok\n[[reference]]\n")
    told = json.loads(called("show", str(tmp_path / "gpt.parquet"), "--json"))
    assert (told["digest"], told["prompts"], told["outcomes"]) == (pack.digest, 20, {"ok": 20})


def test_secrets_and_what_was_removed_stay_behind(made: Study, tmp_path: Path) -> None:
    exclude = tmp_path / "exclude.txt"
    exclude.write_text(f"pull-request {PULLS[9].id}")
    study = made.runs.parent / "study.toml"
    target = tmp_path / "rules.parquet"
    said = called("export", f"{study}#rules", str(target), "--exclude", str(exclude))
    assert "prompts that were left out: 1 secret_found, 2 removed" in said
    rows = read_pack(target).rows
    assert len(rows) == 17
    assert not any(SECRET in answer.text for row in rows for answer in row.answers)
    assert PULLS[9].id not in {row.prompt.pull_request_id for row in rows}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("", "has several references; write STUDY.toml#REFERENCE, one of: rules, openai:gpt-4"),
        ("#gpt-5", "has no reference 'gpt-5'"),
    ],
)
def test_the_reference_must_be_named(
    made: Study, tmp_path: Path, reference: str, said: str
) -> None:
    study = made.runs.parent / "study.toml"
    assert said in called("export", f"{study}{reference}", str(tmp_path / "p.parquet"), code=1)
    assert list(tmp_path.iterdir()) == []


def test_a_reference_that_has_not_answered_is_named(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(HEAD)
    said = called("export", str(tmp_path / "study.toml"), str(tmp_path / "p.parquet"), code=1)
    assert "rules has not answered yet; pullsmith run STUDY.toml --until respond" in said
