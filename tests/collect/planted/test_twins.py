from __future__ import annotations

import ast
import random
import re

import pytest

from pullsmith.collect.planted.templates import TEMPLATES, TWIN_KINDS
from pullsmith.collect.planted.twins import Twin, draw_twin
from pullsmith.collect.planted.words import PATH_WORDS, WORDS, invented_path
from pullsmith.records import Split
from pullsmith.redact import scan_text

# What makes a line of each kind bad; no good line and no repair may match.
BAD = {
    "debug_print": r"^print\(",
    "secret": r"""=\s?['"][\w-]*\d[\w-]*['"]\)?$""",
    "shell": r"shell=True|os\.(system|popen)\(",
    "sql": r"execute\((f\"|\".*\" [+%] )",
    "tls": r"verify=False",
    "eval": r"(?<!literal_)eval\(",
    "unclosed": r"^\w+ = open\(",
}


def twins(kind: str, pool: Split) -> list[Twin]:
    return [draw_twin(random.Random(n), kind, "given", pool) for n in range(150)]


@pytest.mark.parametrize("pool", Split)
@pytest.mark.parametrize("kind", sorted(TWIN_KINDS))
def test_the_bad_line_is_bad_and_its_twin_and_repair_are_not(kind: str, pool: Split) -> None:
    for twin in twins(kind, pool):
        assert re.search(BAD[kind], twin.bad), twin
        assert not re.search(BAD[kind], twin.good), twin
        assert not re.search(BAD[kind], twin.fix), twin
        assert "$" not in twin.bad + twin.good + twin.fix
        for line in (twin.bad, twin.good, twin.fix):
            ast.parse(line)


@pytest.mark.parametrize("pool", Split)
def test_a_planted_secret_is_seen_by_the_secret_scan_and_its_twin_is_not(pool: Split) -> None:
    for twin in twins("secret", pool):
        assert [finding.rule_id for finding in scan_text(twin.bad)] == ["assigned-secret"], twin
        assert scan_text(twin.good) == scan_text(twin.fix) == ()


@pytest.mark.parametrize("kind", sorted(TWIN_KINDS - {"secret"}))
def test_no_other_line_looks_like_a_secret(kind: str) -> None:
    every = twins(kind, Split.TRAIN) + twins(kind, Split.EVAL)
    assert not [twin for twin in every if scan_text(twin.bad + "\n" + twin.good)]


def test_the_pools_share_no_line() -> None:
    shown = {
        pool: {line for each in kinds.values() for one in each for line in (one.bad, *one.good)}
        for pool, kinds in TEMPLATES.items()
    }
    assert len(shown[Split.TRAIN]) > 30
    assert len(shown[Split.EVAL]) > 20
    assert not shown[Split.TRAIN] & shown[Split.EVAL]
    assert set(TEMPLATES[Split.EVAL]) == set(TEMPLATES[Split.TRAIN])


def test_the_pools_share_no_word() -> None:
    train, held_out = (WORDS[pool].words() for pool in Split)
    assert len(train) > 40
    assert len(held_out) > 25
    assert not train & held_out


def test_an_invented_path_is_a_python_file_below_a_folder_or_new() -> None:
    paths = {invented_path(random.Random(n), "os.py", ["walk"]) for n in range(300)}
    assert len(paths) > 100
    words = {*PATH_WORDS, "walk", "src", "os"}
    for path in paths:
        assert path.endswith(".py")
        assert set(re.split(r"[/_]", path.removesuffix(".py"))) <= words
        assert path != "os.py"
