"""PR-Agent itself, on one change it is told of, against the endpoint it is told of.

Run by the Python of PR-Agent's own environment, as a file: imports nothing of pullsmith. Takes one
JSON object on stdin (``title body branch commits languages files settings``), prints one: for each
tool what PR-Agent would have posted, what its model answered, and what it complained of. The forge
is a stand-in that keeps what is posted; the calls to the model are PR-Agent's own, through litellm.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from types import SimpleNamespace
from typing import Any

TOOLS = (
    ("describe", "pr_description", "PRDescription"),
    ("review", "pr_reviewer", "PRReviewer"),
    ("improve", "pr_code_suggestions", "PRCodeSuggestions"),
)
STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
PLACE = "https://example.org/owner/name/pull/1"


class Paged(list[Any]):
    """A forge's list, which knows how long it is."""

    @property
    def totalCount(self) -> int:  # noqa: N802  # GitHub's name
        """How long."""
        return len(self)


def forge(  # noqa: C901  # a class of many small methods, made at run time
    module: Any, told: dict[str, Any], posted: list[dict[str, str]]
) -> Any:
    """PR-Agent's GitHub provider over what it is told; what it posts is kept in ``posted``."""
    files = Paged(
        SimpleNamespace(
            filename=file["path"], status=STATUS[file["status"]], patch=file["patch"] or None
        )
        for file in told["files"]
    )
    texts = {
        (side, file["path"]): file[side] or "" for file in told["files"] for side in ("old", "new")
    }
    commits = [SimpleNamespace(commit=SimpleNamespace(message=text)) for text in told["commits"]]

    def keep(kind: str, text: str) -> SimpleNamespace:
        one = {"kind": kind, "text": text}
        posted.append(one)
        return SimpleNamespace(body=text, html_url=PLACE, delete=lambda: posted.remove(one))

    class Forge(module.GithubProvider):  # type: ignore[misc]  # known at run time only
        def __init__(self, *_: object, **__: object) -> None:
            self.diff_files = self.git_files = None
            self.incremental = module.IncrementalPR(False)
            self.repo, self.pr_num, self.pr_url = "owner/name", 1, PLACE
            self.max_comment_chars = 65_000
            self.pr = SimpleNamespace(
                title=told["title"], body=told["body"], get_files=lambda: files, html_url=PLACE,
                get_commits=lambda: commits, head=SimpleNamespace(ref=told["branch"], sha="new"),
                base=SimpleNamespace(sha="old"), labels=[],
            )  # fmt: skip
            self.repo_obj = SimpleNamespace(
                compare=lambda *_: SimpleNamespace(merge_base_commit=SimpleNamespace(sha="old"))
            )

        def _get_repo(self) -> Any:
            return self.repo_obj

        def get_languages(self) -> dict[str, int]:
            return dict(told["languages"])

        def get_pr_file_content(self, file_path: str, branch: str) -> str:
            return str(texts[branch, file_path])

        def _get_pr_file_content(self, file: Any, sha: str, *_: object) -> str:
            return str(texts[sha, file.filename])

        def get_pr_id(self) -> str:
            return "owner/name/1"

        def get_latest_commit_url(self) -> str:
            return f"{PLACE}/commits/new"

        def get_issue_comments(self) -> list[object]:
            return []

        def get_pr_labels(self, **_: object) -> list[str]:
            return []

        def get_line_link(self, relevant_file: str, *_: object, **__: object) -> str:
            return f"{PLACE}/files#{relevant_file}"

        def publish_labels(self, pr_types: list[str]) -> None:
            keep("labels", ", ".join(pr_types))

        def publish_description(self, pr_title: str, pr_body: str) -> None:
            keep("description", f"{pr_title}\n\n{pr_body}")

        def publish_comment(self, pr_comment: str, is_temporary: bool = False) -> Any:
            if is_temporary:
                return None
            return keep("comment", pr_comment)

        def edit_comment(self, comment: Any, body: str) -> None:
            self.remove_comment(comment)
            keep("comment", body)

        def publish_code_suggestions(self, code_suggestions: list[dict[str, Any]]) -> bool:
            for one in code_suggestions:
                keep("suggestion", str(one.get("body", one)))
            return True

        def remove_initial_comment(self) -> None:
            """Nothing temporary was kept."""

        def remove_comment(self, comment: Any) -> None:
            posted[:] = [one for one in posted if one["text"] != getattr(comment, "body", None)]

        def add_eyes_reaction(self, *_: object, **__: object) -> None:
            """Nobody looks."""

        def remove_reaction(self, *_: object, **__: object) -> bool:
            return True

    return Forge


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
    providers._GIT_PROVIDERS["github"] = forge(github, told, posted)
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
    found = [ask(tool, told) for tool in TOOLS if tool[0] in told["tools"]]
    out.write(json.dumps(found))


if __name__ == "__main__":
    main()
