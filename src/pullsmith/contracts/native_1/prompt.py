"""The messages of native-1: Jinja2 templates that ship with the package, and a pull request put into them.

The pull request's text is hostile. It stands between two marks that it cannot contain: every line of
it has a prefix, line breaks of other kinds are blanked, and whatever looks like a mark is broken.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from pullsmith.contracts.native_1.diffs import decoupled, plain
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff, printable
from pullsmith.records import Message, PromptOptions
from pullsmith.tokens import count_tokens

PROSE_TOKENS = 500  # of the description, and of the commit messages: enough to tell the intent
_MARK = re.compile(r"<(/?)untrusted", re.IGNORECASE)


def render_messages(task: Task) -> tuple[Message, ...]:
    """The system and the user message."""
    pull_request = task.pull_request
    values = {
        "title": _safe(pull_request.title),
        "branch": _safe(pull_request.branch),
        "body": _prose(pull_request.body),
        "commits": _prose("\n".join(pull_request.commit_messages)),
        "diff": _MARK.sub(r"<\\\1untrusted", _diff(task.tool, task.shown)),
        "omitted": [_safe(path) for path in task.shown.omitted],
        **_asked(task.options),
    }
    return tuple(
        Message(
            role=role, content=_templates().get_template(f"{task.tool}.{role}.j2").render(values)
        )
        for role in ("system", "user")
    )


def _asked(options: PromptOptions) -> dict[str, object]:
    """The options as templates know them: by their names."""
    instructions = options.extra_instructions.strip()
    return {
        "extra_instructions": instructions,
        "fence": _fence(instructions),
        "response_language": printable(options.response_language).strip(),
        "focus_only_on_problems": options.focus_only_on_problems,
        "require_effort": options.require_effort,
        "require_score": options.require_score,
        "require_tests": options.require_tests,
        "require_security": options.require_security,
        "require_can_be_split": options.require_can_be_split,
        "max_findings": options.max_findings,
        "max_suggestions": options.max_suggestions,
    }


def _fence(text: str) -> str:
    """A line of equals signs that is longer than any in ``text``."""
    return "=" * max(6, *(len(run) + 1 for run in re.findall("=+", text)), 0)


@cache
def _templates() -> Environment:
    # No HTML is made here, so nothing is escaped for HTML.
    return Environment(
        loader=PackageLoader("pullsmith.contracts.native_1"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _diff(tool: str, shown: ShownDiff) -> str:
    if tool == "describe":
        return plain(shown)
    return decoupled(shown, numbers=tool == "review")


def _safe(text: str) -> str:
    """``text`` on one line, unable to end the part it stands in."""
    return _MARK.sub(r"<\\\1untrusted", printable(text)).strip()


def _prose(text: str) -> list[str]:
    """The lines of a text, up to the budget; the last one says where more was left out."""
    lines: list[str] = []
    tokens = 0
    for raw in text.strip().splitlines():
        line = _safe(raw)
        tokens += count_tokens(line) + 1
        if tokens > PROSE_TOKENS:
            return [*lines, "[the rest is not shown]"]
        lines.append(line)
    return lines
