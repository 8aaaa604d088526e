"""Descriptions by names: points, titles and summaries, and the form that each contract takes."""

from __future__ import annotations

import pytest

from pullsmith.contracts.answers import Describe, Improve, Review
from pullsmith.contracts.grounding import grounding_faults
from pullsmith.contracts.pr_agent.strict import FORMS, limit_faults, read_answer, write_answer
from pullsmith.errors import AnswerError
from pullsmith.llm.findings import Finding
from pullsmith.llm.forms import described_forms, improve_forms, review_forms
from pullsmith.llm.telling import diagram, tell
from pullsmith.records import ChangeStatus, FileChange, PullRequest
from tests.llm.pulls import added, change, pull_request, shown_of, task_of

EDIT = "@@ -1,1 +1,1 @@\n-x = 1\n+x = 2\n"
NEW = added("def load(path):", "    return path", "", "class Store:", "    pass", start=1)


def told(*files: FileChange, **fields: object) -> Describe:
    pull = pull_request(*files, **fields)  # type: ignore[arg-type]  # titles and messages
    value = tell(pull, shown_of(pull))
    assert grounding_faults(value, shown_of(pull)) == ()
    return value


def test_files_are_told_by_the_names_in_them() -> None:
    value = told(change(NEW), change(EDIT, path="tests/test_load.py"))
    first, second = value.pr_files
    assert first.changes_summary == "- Adds function load\n- Adds class Store"
    assert first.changes_title == "Adds function load and 1 more definition"
    assert second.changes_summary == "- Adds 1 line and removes 1 line"
    assert second.changes_title == "Changes a line in test_load.py"
    assert value.description.split("\n") == [
        "- Adds function load",
        "- Adds 1 line and removes 1 line",
        "- Adds class Store",
    ]


def test_many_definitions_are_counted() -> None:
    lines = [row for n in range(9) for row in (f"def f{n}():", "    pass")]
    (file,) = told(change(added(*lines))).pr_files
    assert file.changes_summary is not None
    assert file.changes_summary.split("\n")[-1] == "- Touches 6 more definitions"
    assert len(file.changes_summary.split("\n")) == 4


@pytest.mark.parametrize(
    ("status", "patch", "title", "summary"),
    [
        (ChangeStatus.ADDED, added("x = 1", start=1), "Adds the file load.py", "- Adds a file"),
        (ChangeStatus.DELETED, "@@ -1,1 +0,0 @@\n-x = 1\n", "Removes the file load.py", "- Removes a file"),
        (ChangeStatus.RENAMED, "", "Renames a file", "- Renames a file"),
        (ChangeStatus.MODIFIED, "", "Changes a file without text", "- Changes a file without text"),
        (ChangeStatus.ADDED, added("def f():", start=1), "Adds function f in load.py", "- Adds function f"),
    ],
)  # fmt: skip
def test_what_happens_to_whole_files(
    status: ChangeStatus, patch: str, title: str, summary: str
) -> None:
    (file,) = told(change(patch, status=status)).pr_files
    assert (file.changes_title, file.changes_summary) == (title, summary)


@pytest.mark.parametrize(
    ("title", "commits", "said"),
    [
        ("Retry uploads (#12)", (), "Retry uploads"),
        ("Update load.py", ("Retry uploads\n\nbecause",), "Retry uploads"),
        ("Merge pull request #1 from a/b", ("wip", "Retry uploads"), "Retry uploads"),
        ("fixes", ("typo",), "Changes a line in load.py"),
        ("x " * 200, (), "Changes a line in load.py"),
    ],
)
def test_a_title_that_says_something(title: str, commits: tuple[str, ...], said: str) -> None:
    assert told(change(EDIT), title=title, commit_messages=commits).title == said


def test_a_diagram_breaks_off_and_cannot_be_broken_out_of() -> None:
    files = [change(EDIT, path=f'a"]; click {n}.py') for n in range(12)]
    drawn = diagram(told(*files)).split("\n")
    assert drawn[0] == "flowchart LR"
    assert len(drawn) == 9
    assert all(row.count('"') == 4 for row in drawn[1:])


PULLS: list[PullRequest] = [
    pull_request(change(NEW), change(EDIT, path="README.md", language="markdown")),
    pull_request(change(EDIT, path="LICENSE", language="")),
    pull_request(*(change(EDIT, path=f"a{n}.py") for n in range(25))),
]


@pytest.mark.parametrize("version", FORMS)
@pytest.mark.parametrize("pull", PULLS, ids=["few", "no language", "many"])
def test_every_contract_of_pr_agent_takes_one_form_and_it_is_short_enough(
    version: str, pull: PullRequest
) -> None:
    shown = shown_of(pull)
    line = next(line for line in shown.lines if line.sign == "+")
    found = tuple(
        Finding(f"c{n}", (line,), f"Kind {n}", "It is wrong.", "general", ("x = 3",))
        for n in range(6)
    )
    forms = {
        "describe": described_forms(tell(pull, shown), shown),
        "review": review_forms(found, shown),
        "improve": improve_forms(found, shown),
    }
    for tool, values in forms.items():
        task, taken = task_of(tool, pull), []
        for value in values:
            try:
                text = write_answer(version, task, value)
            except AnswerError:
                continue
            read = read_answer(version, task, text)
            assert grounding_faults(read, shown) == ()
            assert limit_faults(version, task, read) == ()
            taken.append(text)
        assert taken, tool


def test_the_oldest_form_says_the_same_as_text() -> None:
    pull = pull_request(change(added("x = y == None")))
    shown = shown_of(pull)
    found = (Finding("c", (shown.lines[0],), "None comparison", "Wrong.", "general", ("x = 1",)),)
    listed, text = review_forms(found, shown)
    assert listed.possible_issues is None
    assert text.key_issues_to_review is None
    assert text.possible_issues == "- app/load.py, line 5: Wrong."
    assert text.code_feedback is not None
    assert text.code_feedback[0].relevant_line == "+x = y == None"
    assert next(review_forms((), shown)) == Review(
        estimated_effort_to_review=1, relevant_tests="No", key_issues_to_review=(),
        security_concerns="No",
    )  # fmt: skip
    assert next(improve_forms((), shown)) == Improve(code_suggestions=())
