"""Study files: what is read, and the one clear line for what is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.errors import StudyError
from pullsmith.study import Study, load_study, parse_study
from pullsmith.study.collect import GitSource, PlantedSource
from pullsmith.study.load import _all_models

SMALL = """
name = "small"
student = [{ model = "tiny" }]
[collect]
sources = [{ git = "clone" }, { planted = "stdlib", count = 5 }]
"""


def test_a_small_study_has_defaults_for_the_rest() -> None:
    study = parse_study(SMALL)
    assert isinstance(study.collect.sources[0], GitSource)
    assert isinstance(study.collect.sources[1], PlantedSource)
    assert study.teacher[0].model == "rules+truth"
    assert study.respond_cells == ("tiny", "constant", "majority", "rules")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(SMALL + "\n[[tool]]\nname = 'a'\nfolder = 'tools/a'")
    study = load_study(tmp_path / "s.toml")
    source = study.collect.sources[0]
    assert isinstance(source, GitSource)
    assert source.git == tmp_path / "clone"
    assert study.runs == tmp_path / "runs"
    assert study.tool[0].folder == tmp_path / "tools" / "a"


def test_a_tool_of_the_users_own_may_be_asked_for_and_has_options() -> None:
    study = parse_study(
        SMALL + "\n[[tool]]\nname = 'note'\nfolder = 'x'\n[contract.options.note]\nmax_findings = 1"
    )
    assert study.tools == ("describe", "review", "improve", "note")
    assert study.contract.options_of("note").max_findings == 1


def test_overrides_are_merged_left_to_right() -> None:
    study = parse_study(
        SMALL, overrides=["train.steps=3", "student.0.name=mine", "train.steps=7", "seed=2"]
    )
    assert (study.train.steps, study.student[0].label, study.seed) == (7, "mine", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL.replace("student", "studnet"), "unknown key 'studnet'; did you mean 'student'?"),
        (SMALL + "\n[train]\nstpes = 3", "unknown key 'train.stpes'; did you mean 'steps'?"),
        (SMALL.replace("count", "cuont"), "unknown key 'collect.sources.1.cuont'; did you mean 'count'?"),
        (SMALL.replace('"tiny"', '"tiny", contarct = "x"'), "did you mean 'contract'?"),
        (SMALL + "\n[train]\nqqqqq = 3", "known here: steps, learning_rate"),
        (SMALL + "\n[train]\nsteps = 'many'", "train.steps: Input should be a valid integer, unable to parse string as an integer, found 'many'"),
        (SMALL.replace('"tiny"', '"tyni"'), "unknown model 'tyni': did you mean 'tiny'?"),
        (SMALL + "\n[[reference]]\nmodel = 'rules+truth'", "a teacher, never a reference"),
        (SMALL.replace('[{ model = "tiny" }]', '[{ model = "tiny" }, { model = "tiny" }]'), "share the folder 'tiny'"),
        (SMALL.replace("git =", "gti ="), 'write { git = "PATH" }, '),
        (SMALL + "\n[contract.options.reveiw]\nmax_findings = 1", "contract.options: unknown tool 'reveiw'; did you mean 'review'?"),
        (SMALL + "\n[contract.options.zzz]", "contract.options: unknown tool 'zzz'; known: describe, review, improve"),
        (SMALL + "\n[contract.options.review]\nmax_finding = 1", "unknown key 'contract.options.review.max_finding'; did you mean 'max_findings'?"),
        (SMALL + "\n[contract.options.review]\nmax_findings = 21", "contract.options.review.max_findings: Input should be less than or equal to 20, found 21"),
        (SMALL + "\n[[tool]]\nname = 'spot'\nfolder = 'x'", "tool 'spot' in x: expected a name of its own, found that of one that is built in"),
        (SMALL + "\n[[tool]]\nname = 'a'\nfolder = 'x'" * 2, "tool 'a' in x: expected a name of its own, found that of two tools"),
        (SMALL + "\n[[tool]]\nname = 'A b'\nfolder = 'x'", "tool.0.name: String should match pattern"),
        (SMALL + "\n[[tool]]\nname = 'a'\nfoler = 'x'", "unknown key 'tool.0.foler'; did you mean 'folder'?"),
        (SMALL + "\n[clean]\nmin_judge_score = 5", "clean.min_judge_score = 5, but nobody gives a score: name a grader"),
        ("name = ", "not valid TOML"),
        ("name = 'x'", "collect: Field required"),
        (SMALL.replace('"small"', '"../up"'), "name: String should match pattern"),
    ],
)  # fmt: skip
def test_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(StudyError, match=re.escape(message)) as caught:
        parse_study(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("steps", "write key=value"),
        ("student.4.model=x", "entries 0 to 0"),
        ("name.x=1", "plain value"),
    ],
)
def test_overrides_that_fit_nowhere(override: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        parse_study(SMALL, overrides=[override])


def test_a_missing_file_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"pullsmith init .*none\.toml"):
        load_study(tmp_path / "none.toml")


def test_every_setting_is_read_somewhere() -> None:
    """An option nobody reads is a lie in the study file."""
    source_folder = Path(__file__).parents[2] / "src" / "pullsmith"
    sources = [
        p.read_text()
        for p in source_folder.rglob("*.py")
        if "study" not in p.relative_to(source_folder).parts[0]
    ]
    # Lists of a [[student]] are gone once the study is loaded: this file has made students of them.
    sources.append((source_folder / "study" / "grid.py").read_text())
    code = "\n".join(sources)
    assert len(sources) > 20
    names = {name for model in _all_models(Study).values() for name in model.model_fields}
    assert [name for name in sorted(names) if f".{name}" not in code] == []
