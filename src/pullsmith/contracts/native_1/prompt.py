"""The messages of native-1: Jinja2 templates that ship with the package, and a pull request put into them.

The pull request's text is hostile. It stands between two marks that it cannot contain: every line of
it has a prefix, line breaks of other kinds are blanked, and whatever looks like a mark is broken.
A user's own tool brings its own two templates, which include ours.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    DictLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    TemplateError,
)

from pullsmith.contracts.answers import Improve
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.native_1.diffs import decoupled, plain
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import DiffForm, Templates
from pullsmith.diff.shown import ShownDiff, printable
from pullsmith.errors import StudyError
from pullsmith.records import Message, PromptOptions
from pullsmith.tokens import count_tokens

PROSE_TOKENS = 500  # of the description, and of the commit messages: enough to tell the intent
_FORMS = {
    "describe": DiffForm.PLAIN,
    "review": DiffForm.NUMBERED,
    "improve": DiffForm.DECOUPLED,
    "reflect": DiffForm.NUMBERED,
}
_MARK = re.compile(r"<(/?)untrusted", re.IGNORECASE)


def render_messages(task: Task, own: Templates | None = None) -> tuple[Message, ...]:
    """The system and the user message.

    Raises StudyError where the user's own templates fail, and for a second look at nothing.
    """
    form = own.diff if own else _FORMS[task.tool]
    values = {**_pull_request(task, form), "diff_form": form.value, **_asked(task.options)}
    if task.tool == "reflect" and own is None:
        values |= _looked_at_again(task)
    prefix = "" if own else f"{task.tool}."
    try:
        return tuple(
            Message(role=role, content=_render(own, f"{prefix}{role}.j2", values))
            for role in ("system", "user")
        )
    except TemplateError as error:
        folder = own.folder if own else "native-1"
        raise StudyError(f"tool {task.tool!r}: {folder}: {error}") from error


def _render(own: Templates | None, name: str, values: dict[str, object]) -> str:
    return environment_of(own).get_template(name).render(values)


@cache
def environment_of(own: Templates | None) -> Environment:
    """Where templates are found: ours, and beside them those of a user's own tool."""
    loaders: list[BaseLoader] = [PackageLoader("pullsmith.contracts.native_1")]
    if own:
        loaders.append(DictLoader(own.sources))
    # No HTML is made here, so nothing is escaped for HTML.
    return Environment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _pull_request(task: Task, form: DiffForm) -> dict[str, object]:
    """What strangers wrote, made safe for its place in ``pull_request.j2``."""
    pull_request = task.pull_request
    return {
        "title": _safe(pull_request.title),
        "branch": _safe(pull_request.branch),
        "body": _prose(pull_request.body),
        "commits": _prose("\n".join(pull_request.commit_messages)),
        "diff": _MARK.sub(r"<\\\1untrusted", _diff(form, task.shown)),
        "omitted": [_safe(path) for path in task.shown.omitted],
    }


def _looked_at_again(task: Task) -> dict[str, object]:
    """The suggestions: a model wrote them, but perhaps as a stranger's text told it to."""
    about = task.about
    if not isinstance(about, Improve) or not about.code_suggestions:
        raise StudyError(
            f"{task.pull_request.id}: reflect is asked about suggestions; there are none"
        )
    lines = canonical_yaml(about).split("\n")
    return {
        "suggestions": [_MARK.sub(r"<\\\1untrusted", printable(line)) for line in lines],
        "suggestions_count": len(about.code_suggestions),
    }


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


def _diff(form: DiffForm, shown: ShownDiff) -> str:
    if form is DiffForm.PLAIN:
        return plain(shown)
    return decoupled(shown, numbers=form is DiffForm.NUMBERED)


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
