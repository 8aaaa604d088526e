"""Ratings, metrics and contrasts out of hand-made verdicts and scores."""

from __future__ import annotations

from functools import partial

import pytest

from pullsmith.rank.grid import Field, fields
from pullsmith.rank.rates import ALL, Task, shares_by_task
from pullsmith.rank.slices import Sliced, slices
from pullsmith.rank.stage import scores_of
from pullsmith.rank.tables import (
    Entrant,
    better_contrasts,
    metrics,
    ratings,
    recall_contrasts,
)
from pullsmith.records import Answer, Metric, Phase, Result
from pullsmith.stats.bootstrap import Resampler
from tests.judged import (
    DEFECT,
    answer,
    describe,
    improve,
    issue,
    prompt,
    pull_request,
    review,
    suggestion,
    verdict,
)

BEFORE = Entrant("tiny@before", "tiny", Phase.BEFORE)
AFTER = Entrant("tiny@after", "tiny", Phase.AFTER)
RULES = Entrant("rules", "rules", Phase.NONE)
CONSTANT = Entrant("constant", "constant", Phase.NONE)
ENTRANTS = {entrant.name: entrant for entrant in (BEFORE, AFTER, RULES, CONSTANT)}
DEFECTIVE = [pull_request(f"bad{n}", defect=DEFECT) for n in range(4)]
CLEAN = [pull_request(f"good{n}") for n in range(2)]
REAL = [pull_request(f"real{n}", source="git") for n in range(3)]
ALL_REQUESTS = {request.id: request for request in (*DEFECTIVE, *CLEAN, *REAL)}


def grid(tasks: list[Task]) -> list[Field]:
    return fields(slices(tasks, Sliced(ALL_REQUESTS)), partial(Resampler, resamples=200, seed=0))


def scored(answers: list[Answer]) -> list[Metric]:
    coverages = {
        prompt(ALL_REQUESTS[a.pull_request_id], a.tool).id: prompt(
            ALL_REQUESTS[a.pull_request_id], a.tool
        ).coverage
        for a in answers
    }
    tasks = [(a.pull_request_id, a.tool, 0) for a in answers]
    return list(metrics(scores_of(answers, ALL_REQUESTS, coverages), grid(tasks)))


def the_metric(rows: list[Metric], name: str, tool: str, where: str) -> Metric:
    return next(m for m in rows if (m.name, m.tool, m.slice) == (name, tool, where))


def test_a_rating_per_slice_and_tool_with_its_counts() -> None:
    made = [verdict(r.id, Result.WIN) for r in DEFECTIVE]
    made += [verdict(r.id, Result.LOSS, tool="improve") for r in REAL]
    made += [verdict(REAL[0].id, Result.UNREADABLE)]
    shares = shares_by_task(made)
    rows = list(ratings(shares, ENTRANTS, grid(list(shares[("tiny@after", "rules", ALL)]))))
    by_field = {(r.judge, r.slice, r.tool): r for r in rows}
    assert len(rows) == len({r.id for r in rows})
    # 4 wins, 3 losses; the unreadable task is out of the mean and in the bounds.
    whole = by_field[ALL, ALL, ALL]
    assert whole.better_rate == pytest.approx(4 / 7)
    assert (whole.pull_requests, whole.verdicts, whole.unreadable) == (7, 8, 1)
    assert whole.all_win == pytest.approx(5 / 8)
    assert whole.all_loss == pytest.approx(4 / 8)
    assert by_field[ALL, "planted", ALL].better_rate == 1
    assert by_field[ALL, "real", "improve"].better_rate == 0
    only_unreadable = by_field[ALL, "real", "review"]
    assert only_unreadable.better_rate is None
    assert only_unreadable.better_low is None
    assert (only_unreadable.all_win, only_unreadable.all_loss) == (1, 0)
    assert (ALL, "planted", "improve") not in by_field


def test_before_and_after_are_compared_on_the_same_prompts() -> None:
    # After wins on all four and before on one of them and on a fifth that after never saw:
    # paired on four, 1 - 1/4 = 3/4; unpaired it would be 1 - 2/5.
    made = [verdict(r.id, Result.WIN) for r in DEFECTIVE]
    made += [
        verdict(r.id, Result.WIN if n == 0 else Result.LOSS, candidate="tiny@before")
        for n, r in enumerate(DEFECTIVE)
    ]
    made += [verdict(CLEAN[0].id, Result.WIN, candidate="tiny@before")]
    shares = shares_by_task(made)
    tasks = [(r.id, "review", 0) for r in (*DEFECTIVE, *CLEAN)]
    rows = list(better_contrasts(shares, ENTRANTS, grid(tasks)))
    row = next(c for c in rows if (c.judge, c.tool, c.slice) == (ALL, ALL, ALL))
    assert (row.entrant, row.other, row.prompts) == ("tiny@after", "tiny@before", 4)
    assert row.difference == pytest.approx(0.75)
    assert row.low is not None
    assert row.low <= 0.75
    assert len({c.id for c in rows}) == len(rows)


