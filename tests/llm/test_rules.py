"""rules and rules+truth: what each says, in whose words, and what it does not know."""

from __future__ import annotations

import asyncio

import pytest

from pullsmith.contracts.answers import AnswerValue, Describe, Improve, Review, Spot
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.grounding import grounding_faults
from pullsmith.diff.shown import whole
from pullsmith.errors import StudyError
from pullsmith.llm.protocol import Completion, Request, TaskSubject
from pullsmith.llm.rules import RulesModel
from pullsmith.records import Coverage, Defect, Outcome, PromptOptions, PullRequest
from pullsmith.scoring import score_answer
from tests.llm.asked import SCAN
from tests.llm.pulls import (
    BAD,
    DEFECT,
    GOOD,
    PATH,
    added,
    change,
    planted,
    pull_request,
    shown_of,
    task_of,
)


def said(
    pull: PullRequest,
    tool: str,
    *,
    truth: bool = False,
    contract: str = "compact-1",
    coverage: Coverage | None = None,
    **options: object,
) -> Completion:
    subject = TaskSubject(
        pull_request=pull,
        coverage=coverage or whole(pull),
        options=PromptOptions.model_validate(options),
        tool=tool,
        contract=contract,
    )
    request = Request(model="rules", messages=(), scan=SCAN, task=subject)
    return asyncio.run(RulesModel(truth=truth).complete(request))


def value(
    pull: PullRequest, tool: str, *, truth: bool = False, contract: str = "compact-1"
) -> AnswerValue:
    """The answer, read back; it is always grounded."""
    completion = said(pull, tool, truth=truth, contract=contract)
    assert completion.outcome is Outcome.OK
    found = find_contract(contract).parse(task_of(tool, pull), completion.text)
    assert grounding_faults(found, shown_of(pull)) == ()
    return found


@pytest.mark.parametrize("contract", ["compact-1", "native-1"])
def test_a_lint_finding_becomes_an_issue_and_a_fix(contract: str) -> None:
    pull = pull_request(change(added("def f(x):", "    if x == None:", "        return 1")))
    review = value(pull, "review", contract=contract)
    assert isinstance(review, Review)
    (issue,) = review.issues
    assert (issue.relevant_file, issue.issue_header) == (PATH, "None comparison")
    assert (issue.start_line, issue.end_line) == (6, 6)
    assert review.security_concerns == "No"
    improve = value(pull, "improve", contract=contract)
    assert isinstance(improve, Improve)
    (suggestion,) = improve.code_suggestions
    assert suggestion.existing_code == "    if x == None:"
    assert suggestion.improved_code == "    if x is None:"
    assert suggestion.language == "python"


@pytest.mark.parametrize("truth", [False, True])
def test_without_a_finding_the_answer_is_empty(truth: bool) -> None:
    pull = pull_request(change(added("def f(x):", "    return x")))
    review, improve = value(pull, "review", truth=truth), value(pull, "improve", truth=truth)
    assert isinstance(review, Review)
    assert isinstance(improve, Improve)
    assert review.issues == ()
    assert improve.code_suggestions == ()
    spot = value(pull, "spot", truth=truth)
    assert isinstance(spot, Spot)
    assert spot.issues == ()


def test_at_most_three_issues_and_four_suggestions() -> None:
    lines = [f"if x{n} == None: pass" for n in range(9)]
    pull = pull_request(change(added(*lines)))
    review, improve = value(pull, "review"), value(pull, "improve")
    assert isinstance(review, Review)
    assert isinstance(improve, Improve)
    assert [issue.start_line for issue in review.issues] == [5, 6, 7]
    assert len(improve.code_suggestions) == 4


def test_the_same_line_twice_is_one_suggestion() -> None:
    pull = pull_request(change(added("x = y == None", "z = 1", "x = y == None")))
    review, improve = value(pull, "review"), value(pull, "improve")
    assert isinstance(review, Review)
    assert isinstance(improve, Improve)
    assert len(review.issues) == 2
    assert len(improve.code_suggestions) == 1


SECRET = Defect(
    kind="secret",
    path=PATH,
    start_line=6,
    end_line=6,
    defective=("    token = 'abc123'",),
    original=("    token = os.environ['TOKEN']",),
    header="Hard-coded secret",
    content="A credential is stored in the source.",
    security=True,
)
PRINT = SECRET.model_copy(
    update={
        "kind": "debug_print", "defective": ("    print(path)",), "original": (),
        "header": "Debug print", "content": "A debugging print was left.", "security": False,
    }
)  # fmt: skip
TWO_LINES = SECRET.model_copy(
    update={"end_line": 7, "defective": ("    x = 1", "    y = 2"), "original": ("    x = 2",)}
)


