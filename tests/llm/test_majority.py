"""The majority row: the commonest kind on the first added line, and nothing looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from pullsmith.contracts.answers import (
    AnswerValue,
    ChangeType,
    Describe,
    Improve,
    Review,
    Suggestion,
)
from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.grounding import grounding_faults
from pullsmith.diff.shown import whole
from pullsmith.errors import StudyError
from pullsmith.llm.majority import MajorityModel, majority_values
from pullsmith.llm.protocol import ChatModel, Completion, Request, TaskSubject
from pullsmith.records import Example, Outcome, PullRequest, example_id
from tests.judged import describe, improve, issue, review, suggestion
from tests.llm.asked import SCAN
from tests.llm.pulls import PATH, added, change, planted, pull_request, shown_of, task_of

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


def majority(values: Sequence[AnswerValue], contract: str = "compact-1") -> MajorityModel:
    return MajorityModel(values, find_contract(contract))


def value(model: MajorityModel, tool: str, pull: PullRequest = OTHER) -> AnswerValue:
    completion = said(model, tool, pull)
    assert completion.outcome is Outcome.OK
    found = find_contract("compact-1").parse(task_of(tool, pull), completion.text)
    assert grounding_faults(found, shown_of(pull)) == ()
    return found


COMMON, RARE = issue(kind="Common"), issue(kind="Rare")


def edit(kind: str, content: str, label: str) -> Suggestion:
    words = {"suggestion_content": content, "label": label}
    return suggestion(kind=kind).model_copy(update=words)


VALUES = [
    review(RARE), review(COMMON), review(), review(COMMON), review(),
    review().model_copy(update={"security_concerns": "Not around the common one"}),
    improve(edit("Rare", "rare", "security")),
    improve(edit("Common", "common", "general")),
    improve(edit("Rare", "rare", "security")),
    describe(), describe(), describe(),
]  # fmt: skip


def test_the_majority_flags_the_first_added_line() -> None:
    found = value(majority(VALUES), "review")
    assert isinstance(found, Review)
    (flagged,) = found.issues
    # Line 9 of b.py is added but blank.
    assert (flagged.relevant_file, flagged.start_line, flagged.end_line) == ("b.py", 10, 10)
    assert flagged.issue_header == "Common"
    assert found.security_concerns == review().security_concerns


def test_the_majority_suggests_to_remove_it_in_the_words_of_the_same_kind() -> None:
    found = value(majority(VALUES), "improve")
    assert isinstance(found, Improve)
    (only,) = found.code_suggestions
    assert (only.existing_code, only.improved_code, only.language) == ("x = 1", "", "python")
    assert (only.one_sentence_summary, only.suggestion_content) == ("Common", "common")
    assert only.label == "general"


def test_improve_has_its_own_kind_where_review_has_another() -> None:
    found = value(majority([v for v in VALUES if v not in (VALUES[7],)]), "improve")
    assert isinstance(found, Improve)
    assert found.code_suggestions[0].one_sentence_summary == "Rare"


def test_the_majority_describes_every_file_alike() -> None:
    found = value(majority(VALUES), "describe")
    assert isinstance(found, Describe)
    assert [file.filename for file in found.pr_files] == ["b.py", "c.rb"]
    assert len({(file.changes_title, file.label) for file in found.pr_files}) == 1
    assert found.title == "Say more"
    assert found.type == describe().type


@pytest.mark.parametrize("values", [[], [review(), improve()]])
def test_without_any_defect_in_training_the_majority_is_silent(values: list[AnswerValue]) -> None:
    reviewed, improved = value(majority(values), "review"), value(majority(values), "improve")
    assert isinstance(reviewed, Review)
    assert isinstance(improved, Improve)
    assert reviewed.issues == ()
    assert improved.code_suggestions == ()
    described = value(majority(values), "describe")
    assert isinstance(described, Describe)
    assert described.type == (ChangeType.OTHER,)


def test_without_an_added_line_the_majority_is_silent() -> None:
    gone = pull_request(change("@@ -1,2 +1,1 @@\n-x\n y\n"))
    reviewed = value(majority(VALUES), "review", gone)
    assert isinstance(reviewed, Review)
    assert reviewed.issues == ()


def test_the_order_of_the_examples_does_not_matter() -> None:
    assert majority(VALUES).checkpoint == majority(VALUES[::-1]).checkpoint
    assert majority(VALUES).checkpoint != majority(VALUES[:1]).checkpoint


def test_values_are_read_back_from_the_examples() -> None:
    contract: Contract = find_contract("compact-1")
    pull = planted()
    text = "kind: Common\nline: L2\nissue: why\neffort: 1\ntests: No\nsecurity: No"
    rows = [example(1, "review", text), example(2, "spot", "kind: nothing found")]
    (found,) = majority_values(rows, lambda row: task_of(row.tool, pull), contract)
    assert isinstance(found, Review)
    assert found.issues[0].relevant_file == PATH
    assert found.issues[0].start_line == 6


def test_it_answers_tasks_only() -> None:
    with pytest.raises(StudyError, match="tasks only"):
        asyncio.run(majority([]).complete(Request(model="majority", messages=(), scan=SCAN)))


def test_it_has_no_habit_for_a_tool_of_the_users_own_and_says_so() -> None:
    refused = said(majority(VALUES), "note", OTHER)
    assert refused.outcome is Outcome.REFUSED
    assert refused.detail == "unknown_tool: the majority row has no habit for note"
