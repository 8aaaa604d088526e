"""Answers beside what they are about, a pull request at a time."""

from __future__ import annotations

from pathlib import Path

from pullsmith.clean.streams import by_pull_request
from pullsmith.records import Answer, Prompt, PullRequest
from pullsmith.store import RunFolder
from tests.clean.made import answer, prompt, review
from tests.curated import finish, real


def test_names_that_begin_with_another_and_gaps_on_every_side(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    names = ["a@1", "a@1b", "a@2", "b"]

    def prompts(name: str) -> Prompt:
        return prompt("review", id=f"{name}#review/compact-1/0", pull_request_id=name)

    def answers(name: str) -> Answer:
        asked = prompts(name)
        return answer(review(), id=f"{asked.id}~x", prompt_id=asked.id, pull_request_id=name)

    finish(run, "split", PullRequest, [real(id=name) for name in names if name != "a@2"])
    finish(run, "render", Prompt, [prompts(name) for name in names if name != "a@1b"])
    finish(run, "generate", Answer, [answers(name) for name in names if name != "a@1"])
    found = [
        (asked.answers[0].pull_request_id, list(asked.pull_requests), list(asked.prompts))
        for asked in by_pull_request(run)
    ]
    assert found == [
        ("a@1b", ["a@1b"], []),
        ("a@2", [], ["a@2#review/compact-1/0"]),
        ("b", ["b"], ["b#review/compact-1/0"]),
    ]
