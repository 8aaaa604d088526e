"""What PR-Agent would still take: each repair has an answer that only it mends, in some versions."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullsmith.contracts.answers import AnswerValue, Describe, Improve, Review
from pullsmith.contracts.pr_agent.forms import EFFORT
from pullsmith.contracts.pr_agent.ladder import LADDERS
from pullsmith.contracts.pr_agent.lenient import read_leniently
from pullsmith.contracts.pr_agent.wire import FORMS, read_answer
from pullsmith.errors import AnswerError
from tests.contracts.builders import free_texts
from tests.contracts.pr_agent.test_wire import CASES, text_of
from tests.contracts.pr_agent.values import VERSIONS, asked, task, value

LATER = ("0.2.4", "2025-03", "2026-04")


def lenient(version: str, tool: str, text: str) -> AnswerValue:
    return read_leniently(version, task(version, tool), text)


def plain_text(version: str, tool: str) -> str:
    """A full answer without what the ladder's repairs break: an empty text, an end in "yaml" letters."""
    text = text_of(version, tool).replace('improved_code: ""', "improved_code: |\n    pass")
    return text.replace("    general", "    speed")


def taken_by(tool: str, change: tuple[str, str] | None = None, around: str = "{}") -> set[str]:
    """The versions that take a full answer after a change as before, none of which reads it strictly."""
    found = set()
    for version in VERSIONS:
        text = plain_text(version, tool)
        broken = around.replace("{}", text.replace(*change) if change else text)
        assert broken != text
        with pytest.raises(AnswerError):
            read_answer(version, task(version, tool), broken, asked(version, tool))
        try:
            if lenient(version, tool, broken) == lenient(version, tool, text):
                found.add(version)
        except AnswerError:
            continue
    return found


@pytest.mark.parametrize(("version", "tool"), CASES)
def test_what_is_strictly_right_is_taken_too(version: str, tool: str) -> None:
    assert lenient(version, tool, text_of(version, tool)) == value(version, tool)
    assert lenient(version, tool, f"```yaml\n{text_of(version, tool)}\n```") == value(version, tool)


