"""Rule files of the user's own: each part of a rule, seen to find and seen to leave alone."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from pullsmith.errors import StudyError
from pullsmith.redact import Masker, read_rules, scan_text
from pullsmith.redact.gitleaks import parse_rules

FILE = """
title = "house rules"
[allowlist]
regexes = ["house-0+"]
paths = ["docs/"]
[[rules]]
id = "house-key"
description = "ours"
regex = '''\\b(house-[0-9]{8})\\b'''
keywords = ["HOUSE-"]
[[rules]]
id = "drawn"
regex = '''(?i)unlock\\s*[:=]\\s*(['"])([a-z0-9]{12,})'''
secretGroup = 2
entropy = 3.0
[[rules.allowlists]]
stopwords = ["sample"]
[[rules]]
id = "paths-only"
path = '''\\.pem$'''
"""
RULES = parse_rules([FILE])


def found(text: str) -> list[tuple[str, str]]:
    return [(f.rule_id, text[f.start : f.end]) for f in scan_text(text, RULES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x house-12345678 y", [("house-key", "house-12345678")]),
        ("x house-00000000 y", []),  # the file's allowlist
        ("x house-1234567 y", []),
        ("unlock = 'a8d7f6g5h4j3'", [("drawn", "a8d7f6g5h4j3")]),
        ("unlock = 'aaaaaaaaaaaaaa'", []),  # no entropy
        ("unlock = 'sample8d7f6g5h4'", []),  # a stop word
        ("ü house-12345678", [("house-key", "house-12345678")]),  # positions are characters
    ],
)
def test_what_a_rule_finds(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_it_is_masked_once_and_ours_still_are() -> None:
    masker = Masker(RULES)
    text = "house-12345678 and jane@acme.io"
    masked = masker.mask(text)
    assert masked == "<masked-secret-1> and <masked-email-1>"
    assert masker.found == ["house-key", "email"]
    assert Masker(RULES).mask(masked) == masked


def test_rules_go_to_other_processes_and_have_a_version() -> None:
    again = pickle.loads(pickle.dumps(RULES))
    assert again.version == RULES.version
    assert [rule.id for rule in again.rules] == ["house-key", "drawn"]
    assert parse_rules([FILE + "\n"]).version != RULES.version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules = 3", "no rules in the gitleaks format"),
        ("[[rules]]\nregex = 'x'", "no rules in the gitleaks format"),
        ("[[rules]]\nid = 'a'\nregex = '(?=x)'", "rule 'a'"),
        ("[[rules]]\nid = 'a'\nregex = 'x'\nsecretGroup = 2", "secretGroup is 2"),
        ("= no toml", "no rules in the gitleaks format"),
    ],
)
def test_files_that_are_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(StudyError, match=message) as caught:
        read_rules([path])
    assert "rules.toml" in str(caught.value)
    with pytest.raises(StudyError, match="cannot be read"):
        read_rules([tmp_path / "none.toml"])


def test_a_hostile_pattern_takes_linear_time() -> None:
    rules = parse_rules(["[[rules]]\nid = 'a'\nregex = '(a+)+$b'"])
    began = time.process_time()
    scan_text("a" * 100_000, rules)
    assert time.process_time() - began < 10
