"""The order of the real stages."""

from __future__ import annotations

from pathlib import Path

from pullsmith.pipeline import STAGES, jobs
from pullsmith.study import Study, parse_study
from tests.contracts.folders import study_with, write_tool
from tests.judged import study
from tests.study.test_load import SMALL

VERBS = [
    "collect", "select", "split", "render", "generate", "clean", "train", "respond", "judge", "rank", "report",
]  # fmt: skip
CONTROL = (
    "control"  # no verb of its own: what clean can write beside its rows, where a student asks
)


def test_eleven_verbs_in_order_and_the_control_behind_clean() -> None:
    at = VERBS.index("train")
    assert [stage.name for stage in STAGES] == [*VERBS[:at], CONTROL, *VERBS[at:]]


def test_the_control_is_made_for_students_that_ask_for_it_alone() -> None:
    control = next(stage for stage in STAGES if stage.name == CONTROL)
    assert control.cells(parse_study(SMALL)) == ()
    data = '["all", "share:0.1", "uncleaned", "random"]'
    asking = parse_study(SMALL.replace('"tiny"', f'"tiny", data = {data}'))
    assert control.cells(asking) == ("random", "uncleaned")
    train = next(stage for stage in STAGES if stage.name == "train")
    needs = {cell: [str(key) for key in train.needs(asking, cell)] for cell in asking.student_cells}
    assert needs == {
        "tiny+all": ["split", "clean"],
        "tiny+share-0.1": ["split", "clean"],
        "tiny+uncleaned": ["split", "clean", "control/uncleaned"],
        "tiny+random": ["split", "clean", "control/random"],
    }


def test_every_job_needs_only_jobs_before_it() -> None:
    study = parse_study(SMALL)
    before: set[object] = set()
    for stage, key in jobs(study):
        assert set(stage.needs(study, key.cell)) <= before, key
        before.add(key)


def test_adding_a_student_leaves_the_others_settings_alone() -> None:
    one = parse_study(SMALL)
    two = parse_study(
        SMALL.replace('{ model = "tiny" }', '{ model = "tiny" }, { model = "hf:o/n" }')
    )
    for stage in STAGES:
        if stage.name in ("train", "respond"):
            assert stage.settings(one, "tiny") == stage.settings(two, "tiny")
            assert stage.settings(two, "hf-o-n") != stage.settings(two, "tiny")


def test_how_fast_a_model_is_asked_is_in_no_digest() -> None:
    text = SMALL + '\n[[teacher]]\nmodel = "rules"\n'
    quick = parse_study(text + "concurrency = 64")
    slow = parse_study(text + "timeout_seconds = 600")
    other = parse_study(text + "temperature = 1")
    generate = next(stage for stage in STAGES if stage.name == "generate")
    assert generate.settings(quick, None) == generate.settings(slow, None)
    assert generate.settings(quick, None) != generate.settings(other, None)


def test_prompts_are_rendered_anew_where_other_contracts_carry_options_of_ours() -> None:
    render = next(stage for stage in STAGES if stage.name == "render")

    def settings(teacher: str, student: str) -> object:
        text = SMALL.replace('"tiny"', f'"tiny", contract = "{student}"')
        made = parse_study(
            f"{text}\n[[teacher]]\nmodel = {teacher!r}\n[[reference]]\nmodel = 'rules'\ncontract = 'compact-1'"
        )
        return render.settings(made, None)

    assert settings("rules", "native-1") != settings("openai:gpt-5", "native-1")
    assert settings("rules", "native-1") == settings("rules+truth", "native-1")
    assert settings("openai:gpt-5", "native-1") != settings("openai:gpt-5", "compact-1")


def test_a_byte_of_a_tool_of_the_users_own_changes_the_settings_of_all_that_use_it(
    tmp_path: Path,
) -> None:
    plain = study()
    made = study_with(write_tool(tmp_path))
    first = {stage.name: stage.settings(made, "tiny") for stage in STAGES}
    write_tool(tmp_path, user__j2='{% include "pull_request.j2" %}')
    changed = {s.name for s in STAGES if s.settings(made, "tiny") != first[s.name]}
    assert changed == {"render", "generate", "clean", CONTROL, "respond", "judge", "rank"}
    assert all("tools" not in stage.settings(plain, "tiny") for stage in STAGES)


def test_where_a_pack_lies_is_in_no_digest_and_what_it_holds_is() -> None:
    plain = study(reference=[{"model": "openai:gpt-4"}])
    respond, judge = (next(s for s in STAGES if s.name == name) for name in ("respond", "judge"))
    said = respond.settings(plain, "openai-gpt-4")["role"]
    # What a run without packs was made with stays what it was.
    assert not {"pack", "digest", "name"} & said.keys()
    assert "prompts" not in judge.settings(plain, None)["judge"][0]

    def packed(file: str, digest: str) -> Study:
        return study(reference=[{"model": "openai:gpt-4", "pack": file, "digest": digest * 16}])

    for stage in (respond, judge):
        one = stage.settings(packed("a.parquet", "1"), "openai-gpt-4")
        assert one == stage.settings(packed("b.parquet", "1"), "openai-gpt-4")
        assert one != stage.settings(packed("a.parquet", "2"), "openai-gpt-4")
        assert one != stage.settings(plain, "openai-gpt-4")
