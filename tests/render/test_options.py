"""Which prompts carry options of ours: a share of the training side, never the eval side."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.options import DEFAULTS
from pullsmith.records import Drop, PromptOptions, Split
from pullsmith.render.options import CHOICES, MOST_VARIED, options_for
from pullsmith.render.prompts import render
from pullsmith.study import Study
from tests.contracts.builders import change, pull_request
from tests.judged import study

TOOLS = ("describe", "review", "improve")
NATIVE = [find_contract("native-1")]
BOTH = [*NATIVE, find_contract("compact-1")]
PATCH = "@@ -1 +1,2 @@\n x\n+z\n"
COUNT = 400


def asked(**changes: Any) -> Study:
    """A study with a hosted teacher and one student, both in native-1."""
    teacher = [{"model": "http://127.0.0.1:1/v1#m"}]
    return study(**{"teacher": teacher, **changes})


def drawn(made: Study, split: Split = Split.TRAIN, contracts: Any = NATIVE) -> list[PromptOptions]:
    subjects = [pull_request(id=f"p{number}", split=split) for number in range(COUNT)]
    return [options_for(each, tool, made, contracts) for each in subjects for tool in TOOLS]


def varied(options: list[PromptOptions]) -> float:
    return sum(each != DEFAULTS for each in options) / len(options)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_the_share_is_kept_on_the_training_side_and_is_nothing_on_the_other(share: float) -> None:
    made = asked(contract={"varied_share": share})
    # 1,200 draws: four standard deviations of a share are 4 * sqrt(share * (1 - share) / 1200).
    spread = 4 * (share * (1 - share) / (COUNT * len(TOOLS))) ** 0.5
    assert abs(varied(drawn(made)) - share) <= spread
    assert varied(drawn(made, Split.EVAL)) == 0


def test_five_in_a_hundred_unless_told_otherwise() -> None:
    assert 0.02 < varied(drawn(asked())) < 0.08


def test_the_same_draw_on_a_rerun_and_another_with_another_seed() -> None:
    made = asked(contract={"varied_share": 0.5})
    assert drawn(made) == drawn(made)
    assert drawn(made) != drawn(made.model_copy(update={"seed": 1}))


def test_every_option_varies_in_every_way_and_few_at_a_time() -> None:
    found = drawn(asked(contract={"varied_share": 1}))
    seen = {(name, getattr(each, name)) for each in found for name in CHOICES}
    assert seen >= {(name, value) for name, values in CHOICES.items() for value in values}
    changed = Counter(
        sum(getattr(each, name) != getattr(DEFAULTS, name) for name in CHOICES) for each in found
    )
    assert set(changed) == set(range(1, MOST_VARIED + 1))
    assert set(CHOICES) == set(PromptOptions.model_fields)
    for name, values in CHOICES.items():
        assert getattr(DEFAULTS, name) not in values


@pytest.mark.parametrize(
    "changes",
    [
        {"teacher": [{"model": "rules+truth"}]},
        {"student": [{"model": "tiny", "contract": "compact-1"}]},
        {"teacher": [{"model": "http://127.0.0.1:1/v1#m", "contract": "compact-1"}]},
    ],
    ids=["a teacher without a model", "a student that cannot say it", "a teacher that cannot"],
)
def test_nothing_varies_where_it_could_not_be_followed(changes: dict[str, Any]) -> None:
    assert varied(drawn(asked(contract={"varied_share": 1}, **changes), contracts=BOTH)) == 0


def test_a_reference_that_cannot_say_it_changes_nothing() -> None:
    reference = [{"model": "rules", "contract": "compact-1"}]
    made = asked(contract={"varied_share": 1}, reference=reference)
    assert varied(drawn(made, contracts=BOTH)) == 1


def test_what_the_study_sets_stays() -> None:
    fixed = {"response_language": "Greek", "max_findings": 2}
    made = asked(contract={"varied_share": 1, "options": {"review": fixed}})
    subjects = [pull_request(id=f"p{number}") for number in range(COUNT)]
    found = [options_for(each, "review", made, NATIVE) for each in subjects]
    assert {(each.response_language, each.max_findings) for each in found} == {("Greek", 2)}
    assert len(set(found)) > 10


def test_a_prompt_is_asked_in_the_words_of_its_options() -> None:
    made = asked(contract={"varied_share": 1})
    subject = pull_request(change("a.py", PATCH), id="p")
    prompts = render(subject, made, NATIVE)
    assert not isinstance(prompts, Drop)
    for prompt in prompts:
        assert prompt.options == options_for(subject, prompt.tool, made, NATIVE) != DEFAULTS
    held_out = render(subject.model_copy(update={"split": Split.EVAL}), made, NATIVE)
    assert not isinstance(held_out, Drop)
    assert {prompt.options for prompt in held_out} == {DEFAULTS}
