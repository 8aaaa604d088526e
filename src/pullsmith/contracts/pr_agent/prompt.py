"""The messages of PR-Agent: the installation's own templates, and a pull request put into them.

Takes a task and an Installation, gives the messages to the byte. Nothing of the pull request is
escaped, because PR-Agent escapes nothing: what looks like a delimiter is flagged where the coverage
is planned. The templates are the user's and run in Jinja2's sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from pullsmith.contracts.pr_agent.counting import clipped
from pullsmith.contracts.pr_agent.files import valid_files
from pullsmith.contracts.pr_agent.installation import Installation, Templates
from pullsmith.contracts.pr_agent.sources import LANGUAGE, Marks
from pullsmith.records import Layout, Message, PromptOptions, PullRequest

Variables = Mapping[str, object]
WHOLE = Layout(form="")
_OWN_LANGUAGE = "en-us"
_OWN_SUGGESTIONS = PromptOptions().max_suggestions
# A line of them could end the part of the prompt it stands in.
_DELIMITER = re.compile(r"^(?:={5,}|```.*|## ?[Ff]ile.*|__(?:new|old) hunk__)\s*$", re.MULTILINE)


def rendered(templates: Templates, variables: Variables) -> tuple[Message, ...]:
    """The system and the user message; raises jinja2's own errors on a template that is not known."""
    return tuple(
        Message(role=role, content=_compiled(source).render(variables))
        for role, source in (("system", templates.system), ("user", templates.user))
    )


@lru_cache(maxsize=64)
def _compiled(source: str) -> Template:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False).from_string(source)


def variables_of(
    tool: str,
    pull_request: PullRequest,
    options: PromptOptions,
    installation: Installation,
    layout: Layout = WHOLE,
) -> dict[str, object]:
    """Every name a template of any version asks for; the diff is empty, to be put in afterwards."""
    body = description(tool, pull_request, installation)
    return {
        "title": pull_request.title,
        "branch": pull_request.branch,
        "description": clipped(body, layout.body_characters),
        "commit_messages_str": clipped(commit_messages(pull_request), layout.commits_characters),
        "language": "",
        "diff": "",
        "diff_no_line_numbers": "",
        "date": pull_request.merged_at[:10],
        "extra_instructions": _instructions(options, installation.marks),
        **_of_describe(pull_request, installation),
        **_of_review(pull_request, options, installation),
        **_of_improve(tool, options, installation),
    }


def _instructions(options: PromptOptions, marks: Marks) -> str:
    """The study's own, and the wish for a language where the version has words for one."""
    own, language = options.extra_instructions, options.response_language
    if not language or language.lower() == _OWN_LANGUAGE or not marks.languages:
        return own
    alone, behind = (words.replace(LANGUAGE, language) for words in marks.languages)
    return own + behind if own else alone


def description(tool: str, pull_request: PullRequest, installation: Installation) -> str:
    """The description as the tool is shown it, before it is cut.

    describe is not shown what PR-Agent wrote itself, the others not its list of files.
    """
    marks = installation.marks
    if tool == "describe":
        return _users_part(pull_request.body.strip(), marks.own_headings)
    return (
        pull_request.body.partition(marks.walkthrough)[0]
        if marks.walkthrough
        else pull_request.body
    )


def commit_messages(pull_request: PullRequest) -> str:
    """All commit messages, numbered."""
    return "\n".join(
        f"{number}. {message}" for number, message in enumerate(pull_request.commit_messages, 1)
    )


def text_flags(pull_request: PullRequest) -> tuple[str, ...]:
    """Whether a text of the pull request has a line that the prompt's own delimiters could be."""
    texts = (
        pull_request.title,
        pull_request.branch,
        pull_request.body,
        *pull_request.commit_messages,
    )
    paths = (file.path for file in pull_request.files)
    found = any(map(_DELIMITER.search, texts)) or any("\n" in path for path in paths)
    return ("delimiter_in_text",) if found else ()


def _users_part(body: str, headings: tuple[str, ...]) -> str:
    """What a user wrote of a description that PR-Agent has written over before."""
    lower = body.lower()
    if not lower.startswith(headings):
        return body
    user = headings[0]
    if user not in lower:
        return ""
    start = lower.find(user) + len(user)
    ends = [lower.find(heading) for heading in headings[1:] if heading in lower]
    end = min([len(body), *ends])
    if start < end != len(body):
        return body[start:end].strip().removesuffix("___").strip()
    part = body.partition("___")[0].strip()
    return part[len(user) :].strip() if part.lower().startswith(user) else part


def _of_describe(pull_request: PullRequest, installation: Installation) -> Variables:
    most = installation.defaults.most_summaries
    return {
        "enable_custom_labels": False,
        "custom_labels": "",
        "custom_labels_class": "",
        "enable_semantic_files_types": True,
        "include_file_summary_changes": valid_files(pull_request, installation) <= most,
        "related_tickets": "",
        "duplicate_prompt_examples": False,
        "enable_pr_diagram": True,
    }


def _of_review(
    pull_request: PullRequest, options: PromptOptions, installation: Installation
) -> Variables:
    return {
        "num_pr_files": len(pull_request.files),
        "num_code_suggestions": installation.defaults.review_suggestions,
        "num_max_findings": options.max_findings,
        "require_score": options.require_score,
        "require_tests": options.require_tests,
        "require_estimate_effort_to_review": options.require_effort,
        "require_can_be_split_review": options.require_can_be_split,
        "require_security_review": options.require_security,
        "require_estimate_contribution_time_cost": False,
        "require_todo_scan": False,
        "question_str": "",
        "answer_str": "",
        "extra_issue_links": False,
        "is_ai_metadata": False,
    }


def _of_improve(tool: str, options: PromptOptions, installation: Installation) -> Variables:
    found: dict[str, object] = {
        "focus_only_on_problems": options.focus_only_on_problems,
        "relevant_best_practices": "",
    }
    if tool == "improve":
        asked = options.max_suggestions
        own = installation.version.suggestions
        found["num_code_suggestions"] = own if asked == _OWN_SUGGESTIONS else asked
    return found
