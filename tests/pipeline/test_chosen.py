"""What --only and --until mean."""

from __future__ import annotations

import pytest

from pullsmith.errors import StudyError
from pullsmith.pipeline import chosen_jobs
from pullsmith.study import Study, parse_study

STUDY = """
name = "chosen"
judging.controls = 0
[[student]]
model = "hf:o/n-it"
name = "n"
data = ["all", "random"]
[[student]]
model = "hf:o/m"
[collect]
sources = [{ planted = "stdlib", count = 5 }]
"""


@pytest.fixture
def study() -> Study:
    return parse_study(STUDY)


def names(study: Study, *, until: str | None = None, only: str | None = None) -> list[str]:
    return [str(key) for _, key in chosen_jobs(study, until=until, only=only)]


def test_a_model_by_its_cell_or_its_label(study: Study) -> None:
    assert names(study, only="n+random") == ["train/n+random", "respond/n+random", "judge/n+random"]
    assert names(study, only="hf:o/m") == names(study, only="hf-o-m")
    assert names(study, only="hf:o/m") == ["train/hf-o-m", "respond/hf-o-m", "judge/hf-o-m"]
    assert names(study, only="rules") == ["respond/rules"]
    assert names(study, only="train/n+all") == ["train/n+all"]


def test_an_entry_is_all_its_cells(study: Study) -> None:
    assert names(study, only="n", until="train") == ["train/n+all", "train/n+random"]
    assert len(names(study, only="n")) == 6


def test_a_student_that_has_the_entrys_name_is_that_one_alone() -> None:
    both = parse_study(
        STUDY.replace(
            'data = ["all", "random"]',
            '\n[[student]]\nmodel = "hf:o/n-it"\nname = "n"\ndata = ["random"]',
        )
    )
    assert names(both, only="n", until="train") == ["train/n"]
    assert names(both, only="n+random", until="train") == ["train/n+random"]


def test_a_stage_and_everything_up_to_one(study: Study) -> None:
    assert names(study, only="train") == ["train/n+all", "train/n+random", "train/hf-o-m"]
    assert names(study, until="control")[-2:] == ["clean", "control/random"]
    assert names(study, only="control") == ["control/random"]
    assert names(study)[-2:] == ["rank", "report"]


@pytest.mark.parametrize("choice", [{"only": "m"}, {"until": "n"}, {"only": "train/m"}])
def test_an_unknown_name_lists_what_there_is(study: Study, choice: dict[str, str]) -> None:
    with pytest.raises(
        StudyError, match=r"unknown stage or model .*known: .*hf-o-m.* n, n\+all, n\+r"
    ):
        names(study, **choice)


@pytest.mark.parametrize("choice", [{"only": "train", "until": "clean"}, {"only": "control"}])
def test_nothing_to_do_is_an_error(choice: dict[str, str]) -> None:
    plain = parse_study(STUDY.replace('data = ["all", "random"]', ""))
    with pytest.raises(StudyError, match=rf"'{choice['only']}' has no job up to .*; nothing to do"):
        names(plain, **choice)
