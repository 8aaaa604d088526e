"""Judges with known biases, from verdicts to sentences: each bias is named, with its size inside its bounds.

Three entrants answer 120 pull requests; every answer is a review whose one issue says who wrote it
and is of a length drawn by hash. Each judge is a few lines with a bias of known size.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pullsmith.contracts.answers import KeyIssue, Review
from pullsmith.judge.stage import judge_cell
from pullsmith.llm.protocol import Model, Request
from pullsmith.llm.rubric import RubricModel
from pullsmith.llm.scripted import ScriptedModel, Turn
from pullsmith.rank.stage import run as rank
from pullsmith.records import Answer, Checkpoint, Phase, Prompt, PullRequest, Statistic, digest
from pullsmith.report.board import Board, read_board
from pullsmith.report.stage import run as report
from pullsmith.report.tables import tables
from pullsmith.rows import read_rows
from pullsmith.store import RunFolder
from pullsmith.study.judging import RUBRIC
from pullsmith.study.roles import JudgeRole
from pullsmith.tally import Tally
from tests.judged import answer, context, finish, issue, prompt, pull_request, review, store, study

REQUESTS = [pull_request(f"pr{n}", source="git") for n in range(120)]
POSITION, LENGTH, FOND, NOISE = (
    f"http://127.0.0.1:1/v1#{name}" for name in ("position", "length", "fond", "noise")
)
STUDENTS = [
    {"model": "tiny", "name": "first", "family": "alpha"},
    {"model": "tiny", "name": "second", "family": "beta"},
]
JUDGES = [
    {"model": POSITION, "family": "gamma"},
    {"model": LENGTH, "family": "delta"},
    {"model": FOND, "family": "alpha"},
    {"model": NOISE, "family": "epsilon", "cutoff": "2025-06-01", "retires": "2026-12-11"},
]
STUDY = study(
    student=STUDENTS,
    judge=JUDGES,
    baselines=False,
    judging={"repeat_share": 0.5, "controls": 40},
    rank={"resamples": 500},
)
Chooses = Callable[[Request, str, str], int]


def chance(request: Request, name: str) -> float:
    """A draw in 0..1 that hangs on what is asked and its repeat, not on the prompt's own words."""
    mark, _, text = request.messages[-1].content.removeprefix("BEGIN pull request ").partition("\n")
    title, _, rest = text.partition("\n")
    responses = rest.partition("BEGIN response 1")[2].replace(mark, "").partition("\n\nNow ")[0]
    return int(digest([name, request.model, request.sample, title, responses]), 16) / 16**16


def coin(request: Request) -> int:
    return 1 if chance(request, "coin") < 0.5 else 2


def position(request: Request, first: str, second: str) -> int:
    """Takes the first in 70 of 100, else tosses a coin: the first wins 85 of 100."""
    return 1 if chance(request, "position") < 0.7 else coin(request)


def length(request: Request, first: str, second: str) -> int:
    """Takes the longer in 60 of 100, else tosses a coin: the longer wins 80 of 100."""
    longer = 1 if len(first) > len(second) else 2
    return longer if chance(request, "length") < 0.6 else coin(request)


def fond(request: Request, first: str, second: str) -> int:
    """Takes its own family's in 50 of 100, else tosses a coin: 75 of 100, half as much again as others."""
    own = [place for place, text in ((1, first), (2, second)) if "written by first" in text]
    return own[0] if own and chance(request, "fond") < 0.5 else coin(request)


def noise(request: Request, first: str, second: str) -> int:
    return coin(request)


CHOOSES: dict[str, Chooses] = {POSITION: position, LENGTH: length, FOND: fond, NOISE: noise}


def open_judge(role: JudgeRole) -> Model:
    if role.model == RUBRIC:
        return RubricModel()
    choose = CHOOSES[role.model]

    def turn(request: Request) -> Turn:
        text = request.messages[-1].content
        _, _, rest = text.partition("BEGIN response 1")
        first, _, rest = rest.partition("END response 1")
        second = rest.partition("BEGIN response 2")[2].partition("END response 2")[0]
        better = choose(request, first, second)
        return Turn(
            f"why: so\nscore_response1: 5\nscore_response2: 5\nwhich_response_was_better: {better}\n"
        )

    return ScriptedModel(turn)


def said(request: PullRequest, name: str) -> Review:
    size = int(digest([request.id, name]), 16) % 40
    claim: KeyIssue = issue().model_copy(
        update={"issue_content": f"written by {name} " + "and so on " * size}
    )
    return review(claim)


