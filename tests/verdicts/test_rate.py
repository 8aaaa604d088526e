"""Rates of verdicts alone, bridges, and the commands on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.eval_set import eval_set_of
from pullsmith.publish import publish
from pullsmith.records import Answer, Order, Phase, Result, Verdict
from pullsmith.store import RunFolder
from pullsmith.verdicts.rate import bridge, rate
from pullsmith.verdicts.store import read_verdicts, write_verdicts
from tests.finished import PULLS, finished, small_study
from tests.judged import answer, pull_request, review, store, verdict

WIN, LOSS, TIE = Result.WIN, Result.LOSS, Result.TIE


def rows(judge: str, wins: int, total: int = 40, candidate: str = "m") -> list[Verdict]:
    return [
        verdict(f"pr{n}", WIN if n < wins else LOSS, judge=judge, candidate=candidate)
        for n in range(total)
    ]


def test_the_rate_needs_nothing_but_verdicts() -> None:
    made = rate(rows("x", 10))
    whole = next(r for r in made.ratings if (r.judge, r.tool) == ("all", "all"))
    assert (whole.better_rate, whole.pull_requests) == (0.25, 40)
    assert {s.name for s in made.statistics} >= {"unreadable_rate", "strength"}


def test_a_bridge_says_how_far_a_successor_shifts_the_rates() -> None:
    made = [*rows("old", 10), *rows("new", 18, total=20)]
    found = bridge(made, "old", "new")
    # On the first 20: old 10 wins, new 18; the 18 include the 10.
    assert found.prompts == 20
    shift = found.shift["m against rules"]
    assert shift.value == pytest.approx(0.4)
    assert (shift.low or 0) > 0
    assert found.tau is None  # one entrant has no order
    # Seen .6; chance .5 x .9 + .5 x .1 = .5.
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.2)


def test_the_order_of_two_entrants_has_a_tau() -> None:
    made = [*rows("old", 30, candidate="a"), *rows("old", 10, candidate="b")]
    made += [*rows("new", 25, candidate="a"), *rows("new", 15, candidate="b")]
    assert bridge(made, "old", "new").tau == 1


def test_judges_without_a_shared_pair_have_no_bridge() -> None:
    other = [verdict("pr1", WIN, judge="new", order=Order.REFERENCE_FIRST)]
    with pytest.raises(StudyError, match="old and new judged no pair in the same order"):
        bridge([*rows("old", 3), *other], "old", "new")


def test_a_store_is_a_file_a_folder_or_a_run(tmp_path: Path) -> None:
    write_verdicts(tmp_path / "judge" / "tiny" / "rows-00000.parquet", rows("x", 10))
    control = verdict("a", WIN, candidate="control:empty")
    write_verdicts(tmp_path / "judge" / "controls" / "rows-00000.parquet", [control])
    (tmp_path / "rank").mkdir()
    (tmp_path / "rank" / "rows-00000.parquet").write_bytes(b"not verdicts")
    assert len(read_verdicts([tmp_path])) == 40
    assert len(read_verdicts([tmp_path / "judge" / "tiny", tmp_path])) == 40


def test_stores_of_two_studies_that_contradict_are_refused(tmp_path: Path) -> None:
    write_verdicts(tmp_path / "a.parquet", [verdict("a", WIN)])
    write_verdicts(tmp_path / "b.parquet", [verdict("a", LOSS)])
    with pytest.raises(RunFolderError, match="is loss here and win elsewhere"):
        read_verdicts([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    scored = verdict("a", WIN).model_copy(update={"why": "shorter"})
    write_verdicts(tmp_path / "c.parquet", [scored])
    with pytest.raises(RunFolderError, match="why is shorter here and  elsewhere"):
        read_verdicts([tmp_path / "a.parquet", tmp_path / "c.parquet"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunFolderError, match="no verdict there"):
        read_verdicts([tmp_path / "empty"])


def test_stores_in_which_a_model_answered_otherwise_are_refused(tmp_path: Path) -> None:
    one = verdict("a", WIN, judge="old")
    other = verdict("a", WIN, judge="new").model_copy(update={"candidate_answer_id": "retrained"})
    write_verdicts(tmp_path / "a.parquet", [one])
    write_verdicts(tmp_path / "b.parquet", [other])
    with pytest.raises(RunFolderError, match=r"of tiny@after the answer retrained was judged here"):
        read_verdicts([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    same = other.model_copy(update={"candidate_answer_id": one.candidate_answer_id})
    write_verdicts(tmp_path / "b.parquet", [same])
    assert len(read_verdicts([tmp_path / "a.parquet", tmp_path / "b.parquet"])) == 2


def test_runs_of_two_eval_sets_are_refused_with_both_digests(tmp_path: Path) -> None:
    whole = finished(small_study(tmp_path / "a"))
    fewer = finished(small_study(tmp_path / "b"), PULLS[1:])
    digests = [eval_set_of(run).digest for run in (whole, fewer)]
    for command in (["rate"], ["bridge", "--old", "rubric", "--new", "x"]):
        done = CliRunner().invoke(main, ["verdicts", *command, str(whole.path), str(fewer.path)])
        assert done.exit_code == 1
        assert all(digest in done.output for digest in digests)
        assert "stores of two studies, rate them apart" in done.output
    # Also where one path holds both, and where only a part of one is shown.
    with pytest.raises(RunFolderError, match="has an eval set with the digest"):
        read_verdicts([tmp_path])
    exclude = tmp_path / "exclude.txt"
    exclude.write_text(f"pull-request {PULLS[0].id}")
    publish(small_study(tmp_path / "a"), tmp_path / "pack", only="board", exclude=exclude)
    both = read_verdicts([whole.path, tmp_path / "pack"])
    assert both == read_verdicts([whole.path])


def called(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["verdicts", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_out_to_arena_hard_and_in_again_rates_the_same(tmp_path: Path) -> None:
    made = [*rows("old", 10), *rows("new", 18)]
    write_verdicts(tmp_path / "mine.parquet", made)
    mine, there = str(tmp_path / "mine.parquet"), str(tmp_path / "judgments.jsonl")
    called("export", mine, there, "--to", "arena-hard")
    back = str(tmp_path / "back.parquet")
    assert "80 verdicts" in called("import", there, back, "--from", "arena-hard")
    one, other = (json.loads(called("rate", path, "--json")) for path in (mine, back))
    rates = [
        {(r["judge"], r["tool"]): r["better_rate"] for r in x["ratings"]} for x in (one, other)
    ]
    assert rates[0] == rates[1]
    assert "0.350" in called("rate", back)
    said = called("bridge", back, "--old", "old", "--new", "new")
    assert "on 40 prompts both judged" in said
    assert (
        json.loads(called("bridge", back, "--old", "old", "--new", "new", "--json"))["prompts"]
        == 40
    )


def test_an_export_says_what_it_left_out_and_holds_the_answers_of_a_run(tmp_path: Path) -> None:
    request = pull_request("one")
    made = [
        verdict(request.id, Result.WIN),
        verdict(request.id, Result.UNREADABLE, order=Order.REFERENCE_FIRST),
    ]
    run = RunFolder(tmp_path / "run")
    store(run, "judge", Verdict, made, "tiny")
    answered = answer(request, review(), phase=Phase.AFTER)
    made_of = answered.model_copy(
        update={"id": made[0].candidate_answer_id, "text": "issues: none"}
    )
    store(run, "respond", Answer, [made_of], "tiny")
    said = called("export", str(run.path), str(tmp_path / "a.json"), "--to", "alpaca-eval")
    assert "a.json: 1 verdicts\n1 left out, for which alpaca-eval has no place" in said
    [row] = json.loads((tmp_path / "a.json").read_text())
    assert (row["output_2"], row["output_1"]) == ("issues: none", "")
    said = called("export", str(run.path), str(tmp_path / "p.yaml"), "--to", "published")
    assert "p.yaml: 0 verdicts\n2 left out" in said


def test_a_file_that_is_no_such_file_is_named_and_nothing_is_overwritten(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    done = CliRunner().invoke(
        main,
        ["verdicts", "import", str(wrong), str(tmp_path / "s.parquet"), "--from", "alpaca-eval"],
    )
    assert done.exit_code == 1
    assert f"{wrong}: expected a JSON list" in done.output
    write_verdicts(tmp_path / "s.parquet", rows("x", 1))
    done = CliRunner().invoke(
        main, ["verdicts", "export", str(tmp_path / "s.parquet"), str(wrong), "--to", "published"]
    )
    assert (done.exit_code, "is there already" in done.output) == (1, True)
