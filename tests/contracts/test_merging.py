"""One answer out of the parts': what is united, what is the same, and what is left alone."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.contracts.answers import (
    AnswerValue,
    ChangeType,
    Describe,
    DescribedFile,
    Improve,
    KeyIssue,
    Review,
    Spot,
    Suggestion,
)
from pullsmith.contracts.merging import merged
from tests.contracts.builders import (
    DESCRIBE,
    IMPROVE,
    REFLECT,
    REVIEW,
    describes,
    improves,
    reviews,
)


def described(*names: str, title: str = "A title", text: str = "- Does it") -> Describe:
    files = tuple(DescribedFile(filename=n, changes_title=f"{title} {n}", label="x") for n in names)
    return Describe(type=(ChangeType.TESTS,), description=text, title=title, pr_files=files)


def issue(start: int, end: int, *, header: str = "Bare except", path: str = "a.py") -> KeyIssue:
    return KeyIssue(
        relevant_file=path,
        issue_header=header,
        issue_content=f"at {start}",
        start_line=start,
        end_line=end,
    )


def reviewed(*issues: KeyIssue, effort: int = 1, security: str = "No", tests: str = "No") -> Review:
    return Review(
        estimated_effort_to_review=effort, relevant_tests=tests, key_issues_to_review=issues,
        security_concerns=security,
    )  # fmt: skip


def suggestion(old: str, new: str, path: str = "a.py") -> Suggestion:
    return Suggestion(
        relevant_file=path, language="python", existing_code=old, suggestion_content="Better.",
        improved_code=new, one_sentence_summary=f"Say {new}", label="general",
    )  # fmt: skip


def improved(*pairs: tuple[str, str]) -> Improve:
    return Improve(code_suggestions=tuple(suggestion(*pair) for pair in pairs))


def test_a_description_has_every_file_once_and_the_words_of_its_largest_part() -> None:
    one = described("a.py", "b.py", title="Small").model_copy(
        update={"type": (ChangeType.BUG_FIX,)}
    )
    two = described("b.py", "c.py", "d.py", title="Large", text="- Large\n- things\n")
    value = merged([one, two, described("e.py", text="- large\n- Things")])
    assert isinstance(value, Describe)
    assert [each.filename for each in value.pr_files] == ["a.py", "b.py", "c.py", "d.py", "e.py"]
    assert value.pr_files[1].changes_title == "Small b.py"  # the first that speaks of it
    assert value.title == "Large"
    assert value.type == (ChangeType.BUG_FIX, ChangeType.TESTS)
    assert value.description == "- Large\n- things\n- Does it"
    assert value.labels is None


def test_a_review_has_every_issue_once_and_the_worst_of_the_rest() -> None:
    other_line, other_file = issue(9, 9), issue(1, 3, path="b.py")
    other_kind = issue(2, 2, header="Off by one")
    value = merged([
        reviewed(issue(1, 3), effort=2, tests="Yes"),
        reviewed(issue(3, 5, header=" bare  Except"), other_line, other_file, other_kind, effort=4),
        reviewed(effort=1, security="A key is logged."),
    ])  # fmt: skip
    assert isinstance(value, Review)
    assert value.key_issues_to_review == (issue(1, 3), other_line, other_file, other_kind)
    assert value.estimated_effort_to_review == 4
    assert value.relevant_tests == "Yes"
    assert value.security_concerns == "A key is logged."
    assert value.score is None


def test_what_no_part_was_asked_for_stays_away_and_no_stays_no() -> None:
    value = merged([reviewed(), reviewed()])
    assert value == reviewed()
    bare = Review(possible_issues="No")
    assert merged([bare, bare]) == bare


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (((3, 9), (7,)), ["y", "z", "x"]),
        (((5, 5), (5,)), ["x", "y", "z"]),
        (((3, 9), ()), ["x", "y", "z"]),  # one part was never looked at again
        ((), ["x", "y", "z"]),
    ],
)
def test_suggestions_are_ranked_where_every_one_has_a_score(
    scores: tuple[tuple[int, ...], ...], expected: list[str]
) -> None:
    parts = [improved(("a", "x"), ("b", "y")), improved(("c", "z"))]
    value = merged(parts, scores)
    assert isinstance(value, Improve)
    assert [each.improved_code for each in value.code_suggestions] == expected


def test_the_same_edit_is_suggested_once() -> None:
    parts = [improved(("  a\n", "x"), ("b", "y")), improved(("a", "x "), ("b", "Y"))]
    value = merged(parts, ((1, 2), (9, 3)))
    assert isinstance(value, Improve)
    assert [each.improved_code for each in value.code_suggestions] == ["x ", "Y", "y"]


def test_of_other_tools_and_of_nothing_nobody_knows_how() -> None:
    assert merged([REFLECT, REFLECT]) is None
    assert merged([Spot(issues=()), Spot(issues=())]) is None
    assert merged([REVIEW, IMPROVE]) is None
    assert merged([]) is None


@pytest.mark.parametrize("value", [DESCRIBE, REVIEW, IMPROVE])
def test_one_part_is_itself(value: Describe | Review | Improve) -> None:
    assert merged([value]) is value


SOME = [st.lists(each, min_size=1, max_size=3) for each in (describes, reviews, improves)]


@given(st.one_of(SOME))
def test_merging_twice_changes_nothing_and_no_order_loses_anything(
    values: list[AnswerValue],
) -> None:
    value = merged(values)
    assert value is not None
    again = merged([value, value])
    assert again is not None
    assert set(_names(again)) == set(_names(value))  # one part that says a thing twice is itself
    assert {frozenset(_names(m)) for p in permutations(values) if (m := merged(p))} == {
        frozenset(_names(value))
    }


def _names(value: object) -> list[str]:
    if isinstance(value, Describe):
        return [each.filename for each in value.pr_files]
    if isinstance(value, Review):
        return sorted(
            {
                f"{i.relevant_file} {' '.join(i.issue_header.split()).casefold()}"
                for i in value.issues
            }
        )
    assert isinstance(value, Improve)
    return [f"{s.relevant_file} {s.existing_code.strip()!r}" for s in value.code_suggestions]
