"""A user's own rule: called on every answer, counted under its name, wrong ones named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.clean.own_rules import own_rules
from pullsmith.errors import StudyError
from pullsmith.study.clean import CleanSettings
from tests.clean.made import improve, review, subject

GOOD = """
def no_improve(value, task):
    return f"{task.tool} is not wanted" if task.tool == "improve" else None
"""


def rule_file(folder: Path, text: str) -> Path:
    path = folder / "my_rules.py"
    path.write_text(text)
    return path


def test_it_drops_what_it_gives_a_reason_for_and_keeps_the_rest(tmp_path: Path) -> None:
    (rule,) = own_rules([f"{rule_file(tmp_path, GOOD)}:no_improve"])
    reason = rule(subject(improve("b = 2", "b = 3")), CleanSettings())
    assert reason is not None
    assert (reason.code, reason.detail) == ("own:no_improve", "improve is not wanted")
    assert rule(subject(review()), CleanSettings()) is None


@pytest.mark.parametrize(
    ("text", "function", "message"),
    [
        (None, "f", "no such Python file"),
        ("f = 1", "f", "no function 'f'"),
        ("x = 1", "f", "no function 'f'"),
        ("import nothing_like_this", "f", "ModuleNotFoundError"),
    ],
)
def test_a_rule_that_is_not_there_is_an_error(
    tmp_path: Path, text: str | None, function: str, message: str
) -> None:
    path = tmp_path / "my_rules.py" if text is None else rule_file(tmp_path, text)
    with pytest.raises(StudyError, match=rf"clean\.rules: .*my_rules\.py:{function}: {message}"):
        own_rules([f"{path}:{function}"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(value, task):\n    return True", "gave True; give None to keep"),
        ("def f(value, task):\n    return ''", "gave ''; give None to keep"),
        ("def f(value, task):\n    return 1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_rule_that_fails_names_the_answer(tmp_path: Path, text: str, message: str) -> None:
    (rule,) = own_rules([f"{rule_file(tmp_path, text)}:f"])
    with pytest.raises(StudyError, match=f"on forge.test/a/b@1#.*{message}"):
        rule(subject(review()), CleanSettings())
