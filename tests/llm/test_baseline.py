"""The constant row: what it learns, that order does not matter, that it looks at nothing."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.diff.shown import whole
from pullsmith.errors import StudyError
from pullsmith.llm.baseline import ConstantModel, most_frequent
from pullsmith.llm.protocol import ChatModel, Completion, Request, TaskSubject
from pullsmith.records import Example, Outcome, PullRequest, example_id
from tests.llm.asked import SCAN
from tests.llm.pulls import added, change, planted, pull_request

OTHER = pull_request(
    change(added("", "x = 1", "y = 2", start=9), path="b.py"), change(added("z"), path="c.rb", language="ruby"),
    title="Say more",
)  # fmt: skip


def said(model: ChatModel, tool: str, pull: PullRequest = OTHER) -> Completion:
    subject = TaskSubject(pull_request=pull, coverage=whole(pull), tool=tool, contract="compact-1")
    request = Request(model="constant", messages=(), scan=SCAN, task=subject)
    return asyncio.run(model.complete(request))


def example(number: int, tool: str, target: str) -> Example:
    return Example(
        id=example_id(f"a{number}", contract="compact-1"),
        answer_id=f"a{number}",
        pull_request_id="planted:a1",
        tool=tool,
        contract="compact-1",
        messages=(),
        target=target,
    )


@given(st.lists(st.sampled_from("abc"), min_size=1), st.randoms())
def test_the_most_frequent_in_any_order(items: list[str], draw: object) -> None:
    found = most_frequent(items, "none")
    assert items.count(found) == max(items.count(item) for item in items)
    assert found == min(i for i in items if items.count(i) == items.count(found))
    assert found == most_frequent(sorted(items), "none")
    assert most_frequent([], "none") == "none"


def test_the_constant_says_one_text_to_everything() -> None:
    rows = [example(n, "review", text) for n, text in enumerate(("b", "a", "b", "c"))]
    rows += [example(9, "improve", "only")]
    model = ConstantModel(rows)
    assert said(model, "review").text == "b"
    assert said(model, "improve").text == "only"
    assert said(model, "review", planted()).text == "b"
    nothing = said(model, "describe")
    assert (nothing.outcome, nothing.detail) == (Outcome.REFUSED, "no training example")
    assert ConstantModel(rows[::-1]).checkpoint == model.checkpoint
    assert ConstantModel(rows[:1]).checkpoint != model.checkpoint


def test_it_answers_tasks_only() -> None:
    with pytest.raises(StudyError, match="tasks only"):
        asyncio.run(ConstantModel([]).complete(Request(model="constant", messages=(), scan=SCAN)))