def test_an_opened_fence_is_no_cut() -> None:
    assert taken_by("improve", around="```yaml\n{}") == set(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_text_on_its_keys_line_is_put_into_a_block(version: str) -> None:
    # A colon and a blank in a plain text end it.
    issues = "possible_issues: 'No'" if version == "2024-06" else "key_issues_to_review: []"
    found = lenient(
        version, "review", f"review:\n  {issues}\n  security_concerns: Injection: by hand\n"
    )
    assert isinstance(found, Review)
    assert (found.security_concerns or "").strip() == "Injection: by hand"


def test_a_fence_inside_other_words_is_found() -> None:
    around = "Sure: here: it is\n```yaml\n{}\n```\nThat: is: all"
    assert taken_by("improve", around=around) == set(LATER)
    assert taken_by("reflect", around=around) == set(VERSIONS)


def test_braces_are_taken_away() -> None:
    assert taken_by("reflect", around="{{}\n}") == set(VERSIONS)


def test_the_part_between_known_keys_is_found_in_later_versions() -> None:
    text = "Of course: here: you are\n\n{}\n\nTell me: more: please"
    assert taken_by("improve", around=text) == set(LATER)
    assert taken_by("reflect", around=text) == set()  # it says no keys


def test_leading_pluses_are_taken_away_in_the_newest() -> None:
    change = ("  one_sentence_summary: |", "+ one_sentence_summary: |")
    assert taken_by("improve", change) == {"2025-03", "2026-04"}


def test_last_lines_are_cut_off() -> None:
    for version in VERSIONS:
        cut = text_of(version, "improve") + '\n- relevant_file: "src'
        assert lenient(version, "improve", cut) == value(version, "improve")


def test_unknown_and_unasked_fields_are_passed_over() -> None:
    change = (
        "code_suggestions:\n- relevant_file",
        "mood: fine\ncode_suggestions:\n- mood: yes\n  relevant_file",
    )
    assert taken_by("improve", change) == set(VERSIONS)
    bare = lenient("2025-03", "review", "review:\n  key_issues_to_review: No\n  score: ~")
    assert bare == Review(key_issues_to_review=())


def test_entries_that_it_would_skip_are_skipped() -> None:
    text = text_of("2025-03", "improve")
    one = lenient(
        "2025-03", "improve", text.replace("  label: |\n    general", "  mark: |\n    general")
    )
    assert isinstance(one, Improve)
    assert one.code_suggestions == value("2025-03", "improve").code_suggestions[:1]  # type: ignore[attr-defined]
    twice = lenient("2025-03", "improve", text.replace("Remove it", "Count before sending"))
    assert twice == one
    assert lenient("2025-03", "improve", "code_suggestions: []") == Improve(code_suggestions=())
    with pytest.raises(AnswerError, match="nothing_left"):
        lenient("2025-03", "improve", "code_suggestions:\n- label: x")
    kinds = text_of("2025-03", "describe").replace("- Bug fix\n- Tests", "- Bug fix\n- Feature")
    described = lenient("2025-03", "describe", kinds)
    assert isinstance(described, Describe)
    assert described.type == ("Bug fix",)


@pytest.mark.parametrize(
    ("version", "old", "new", "effort"),
    [
        ("2025-03", f"{EFFORT}: 2", f"{EFFORT}: '3'", 3),
        ("2025-03", f"{EFFORT}: 2", f"{EFFORT}: some", None),
        ("2025-03", f"{EFFORT}: 2", f"{EFFORT}: 9", None),
        ("2024-06", "2, because: short", "4", 4),
        ("2024-06", "2, because: short", "hard", None),
    ],
)  # fmt: skip
def test_an_effort_is_taken_where_it_is_a_number(
    version: str, old: str, new: str, effort: int | None
) -> None:
    found = lenient(version, "review", text_of(version, "review").replace(old, new))
    assert isinstance(found, Review)
    assert found.estimated_effort_to_review == effort


@pytest.mark.parametrize(
    ("tool", "text", "reason"),
    [
        ("improve", "", "wrong_type"),
        ("improve", "I have no suggestions.", "wrong_type"),
        ("improve", "code_suggestions: none of them", "missing_field"),
        ("improve", "suggestions: []", "missing_field"),
        ("review", "key_issues_to_review: []", "missing_field"),
        ("describe", "type:\n- Feature\ntitle: t\ndescription: d\npr_files: []", "too_few"),
        ("describe", "type:\n- Tests\ntitle: t\npr_files: []", "missing_field"),
        ("review", "x" * 50_001, "too_long"),
        ("spot", "issues: []", "not_readable"),
    ],
)
def test_what_nobody_takes(tool: str, text: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read_leniently("2025-03", task("2025-03", tool), text)
    assert caught.value.reason == reason


def test_a_list_alone_is_taken_for_the_suggestions() -> None:
    text = text_of("2025-03", "improve").removeprefix("code_suggestions:\n")
    assert lenient("2025-03", "improve", text) == value("2025-03", "improve")


def test_a_long_broken_answer_costs_little() -> None:
    broken = "\n".join(["code_suggestions:", *["- x: y"] * 1_500, "- x: y: z", *["- x: y"] * 1_500])
    start = time.process_time()
    with pytest.raises(AnswerError):
        lenient("2025-03", "improve", broken)
    assert time.process_time() - start < 5  # not a benchmark: fifteen hundred parses take minutes


def test_every_version_has_a_ladder() -> None:
    assert list(LADDERS) == list(FORMS)
    assert [len(ladder.repairs) for ladder in LADDERS.values()] == [4, 5, 6, 6]


@settings(max_examples=60)
@given(st.sampled_from(CASES), free_texts, st.integers(0, 2000))
def test_nothing_but_our_own_error_comes_out(case: tuple[str, str], noise: str, at: int) -> None:
    version, tool = case
    text = text_of(version, tool)
    for broken in (noise, text[:at] + noise + text[at:]):
        try:
            lenient(version, tool, broken)
        except AnswerError:
            with pytest.raises(AnswerError):  # what is read strictly is always taken
                read_answer(version, task(version, tool), broken, asked(version, tool))
