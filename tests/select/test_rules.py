"""Each rule: a record it rejects for its reason, and a twin it keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from pullsmith.records import Drop, LicenceEvidence, PullRequest
from pullsmith.select.rules import RULES, too_large
from pullsmith.study.select import SelectSettings
from tests.curated import file, planted, real


def rejected(record: PullRequest, settings: SelectSettings) -> Drop | None:
    """The Drop of the first rule that has something against the record."""
    found = (rule(record, settings) for rule in RULES)
    return next((dropped for dropped in found if dropped is not None), None)


MIT = LicenceEvidence(spdx="MIT", files=(), found_at="0")
LOCK, GENERATED, VENDORED, DOCS, PLAIN = (
    file("x", path=path, flags=flags)
    for path, flags in (
        ("a.lock", ("lock",)),
        ("a_pb2.py", ("generated",)),
        ("vendor/a.py", ("vendored", "docs")),
        ("README.md", ("docs",)),
        ("a.py", ()),
    )
)
CASES: list[tuple[str, PullRequest, PullRequest, dict[str, Any]]] = [
    ("too_small", real("1", file("a")), real("1", file("a", "b")), {"min_changed_lines": 2}),
    ("too_large", real("1", file("a", "b")), real("1", LOCK, file("a")), {"max_changed_lines": 1}),
    ("bot", real(flags=("bot",)), real(flags=("spot",)), {}),
    ("not_merged", real(merged_at=""), planted("1"), {}),
    ("revert", real(flags=("revert",)), real(flags=("spot",)), {}),
    ("backport", real(flags=("backport",)), real(flags=("mode",)), {}),
    ("backport", real(flags=("cherry_pick",)), real(), {}),
    ("too_large", real("1", PLAIN, DOCS), real("1", PLAIN, LOCK, GENERATED), {"max_files": 1}),
    ("too_large", real("1", file("a b c")), real("1", file("a")), {"max_patch_tokens": 16}),
    ("only_docs", real("1", DOCS, LOCK), real("1", DOCS, PLAIN), {"drop_only_docs": True}),
    ("only_lock", real("1", LOCK, LOCK), real("1", LOCK, PLAIN), {}),
    ("only_generated", real("1", GENERATED, LOCK), real("1", GENERATED, PLAIN), {}),
    ("only_vendored", real("1", LOCK, VENDORED, GENERATED), real("1", VENDORED, PLAIN), {}),
    (
        "licence_not_allowed",
        real(licence=MIT.model_copy(update={"spdx": "GPL-3.0-only"})),
        real(licence=MIT),
        {"licences": ("Apache-2.0", "mit")},
    ),
    ("licence_not_allowed", real(), real(licence=MIT), {"licences": ("MIT",)}),
    ("licence_not_allowed", real(), real(licence=MIT), {"licences": "permissive"}),
    (
        "licence_not_allowed",
        real(licence=MIT.model_copy(update={"spdx": "MIT AND GPL-3.0-only"})),
        real(licence=MIT.model_copy(update={"spdx": "MIT OR GPL-3.0-only"})),
        {"licences": "permissive"},
    ),
]


@pytest.mark.parametrize(("reason", "bad", "twin", "changes"), CASES)
def test_a_rule_rejects_for_its_reason_and_keeps_the_twin(
    reason: str, bad: PullRequest, twin: PullRequest, changes: dict[str, Any]
) -> None:
    settings = SelectSettings(**changes)
    dropped = rejected(bad, settings)
    assert dropped is not None
    assert (dropped.reason, dropped.record_id) == (reason, bad.id)
    assert dropped.detail
    assert PullRequest.model_validate_json(dropped.record_json) == bad
    assert rejected(twin, settings) is None


def test_the_first_rule_that_fires_gives_the_reason() -> None:
    dropped = rejected(real(flags=("bot", "revert")), SelectSettings(licences=("MIT",)))
    assert dropped is not None
    assert dropped.reason == "licence_not_allowed"


@pytest.mark.parametrize(
    ("switch", "record"),
    [
        ("drop_bots", real(flags=("bot",))),
        ("drop_backports", real(flags=("backport",))),
        ("only_merged", real(merged_at="")),
        ("drop_reverts", real(flags=("revert",))),
        ("drop_only_lock", real("1", LOCK)),
        ("drop_only_generated", real("1", GENERATED)),
        ("drop_only_vendored", real("1", VENDORED)),
    ],
)
def test_every_switch_turns_its_rule_off(switch: str, record: PullRequest) -> None:
    assert rejected(record, SelectSettings()) is not None
    assert rejected(record, SelectSettings.model_validate({switch: False})) is None


def test_a_mixture_is_kept_where_one_of_its_switches_is_off() -> None:
    mixed = real("1", GENERATED, LOCK)
    assert rejected(mixed, SelectSettings(drop_only_lock=False)) is None
    assert rejected(mixed, SelectSettings(drop_only_generated=False)) is None


def test_long_patches_are_too_large_whatever_their_lines() -> None:
    record = real("1", file("a" * 100))
    size = sum(len(each.patch) for each in record.files)
    assert too_large(record, SelectSettings(max_patch_characters=size)) is None
    dropped = too_large(record, SelectSettings(max_patch_characters=size - 1))
    assert dropped is not None
    assert dropped.detail == f"{size} characters, at most {size - 1} wanted"


def test_every_rule_has_a_case() -> None:
    rules: set[Callable[[PullRequest, SelectSettings], Drop | None]] = set(RULES)
    assert {rule.__name__ for rule in rules} == {reason for reason, *_ in CASES}


def test_documents_are_dropped_only_where_that_is_asked_for() -> None:
    assert rejected(real("1", DOCS), SelectSettings()) is None


@pytest.mark.parametrize(
    ("licences", "said"),
    [
        ("mit", 'write "any", "permissive" or a list'),
        ((), 'write "any", "permissive" or a list'),
        (("Apache2",), "did you mean 'Apache-2.0'?"),
    ],
)
def test_licences_that_no_record_can_have_are_refused(licences: object, said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        SelectSettings.model_validate({"licences": licences})