def judged(folder: Path) -> RunFolder:
    made = RunFolder(folder)
    store(made, "split", PullRequest, REQUESTS)
    store(made, "render", Prompt, [prompt(r, "review") for r in REQUESTS])
    for name in ("first", "second"):
        rows = [
            answer(r, said(r, name), model=name, phase=phase)
            for r in REQUESTS
            for phase in (Phase.BEFORE, Phase.AFTER)
        ]
        store(made, "respond", Answer, rows, name)
    store(made, "respond", Answer, [answer(r, said(r, "rules"), model="rules") for r in REQUESTS], "rules")  # fmt: skip
    for cell in ("first", "second", "controls"):
        result = judge_cell(context(STUDY, made, "judge", cell), open_judge)
        finish(made, "judge", cell, result.tally)
    return made


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Board, list[Statistic]]:
    """The board of the biased judges, and rank's statistics."""
    made = judged(tmp_path_factory.mktemp("biased"))
    finish(made, "rank", None, rank(context(STUDY, made, "rank")).tally)
    for stage in ("collect", "select", "generate", "clean"):
        finish(made, stage, None, Tally(records_in=0, records_out=0, dropped={}, rows=0))
    for cell in ("first", "second"):
        store(made, "train", Checkpoint, [], cell)
    job = context(STUDY, made, "report")
    report(job)
    told = list(read_rows(made.path / "rank" / "statistics.parquet", Statistic))
    return read_board(job.job.path / "board.json"), told


def one(told: list[Statistic], name: str, judge: str, entrant: str = "") -> Statistic:
    return next(s for s in told if (s.name, s.judge, s.entrant) == (name, judge, entrant))


def holds(statistic: Statistic, size: float) -> bool:
    return (statistic.low or 0) <= size <= (statistic.high or 0)


def test_the_judge_who_takes_the_first_is_named_with_the_size(
    reported: tuple[Board, list[Statistic]],
) -> None:
    board, told = reported
    assert holds(one(told, "first_rate", POSITION), 0.85)
    assert any(f"{POSITION} favours what it is shown first" in line for line in board.shows)
    # Both orders differ where the first is taken twice: .85 x .85 + .15 x .15 of independent draws.
    assert holds(one(told, "flip_rate", POSITION), 0.745)
    assert not any(f"{NOISE} favours" in line for line in board.shows)


def test_the_judge_who_likes_it_long_is_named_with_the_size(
    reported: tuple[Board, list[Statistic]],
) -> None:
    board, told = reported
    assert holds(one(told, "longer_rate", LENGTH), 0.8)
    assert any(f"{LENGTH} takes the longer answer more often" in line for line in board.shows)
    assert (one(told, "length_effect", LENGTH, "first@after").low or 0) > 0
    assert LENGTH in {j.name for j in board.judges if "control:verbose" in j.failed_controls}


def test_the_judge_who_is_fond_of_its_family_is_named_with_the_size(
    reported: tuple[Board, list[Statistic]],
) -> None:
    board, told = reported
    own = one(told, "own_family_preference", FOND, "alpha")
    # .75 against what the others gave the same answers, which is near .5.
    others = [one(told, "family_rate", family, "alpha").value for family in ("gamma", "delta", "epsilon")]  # fmt: skip
    assert holds(own, 0.75 - sum(rate or 0 for rate in others) / 3)
    assert any(f"{FOND} prefers its own family (alpha) more" in line for line in board.shows)
    assert "other-families" in board.models[0].judges


def test_who_is_of_one_family_and_who_is_taken_away_is_said(
    reported: tuple[Board, list[Statistic]],
) -> None:
    board, _ = reported
    assert f"The judge {FOND} is of the same family (alpha) as the student first." in board.shows
    assert any(f"{NOISE} takes it away on 2026-12-11" in line for line in board.shows)
    told = next(judge for judge in board.judges if judge.name == NOISE)
    assert (str(told.retires), str(told.cutoff)) == ("2026-12-11", "2025-06-01")
    table = next(t for t in tables(board) if t.title == "What the judges are like")
    row = next(cells for cells in table.rows if cells[0] == NOISE)
    assert row[:4] == (NOISE, "epsilon", "2025-06-01", "2026-12-11")


def test_the_judge_who_tosses_coins_agrees_with_itself_half_the_time_and_fails_the_controls(
    reported: tuple[Board, list[Statistic]],
) -> None:
    board, told = reported
    assert holds(one(told, "self_agreement", NOISE), 0.5)
    assert any(f"{NOISE} is noisy" in line for line in board.shows)
    assert holds(one(told, "flip_rate", NOISE), 0.5)
    failed = {j.name: j.failed_controls for j in board.judges}
    assert {"control:other", "control:constant"} <= set(failed[NOISE])
    kappa = next(s for s in told if (s.name, {s.judge, s.other}) == ("kappa", {NOISE, FOND}))
    assert holds(kappa, 0.0)


def test_rules_judge_beside_them_and_are_in_no_mean(
    reported: tuple[Board, list[Statistic]],
) -> None:
    board, _ = reported
    row = next(row for row in board.models if row.entrant == "first@after")
    assert row.rate is not None
    # Every readable answer reports one issue: to the rules all pairs are ties.
    assert row.judges[RUBRIC].better_rate == 0
    asked = [row.judges[judge].better_rate or 0 for judge in CHOOSES]
    assert row.rate.better_rate == pytest.approx(sum(asked) / len(asked))
    assert any(line.startswith("Beside them, in no mean: rubric") for line in board.shows)
    assert [judge.name for judge in board.judges] == [*CHOOSES, RUBRIC]


def test_what_the_study_can_see_is_said(reported: tuple[Board, list[Statistic]]) -> None:
    board, _ = reported
    assert any("smallest difference between two models" in line for line in board.shows)
    assert all(d.detectable and d.adjusted_p is not None for d in board.differences)
