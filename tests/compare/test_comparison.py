"""Two studies compared: derived differences, refused where they measured other things, and what else is unlike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.compare.comparison import ComparedModel, Comparison, compare
from pullsmith.compare.side import Side, open_side
from pullsmith.compare.words import markdown, missing_prompts, sentences
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.eval_set import eval_set_of
from pullsmith.publish import publish
from pullsmith.records import Answer, PullRequest, Verdict
from pullsmith.store import RunFolder
from pullsmith.study import Study
from tests.finished import PULLS, TERSE, finished, small_study
from tests.judged import store


def side(folder: Path, pulls: list[PullRequest] = PULLS, **settings: Any) -> Side:
    """A finished study; ``found`` are the pull requests whose defects its student finds."""
    found = settings.pop("found", ("bad0", "bad1", "bad2"))
    made = small_study(folder, **settings)
    return of(made, finished(made, pulls, found=found))


def of(made: Study, run: RunFolder) -> Side:
    return Side("study.toml", made, run, eval_set_of(run), eval_set_of(run).digest)


def model(comparison: Comparison, entrant: str = "tiny@after") -> ComparedModel:
    return next(each for each in comparison.models if each.entrant == entrant)


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Side:
    return side(tmp_path_factory.mktemp("worse"), found=("bad0",))


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory) -> Side:
    return side(tmp_path_factory.mktemp("better"))


def test_the_difference_is_of_the_same_prompts(worse: Side, better: Side) -> None:
    found = compare(worse, better)
    mine = model(found)
    # Where the student finds the defect, rubric prefers its review and its suggestion to the
    # reference's, which miss it: a win in both tools, on 1 and on 3 of 10 pull requests.
    assert mine.a is not None
    assert mine.b is not None
    assert [mine.a.value, mine.b.value] == pytest.approx([0.1, 0.3])
    whole, *tools = mine.differences
    assert (whole.tool, whole.prompts, whole.pull_requests) == ("all", 20, 10)
    assert whole.difference == pytest.approx(0.2)
    assert {each.tool: each.difference for each in tools} == {
        "improve": pytest.approx(0.2), "review": pytest.approx(0.2),
    }  # fmt: skip
    before = model(found, "tiny@before")
    assert before.differences[0].difference == 0
    assert not before.differences[0].resolved
    assert (mine.only_a, mine.only_b, found.unlike) == ((), (), ())
    assert [each.entrant for each in found.models] == ["tiny@after", "tiny@before"]


def test_exchanged_sides_turn_the_sign(worse: Side, better: Side) -> None:
    one, other = model(compare(worse, better)), model(compare(better, worse))
    for mine, theirs in zip(one.differences, other.differences, strict=True):
        assert mine.difference == -theirs.difference
        assert [mine.low, mine.high] == pytest.approx([-theirs.high, -theirs.low])


def test_a_study_beside_itself_is_even(better: Side) -> None:
    found = compare(better, better)
    for each in found.models:
        for difference in each.differences:
            assert (difference.difference, difference.resolved) == (0, False)


def test_other_eval_sets_are_refused_with_both_digests(tmp_path: Path, better: Side) -> None:
    fewer = side(tmp_path / "fewer", PULLS[1:])
    retitled = [PULLS[0].model_copy(update={"title": "Other words"}), *PULLS[1:]]
    shown_otherwise = side(tmp_path / "shown", retitled)
    for other, said in (
        (fewer, "18 are about the same, and 0 of them are shown otherwise"),
        (shown_otherwise, "20 are about the same, and 2 of them are shown otherwise"),
    ):
        with pytest.raises(StudyError) as error:
            compare(better, other)
        assert said in str(error.value)
        assert better.eval_digest in str(error.value)
        assert other.eval_digest in str(error.value)


def test_prompts_with_a_verdict_on_one_side_are_listed(tmp_path: Path, worse: Side) -> None:
    other = side(tmp_path)
    kept = [
        verdict
        for verdict in other.run.read("judge", Verdict, "tiny")
        if (verdict.pull_request_id, verdict.tool) != (PULLS[0].id, "review")
        or verdict.candidate != "tiny@after"
    ]
    store(other.run, "judge", Verdict, kept, "tiny")
    found = compare(worse, of(other.study, other.run))
    mine = model(found)
    assert (mine.only_a, mine.only_b) == ((f"{PULLS[0].id}#review/0",), ())
    assert mine.differences[0].prompts == 19
    lines = list(missing_prompts(found))
    assert lines == [f"tiny@after: 1 in A and not in B: {PULLS[0].id}#review/0"]
    assert "## Prompts with a verdict on one side only" in markdown(found)


def test_what_else_is_unlike_is_said(tmp_path: Path, better: Side) -> None:
    references = [{"model": TERSE}, {"model": "rules", "name": "linters"}]
    judge = [{"model": "rubric", "orders": "random"}]
    student = [{"model": "hf:org/tiny", "name": "tiny"}]
    other = side(tmp_path, reference=references, judge=judge, student=student)
    answers = list(other.run.read("respond", Answer, "openai-gpt-4"))
    answers[0] = answers[0].model_copy(update={"text": "another day"})
    store(other.run, "respond", Answer, answers, "openai-gpt-4")
    found = compare(better, other)
    # The first reference that both have; what A calls rules is not in B.
    assert (found.a.reference, found.b.reference) == (TERSE, TERSE)
    said = " ".join(found.unlike)
    for part in (
        f"The reference {TERSE} answered 1 of 20 prompts otherwise in B than in A",
        "The judge rubric saw orders 'both' in A, 'random' in B.",
        "What is called tiny is made from tiny in A, from hf:org/tiny in B.",
    ):
        assert part in said
    assert "a difference is not the model's alone" in " ".join(sentences(found))


def test_other_references_and_no_shared_model(tmp_path: Path, better: Side) -> None:
    other = side(
        tmp_path, reference=[{"model": "rules", "name": "linters"}],
        student=[{"model": "tiny", "name": "else"}],
    )  # fmt: skip
    found = compare(better, other)
    assert "The references differ: rules in A, linters in B." in found.unlike
    assert [each.entrant for each in found.models] == [
        "else@after", "else@before", "tiny@after", "tiny@before",
    ]  # fmt: skip
    assert not any(each.differences for each in found.models)
    assert "No model is in both" in " ".join(sentences(found))


def write(made: Study, folder: Path) -> Path:
    """The study file of ``made``; its run is there already."""
    path = folder / "study.toml"
    path.write_text(
        f'name = "{made.name}"\nruns = "{made.runs}"\nbaselines = false\nstudent = [{{ model = "tiny" }}]\n'
        f'reference = [{{ model = "rules" }}, {{ model = "{TERSE}" }}]\n'
        'collect.sources = [{ planted = "stdlib", count = 1 }]\n'
        "judging.controls = 2\nrank.resamples = 100\n"
    )
    return path


def test_the_command_compares_a_study_with_a_published_board(
    tmp_path: Path, worse: Side, better: Side
) -> None:
    exclude = tmp_path / "exclude.txt"
    exclude.write_text(f"pull-request {PULLS[9].id}")
    publish(worse.study, tmp_path / "pack", only="board", exclude=exclude)
    two = [str(tmp_path / "pack"), str(write(better.study, tmp_path))]
    done = CliRunner().invoke(main, ["report", "--compare", *two, "--json"])
    assert done.exit_code == 0, done.output
    told = Comparison.model_validate_json(done.output)
    mine = model(told)
    assert (told.a.pull_requests, told.b.pull_requests) == (9, 10)
    assert mine.differences[0].prompts == 18
    assert len(mine.only_b) == 2
    shown = CliRunner().invoke(main, ["report", "--compare", *two])
    assert "tiny@after: 2 in B and not in A" in shown.output
    assert json.loads(done.output)["eval_set"] in shown.output
    text = CliRunner().invoke(main, ["report", "--compare", *two, "--markdown"]).output
    assert text.startswith("# hand-made compared with hand-made\n")


def test_what_is_not_finished_or_meant_otherwise_is_named(tmp_path: Path, better: Side) -> None:
    file = write(better.study, tmp_path)
    empty = tmp_path / "empty.toml"
    empty.write_text(file.read_text().replace(better.study.name, "empty"))
    with pytest.raises(RunFolderError, match=r"empty\.toml: render is not finished; pullsmith run"):
        open_side(empty)
    for arguments, said in (
        (["--compare", str(file), str(file), "--funnel"], "about these two alone"),
        ([], "name a STUDY, or two with --compare"),
    ):
        done = CliRunner().invoke(main, ["report", *arguments])
        assert (done.exit_code, said in done.output) == (2, True)


def test_hostile_names_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    student = [{"model": "tiny", "name": "<b>|[x](y)\x1b[31m"}]
    one, other = (side(tmp_path / name, student=student) for name in "ab")
    text = markdown(compare(one, other))
    assert "<b>" not in text
    assert "[x](y)" not in text
