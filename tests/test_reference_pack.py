"""Reference packs: whole, pinned, and refused where they are another's, changed or for other prompts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.records import Answer, Message, Phase, Prompt, PullRequest, answer_id, repair_id
from pullsmith.reference_pack import (
    NOT_IN_THE_PACK,
    PackedPrompt,
    Wanted,
    answers_in,
    packed,
    prompts_digest,
    read_pack,
    write_pack,
)
from pullsmith.rows import write_rows
from tests.judged import answer, improve, issue, prompt, pull_request, review, suggestion

OLD = "openai:gpt-4-0613"
PULLS = [pull_request(name) for name in ("a", "b")]
PROMPTS = {p.id: p for pull in PULLS for p in (prompt(pull, "review"), prompt(pull, "improve"))}


def given(pull: PullRequest) -> list[Answer]:
    return [
        answer(pull, review(issue()), model=OLD),
        answer(pull, improve(suggestion()), model=OLD),
    ]


ANSWERS = [each for pull in PULLS for each in given(pull)]


def written(folder: Path, answers: list[Answer] = ANSWERS) -> Wanted:
    path = folder / "gpt-4.parquet"
    digest = write_pack(path, packed((OLD, OLD), PROMPTS, answers))
    return Wanted(path, digest, OLD, OLD, "native-1")


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    wanted = written(tmp_path)
    answers, drops = answers_in(wanted, PROMPTS)
    assert sorted(a.id for a in answers) == sorted(a.id for a in ANSWERS)
    assert {a.id: a for a in answers} == {a.id: a for a in ANSWERS}
    assert drops == []
    pack = read_pack(wanted.path)
    assert {row.id: row.prompt for row in pack.rows} == PROMPTS
    assert pack.digest == wanted.digest


def test_the_order_of_answers_and_prompts_changes_no_digest(tmp_path: Path) -> None:
    one = written(tmp_path)
    turned = dict(reversed(PROMPTS.items()))
    other = write_pack(tmp_path / "b.parquet", packed((OLD, OLD), turned, ANSWERS[::-1]))
    assert other == one.digest
    assert prompts_digest(turned.values()) == prompts_digest(PROMPTS.values())


def test_a_prompt_without_an_answer_is_dropped_by_name(tmp_path: Path) -> None:
    wanted = written(tmp_path, ANSWERS[:3])
    answers, (drop,) = answers_in(wanted, PROMPTS)
    assert len(answers) == 3
    assert (drop.reason, drop.record_id) == (NOT_IN_THE_PACK, ANSWERS[3].prompt_id)
    assert drop.detail == f"{OLD}: gpt-4.parquet has no answer to it"


def test_follow_ups_stay_with_the_prompt_they_began_at(tmp_path: Path) -> None:
    first = ANSWERS[1]
    mended = first.model_copy(update={"id": repair_id(first.id), "parent_answer": first.id})
    look_at = first.prompt_id.replace("improve/native-1", "reflect/other-contract")
    name = answer_id(look_at, model=OLD, phase=Phase.NONE, checkpoint="none", sample=0)
    look = first.model_copy(
        update={"id": name, "prompt_id": look_at, "tool": "reflect", "parent_answer": mended.id}
    )
    again = look.model_copy(update={"id": repair_id(look.id), "parent_answer": look.id})
    answers = [*ANSWERS, mended, look, again]
    rows = packed((OLD, OLD), PROMPTS, answers)
    (mine,) = (row for row in rows if row.id == first.prompt_id)
    assert {a.id for a in mine.answers} == {first.id, mended.id, look.id, again.id}
    found, _ = answers_in(written(tmp_path, answers), PROMPTS)
    assert len(found) == 7
    with pytest.raises(RunFolderError, match="its prompt is not in this run"):
        packed((OLD, OLD), PROMPTS, [look])


def test_other_words_and_other_eval_sets_are_refused_with_both_digests(tmp_path: Path) -> None:
    wanted = written(tmp_path)
    name = next(iter(PROMPTS))
    words = (Message(role="user", content="other words"),)
    changed = {**PROMPTS, name: PROMPTS[name].model_copy(update={"messages": words})}
    fewer = {key: value for key, value in PROMPTS.items() if key != name}
    more = {**PROMPTS, **{p.id: p for p in (prompt(pull_request("c"), "review"),)}}
    for prompts, said in (
        (changed, f"1 prompts have other words, {name} first"),
        (fewer, "3 are the same, 0 are in the study alone and 1 in the pack alone"),
        (more, "4 are the same, 1 are in the study alone and 0 in the pack alone"),
    ):
        with pytest.raises(StudyError) as error:
            answers_in(wanted, prompts)
        assert said in str(error.value)
        for digest in (prompts_digest(PROMPTS.values()), prompts_digest(prompts.values())):
            assert digest in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"digest": "0" * 16}, "the study pins 0000000000000000; the file was changed"),
        ({"label": "mine"}, "has answers of label 'openai:gpt-4-0613', the study says 'mine'"),
        ({"model": "openai:gpt-5"}, "of model 'openai:gpt-4-0613', the study says 'openai:gpt-5'"),
        ({"contract": "compact-1"}, "of contract 'native-1', the study says 'compact-1'"),
    ],
)
def test_another_pack_is_refused(tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(StudyError, match=said):
        answers_in(replace(written(tmp_path), **change), PROMPTS)  # type: ignore[arg-type]


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    wanted = written(tmp_path)
    rows = list(read_pack(wanted.path).rows)
    kinder = ANSWERS[0].model_copy(update={"text": "kinder"})
    rows[1] = rows[1].model_copy(update={"answers": (kinder,)})
    write_rows(wanted.path, PackedPrompt, rows)
    with pytest.raises(StudyError, match="the file was changed or is another one"):
        answers_in(wanted, PROMPTS)


def test_what_is_no_pack_is_named(tmp_path: Path) -> None:
    rows = packed((OLD, OLD), PROMPTS, ANSWERS)
    with pytest.raises(StudyError, match="there is no reference pack"):
        read_pack(tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("not Parquet")
    with pytest.raises(StudyError, match="no reference pack of this version"):
        read_pack(tmp_path / "text.parquet")
    write_rows(tmp_path / "prompts.parquet", Prompt, list(PROMPTS.values()))
    with pytest.raises(StudyError, match="no reference pack of this version"):
        read_pack(tmp_path / "prompts.parquet")
    write_rows(tmp_path / "empty.parquet", PackedPrompt, [])
    with pytest.raises(StudyError, match="the pack is empty"):
        read_pack(tmp_path / "empty.parquet")
    mixed = [rows[0], rows[1].model_copy(update={"model": "rules"})]
    write_rows(tmp_path / "mixed.parquet", PackedPrompt, mixed)
    with pytest.raises(StudyError, match="its rows are of several packs"):
        read_pack(tmp_path / "mixed.parquet")


def test_a_pack_is_parquet_never_empty_and_never_written_over_anything(tmp_path: Path) -> None:
    rows = packed((OLD, OLD), PROMPTS, ANSWERS)
    with pytest.raises(StudyError, match=r"name it \*\.parquet"):
        write_pack(tmp_path / "pack.csv", rows)
    with pytest.raises(RunFolderError, match="nothing was answered yet"):
        write_pack(tmp_path / "pack.parquet", [])
    write_pack(tmp_path / "pack.parquet", rows)
    with pytest.raises(StudyError, match="is there already"):
        write_pack(tmp_path / "pack.parquet", rows)
