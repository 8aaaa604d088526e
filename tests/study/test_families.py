"""Shared families: who may favour whom is told, and nothing is guessed of who has none."""

from __future__ import annotations

import pytest

from pullsmith.study.families import shared_families
from tests.judged import study

OTHER = "http://127.0.0.1:1/v1#other"
ROLES = {
    "teacher": {"model": "http://127.0.0.1:1/v1#teacher"},
    "reference": {"model": "http://127.0.0.1:1/v1#reference"},
    "student": {"model": "tiny"},
    "judge": {"model": "http://127.0.0.1:1/v1#judge"},
}


def told(**families: str) -> list[str]:
    roles = {name: [{**role, "family": families.get(name, "")}] for name, role in ROLES.items()}
    return list(shared_families(study(**roles)))


@pytest.mark.parametrize("other", ["teacher", "reference", "student"])
def test_a_judge_of_somebodys_family_is_told_with_the_name(other: str) -> None:
    label = ROLES[other]["model"]
    assert told(judge="f", **{other: "f"}) == [
        f"judge {ROLES['judge']['model']} is of the same family (f) as the {other} {label}"
    ]


def test_a_reference_of_the_teachers_family_is_told_and_a_student_of_it_is_not() -> None:
    teacher, reference = ROLES["teacher"]["model"], ROLES["reference"]["model"]
    assert told(teacher="f", reference="f") == [
        f"reference {reference} is of the same family (f) as the teacher {teacher}"
    ]
    assert told(teacher="f", student="f") == []


def test_one_sentence_names_everybody_of_the_judges_family() -> None:
    [judge, reference] = told(judge="f", teacher="f", reference="f", student="f")
    assert "(f) as the reference " in judge
    assert "the student tiny and the teacher " in judge
    assert reference.startswith("reference ")


def test_other_families_and_families_nobody_named_tell_nothing() -> None:
    assert told() == []
    assert told(judge="f", teacher="g", reference="h", student="i") == []


def test_a_hosted_models_vendor_is_its_family_and_a_grader_favours_its_own() -> None:
    grader = {"model": "openai:small"}
    made = study(teacher=[{"model": "openai:big"}], grader=grader, judge=[{"model": OTHER}])
    assert list(shared_families(made)) == [
        "grader openai:small is of the same family (openai) as the teacher openai:big"
    ]
