"""What a pull request is like: language, size and kind by hand; features are finite."""

from __future__ import annotations

import numpy as np
import pytest

from pullsmith.records import FileChange
from pullsmith.select.strata import FEATURES, features_of, kind_of, language_of, size_of
from tests.curated import file, planted, real


def written_in(language: str, lines: int) -> FileChange:
    return file(*["x"] * lines).model_copy(update={"language": language})


def test_the_language_with_most_lines() -> None:
    assert language_of(real("1", written_in("go", 2), written_in("c", 3))) == "c"
    assert language_of(real("1", written_in("go", 2), written_in("c", 2))) == "c"
    assert language_of(real("1", written_in("", 9), written_in("c", 2))) == "c"
    assert language_of(real("1", written_in("", 9))) == "none"


@pytest.mark.parametrize(
    ("lines", "size"), [(10, "small"), (11, "medium"), (100, "medium"), (101, "large")]
)
def test_sizes(lines: int, size: str) -> None:
    assert size_of(real("1", file(*["x"] * lines))) == size


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Fix a crash", "fix"),
        ("Fixes #12", "fix"),
        ("fix(api): tokens", "fix"),
        ("Add a fix for Windows", "feature"),
        ("Support for X", "feature"),
        ("[chore] Bump x", "chore"),
        ("Removed the old parser", "refactor"),
        ("Simplify loops", "refactor"),
        ("A typo", "docs"),
        ("Faster loops", "performance"),
        ("Prefixes everywhere", "other"),
    ],
)
def test_kinds_by_title(title: str, kind: str) -> None:
    assert kind_of(real(title=title)) == kind


def test_what_is_touched_says_more_than_the_title() -> None:
    tests, docs = file("x", flags=("test",)), file("x", flags=("docs",))
    assert kind_of(real("1", tests, title="Fix x")) == "test"
    assert kind_of(real("1", docs, title="Fix x")) == "docs"
    assert kind_of(real("1", tests, docs, title="Fix x")) == "fix"
    assert kind_of(planted("1")) == "planted"


def test_features_are_numbers_and_differ() -> None:
    one, other = features_of(real(title="Fix")), features_of(real("2", file(*"abc"), title="Add x"))
    assert one.shape == other.shape == (FEATURES,)
    assert np.isfinite([one, other]).all()
    assert (one != other).any()
    assert np.isfinite(features_of(real("1").model_copy(update={"files": (), "title": ""}))).all()
