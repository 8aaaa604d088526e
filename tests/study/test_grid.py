"""A [[student]] entry with lists becomes students; one without stays what it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import StudyError
from pullsmith.pipeline import STAGES
from pullsmith.study import Study, parse_study
from pullsmith.study.data import DataKind, TrainingData
from pullsmith.study.roles import StudentRole

HEAD = 'name = "grid"\n[collect]\nsources = [{ planted = "stdlib", count = 5 }]\n'
ENTRY = '[[student]]\nmodel = "hf:o/n-it"\nname = "n"\n'


def grid(*lines: str) -> Study:
    return parse_study(HEAD + ENTRY + "\n".join(lines))


def test_every_combination_is_a_student_with_a_name_of_its_own() -> None:
    study = grid('base = "hf:o/n"', 'methods = ["full", "lora"]', 'data = ["all", "share:0.1"]')
    assert study.student_cells == (
        "n+instruct+full+all", "n+instruct+full+share-0.1",
        "n+instruct+lora+all", "n+instruct+lora+share-0.1",
        "n+base+full+all", "n+base+full+share-0.1",
        "n+base+lora+all", "n+base+lora+share-0.1",
    )  # fmt: skip
    last = study.student[-1]
    assert (last.entry, last.variant, last.method) == ("n", "base", "lora")
    assert (last.model, last.training_data) == ("hf:o/n", TrainingData(DataKind.SHARE, share=0.1))
    assert last.label == "n+base+lora+share-0.1"
    assert study.student[0].model == "hf:o/n-it"


def test_names_are_made_of_the_lists_that_are_there_and_stay_when_one_grows() -> None:
    few, more = grid('data = ["all", "random"]'), grid('data = ["uncleaned", "all", "random"]')
    assert few.student_cells == ("n+all", "n+random")
    assert set(few.student_cells) < set(more.student_cells)
    assert grid('methods = ["lora"]').student_cells == ("n+lora",)
    beside = parse_study(HEAD + ENTRY + ENTRY + 'data = ["random"]')
    assert beside.student_cells == ("n", "n+random")
    assert {student.entry for student in beside.student} == {"n"}


def test_a_student_without_lists_is_what_it_was() -> None:
    (student,) = grid('method = "lora"').student
    assert (student.name, student.cell, student.entry) == ("n", "n", "n")
    assert (student.method, student.data) == ("lora", ("all",))
    (unnamed,) = parse_study(HEAD + '[[student]]\nmodel = "tiny"').student
    assert (unnamed.name, unnamed.label, unnamed.entry) == ("", "tiny", "tiny")


def test_expanding_again_changes_nothing() -> None:
    study = grid('methods = ["full", "lora"]', 'data = ["all", "random"]')
    again = Study.model_validate({**study.model_dump()})
    assert again.student == study.student


OLD_KEYS = {
    "about", "contract", "extra_body", "longer_tokens", "max_tokens", "method", "model", "name",
    "reflect", "repair", "temperature", "terms", "tries",
}  # fmt: skip


def test_manifests_that_are_older_than_grids_are_not_stale() -> None:
    train = next(stage for stage in STAGES if stage.name == "train")
    plain = train.settings(grid(), "n")["role"]
    assert not {"base", "methods", "data", "entry"} & plain.keys()
    assert OLD_KEYS - {"tries"} <= plain.keys()
    random = train.settings(grid('data = ["random"]'), "n+random")["role"]
    assert random["data"] == ["random"]


def test_the_same_choice_has_one_name() -> None:
    assert TrainingData.parse("share:0.10") == TrainingData.parse("share:0.1")
    assert grid('data = ["tools:review+improve"]').student_cells == ("n+tools-improve+review",)
    assert TrainingData.parse("tools:review+improve").tools == ("improve", "review")


@given(st.lists(st.sampled_from(["a", "b-2", "spot"]), min_size=1), st.floats(0.001, 0.999))
def test_words_and_choices_are_each_others_inverse(tools: list[str], share: float) -> None:
    for text in ("all", "random", "uncleaned", f"tools:{'+'.join(tools)}", f"share:{share:.3f}"):
        made = TrainingData.parse(text)
        assert TrainingData.parse(str(made)) == made


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('data = ["ramdom"]', "student.0.data.0: unknown training data 'ramdom'; did you mean 'random'?"),
        ('data = ["share:1.0"]', "unknown training data 'share:1.0'; did you mean 'share:0.1'?"),
        ('data = ["share:0.0"]', "unknown training data 'share:0.0'"),
        ('data = ["zzz"]', "write all, random, uncleaned, tools:TOOL+TOOL, share:0.1"),
        ("data = []", "student.0.data: Tuple should have at least 1 item"),
        ('data = ["all", "all"]', "data has 'all' twice"),
        ('data = ["share:0.1", "share:0.10"]', "data has 'share:0.1' twice"),
        ('data = ["tools:reviw"]', "student n+tools-reviw: data 'tools:reviw': no tool 'reviw'; did you mean 'review'?"),
        ('methods = ["lora", "lora"]', "methods has 'lora' twice"),
        ('methods = ["lora"]\nmethod = "full"', "write method or methods, not both"),
        ('methods = ["lorra"]', "student.0.methods.0: Input should be 'full', 'lora' or 'qlora', found 'lorra'"),
        ('method = ["lora"]', "student.0.method"),
        ('methds = ["lora"]', "unknown key 'student.0.methds'; did you mean 'methods'?"),
        ('base = "hf:o/n-it"', "base is the same model"),
        ('base = "tyni"', "unknown model 'tyni': did you mean 'tiny'?"),
        ('base = "hf:o/n"\nabout.variant = "base"', "about.variant is of one model"),
        ('entry = "m"\nmethods = ["lora"]', "entry = 'm' makes it a cell"),
        ('data = ["share:0.1"]\n[train.preference]\nmethod = "kto"', "data 'share:0.1' with train.preference.method = 'kto'"),
        ("train.stpes = 3", "unknown key 'student.0.train.stpes'; did you mean 'steps'?"),
        ("train.tiny.layers = 1", "student.0.train.tiny.layers: Input should be greater than or equal to 2, found 1"),
        ('data = ["random"]\n[clean]\ncontrol = "random"', "clean.control = 'random' keeps no such thing"),
    ],
)  # fmt: skip
def test_one_clear_line_for_what_is_no_grid(lines: str, message: str) -> None:
    with pytest.raises(StudyError, match=re.escape(message)):
        grid(lines)


def test_a_choice_of_data_and_its_twin_are_allowed() -> None:
    assert grid('data = ["tools:review"]').student[0].training_data.tools == ("review",)
    assert grid('data = ["all"]', "[clean]", 'control = "random"').student_cells == ("n+all",)
    assert StudentRole(model="hf:o/n", about={"variant": "base"}).variant == "base"  # type: ignore[arg-type]
    assert StudentRole(model="tiny").variant is None


def test_an_entrys_own_recipe_goes_before_the_studys_and_decides_its_training_only() -> None:
    text = "train = { steps = 9, tiny.layers = 3 }\n[train]\nsteps = 7\nseconds = 1\n[train.tiny]\nwidth = 64"
    study = grid(text.replace("seconds = 1", "warmup_steps = 1"))
    recipe = study.train_of(study.student[0])
    assert (recipe.steps, recipe.warmup_steps) == (9, 1)
    assert (recipe.tiny.layers, recipe.tiny.width) == (3, 64)
    assert study.for_student(study.student[0]).train == recipe
    by_name = {stage.name: stage for stage in STAGES}
    settings = by_name["train"].settings(study, "n")
    assert (settings["train"]["steps"], settings["train"]["tiny"]["layers"]) == (9, 3)
    plain = grid(text.partition("\n")[2].replace("seconds = 1", "warmup_steps = 1"))
    assert by_name["train"].settings(plain, "n") != settings
    assert by_name["respond"].settings(plain, "n") == by_name["respond"].settings(study, "n")
