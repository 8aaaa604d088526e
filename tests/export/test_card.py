"""The card says what stands in the run, and names what does not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import yaml

from pullsmith.export.card import model_card, student_cards
from pullsmith.export.fidelity import Fidelity
from pullsmith.export.source import Source, Trained, find_source
from pullsmith.records import Checkpoint
from pullsmith.report.board import read_board
from pullsmith.study.roles import StudentRole
from tests.export.trained import Run
from tests.finished import LEARNT, finished, small_study


def head(card: str) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(card.split("---")[1])
    return found


def test_a_student_of_a_run_has_data_recipe_funnel_and_gaps(tiny_run: Run) -> None:
    card = model_card(find_source(str(tiny_run.file)), Fidelity(20, 19, 15, 15))
    for said in (
        "| Method | full |", "| Steps | 2 |", "in contract compact-1", "| review | 6 |",
        "About 11 pull requests (11 with planted truth)", "The answers come from rules+truth",
        "| none stated |", "## Funnel", "| train/pupil |", "19 of 20 answers equal",
    ):  # fmt: skip
        assert said in card.replace("\\", ""), said
    gaps = card.split("## Known gaps")[1]
    for said in ("examples state no terms", "is planted", "compared with no reference"):
        assert said in gaps
    assert head(card)["license"] == "other"
    assert "base_model" not in head(card)  # it was built on the spot


def test_a_folder_says_that_nothing_is_known(tiny_run: Run) -> None:
    card = model_card(find_source(str(tiny_run.final)), None)
    assert "Nothing is known here of its data" in card
    assert "Recipe" not in card


def test_an_adapter_names_its_base_and_its_licence(lora_run: Run) -> None:
    source = Source("pupil", lora_run.final, "hf:Qwen/Qwen2.5-Coder-7B-Instruct")
    card = model_card(source, None)
    assert head(card)["base_model"] == "Qwen/Qwen2.5-Coder-7B-Instruct"
    assert head(card)["library_name"] == "peft"
    assert head(card)["license"] == "apache-2.0"
    merged = model_card(source, Fidelity(20, 20, None, None))
    assert head(merged)["library_name"] == "transformers"
    own = head(model_card(replace(source, base="hf:mistralai/Codestral-22B-v0.1"), None))
    assert (own["license"], own["license_name"]) == ("other", "mnpl-0.1")
    unknown = model_card(replace(source, base="hf:Nobody/Knows"), None)
    assert "licence of the base is not known" in unknown
    assert head(unknown)["license"] == "other"


def test_names_from_people_cannot_write_markup(tiny_run: Run) -> None:
    source = find_source(str(tiny_run.file))
    assert source.trained
    role = StudentRole(model="./[x](http://bad)|<b>", method="lora")
    odd = replace(source, base=role.model, trained=replace(source.trained, role=role))
    card = model_card(odd, None)
    assert "[x](http" not in card
    assert "<b>" not in card


def test_a_run_that_holds_its_examples_no_more_says_so(tiny_run: Run, tmp_path: Path) -> None:
    source = find_source(str(tiny_run.file))
    assert source.trained
    run = replace(source.trained.run, path=tmp_path)
    card = model_card(replace(source, trained=replace(source.trained, run=run)), None)
    assert "holds its examples no more" in card


def test_a_judged_student_has_its_rows_and_who_judged_it(tmp_path: Path) -> None:
    made = small_study(tmp_path)
    run = finished(made)
    board = read_board(run.path / "report" / "board.json")
    cards = student_cards(made, run, board, frozenset())
    assert list(cards) == ["tiny"]
    card = cards["tiny"]
    for said in (
        "M | 30.0 % [", "| tiny | 0.0 % [", "| tiny (before) | ",
        "Compared with rules, openai:gpt-4 by rubric (fixed rules, no language model) on 10 held-out",
        "95 % intervals from 100 resamples", "f.test/o/learnt: LICENSE", "| Cut-off of what it was made",
        "## Funnel", "| select: bot | a program wrote it | 1",
    ):  # fmt: skip
        assert said in card.replace("\\", ""), said
    assert re.search(r"\| tiny \(after\) \|.* 30\.0 % ", card)
    assert "not judged" not in card
    # The export of the same student says the same; without a board it says that nobody judged.
    trained = Trained(made, made.student[0], next(run.read("train", Checkpoint, "tiny")), run)
    assert "30.0 %" in model_card(Source("tiny", tmp_path, trained=trained), None)
    (run.path / "report" / "board.json").unlink()
    gone = model_card(Source("tiny", tmp_path, trained=trained), None)
    assert "it is not judged" in gone.split("## Known gaps")[1]
    assert "30.0 %" not in gone


def test_a_repository_that_was_removed_is_counted_and_not_named(tmp_path: Path) -> None:
    made = small_study(tmp_path)
    run = finished(made)
    board = read_board(run.path / "report" / "board.json")
    card = student_cards(made, run, board, frozenset({LEARNT.id}))["tiny"]
    assert "| MIT | 1 | 1 | no licence file |" in card
    assert "f.test" not in card
