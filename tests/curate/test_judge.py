"""The queue of pairs: blind, in an order of the server's, and what is said is what judge replays."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from pullsmith.curate.items import Filter, JudgeItem, Vote
from pullsmith.decisions import Decision
from pullsmith.errors import ChangedSinceError, DecisionError, RunFolderError
from pullsmith.judge.stage import run as judge
from pullsmith.records import Answer, Order, Outcome, Phase, PullRequest, Result, Verdict
from pullsmith.rows import read_rows, write_sorted
from pullsmith.study.judging import HUMAN
from tests import judged
from tests.curate.made import desk, job_path, judge_context, run_of, to_judge

NAMES = ("tiny", "rules", "after")  # what would tell whose answer is whose


def first_is_candidate(item: JudgeItem) -> bool:
    """The student's reviews have an issue, the reference's have none."""
    return "Comparison with None" in item.first


def test_a_pair_shows_what_judges_are_given_and_nothing_of_whose_it_is(tmp_path: Path) -> None:
    queue = desk(to_judge(tmp_path)).judge
    name = queue.names("ada")[0]
    item = queue.item(name, "ada")
    told = json.dumps(dataclasses.asdict(item), default=str)
    assert not [one for one in NAMES if one in told]
    assert item.title.startswith("Change r0")
    assert item.task.startswith("name the issues in the new code")
    assert {item.first.count("issue_header"), item.second.count("issue_header")} == {0, 1}
    assert [line.text for line in item.shown.lines][:2] == [
        "def load(path):",
        "    if path is None:",
    ]


def test_the_order_is_the_persons_own_and_stays(tmp_path: Path) -> None:
    asked = to_judge(tmp_path, count=40)
    queue, other = desk(asked).judge, desk(asked).judge
    orders = {
        who: [first_is_candidate(queue.item(name, who)) for name in sorted(queue.names(who))]
        for who in ("ada", "bob")
    }
    assert orders["ada"] != orders["bob"]
    # Of 40 fair draws fewer than 8 or more than 32 heads come once in ten thousand.
    assert all(8 <= sum(mine) <= 32 for mine in orders.values())
    again = [first_is_candidate(other.item(n, "ada")) for n in sorted(other.names("ada"))]
    assert again == orders["ada"]
    assert queue.names("ada") == other.names("ada") != queue.names("bob")


@pytest.mark.parametrize("better", [0, 1, 2])
def test_what_is_said_of_first_and_second_is_turned_into_a_verdict(
    tmp_path: Path, better: int
) -> None:
    asked = to_judge(tmp_path, count=8)
    queue = desk(asked).judge
    shown: dict[str, bool] = {}
    made: list[Decision] = []
    for name in queue.names("ada"):
        item = queue.item(name, "ada")
        made.append(queue.vote(name, Vote(better, 9, 2, "so"), who="ada", digest=item.digest))
        shown[item.title] = first_is_candidate(item)
    assert set(shown.values()) == {True, False}
    context = judge_context(asked)
    judge(context)
    rows = [row for path in context.job.shards() for row in read_rows(path, Verdict)]
    said = {row.pull_request_id: row for row in rows if row.judge == HUMAN}
    assert len(said) == 8
    for row in said.values():
        first = shown["Change " + row.pull_request_id.removeprefix("planted:")]
        won = {0: Result.TIE, 1: Result.WIN if first else Result.LOSS, 2: Result.LOSS if first else Result.WIN}  # fmt: skip
        scores = (9.0, 2.0) if first else (2.0, 9.0)
        assert row.result is won[better]
        assert (row.candidate_score, row.reference_score) == scores
        assert row.order is (Order.CANDIDATE_FIRST if first else Order.REFERENCE_FIRST)
        assert (row.why, row.candidate, row.reference) == ("by ada: so", "tiny@after", "rules")


@pytest.mark.parametrize(
    ("vote", "message"),
    [
        (Vote(3, 5, 5), "better is 3, not 0, 1 or 2"),
        (Vote(1, 0, 5), "the first score is 0, not 1 to 10"),
        (Vote(1, 5, 11), "the second score is 11, not 1 to 10"),
        (Vote(1, 5, 5, "x" * 4001), "the reason has 4,001 characters"),
    ],
)
def test_a_vote_outside_of_the_form_is_refused(tmp_path: Path, vote: Vote, message: str) -> None:
    asked = to_judge(tmp_path)
    queue = desk(asked).judge
    item = queue.item(queue.names("ada")[0], "ada")
    with pytest.raises(DecisionError, match=message):
        queue.vote(item.name, vote, who="ada", digest=item.digest)
    assert not (run_of(asked).path / "decisions.jsonl").exists()


def test_nobody_can_vote_for_an_order_that_somebody_else_saw(tmp_path: Path) -> None:
    queue = desk(to_judge(tmp_path)).judge
    item = queue.item(queue.names("ada")[0], "ada")
    with pytest.raises(ChangedSinceError, match="has changed since it was shown to bob"):
        queue.vote(item.name, Vote(1, 5, 5), who="bob", digest=item.digest)
    with pytest.raises(DecisionError, match="there is no pair"):
        queue.vote("tiny@after", Vote(1, 5, 5), who="ada", digest=item.digest)
    assert queue.vote(item.name, Vote(1, 5, 5), who=" ada ", digest=item.digest).who == "ada"


def test_a_vote_on_an_answer_that_changed_is_refused(tmp_path: Path) -> None:
    asked = to_judge(tmp_path)
    queue = desk(asked).judge
    item = queue.item(queue.names("ada")[0], "ada")
    found = [judged.pull_request(f"r{n:02}") for n in range(4)]
    again = [judged.answer(one, judged.review(judged.issue(3)), phase=Phase.AFTER) for one in found]
    judged.store(run_of(asked), "respond", Answer, again, "tiny")
    with pytest.raises(ChangedSinceError):
        queue.vote(item.name, Vote(1, 5, 5), who="ada", digest=item.digest)
    now = queue.item(item.name, "ada")
    assert "start_line: 3" in now.first + now.second
    queue.vote(item.name, Vote(1, 5, 5), who="ada", digest=now.digest)


def test_pairs_that_a_rule_decides_and_baselines_are_not_asked_about(tmp_path: Path) -> None:
    asked = to_judge(tmp_path, count=5)
    found = [judged.pull_request(f"r{n:02}") for n in range(5)]
    told, other = (judged.review(judged.issue(kind=kind)) for kind in ("After", "Before"))
    # The first is invalid; of the last both phases say what the reference says.
    mine = [
        judged.answer(one, value, phase=Phase.AFTER)
        for one, value in zip(found, (None, told, told, told, judged.review()), strict=True)
    ]
    before = [
        judged.answer(one, value, phase=Phase.BEFORE)
        for one, value in zip(found, (other, other, other, other, judged.review()), strict=True)
    ]
    judged.store(run_of(asked), "respond", Answer, mine + before, "tiny")
    judged.store(run_of(asked), "respond", Answer, before, "constant")
    queue = desk(asked).judge
    names = queue.names("ada")
    assert len(names) == 7  # three of after, four of before
    titles = [queue.item(name, "ada").title for name in names]
    assert Counter(titles[:3]) == Counter(["Change r01", "Change r02", "Change r03"])
    # The same answers of the reference come again, but never right after each other.
    assert all(one != other for one, other in pairwise(titles))


def test_who_has_judged_and_who_shall(tmp_path: Path) -> None:
    asked = to_judge(tmp_path, count=30, curate={"twice": 0.5})
    queue = desk(asked).judge
    for name in queue.names("ada"):
        queue.vote(name, Vote(1, 5, 5), who="ada", digest=queue.item(name, "ada").digest)
    assert queue.names("ada", Filter(undecided_by="ada")) == []
    left = queue.names("bob", Filter(undecided_by="bob"))
    assert 3 < len(left) < 27
    item = queue.item(left[0], "bob")
    assert (item.twice, item.decided, queue.item(left[0], "ada").decided) == (True, False, True)
    queue.vote(item.name, Vote(0, 5, 5), who="bob", digest=item.digest)
    progress = queue.progress("bob")
    assert (progress.decided, progress.mine, progress.left) == (30, 1, len(left) - 1)
    assert progress.disagreed == 1
    assert queue.names("cyd", Filter(annotator="bob")) == [left[0]]
    assert queue.names("cyd", Filter(tool="improve")) == []
    assert len(queue.names("cyd", search="R01")) == 1


def test_there_are_no_pairs_before_anybody_has_answered(tmp_path: Path) -> None:
    asked = to_judge(tmp_path)
    (job_path(asked, "respond") / "tiny" / "manifest.json").unlink()
    (job_path(asked, "respond") / "rules" / "manifest.json").unlink()
    made = to_judge(tmp_path / "other")
    assert desk(made).progress()[2].total == 4
    queue = desk(made).judge
    (job_path(made, "respond") / "tiny" / "manifest.json").unlink()  # it is being made anew
    assert queue.names("ada") == []
    assert "pullsmith run STUDY.toml --until respond" in queue.progress().why_empty


def test_people_are_told_of_a_change_what_judges_are(tmp_path: Path) -> None:
    made = to_judge(tmp_path)
    words = {"branch": "fix/load", "body": "Loads less.", "commit_messages": ("One", "Two")}
    for path in sorted(job_path(made, "split").glob("rows-*.parquet")):
        rows = [one.model_copy(update=words) for one in read_rows(path, PullRequest)]
        write_sorted(path, PullRequest, rows)
    queue = desk(made).judge
    item = queue.item(queue.names("ada")[0], "ada")
    assert (item.branch, item.description, item.commits) == ("fix/load", "Loads less.", "One\nTwo")
    assert item.omitted == ""


def test_where_a_rule_decides_every_pair_it_says_so(tmp_path: Path) -> None:
    made = to_judge(tmp_path)
    unreadable = {"value_json": None, "outcome": Outcome.UNREADABLE, "fault": "not_yaml"}
    for path in sorted((job_path(made, "respond") / "tiny").glob("rows-*.parquet")):
        answers = [one.model_copy(update=unreadable) for one in read_rows(path, Answer)]
        write_sorted(path, Answer, answers)
    with pytest.raises(RunFolderError, match=r"nothing to judge: .* a rule decides"):
        desk(made)
