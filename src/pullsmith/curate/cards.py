"""One example put together for a person: its diff, its answer in three forms, what may be wrong with it."""

from __future__ import annotations

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import Tools
from pullsmith.curate.columns import LOW_SCORE, ODD_LENGTH, TEACHERS_DISAGREE
from pullsmith.curate.edits import Editor
from pullsmith.curate.examples import Examples
from pullsmith.curate.findings import flags_of
from pullsmith.curate.items import CleanItem, Flag, Other
from pullsmith.curate.posted import markdown, pieces
from pullsmith.errors import AnswerError
from pullsmith.records import Answer, Outcome, part_of
from pullsmith.scoring import answer_value


def card(examples: Examples, name: str, editor: Editor, *, twice: bool) -> CleanItem:
    """All that is known of an example but what people said of it."""
    example, row = examples.example(name), examples.by_name[name]
    answer, task = examples.answer(example.answer_id), editor.task
    others = _others(examples, answer, task)
    value, fault = _value(editor, example.target)
    flags = [] if value is None else flags_of(value, task, examples.tools[example.tool])
    flags += [fault] if fault else []
    flags += [_told(code, answer, others) for code in row.flags if code in _TOLD]
    posted = () if value is None else pieces(value, task.shown)
    return CleanItem(
        name=name,
        digest=examples.digest(name),
        tool=example.tool,
        contract=example.contract,
        teacher=answer.model,
        language=row.language,
        pull_request=task.pull_request,
        shown=task.shown,
        prompt="\n\n".join(message.content for message in example.messages),
        text=example.target if value is None else canonical_yaml(value),
        target=example.target,
        posted=posted,
        markdown=markdown(posted),
        flags=tuple(flags),
        others=others,
        twice=twice,
    )


def yaml_of(editor: Editor, target: str) -> str:
    """A target in the contract's words as canonical YAML; as it is where it cannot be read."""
    value, _ = _value(editor, target)
    return target if value is None else canonical_yaml(value)


def _value(editor: Editor, target: str) -> tuple[AnswerValue | None, Flag | None]:
    """The value of the target, or why it cannot be read: its contract may have changed since."""
    try:
        return editor.contract.parse(editor.task, target), None
    except AnswerError as error:
        return None, Flag(error.reason, str(error))


_TOLD = {
    TEACHERS_DISAGREE: "teachers disagree: {others}",
    ODD_LENGTH: "much longer or shorter than other answers of its kind",
    LOW_SCORE: "scored low: {score}",
}


def _told(code: str, answer: Answer, others: tuple[Other, ...]) -> Flag:
    scores = {"its own second look": answer.reflect_score, "the grader": answer.judge_score}
    score = ", ".join(
        f"{score:g} of 10 by {who}" for who, score in scores.items() if score is not None
    )
    named = ", ".join(other.teacher for other in others)
    told = f"compare with what {named} says" if named else "another teacher says something else"
    return Flag(code, _TOLD[code].format(others=told, score=score))


def _others(examples: Examples, answer: Answer, task: Task) -> tuple[Other, ...]:
    """What other teachers said to the same task, in the order of their names."""
    same = [
        each
        for each in examples.answers_about(answer.pull_request_id)
        if each.model != answer.model
        and each.tool == answer.tool
        and each.outcome is Outcome.OK
        and part_of(each.prompt_id) == part_of(answer.prompt_id)
    ]
    found = (_other(each, task, examples.tools) for each in same)
    return tuple(sorted((one for one in found if one), key=lambda one: one.teacher))


def _other(answer: Answer, task: Task, tools: Tools) -> Other | None:
    value = answer_value(answer, tools)
    if value is None:
        return None
    return Other(answer.model, canonical_yaml(value), pieces(value, task.shown))
