"""The settings file: what it says, what it refuses, and what the real PR-Agent 0.2.4 makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pullsmith.errors import StudyError
from pullsmith.export.pr_agent import Served, pr_agent_notes, pr_agent_settings
from pullsmith.records import PromptOptions
from pullsmith.study.contract import ContractSettings
from tests.oracle.asking import ABSENT, ENVIRONMENT, ROOT, is_installed, vocabulary

DRIVER = ROOT / "tests" / "oracle" / "pr_agent_settings.py"
ODD = 'Be "brief":\n\tC:\\dir \x7f \x01 é \U0001f600 [x] # no comment @int 3 ${HOME} {{ a }}'
PLAIN = Served("student-after", "http://127.0.0.1:8000/v1", 32_768, contract="pr-agent-0.2.4")


def told(served: Served) -> dict[str, Any]:
    return tomllib.loads(pr_agent_settings(served))


def with_options(served: Served, **options: PromptOptions) -> Served:
    return replace(served, settings=ContractSettings(options=options))


def theirs(text: str, home: Path) -> dict[str, Any]:
    """What PR-Agent 0.2.4 says after reading ``text``."""
    environment = {
        "PATH": os.defpath, "HOME": str(home), "TIKTOKEN_CACHE_DIR": str(vocabulary()),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }  # fmt: skip
    done = subprocess.run(
        [str(ENVIRONMENT / "bin" / "python"), "-W", "ignore", str(DRIVER)], input=text.encode(),
        capture_output=True, env=environment, cwd=home, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(not is_installed(), reason=ABSENT)
def test_pr_agent_reads_every_value_and_asks_nobody_else(tmp_path: Path) -> None:
    served = with_options(
        replace(PLAIN, name="org/student", temperature=0.1, timeout_seconds=90.4),
        review=PromptOptions(extra_instructions=ODD, require_score=True, require_tests=False),
        improve=PromptOptions(max_suggestions=6),
    )
    text = pr_agent_settings(served)
    found = theirs(text, tmp_path)
    for section, keys in tomllib.loads(text).items():
        for key, value in keys.items():
            assert found["sections"][section][key] == value, (section, key)
    assert found["sections"]["pr_reviewer"]["extra_instructions"] == ODD
    # Keys that the file leaves alone are still PR-Agent's own.
    assert found["sections"]["config"]["max_description_tokens"] == 500
    only = "openai/org/student"
    # Without the file it asks its vendor's models, in either kind of call.
    assert all(any("gpt" in model for model in some) for some in found["before"].values())
    assert found["models"] == {"REGULAR": [only, only], "TURBO": [only, only]}
    # 32,768 of the student's tokens are 25,206 as PR-Agent counts: 32768 / 1.3.
    assert found["tokens"] == {only: 25_206}
    assert found["api_base"] == served.api_base
    assert found["api_key"] == "dummy_key"  # none was set, and none is in the file
    assert found["provider"] == [["org/student", "openai"]]
    assert found["encodes"] == 2


def test_a_window_larger_than_pr_agents_own_budget_leaves_that_budget() -> None:
    config = told(replace(PLAIN, window_tokens=131_072))["config"]
    assert config["custom_model_max_tokens"] == 100_824  # 131072 / 1.3
    assert config["max_model_tokens"] == 32_000


def test_no_model_of_another_vendor_is_left() -> None:
    config = told(PLAIN)["config"]
    names = [config[key] for key in config if key.startswith("model")]
    assert names == ["openai/student-after"] * 4
    assert config["fallback_models"] == ["openai/student-after"]


@pytest.mark.parametrize(
    ("contract", "there"), [("pr-agent-0.2.4", False), ("pr-agent-2025-03", True)]
)
def test_options_are_said_where_the_version_has_words_for_them(contract: str, there: bool) -> None:
    german = PromptOptions(response_language="de-DE", focus_only_on_problems=False)
    served = with_options(
        replace(PLAIN, contract=contract), describe=german, review=german, improve=german
    )
    found = told(served)
    assert (found["config"].get("response_language") == "de-DE") is there
    assert ("focus_only_on_problems" in found["pr_code_suggestions"]) is there
    assert "num_max_findings" not in found["pr_reviewer"]


def test_the_version_that_counts_findings_is_told_how_many() -> None:
    served = with_options(
        replace(PLAIN, contract="pr-agent-2026-04"), review=PromptOptions(max_findings=5)
    )
    assert told(served)["pr_reviewer"]["num_max_findings"] == 5


def test_a_student_of_other_words_is_told_so_and_no_option_is_pretended() -> None:
    served = replace(PLAIN, contract="native-1")
    assert set(told(served)) == {"config", "openai"}
    assert "contract native-1" in pr_agent_notes(served)[0]
    assert "contract native-1" in pr_agent_settings(served)
    assert "not known" in pr_agent_notes(replace(PLAIN, contract=""))[0]


def test_reflect_is_asked_only_of_a_student_that_learnt_it() -> None:
    assert told(PLAIN)["pr_code_suggestions"]["self_reflect_on_suggestions"] is False
    assert "gets 7" in pr_agent_notes(PLAIN)[0]
    trained = replace(PLAIN, tools=("improve", "reflect"))
    assert told(trained)["pr_code_suggestions"]["self_reflect_on_suggestions"] is True
    assert pr_agent_notes(trained) == ()


def test_two_languages_are_none() -> None:
    served = with_options(
        replace(PLAIN, contract="pr-agent-2025-03"), review=PromptOptions(response_language="fr")
    )
    assert "response_language" not in told(served)["config"]
    assert "several languages" in pr_agent_notes(served)[-1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"api_base": "127.0.0.1:8000/v1"}, "expected http://HOST:PORT/v1"),
        ({"api_base": "http://user:key@host/v1"}, "set OPENAI_API_KEY"),
        ({"name": "my model"}, "without blanks"),
        ({"name": "Claude-like"}, "'claude' in its name"),
        ({"name": "gpt-oss-20b-student"}, "'gpt' in its name"),
        ({"window_tokens": 1900}, "leaves nothing for a diff"),
        ({"contract": "pr-agent-0.2.5"}, "did you mean"),
    ],
)
def test_what_pr_agent_could_not_use_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(StudyError, match=said):
        pr_agent_settings(replace(PLAIN, **wrong))


def test_a_text_that_the_settings_library_would_compute_is_refused() -> None:
    served = with_options(PLAIN, review=PromptOptions(extra_instructions="@format {env[HOME]}"))
    with pytest.raises(StudyError, match=r"pr_reviewer\.extra_instructions begins with '@'"):
        pr_agent_settings(served)
