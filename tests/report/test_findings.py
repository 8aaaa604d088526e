"""Findings: what the published rates say, what nobody can tell, and who is not spoken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from pullsmith.models.presets import presets
from pullsmith.rank.comparisons import comparisons
from pullsmith.rank.groups import group_contrasts
from pullsmith.rank.tables import Entrant, better_contrasts, ratings
from pullsmith.records import Metric, Phase, Statistic
from pullsmith.report.build import Stored, build
from pullsmith.report.findings import findings
from pullsmith.study.facts import facts_of
from tests.judged import study
from tests.rank.groups_made import Wins, grid_of, shares_of
from tests.report.rows import of, rate, row

PUBLISHED = {name: one for name, one in presets().items() if one.published_rate.value is not None}
REQUESTS = 300


def won(rate: float, random: np.random.Generator, shared: np.ndarray) -> np.ndarray:
    """Exactly ``rate`` of the prompts, more of those that are easy for everybody."""
    liking = (shared + random.normal(size=len(shared))) * 0.5**0.5
    wins = np.zeros(len(shared))
    wins[np.argsort(-liking)[: round(rate * len(shared))]] = 1
    return wins


def rated(rates: Mapping[str, float], requests: int = REQUESTS) -> Wins:
    random = np.random.default_rng(3)
    shared = random.normal(size=requests)
    return {name: won(rate, random, shared) for name, rate in rates.items()}


def metric(entrant: str, requests: int) -> Metric:
    return Metric(
        id=entrant, entrant=entrant, name="valid_rate", tool="all", slice="all",
        pull_requests=requests, count=requests, value=1.0, low=0.9, high=1.0,
    )  # fmt: skip


def sentences(
    wins: Wins, students: Sequence[Mapping[str, object]], statistics: Sequence[Statistic] = ()
) -> tuple[str, ...]:
    """What a board of these students says after these verdicts."""
    made = study(student=students)
    shares = shares_of(wins)
    grid = grid_of(shares)
    entrants = {
        name: Entrant(name, name.partition("@")[0], Phase(name.partition("@")[2])) for name in wins
    }
    whole = [field for field in grid if (field.slice, field.tool) == ("all", "all")]
    stored = Stored(
        study=made,
        ratings=list(ratings(shares, entrants, whole)),
        metrics=[metric(name, len(mine)) for name, mine in wins.items()],
        contrasts=list(better_contrasts(shares, entrants, whole)),
        groups=list(group_contrasts(shares, comparisons(facts_of(made), [], None), grid)),
        statistics=statistics,
        checkpoints=[],
        funnel=[],
    )
    return build(stored).findings


@pytest.fixture(scope="module")
def published() -> tuple[str, ...]:
    """The published table, with its one rate before tuning, on 300 prompts."""
    rates = {
        f"{name}@after": (one.published_rate.value or 0) / 100 for name, one in PUBLISHED.items()
    }
    rates["deepseek-coder-33b-instruct@before"] = 0.036
    students = [{"model": f"hf:{one.hub.value}", "name": name} for name, one in PUBLISHED.items()]
    return sentences(rated(rates), students)


def starting(lines: Sequence[str], words: str) -> str:
    (line,) = [line for line in lines if line.startswith(words)]
    return line


def test_the_large_models_share_a_tier(published: tuple[str, ...]) -> None:
    line = starting(
        published, "Best of 6 models of more than 10 billion weights: deepseek-coder-33b-instruct"
    )
    for name in ("deepseek-coder-33b-base", "granite-34b-code-instruct", "phind-codellama-34b-v2"):
        assert name in line
    assert "qwen1.5-32b" not in line


def test_base_against_instruct_is_not_a_finding(published: tuple[str, ...]) -> None:
    line = starting(published, "Instruct models against base ones, deepseek-coder-33b-instruct: +2.3 points")  # fmt: skip
    assert "(p = 0.470): this study cannot tell whether there is a difference, between these or others." in line  # fmt: skip


def test_that_general_models_lose_is_neither_shown_nor_without_a_counterexample(
    published: tuple[str, ...],
) -> None:
    line = starting(published, "Code-dedicated models against general ones (9 and 5 models): +8.2 points")  # fmt: skip
    assert "for these 14 models (p < 0.001): better, by more than chance." in line
    assert line.endswith("(p = 0.057): this study cannot tell whether there is a difference.")
    best = starting(published, "The best code-dedicated model of up to 10 billion weights")
    assert (
        "codeqwen1.5-7b, against the best general one, llama-3.1-8b-instruct: +0.0 points" in best
    )
    assert best.endswith("this study cannot tell them apart.")
    apart = starting(published, "Groups of models differ in more than the one thing")
    assert "5 of 9 of the code-dedicated models and 1 of 5 of general ones" in apart


def test_mistral_is_last_and_that_is_more_than_chance(published: tuple[str, ...]) -> None:
    line = starting(published, "Models of up to 10 billion weights spread from 16.0 %")
    assert "(mistral-7b)" in line
    assert "more than chance also when all pairs of models are counted (p < 0.001)." in line


def test_the_one_effect_of_tuning_is_told_and_no_mean_is_made_of_one(
    published: tuple[str, ...],
) -> None:
    line = starting(published, "Fine-tuning of deepseek-coder-33b-instruct, after against before: +37.0 points")  # fmt: skip
    assert "better, by more than chance" in line
    assert sum(line.startswith("Fine-tuning") for line in published) == 1


def test_definitions_are_said_with_the_groups_they_make(published: tuple[str, ...]) -> None:
    assert starting(published, "Models released in 2024-05 or later against earlier ones (4 and 3 models)")  # fmt: skip
    assert "company of more than 10,000 people" in starting(published, "Models of large makers")


TWO = ("qwen2.5-coder-7b-instruct", "llama-3.1-8b-instruct")  # code and general, both small


def students(*names: str) -> list[dict[str, object]]:
    return [{"model": f"hf:{presets()[name].hub.value}", "name": name} for name in names]


def test_one_model_a_group_says_nothing_beyond_the_two() -> None:
    wins = rated({f"{TWO[0]}@after": 0.7, f"{TWO[1]}@after": 0.2})
    line = starting(sentences(wins, students(*TWO)), "Code-dedicated models")
    assert "better, by more than chance. With 1 model on a side, beyond these 2 models this study cannot tell." in line  # fmt: skip


def test_few_pull_requests_say_nothing_however_far_apart() -> None:
    wins = rated({f"{TWO[0]}@after": 1.0, f"{TWO[1]}@after": 0.0}, requests=9)
    line = starting(sentences(wins, students(*TWO)), "Code-dedicated models")
    assert line.endswith("With 9 pull requests this study cannot tell.")
    wins = rated({f"{TWO[0]}@after": 1.0, f"{TWO[1]}@after": 0.0}, requests=10)
    line = starting(sentences(wins, students(*TWO)), "Code-dedicated models against general ones (1 model each)")  # fmt: skip
    assert "better, by more than chance" in line


def test_students_without_answers_give_no_finding() -> None:
    assert sentences({}, students(*TWO)) == ()


def test_of_one_judge_alone_it_says_that_it_cannot_tell() -> None:
    made = sentences(rated({f"{TWO[0]}@after": 0.5}), students(TWO[0]))
    assert starting(made, "One judge, rubric: whether another would").endswith(
        "this study cannot tell."
    )


def tau(value: float | None, low: float, high: float, count: int = 5) -> Statistic:
    return Statistic(
        id="t", name="tau", judge="a", other="b", reference="rules", pull_requests=50,
        count=count, value=value, low=low, high=high,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statistic", "said"),
    [
        (tau(0.8, 0.4, 1.0), "+0.80 [+0.40 to +1.00]: they agree more than chance would."),
        (tau(0.2, -0.4, 0.6), "this study cannot tell whether they agree."),
        (tau(-0.8, -1.0, -0.4), "they put them the other way round."),
        (tau(1.0, 1.0, 1.0, count=2), "of so few, this study cannot tell whether they agree."),
    ],
)
def test_the_order_that_judges_give_is_told_with_its_interval(statistic: Statistic, said: str) -> None:  # fmt: skip
    wins = rated({f"{TWO[0]}@after": 0.5})
    line = starting(sentences(wins, students(TWO[0]), [statistic]), "The judges a and b order")
    assert line.endswith(said)


def test_a_grid_s_ablations_are_told_in_words_and_are_no_further_models() -> None:
    data = ["all", "random", "share:0.1", "tools:review"]
    rates = {"q+all@after": 0.6, "q+random@after": 0.4, "q+share-0.1@after": 0.58, "q+tools-review@after": 0.6}  # fmt: skip
    made = sentences(rated(rates), [{"model": "hf:Qwen/Qwen2.5-Coder-7B-Instruct", "name": "q", "data": data}])  # fmt: skip
    random = starting(
        made, "All cleaned examples against as many drawn whatever the rules of clean say, q+all"
    )
    assert "better, by more than chance" in random
    assert "3 such differences counted" in random
    few = starting(made, "All cleaned examples against those of 10 % of the pull requests, q+all")
    assert "cannot tell whether there is a difference" in few
    assert starting(made, "All cleaned examples against those of review alone, q+all")
    assert not any(line.startswith("Best of") for line in made)


def test_where_no_verdict_could_be_read_nobody_says_better_on_nothing() -> None:
    unread = rate(None, unreadable=200)
    said = findings(of(row("coder", better=unread, slices={"planted": unread})), ())
    assert said[0] == (
        "coder after fine-tuning: no verdict on it against rules could be read, so this study cannot "
        "tell how often it is better."
    )
    assert not any("On planted" in line for line in said)
    read = findings(of(row("coder", better=rate(0.4), slices={"planted": rate(0.4)})), ())
    assert read[0].startswith("coder after fine-tuning is better than rules on 40.0 %")
    assert read[1].startswith("On planted pull requests alone: 40.0 %")
