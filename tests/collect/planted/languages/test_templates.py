from __future__ import annotations

import random
from dataclasses import fields

import pytest

from pullsmith.collect.planted.languages.templates import foreign_templates
from pullsmith.collect.planted.twins import Twin, draw_twin
from pullsmith.collect.planted.words import WORDS
from pullsmith.grammars import LANGUAGES, parses
from pullsmith.records import Split
from pullsmith.redact import scan_text

FRAMES = {
    "javascript": "function f() {\n  @\n}\n",
    "typescript": "function f() {\n  @\n}\n",
    "go": "func f() {\n\t@\n}\n",
    "java": "void f() {\n  @\n}\n",
    "rust": "fn f() {\n    @\n}\n",
}


def twins(language: str, pool: Split) -> list[Twin]:
    draws = (random.Random(number) for number in range(120))
    return [draw_twin(draw, "secret", "given", pool, language=language) for draw in draws]


@pytest.mark.parametrize("pool", Split)
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_forms_parse_and_only_the_bad_one_is_a_secret(language: str, pool: Split) -> None:
    for twin in twins(language, pool):
        for line in (twin.bad, twin.good, twin.fix):
            assert parses(FRAMES[language].replace("@", line), language), line
            assert "$" not in line
            assert "\n" not in line
        assert [finding.rule_id for finding in scan_text(twin.bad)] == ["assigned-secret"], twin
        assert scan_text(twin.good) == scan_text(twin.fix) == (), twin


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pools_share_no_line_and_each_has_three_frames(language: str) -> None:
    pools = foreign_templates(language)
    shown = {
        pool: {line for one in pools[pool]["secret"] for line in (one.bad, *one.good)}
        for pool in Split
    }
    assert not shown[Split.TRAIN] & shown[Split.EVAL]
    for pool in Split:
        assert set(pools[pool]) == {"secret"}
        assert len(pools[pool]["secret"]) >= 3


def names(pool: Split) -> set[str]:
    return {"".join(name.split("_")).lower() for name in WORDS[pool].secret}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_pool_uses_its_own_words(language: str) -> None:
    for pool, other in zip(Split, reversed(Split), strict=True):
        for twin in twins(language, pool):
            flat = twin.bad.replace("_", "").lower()
            assert any(name in flat for name in names(pool)), twin
            mine = max((name for name in names(pool) if name in flat), key=len)
            assert not any(name in flat.replace(mine, "") for name in names(other)), twin


def test_a_twin_has_the_fields_that_were_looked_at() -> None:
    assert [field.name for field in fields(Twin)] == ["bad", "good", "fix"]


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such language: 'python'"):
        foreign_templates("python")
