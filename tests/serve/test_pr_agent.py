"""PR-Agent against an endpoint: what counts as an answer, and the real 0.2.4 against a served student."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.errors import OutsideError, StudyError
from pullsmith.serve.pr_agent import (
    ask_pr_agent,
    find_python,
    posts_of,
    settings_for,
    subject_of,
)
from tests.branch.repositories import NEW, OLD, repository
from tests.llm.server import completion, serving
from tests.oracle.asking import ABSENT, ENVIRONMENT, counter, is_installed
from tests.serve.pupil import examples, train_pupil

PAGE = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"````text\n(.*?)````", PAGE, re.DOTALL)
GOOD = {
    "describe": "type:\n- Tests\n",
    "review": "```yaml\nreview:\n  a: 1\n```",
    "improve": "code_suggestions: []",
}
needs_pr_agent = pytest.mark.skipif(not is_installed(), reason=ABSENT)


def found(tool: str, **more: Any) -> dict[str, Any]:
    calls = [{"system": "s", "user": "u", "answer": GOOD[tool]}]
    posted = [{"kind": "labels", "text": "x"}, {"kind": "comment", "text": "## Posted"}]
    return {"tool": tool, "calls": calls, "posted": posted, "complaints": ["WARNING: w"], **more}


def answer(text: str) -> list[dict[str, str]]:
    return [{"system": "", "user": "", "answer": text}]


@pytest.mark.parametrize("tool", sorted(GOOD))
def test_a_post_of_a_valid_answer_is_well(tool: str) -> None:
    (post,) = posts_of([found(tool)])
    assert (post.ok, post.calls, post.text, post.faults) == (True, 1, "## Posted", ())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"calls": []}, "no answer of the model reached it"),
        ({"calls": answer("a: [")}, "an answer is no YAML"),
        ({"calls": answer("hello")}, "an answer has no 'code_suggestions': 'hello'"),
        ({"calls": answer("type: x")}, "an answer has no 'code_suggestions'"),
        ({"posted": []}, "it would have posted nothing"),
        ({"posted": [{"kind": "labels", "text": "x"}]}, "it would have posted nothing"),
        ({"posted": [{"kind": "comment", "text": " "}]}, "it would have posted nothing"),
    ],
)
def test_what_fails_says_why_and_what_pr_agent_complained_of(
    more: dict[str, Any], said: str
) -> None:
    (post,) = posts_of([found("improve", **more)])
    assert not post.ok
    assert post.faults[0].startswith(said)
    assert post.faults[-1] == "WARNING: w"


def test_every_model_it_may_ask_is_the_served_one() -> None:
    found = settings_for("http://127.0.0.1:1/v1", "m", 8000)
    models = {
        key: value
        for key, value in found.items()
        if "model" in key and isinstance(value, (str, list))
    }
    assert len(models) >= 5
    assert all(value in ("openai/m", ["openai/m"]) for value in models.values()), models
    assert found["openai.api_base"] == "http://127.0.0.1:1/v1"
    # 8,000 tokens of the model's are 6,153 of PR-Agent's own counter, which may count 1.3 times less.
    assert found["config.custom_model_max_tokens"] == 6153


def test_where_its_python_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudyError, match="no Python there"):
        find_python(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StudyError, match="no PR-Agent: pr-agent is not on PATH"):
        find_python(None)
    for name in ("bin/python", "bin/pr-agent"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert find_python(tmp_path) == tmp_path / "bin" / "python"
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_python(None) == tmp_path / "bin" / "python"


def test_a_python_without_pr_agent_is_an_outside_error(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"ended with status 1: .*No module named 'pr_agent'"):
        ask_pr_agent(
            Path(sys.executable), subject_of(None), url="http://127.0.0.1:9/v1", name="m", window=None
        )  # fmt: skip


def test_the_change_it_is_asked_about(tmp_path: Path) -> None:
    own = subject_of(None)
    (change,) = own.pull_request.files
    assert change.patch.startswith("@@ -1,3 +1,5 @@\n")
    assert change.added_lines == change.patch.count("\n+")
    assert change.deleted_lines == change.patch.count("\n-")
    read = subject_of("main..HEAD", repository(tmp_path / "r"))
    assert [(texts.old, texts.new) for texts in read.texts] == [(OLD, NEW)]


@pytest.mark.slow
@needs_pr_agent
def test_an_endpoint_whose_answers_are_no_yaml_fails_every_tool() -> None:
    with serving(lambda _: completion("I am sorry: [I cannot")) as server:
        posts = ask_pr_agent(
            find_python(ENVIRONMENT), subject_of(None), url=server.url, name="small", window=8000
        )
    assert [post.tool for post in posts] == ["describe", "review", "improve"]
    assert not any(post.ok for post in posts)
    assert all("an answer is no YAML" in post.faults[0] for post in posts)


@pytest.mark.slow
@needs_pr_agent
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")
def test_the_real_pr_agent_posts_what_a_served_student_has_learned(tmp_path: Path) -> None:
    """Trained by the stage on our contract's rendering, served by ``serve``, asked by PR-Agent itself.

    That its questions are those the student knows by heart shows rendering, template, tokenizer and
    window to be the same on the whole way.
    """
    os.environ.pop("OPENAI_API_KEY", None)
    cell = train_pupil(tmp_path, examples(ENVIRONMENT, counter()), steps=280)
    arguments = [
        "serve", str(cell), "--check", "endpoint", "--check", "pr-agent", "--pr-agent",
        str(ENVIRONMENT), "--json",
    ]  # fmt: skip
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [one["check"] for one in told["findings"]] == ["model", "tokens", "stream", "window"]
    assert all(one["ok"] for one in told["findings"])
    posts = {one["tool"]: one["posted"] for one in told["pr_agent"]}
    assert "The mean of no numbers is 0 now" in posts["describe"]
    assert "Guard the mean against empty input" in posts["describe"]
    assert "<strong>Wrong divisor</strong>" in posts["review"]
    assert "Estimated effort to review</strong>: 1" in posts["review"]
    assert "+    return sum(values) / len(values)" in posts["improve"]
    assert "Suggestion importance[1-10]: 9" in posts["improve"]  # the fourth call, reflect
    for tool, shown in zip(("describe", "review", "improve"), SHOWN, strict=True):
        assert " ".join(shown.split()) in " ".join(posts[tool].split()), "docs/serving.md is old"