def test_single_judges_compare_before_and_after_only() -> None:
    names = ("tiny@after", "tiny@before", "constant")
    made = [verdict(r.id, Result.WIN, candidate=name) for name in names for r in DEFECTIVE]
    shares = shares_by_task(made)
    rows = list(better_contrasts(shares, ENTRANTS, grid([(r.id, "review", 0) for r in DEFECTIVE])))
    pairs = {(c.judge, c.entrant, c.other) for c in rows}
    assert pairs == {
        (ALL, "tiny@after", "tiny@before"),
        (ALL, "tiny@after", "constant"),
        (ALL, "tiny@before", "constant"),
        ("rubric", "tiny@after", "tiny@before"),
    }


def test_metrics_of_reviews_by_hand() -> None:
    answers = [
        answer(DEFECTIVE[0], review(issue())),  # found
        answer(DEFECTIVE[1], review(issue(kind="Other"), issue(11))),  # line only, one more claim
        answer(DEFECTIVE[2], review()),  # missed
        answer(DEFECTIVE[3], None),  # invalid: not found, and not silent
        answer(CLEAN[0], review()),  # silent
        answer(CLEAN[1], review(issue())),  # false alarm
        answer(REAL[0], review(), faults=("line_not_shown: x",)),
    ]
    rows = scored(answers)
    # found 1 of 4, line 2 of 4, kind 2 of 4; right 1 of 1 + 2 + 1 claims; silent 1 of 2.
    expected = {
        "planted_recall": (1 / 4, 4),
        "planted_line_recall": (2 / 4, 4),
        "planted_kind_recall": (2 / 4, 4),
        "planted_precision": (1 / 4, 4),
        "planted_silence": (1 / 2, 2),
        "valid_rate": (5 / 6, 6),
        "empty_rate": (2 / 6, 6),
    }
    for name, (value, count) in expected.items():
        row = the_metric(rows, name, "review", "planted")
        assert row.value == pytest.approx(value), name
        assert row.count == count, name
        assert row.low is not None
        assert row.low <= value
    assert the_metric(rows, "valid_rate", "review", ALL).value == pytest.approx(6 / 7)
    assert the_metric(rows, "grounded_rate", "review", "real").value == 0
    assert not [m for m in rows if m.slice != "planted" and m.name.startswith("planted")]


def test_metrics_of_improve_by_hand() -> None:
    rows = scored(
        [
            answer(DEFECTIVE[0], improve(suggestion())),
            answer(DEFECTIVE[1], improve(suggestion(improved="    if not path:"))),
            answer(DEFECTIVE[2], improve()),
        ]
    )
    assert the_metric(rows, "planted_exact_fix", "improve", "planted").value == pytest.approx(1 / 3)
    assert the_metric(rows, "planted_recall", "improve", "planted").value == pytest.approx(2 / 3)
    assert not [m for m in rows if m.name == "planted_exact_fix" and m.tool == "review"]


def test_what_a_bot_would_take_is_a_rate_of_its_own() -> None:
    broken = [answer(each, None) for each in DEFECTIVE[:3]]
    mended = broken[0].model_copy(update={"lenient": True})
    refused = broken[1].model_copy(update={"lenient": False})
    rows = scored([mended, refused, broken[2], answer(CLEAN[0], review())])
    assert the_metric(rows, "valid_rate", "review", ALL).value == pytest.approx(1 / 4)
    assert the_metric(rows, "lenient_rate", "review", ALL).value == pytest.approx(2 / 4)
    assert the_metric(rows, "lenient_rate", ALL, "planted").count == 4


def test_descriptions_are_valid_and_grounded_but_never_empty() -> None:
    rows = scored([answer(DEFECTIVE[0], describe()), answer(CLEAN[0], review())])
    assert the_metric(rows, "valid_rate", "describe", ALL).value == 1
    # Only the review counts for it.
    assert the_metric(rows, "empty_rate", ALL, ALL).count == 1
    assert not [m for m in rows if m.name == "empty_rate" and m.tool == "describe"]


def test_recall_is_compared_with_every_other_row_on_the_same_defects() -> None:
    def answers(model: str, phase: Phase, hits: int) -> list[Answer]:
        return [
            answer(r, review(issue()) if n < hits else review(), model=model, phase=phase)
            for n, r in enumerate(DEFECTIVE)
        ]

    made = answers("tiny", Phase.AFTER, 3) + answers("tiny", Phase.BEFORE, 0)
    made += answers("rules", Phase.NONE, 1)
    coverages = {prompt(r, "review").id: prompt(r, "review").coverage for r in DEFECTIVE}
    scores = scores_of(made, ALL_REQUESTS, coverages)
    tasks = [(r.id, "review", 0) for r in DEFECTIVE]
    rows = list(recall_contrasts(scores, ENTRANTS, grid(tasks)))
    found = {(c.entrant, c.other): c.difference for c in rows}
    assert found == {
        ("tiny@after", "tiny@before"): pytest.approx(3 / 4),
        ("tiny@after", "rules"): pytest.approx(2 / 4),
        ("tiny@before", "rules"): pytest.approx(-1 / 4),
    }