@pytest.mark.parametrize("contract", ["compact-1", "native-1"])
@pytest.mark.parametrize(
    ("defect", "label", "security"),
    [
        (DEFECT, "general", "No"),
        (SECRET, "security", "Hard-coded secret"),
        (PRINT, "general", "No"),
        (TWO_LINES, "security", "Hard-coded secret"),
    ],
)
def test_the_planted_truth_decides(
    defect: Defect, label: str, security: str, contract: str
) -> None:
    pull = planted(defect)
    review = value(pull, "review", truth=True, contract=contract)
    assert isinstance(review, Review)
    (issue,) = review.issues
    assert (issue.issue_header, issue.issue_content) == (defect.header, defect.content)
    assert (issue.start_line, issue.end_line) == (defect.start_line, defect.end_line)
    assert review.security_concerns == security
    improve = value(pull, "improve", truth=True, contract=contract)
    assert isinstance(improve, Improve)
    (suggestion,) = improve.code_suggestions
    assert suggestion.existing_code == "\n".join(defect.defective)
    assert suggestion.improved_code == "\n".join(defect.original)
    assert suggestion.label == label


@pytest.mark.parametrize("defect", [DEFECT, SECRET, PRINT])
def test_a_spot(defect: Defect) -> None:
    spot = value(planted(defect), "spot", truth=True)
    assert isinstance(spot, Spot)
    assert spot.issues[0].issue_header == defect.header
    assert (spot.issues[0].start_line, spot.issues[0].end_line) == (6, 6)


def test_a_clean_planted_pull_request_has_no_issue_whatever_linters_say() -> None:
    clean = planted(None).model_copy(update={"files": planted().files})
    review = value(clean, "review", truth=True)
    assert isinstance(review, Review)
    assert review.issues == ()
    seen = value(clean, "review")
    assert isinstance(seen, Review)
    assert len(seen.issues) == 1


def test_rules_without_truth_knows_no_more_than_the_diff() -> None:
    stripped = planted(SECRET).model_copy(update={"defect": None})
    for tool in ("describe", "review", "improve", "spot"):
        assert said(planted(SECRET), tool).text == said(stripped, tool).text


def test_nothing_is_said_of_lines_that_are_not_shown() -> None:
    pull = planted(DEFECT.model_copy(update={"start_line": 60, "end_line": 60}))
    review = value(pull, "review", truth=True)
    assert isinstance(review, Review)
    assert review.issues == ()


def test_a_planted_correction_is_a_bug_fix() -> None:
    fix = pull_request(
        change(f"@@ -6,1 +6,1 @@\n-{BAD}\n+{GOOD}\n"),
        change(added("    x = 1"), path="app/other.py"),
        source="planted",
        evidence="planted:fix",
        title="Change load",
    )
    known, seen = value(fix, "describe", truth=True), value(fix, "describe")
    assert isinstance(known, Describe)
    assert isinstance(seen, Describe)
    assert [file.changes_title for file in known.pr_files] == [
        "Corrects a line",
        "Extends a function",
    ]
    assert (known.type, known.pr_files[0].label) == (("Bug fix",), "bug fix")
    assert seen.pr_files[0].changes_title == "Changes a line"


@pytest.mark.parametrize("defect", [DEFECT, SECRET, PRINT, None])
@pytest.mark.parametrize("tool", ["review", "improve"])
def test_the_truth_gets_full_marks(defect: Defect | None, tool: str) -> None:
    from pullsmith.contracts.canonical import value_json
    from pullsmith.records import Answer

    pull = planted(defect)
    answer = Answer(
        id="a", prompt_id="p", pull_request_id=pull.id, tool=tool, contract="compact-1",
        model="rules+truth", outcome=Outcome.OK, text="",
        value_json=value_json(value(pull, tool, truth=True)),
    )  # fmt: skip
    score = score_answer(answer, pull, shown_of(pull))
    assert score.planted is not None
    assert score.planted.right_claims == score.planted.claims
    assert score.planted.silent == (defect is None)
    if defect is not None:
        assert score.planted.found
        assert score.planted.exact_fix == (tool == "improve")


def test_what_cannot_be_said_is_refused_with_its_reason() -> None:
    pull = planted()
    nothing = said(pull, "review", coverage=Coverage(shown=()))
    assert (nothing.outcome, nothing.detail) == (Outcome.REFUSED, "nothing is shown")
    spot = said(pull, "spot", contract="native-1")
    assert spot.outcome is Outcome.REFUSED
    assert "native-1 has no form for spot" in spot.detail


def test_requests_that_are_no_task() -> None:
    with pytest.raises(StudyError, match="tasks only"):
        asyncio.run(RulesModel().complete(Request(model="rules", messages=(), scan=SCAN)))


@pytest.mark.parametrize("tool", ["note", "reflect"])  # what a suggestion is worth, no rule says
def test_a_tool_no_rule_knows_is_refused_and_says_so(tool: str) -> None:
    asked = said(planted(), tool)
    assert asked.outcome is Outcome.REFUSED
    assert asked.detail == (
        f"unknown_tool: rules knows describe, review, improve and spot, not {tool}"
    )


def test_rules_follow_the_options_they_can_and_refuse_a_score_they_have_not() -> None:
    pull = pull_request(change(added("def f(x):", "    if x == None:", "        return 1")))
    short = said(pull, "review", contract="native-1", require_tests=False, require_effort=False)
    assert short.outcome is Outcome.OK
    assert "relevant_tests" not in short.text
    assert "effort" not in short.text
    assert "None comparison" in short.text
    scored = said(pull, "review", contract="native-1", require_score=True)
    assert scored.outcome is Outcome.REFUSED
    assert scored.detail == "missing_field: score: the prompt asks for it"
