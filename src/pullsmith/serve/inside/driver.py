"""PR-Agent itself, on one change it is told of, against the endpoint it is told of.

Run by the Python of PR-Agent's own environment, as a file: imports nothing of pullsmith. Takes one
JSON object on stdin (``title body branch commits languages files settings``), prints one: for each
tool what PR-Agent would have posted, what its model answered, and what it complained of. The forge
is a stand-in (``forge``, beside this file) that keeps what is posted; the calls to the model are PR-Agent's own, through litellm.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from types import SimpleNamespace
from typing import Any

PLACE = "https://example.org/owner/name/pull/1"


class Posting:
    """What PR-Agent posts, kept in ``posted``; a forge's other answers are that nothing is there."""

    posted: list[dict[str, str]]

    def _keep(self, kind: str, text: str) -> SimpleNamespace:
        one = {"kind": kind, "text": text}
        self.posted.append(one)
        return SimpleNamespace(body=text, html_url=PLACE, delete=lambda: self.posted.remove(one))

    def get_pr_id(self) -> str:
        """Its name."""
        return "owner/name/1"

    def get_latest_commit_url(self) -> str:
        """Where the last commit is shown."""
        return f"{PLACE}/commits/new"

    def get_issue_comments(self) -> list[object]:
        """None yet."""
        return []

    def get_pr_labels(self, **_: object) -> list[str]:
        """None yet."""
        return []

    def get_line_link(self, relevant_file: str, *_: object, **__: object) -> str:
        """Where a file is shown."""
        return f"{PLACE}/files#{relevant_file}"

    def publish_labels(self, pr_types: list[str]) -> None:
        """Keep the labels."""
        self._keep("labels", ", ".join(pr_types))

    def publish_description(self, pr_title: str, pr_body: str) -> None:
        """Keep the title and the description."""
        self._keep("description", f"{pr_title}\n\n{pr_body}")

    def publish_comment(self, pr_comment: str, is_temporary: bool = False) -> Any:
        """Keep a comment that is to stay."""
        return None if is_temporary else self._keep("comment", pr_comment)

    def edit_comment(self, comment: Any, body: str) -> None:
        """Keep it in its new words."""
        self.remove_comment(comment)
        self._keep("comment", body)

    def publish_code_suggestions(self, code_suggestions: list[dict[str, Any]]) -> bool:
        """Keep each of them."""
        for one in code_suggestions:
            self._keep("suggestion", str(one.get("body", one)))
        return True

    def remove_initial_comment(self) -> None:
        """Nothing temporary was kept."""

    def remove_comment(self, comment: Any) -> None:
        """Forget it."""
        gone = getattr(comment, "body", None)
        self.posted[:] = [one for one in self.posted if one["text"] != gone]

    def add_eyes_reaction(self, *_: object, **__: object) -> None:
        """Nobody looks."""

    def remove_reaction(self, *_: object, **__: object) -> bool:
        """There is none."""
        return True


def handler(module: Any, calls: list[dict[str, str]]) -> Any:
    """PR-Agent's own way to its model; what is asked and answered is kept in ``calls``."""

    class Handler(module.LiteLLMAIHandler):  # type: ignore[misc]  # known at run time only
        async def chat_completion(self, *arguments: Any, **named: Any) -> Any:
            answer = await super().chat_completion(*arguments, **named)
            calls.append(
                {
                    "system": str(named.get("system", "")),
                    "user": str(named.get("user", "")),
                    "answer": str(answer[0]),
                }
            )
            return answer

    return Handler


def ask(tool: tuple[str, str, str], told: dict[str, Any]) -> dict[str, Any]:
    """One tool: what it posted, its model's answers, and what it complained of."""
    posted: list[dict[str, str]] = []
    calls: list[dict[str, str]] = []
    complaints: list[str] = []
    settings = import_module("pr_agent.config_loader").get_settings()
    providers = import_module("pr_agent.git_providers")
    github = import_module("pr_agent.git_providers.github_provider")
    providers._GIT_PROVIDERS["github"] = import_module("forge").forge(
        github, told, Posting, posted=posted
    )
    for key, value in told["settings"].items():
        settings.set(key, value)
    litellm = import_module("pr_agent.algo.ai_handlers.litellm_ai_handler")
    logger = import_module("loguru").logger
    logger.remove()
    logger.add(
        lambda said: complaints.append(str(said).strip()[:500]),
        level="WARNING",
        format="{level}: {message}",
    )
    _, module, name = tool
    try:
        made = getattr(import_module(f"pr_agent.tools.{module}"), name)(
            PLACE, ai_handler=handler(litellm, calls)
        )
        asyncio.run(made.run())
    except Exception as error:  # noqa: BLE001  # whatever it is, the tool posts nothing then
        complaints.append(f"ERROR: {error!r}")
    return {
        "tool": tool[0],
        "posted": posted,
        "calls": calls,
        # A call is tried five times, and says the same each time.
        "complaints": list(dict.fromkeys(complaints)),
    }


def main() -> None:
    """Answer the question on stdin; PR-Agent's own prints go to stderr."""
    told, out = json.load(sys.stdin), sys.stdout
    sys.stdout = sys.stderr
    found = [ask(tool, told) for tool in import_module("forge").TOOLS if tool[0] in told["tools"]]
    out.write(json.dumps(found))


if __name__ == "__main__":
    main()
