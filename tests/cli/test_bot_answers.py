"""What a person reads of a model's answers: the parts of one tool as one answer."""

from __future__ import annotations

from pullsmith.cli.bot_answers import shown_answers
from pullsmith.contracts.tools import BUILT_IN
from pullsmith.records import Answer, Prompt
from tests.judged import answer, improve, issue, prompt, pull_request, review, suggestion

REQUEST = pull_request("a")


def lines(*answers: Answer) -> list[str]:
    asked: list[tuple[Prompt, Answer]] = [
        (prompt(REQUEST, each.tool).model_copy(update={"part": part}), each)
        for part, each in enumerate(answers)
    ]
    return [line.plain.strip() for line in shown_answers(asked, BUILT_IN)]


def test_one_part_is_shown_as_it_is() -> None:
    shown = lines(answer(REQUEST, review(issue())))
    assert shown[0] == "── review"
    assert sum(line.startswith("app/load.py:2") for line in shown) == 1


def test_parts_are_shown_as_one_answer_in_which_nothing_is_said_twice() -> None:
    again = suggestion(existing="    flush(path)", improved="    sync(path)")
    shown = lines(
        answer(REQUEST, improve(suggestion())), answer(REQUEST, improve(suggestion(), again))
    )
    assert shown[0] == "── improve, merged from 2 parts"
    assert shown.count("- if path == None:") + shown.count("-     if path == None:") == 1
    assert "+     sync(path)" in shown


def test_the_best_suggestion_is_first_where_second_looks_gave_scores() -> None:
    later = suggestion(existing="    flush(path)", improved="    sync(path)")
    poor = answer(REQUEST, improve(suggestion())).model_copy(update={"suggestion_scores": (2,)})
    good = answer(REQUEST, improve(later)).model_copy(update={"suggestion_scores": (9,)})
    shown = lines(poor, good)
    assert shown.index("+     sync(path)") < shown.index("+     if path is None:")


def test_a_part_that_cannot_be_read_is_named_beside_the_others() -> None:
    shown = lines(answer(REQUEST, review(issue())), answer(REQUEST, None))
    assert "part 2: unreadable: not_yaml: …" in shown
    assert any(line.startswith("app/load.py:2") for line in shown)


def test_where_no_part_can_be_read_nothing_is_made_up() -> None:
    shown = lines(answer(REQUEST, None))
    assert shown == ["── review", "unreadable: not_yaml: …", "…", ""]
