"""``pullsmith show ID --tool TOOL --judge MODEL``: what a judge is asked, and where nobody is."""

from __future__ import annotations

import pytest

from pullsmith.cli.shown_questions import questions
from pullsmith.errors import StudyError
from pullsmith.records import Phase, Record
from pullsmith.store import JobKey
from tests.judged import DEFECT, answer, issue, prompt, pull_request, review, study

MODEL = "http://127.0.0.1:1/v1#judge"
STUDY = study(judge=[{"model": MODEL, "orders": "random"}], baselines=False)
ASKED = pull_request(defect=DEFECT)
TRAIL: list[tuple[JobKey, Record]] = [
    (JobKey("collect"), ASKED.model_copy(update={"title": "before secrets were masked"})),
    (JobKey("split"), ASKED),
    (JobKey("render"), prompt(ASKED, "review")),
    (JobKey("respond", "tiny"), answer(ASKED, None, phase=Phase.BEFORE)),
    (JobKey("respond", "tiny"), answer(ASKED, review(issue(kind="Mine")), phase=Phase.AFTER)),
    (JobKey("respond", "rules"), answer(ASKED, review(), model="rules")),
]


def test_every_pair_is_shown_in_both_orders_and_a_rule_where_nobody_is_asked() -> None:
    got = dict(questions(TRAIL, STUDY, MODEL, "review"))
    assert len(got) == 4
    for name, messages in got.items():
        if "tiny@before" in name:
            assert [m.content for m in messages] == [
                "nobody is asked: loss by rule (candidate_invalid)"
            ]
            continue
        first = messages[1].content.partition("END response 1")[0]
        assert ("Mine" in first) == ("candidate-first" in name)
        assert "Title: Change one" in first


@pytest.mark.parametrize(
    ("judge", "tool", "said"),
    [
        (MODEL.replace("judge", "juge"), "review", f"has no judge .*juge; did you mean {MODEL}"),
        ("rubric", "review", "it is rules, and no words are put to it"),
        (MODEL, "improve", "no pair of answers to improve"),
    ],
)
def test_what_cannot_be_shown_is_told(judge: str, tool: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        list(questions(TRAIL, STUDY, judge, tool))
