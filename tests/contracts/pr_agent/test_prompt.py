"""What of a pull request goes into a template, and what reflect is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.contracts.pr_agent import PrAgent
from pullsmith.contracts.pr_agent.counting import clipped, kept_characters
from pullsmith.contracts.pr_agent.prompt import description
from pullsmith.contracts.pr_agent.reflecting import suggestions_text
from pullsmith.contracts.pr_agent.versions import VERSIONS
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.errors import AnswerError
from pullsmith.records import PullRequest
from tests.contracts.builders import change, pull_request, task_of
from tests.contracts.pr_agent.installed import contract_of, count_words, installed, said
from tests.oracle.pulls import ANSWER


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("pr_agent"))


@pytest.fixture
def contract(folder: Path) -> PrAgent:
    return contract_of(folder, "2025-03")


def bodied(body: str) -> PullRequest:
    return pull_request(change("a.py", "@@ -1 +1 @@\n-a\n+b\n"), body=body)


@pytest.mark.parametrize(
    ("body", "user"),
    [
        (" Mine. \n", "Mine."),
        ("### Type\nfix\n", ""),
        ("### Type\nfix\n### User\nMine.\n", "### Type\nfix\n### User\nMine."),
        ("### User\nMine.\n___\n### Type\nfix", "Mine."),
        ("### User\nMine.\n___\nmore", "Mine."),
    ],
)
def test_describe_is_shown_what_the_user_wrote(contract: PrAgent, body: str, user: str) -> None:
    assert description("describe", bodied(body), contract.installation) == user


def test_the_others_are_not_shown_its_own_list_of_files(contract: PrAgent) -> None:
    text = description("review", bodied("Mine.\n### Files\n<table>"), contract.installation)
    assert text == "Mine.\n"


def test_long_descriptions_and_messages_are_cut_where_the_plan_says(contract: PrAgent) -> None:
    subject = bodied("word " * 60)
    (coverage,) = contract.plan("describe", subject, count_words)
    assert coverage.layout is not None
    assert coverage.layout.body_characters == int(0.9 * (299 / 60) * 20)
    assert coverage.layout.commits_characters is None
    assert "\n...(truncated)|1. Count tries\n2. Notes\n" in said(
        contract, "describe", subject, coverage
    )


def test_a_coverage_of_another_planner_is_written_as_well(contract: PrAgent) -> None:
    subject = pull_request()
    text = contract.messages(task_of("review", subject))[1].content
    assert "## File: 'src/upload.py'\n\n@@ -10,6 +10,7 @@" in text
    assert "## File 'old.py' was deleted" in text
    part = whole(subject)
    part = part.model_copy(
        update={"shown": (part.shown[0].model_copy(update={"hunks": (0,)}),), "layout": None}
    )
    shown = ShownDiff.of(subject, part)
    text = contract.messages(Task("review", subject, part, shown))[1].content
    assert "@@ -10,6 +10,7 @@" in text
    assert "@@ -40,2" not in text
    assert "NOTES.md" not in text


def test_options_and_a_language_are_put_in_the_installations_words(folder: Path) -> None:
    subject = bodied("")
    for options, text in (
        ({}, "Describe. "),
        ({"extra_instructions": "Be kind"}, "Describe. Be kind"),
        ({"response_language": "de-DE"}, "Describe. In de-DE!"),
        ({"response_language": "en-US"}, "Describe. "),
        ({"extra_instructions": "Be kind", "response_language": "de"}, "Describe. Be kind; in de!"),
    ):
        contract = contract_of(folder, "2025-03", options={"describe": options})
        task = task_of("describe", subject)
        task = Task(
            "describe", subject, task.coverage, task.shown, contract.settings.options_of("describe")
        )
        assert contract.messages(task)[0].content == text


@pytest.mark.parametrize(("version", "asked"), [("0.2.4", "Suggest 4."), ("2026-04", "Suggest 3.")])
def test_the_number_of_suggestions_is_the_versions_unless_asked_otherwise(
    folder: Path, version: str, asked: str
) -> None:
    subject = bodied("")
    assert contract_of(folder, version).messages(task_of("improve", subject))[0].content == asked
    more = contract_of(folder, version, options={"improve": {"max_suggestions": 6}})
    task = task_of("improve", subject)
    task = Task("improve", subject, task.coverage, task.shown, more.settings.options_of("improve"))
    assert more.messages(task)[0].content == "Suggest 6."


def test_numbers_are_taken_out_for_improve_and_left_for_reflect(contract: PrAgent) -> None:
    subject = pull_request(change("1.py", "@@ -9,2 +9,2 @@\n 9 a\n-b\n+7\n"))
    improve = contract.messages(task_of("improve", subject))[1].content
    assert improve.split("\n")[4:] == [
        "@@ -9,2 +9,2 @@",
        "__new hunk__",
        " 9 a",
        "+7",
        "__old hunk__",
        " 9 a",
        "-b",
    ]
    task = task_of("reflect", subject)
    task = Task("reflect", subject, task.coverage, task.shown, about_text=ANSWER)
    reflect = contract.messages(task)[1].content
    assert "__new hunk__\n9  9 a\n10 +7\n" in reflect
    assert "suggestion 1: {'relevant_file': 'a.py\\n', 'language': 'python\\n'," in reflect


@pytest.mark.parametrize(
    ("version", "kept", "third"),
    [("0.2.4", 2, None), ("2024-06", 3, "Critical bug"), ("2025-03", 3, "possible issue")],
)
def test_what_each_version_drops_and_changes_before_it_reflects(
    version: str, kept: int, third: str | None
) -> None:
    found = suggestions_text(ANSWER, VERSIONS[version], only_problems=True)
    suggestions = found["suggestion_list"]
    assert isinstance(suggestions, list)
    assert len(suggestions) == kept == found["num_code_suggestions"]
    assert suggestions[1]["existing_code"] == ("x = 1\n" if version == "2025-03" else "")
    assert third is None or suggestions[2]["label"] == third


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("a: [", "not_yaml"),
        ("a: &b 1\nc: *b", "not_yaml"),
        ("a: 1", "wrong_type"),
        ("", "wrong_type"),
    ],
)
def test_an_answer_that_cannot_be_read_is_our_own_error(answer: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        suggestions_text(answer, VERSIONS["0.2.4"], only_problems=True)
    assert caught.value.reason == reason


def test_cutting_is_by_the_average_token_and_refused_texts_stay_whole() -> None:
    text = "ten words " * 30
    assert kept_characters(text, 100, count_words) is None
    assert kept_characters(text, 20, count_words) == 90
    assert kept_characters(f"{text}<|endoftext|>", 20, count_words) is None
    assert kept_characters(text, -1, count_words) == 0
    assert clipped(text, 0) == ""
    assert clipped("abc", 2) == "ab\n...(truncated)"
