"""Answers as a language model might give them, and every way in which one can be bad.

Takes a prompt and its pull request, gives a value that is true of what is shown, or one that a rule
of clean is there for. Which way is drawn by the prompt's id: the same answers every time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from pullsmith.contracts.answers import AnswerValue, Describe, Improve, KeyIssue, Review, Suggestion
from pullsmith.diff.shown import ShownDiff, ShownLine
from pullsmith.llm.describing import describe
from pullsmith.records import Prompt, PullRequest

PROSE = {"describe": "description", "review": "issue_content", "improve": "suggestion_content"}
Damage = Callable[[AnswerValue, ShownDiff], AnswerValue]


def good_value(prompt: Prompt, pull_request: PullRequest, shown: ShownDiff) -> AnswerValue:
    """One issue or one suggestion about an added line; nothing to report for a third of them."""
    draw = random.Random(prompt.id)
    if prompt.tool == "describe":
        return describe(pull_request, shown)
    added = [line for line in shown.lines if line.sign == "+" and len(line.text.strip()) > 8]
    line = draw.choice(added) if added and draw.random() < 0.67 else None
    if prompt.tool == "review":
        return _review(line)
    return Improve(code_suggestions=() if line is None else (_suggestion(line, shown),))


def _review(line: ShownLine | None) -> Review:
    issues = () if line is None else (
        KeyIssue(
            relevant_file=line.path, issue_header="Possible bug",
            issue_content="The value is used before anybody has looked whether it is there.",
            start_line=line.new_line or 1, end_line=line.new_line or 1,
        ),
    )  # fmt: skip
    return Review(
        estimated_effort_to_review=2, relevant_tests="No", key_issues_to_review=issues,
        security_concerns="No",
    )  # fmt: skip


def _suggestion(line: ShownLine, shown: ShownDiff) -> Suggestion:
    file = shown.file(line.path)
    return Suggestion(
        relevant_file=line.path,
        language=(file.language if file else "") or "text",
        existing_code=line.text,
        suggestion_content="Name the value first, so that the line can be read at a glance.",
        improved_code=f"{line.text}  {'#' if line.path.endswith('.py') else '//'} named",
        one_sentence_summary="Name the value first",
        label="maintainability",
    )


def with_prose(value: AnswerValue, text: str) -> AnswerValue:
    """The value with another text in its main prose; unchanged where it has none."""
    if isinstance(value, Describe):
        return value.model_copy(update={"description": text})
    if isinstance(value, Review) and value.key_issues_to_review:
        issue = value.key_issues_to_review[0].model_copy(update={"issue_content": text})
        return value.model_copy(update={"key_issues_to_review": (issue,)})
    if isinstance(value, Improve) and value.code_suggestions:
        return _with_suggestion(value, suggestion_content=text)
    return value


def _with_suggestion(value: Improve, **changes: object) -> Improve:
    changed = value.code_suggestions[0].model_copy(update=changes)
    return Improve(code_suggestions=(changed, *value.code_suggestions[1:]))


def _elsewhere(value: AnswerValue, _shown: ShownDiff) -> AnswerValue:
    if isinstance(value, Describe):
        files = [
            file.model_copy(update={"filename": f"old/{file.filename}"}) for file in value.pr_files
        ]
        return value.model_copy(update={"pr_files": tuple(files)})
    if isinstance(value, Review) and value.key_issues_to_review:
        issue = value.key_issues_to_review[0].model_copy(
            update={"start_line": 99_001, "end_line": 99_002}
        )
        return value.model_copy(update={"key_issues_to_review": (issue,)})
    if isinstance(value, Improve) and value.code_suggestions:
        return _with_suggestion(value, existing_code="whatever = it.was(before)")
    return value


def _twice(value: AnswerValue, _shown: ShownDiff) -> AnswerValue:
    for name in ("pr_files", "key_issues_to_review", "code_suggestions"):
        if some := getattr(value, name, None):
            return value.model_copy(update={name: (*some, some[0])})
    return value


def _no_op(value: AnswerValue, _shown: ShownDiff) -> AnswerValue:
    if isinstance(value, Improve) and value.code_suggestions:
        return _with_suggestion(value, improved_code=value.code_suggestions[0].existing_code)
    return value


def _applied(value: AnswerValue, shown: ShownDiff) -> AnswerValue:
    """Asks for the line that follows, which is there."""
    if not (isinstance(value, Improve) and value.code_suggestions):
        return value
    quoted = value.code_suggestions[0].existing_code
    lines = [line.text for line in shown.lines if line.sign != "-"]
    at = lines.index(quoted)
    return _with_suggestion(value, improved_code="\n".join(lines[at : at + 2]))


def _copied(value: AnswerValue, shown: ShownDiff) -> AnswerValue:
    lines = [line.text for line in shown.lines if len(line.text.strip()) > 14][:6]
    return with_prose(value, "These lines are new:\n" + "\n".join(lines))


def _saying(text: str) -> Damage:
    return lambda value, _shown: with_prose(value, text)


DAMAGES: Mapping[str, Damage] = {
    "not shown": _elsewhere,
    "twice": _twice,
    "no-op": _no_op,
    "already applied": _applied,
    "copied diff": _copied,
    "refusal": _saying("I'm sorry, but I cannot review this change without more context."),
    "German": _saying("Der Wert wird hier benutzt, bevor man weiß, ob er da ist, und das ist nicht gut für die anderen."),
    "Chinese": _saying("这个值在检查之前就被使用了 因此可能会导致错误 应该先检查它是否存在。"),
    "breaks off": _saying("The value is used before anybody has looked whether it is there, and the"),
    "ellipsis": _saying("The value is used before anybody has looked whether..."),
    "other file": _saying("The same has to be done in src/settings/loader_factory.py, which does it the old way."),
    "marker": _saying("See @@ -1,4 +1,5 @@ for what was changed before."),
    "far too long": _saying("The value is used before anybody has looked whether it is there. " * 200),
}  # fmt: skip


def value_of(
    prompt: Prompt, pull_request: PullRequest, *, damaged: float
) -> tuple[AnswerValue, str]:
    """A value and how it is damaged, "" where it is not; ``damaged`` is the share that is."""
    shown = ShownDiff.of(pull_request, prompt.coverage)
    value = good_value(prompt, pull_request, shown)
    draw = random.Random(f"damage {prompt.id}")
    if draw.random() >= damaged:
        return value, ""
    name = draw.choice(sorted(DAMAGES))
    return DAMAGES[name](value, shown), name
