"""What prose says: for every rule texts that are dropped for it, and twins that are kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeGuard

import pytest

from pullsmith.clean.language import language_of
from pullsmith.clean.rules import Reason, Rule
from pullsmith.clean.said import (
    PROSE,
    copied_diff,
    cut_text,
    other_language,
    refusal,
    unshown_file,
)
from pullsmith.contracts import answers
from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import whole
from pullsmith.records import PromptOptions
from pullsmith.study.clean import CleanSettings
from tests.clean.made import improve, prompt, subject
from tests.curated import file, real

ON = CleanSettings()


def code_of(
    rule: Rule, text: str, settings: CleanSettings = ON, shown: str = "app/a.py"
) -> str | None:
    said = improve("b = 2", "b = 3", suggestion_content=text)
    reason = rule(subject(said, prompt_text=shown), settings)
    return reason.code if reason else None


ENGLISH = "The loop does not stop when the list is empty, which can raise an error in the caller."


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but there is nothing here that I could look at.",
        "I cannot review this change.",
        "As an AI language model, I do not run code.",
        "I don\u2019t have access to the repository, so this is a guess.",
    ],
)
def test_a_refusal_in_the_text_is_dropped(text: str) -> None:
    assert code_of(refusal, text) == "refusal_in_text"
    assert code_of(refusal, text, CleanSettings(refusals=False)) is None


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "Callers cannot review the list before it is sent.",
        "The message `I'm sorry` is shown twice.",
        "The assistant role is passed as an argument.",
    ],
)
def test_prose_that_is_about_the_code_is_no_refusal(text: str) -> None:
    assert code_of(refusal, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Die Schleife wird nicht beendet, wenn die Liste leer ist, und das führt zu einem Fehler.",
        "La boucle ne termine pas dans le cas où la liste est vide, ce qui est une erreur pour les appels.",
        "El bucle no termina cuando la lista está vacía, por lo que se debe comprobar en el código.",
        "Цикл не заканчивается, если список пуст.",
        "リストが空の場合、ループは終了しません。",
        "当列表为空时循环不会结束请检查条件",
    ],
)
def test_another_language_is_dropped_unless_it_was_asked_for(text: str) -> None:
    assert code_of(other_language, text) == "other_language"
    found = language_of(text)
    assert found is not None
    assert code_of(other_language, text, CleanSettings(languages=tuple(found.codes))) is None
    assert code_of(other_language, text, CleanSettings(languages=())) is None
    asked = subject(improve("b = 2", "b = 3", suggestion_content=text))
    task = replace(asked.task, options=PromptOptions(response_language="de-DE"))
    assert other_language(replace(asked, task=task), ON) is None


def test_one_text_in_another_language_among_much_english_is_found() -> None:
    said = improve("b = 2", "b = 3", suggestion_content="当列表为空时循环不会结束请检查条件")
    long = said.code_suggestions[0].model_copy(update={"suggestion_content": ENGLISH * 3})
    both = said.model_copy(update={"code_suggestions": (long, *said.code_suggestions)})
    alone = said.model_copy(update={"code_suggestions": (long,)})
    assert other_language(subject(both), ON) == Reason("other_language", "cjk: 100% of 17 letters")
    assert other_language(subject(alone), ON) is None


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "Too short",
        'The label "Цикл не заканчивается" should be translated, because the page is in English.',
        "Use os.path.join(la, le, les) and self.des.une instead of est, dans, pour",
        "Rename `der_die_das` and move das.ist.nicht.gut to the module that is used by it.",
        "parse_int value_of token_list node_id edge_id root_id leaf_id name_id",
    ],
)
def test_english_names_and_too_little_text_are_kept(text: str) -> None:
    assert code_of(other_language, text) is None


@pytest.mark.parametrize(
    "text",
    ["The value is then passed to the", "It raises, because ...", "Use (", "One,", "As \u2026"],
)
def test_a_text_that_breaks_off_is_dropped(text: str) -> None:
    assert code_of(cut_text, text) == "cut_text"
    assert code_of(cut_text, text, CleanSettings(cut_texts=False)) is None


@pytest.mark.parametrize("text", [ENGLISH, "Use a set instead", "It ends in `...`", "Check it in:"])
def test_a_text_that_ends_is_kept(text: str) -> None:
    assert code_of(cut_text, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Move it to `helpers/strings.py`, where it belongs.",
        "The same is done in setup.py.",
        "See src/b.go: it has the same loop.",
    ],
)
def test_a_file_that_was_not_shown_is_dropped(text: str) -> None:
    assert code_of(unshown_file, text) == "unshown_file"
    assert code_of(unshown_file, text, CleanSettings(unshown_files=False)) is None
    shown = "app/a.py Helpers/strings.py setup.py src/b.go"
    assert code_of(unshown_file, text, shown=shown) is None


@pytest.mark.parametrize(
    "text",
    [
        "In app/a.py, as in a.py, the value is wrong.",
        "Node.js and Vue.js need it, e.g. in version 1.2.3, i.e. always.",
        "self.rs(x) and node.go() are called; see https://f.test/x/setup.py for more.",
        "The user.name.py_value is unused.",
    ],
)
def test_shown_files_and_what_only_looks_like_a_file_are_kept(text: str) -> None:
    assert code_of(unshown_file, text) is None


@pytest.mark.parametrize(
    "text", ["@@ -1,2 +1,3 @@ is the hunk", "In\n__new hunk__\n1 +a = 1", "diff --git a/x b/x"]
)
def test_a_marker_of_the_diff_is_dropped(text: str) -> None:
    assert code_of(copied_diff, text) == "copied_diff"
    assert code_of(copied_diff, text, CleanSettings(copied_diff=False)) is None


def test_more_lines_of_the_diff_than_the_limit_are_dropped() -> None:
    lines = [f"value_{n} = compute_something({n})" for n in range(5)]
    pull_request = real("1", file(*lines))
    base = subject(improve("b = 2", "b = 3"))
    task = Task.of(prompt("improve", coverage=whole(pull_request)), pull_request)

    def code(count: int, most: int = 3) -> str | None:
        text = "The new lines are:\n" + "\n".join(f"+{line}" for line in lines[:count])
        value = improve("b = 2", "b = 3", suggestion_content=text)
        said = replace(base, value=value, task=task)
        reason = copied_diff(said, CleanSettings(max_copied_lines=most))
        return reason.code if reason else None

    assert code(4) == "copied_diff"
    assert code(3) is None
    assert code(4, most=4) is None


def test_every_text_of_a_value_is_prose_or_on_purpose_none() -> None:
    models = [each for each in vars(answers).values() if _is_model(each)]
    assert set(answers.ANSWER_MODELS.values()) < set(models)
    names = {
        name
        for model in models
        for name, field in model.model_fields.items()
        if re.search(r"\bstr\b", str(field.annotation))
    }
    assert names - PROSE == {
        "filename", "label", "relevant_file", "language", "existing_code", "improved_code",
        "changes_diagram", "relevant_line", "best_case", "average_case", "worst_case", "ticket_url",
        "ticket_requirements", "labels", "todo_sections", "relevant_files",
    }  # fmt: skip
    assert names > PROSE


def _is_model(each: object) -> TypeGuard[type[AnswerValue]]:
    return isinstance(each, type) and issubclass(each, AnswerValue)
