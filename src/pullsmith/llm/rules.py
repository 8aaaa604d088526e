"""``rules`` and ``rules+truth``: answers without a model, from the diff, ruff, patterns and the truth.

Takes a request's subject and gives an answer through the writer of the asked contract. ``rules``
says what can be seen; it is the floor every model must beat. ``rules+truth`` says the same, and on
planted pull requests what was planted: a teacher, never a reference. Neither is a language model,
and neither says more than it knows: without a finding the answer is empty, which is an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.options import as_asked
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import AnswerError, StudyError
from pullsmith.llm.definitions import has_grammars
from pullsmith.llm.describing import describe
from pullsmith.llm.findings import Finding
from pullsmith.llm.forms import described_forms, improve_forms, review_forms, spot
from pullsmith.llm.lint import Linter
from pullsmith.llm.patterns import pattern_findings
from pullsmith.llm.protocol import Completion, Request
from pullsmith.llm.ruff import ruff_version
from pullsmith.llm.telling import tell
from pullsmith.records import Defect as PlantedDefect
from pullsmith.records import Outcome, PullRequest

RULES_VERSION = "rules-2"  # changed when the same pull request would get another answer
# Asked in a form for small models, a description is a few fixed phrases.
SHORT_CONTRACTS = frozenset({"compact-1"})
_MATTER_OF_STYLE = {"debug_print", "none_eq"}
_CORRECTION = "planted:fix"


def rules_version() -> str:
    """What answers depend on besides the request: our rules, ruff, and whether grammars are there."""
    grammars = "+grammars" if has_grammars() else ""
    return f"{RULES_VERSION}+ruff-{ruff_version()}{grammars}"


class RulesModel:
    """The rules as a ChatModel; with ``truth`` it is rules+truth."""

    def __init__(
        self, *, truth: bool = False, contracts: Callable[[str], Contract] = find_contract
    ) -> None:
        """``contracts`` finds a contract by name."""
        self._truth = truth
        self._linter = Linter()
        self._contract = lru_cache(maxsize=None)(contracts)

    async def complete(self, request: Request) -> Completion:
        """The answer as text; REFUSED where nothing is shown or the contract cannot say it.

        Raises StudyError for a request that is no task.
        """
        if request.task is None:
            raise StudyError("rules answers tasks only; name it under teacher or reference")
        task = request.task.as_task()
        if not task.shown.files:
            return Completion(outcome=Outcome.REFUSED, text="", detail="nothing is shown")
        try:
            found = await self._found(task)
            text = self._written(task, request.task.contract, found)
        except AnswerError as error:
            return Completion(outcome=Outcome.REFUSED, text="", detail=str(error))
        return Completion(outcome=Outcome.OK, text=text)

    async def close(self) -> None:
        """Nothing to give back."""

    async def _found(self, task: Task) -> tuple[Finding, ...]:
        """What review and improve are about: the truth where it is known, else what is seen."""
        if task.tool == "describe":
            return ()
        if self._truth and task.pull_request.planted:
            return _planted(task.pull_request, task.shown)
        cut = {file.path for file in task.coverage.shown if file.cut is not None}
        linted = await self._linter.findings(task.shown, cut)
        both = (*linted, *pattern_findings(task.shown))
        return tuple(sorted(both, key=lambda found: found.lines[0].number))

    def _written(self, task: Task, name: str, found: tuple[Finding, ...]) -> str:
        """The first form of the answer that the contract called ``name`` takes.

        Contracts want fields that others have no place for. Raises the AnswerError of the first
        form where none is taken, and for a tool that no rule knows.
        """
        contract, refusal = self._contract(name), None
        for value in self._forms(task, found, short=name in SHORT_CONTRACTS):
            try:
                return contract.write(task, as_asked(value, task.options))
            except AnswerError as error:
                refusal = refusal or error
        raise refusal or AnswerError(
            "unknown_tool", f"rules knows describe, review, improve and spot, not {task.tool}"
        )

    def _forms(
        self, task: Task, found: tuple[Finding, ...], *, short: bool
    ) -> Iterator[AnswerValue]:
        if task.tool == "describe":
            known = self._truth and task.pull_request.planted
            corrects = _corrected(task.pull_request) if known else ""
            if short:
                yield describe(task.pull_request, task.shown, corrects=corrects)
            else:
                told = tell(task.pull_request, task.shown, corrects=corrects)
                yield from described_forms(told, task.shown)
        elif task.tool == "review":
            yield from review_forms(found, task.shown)
        elif task.tool == "improve":
            yield from improve_forms(found, task.shown)
        elif task.tool == "spot":
            yield spot(found)


def _corrected(pull_request: PullRequest) -> str:
    """The file a planted correction is in: the one from which a line was taken; empty if none is."""
    if pull_request.evidence != _CORRECTION:
        return ""
    return next((file.path for file in pull_request.files if file.deleted_lines), "")


def _planted(pull_request: PullRequest, shown: ShownDiff) -> tuple[Finding, ...]:
    """What was planted; nothing on a clean pull request, and nothing about lines not shown."""
    defect = pull_request.defect
    if defect is None:
        return ()
    lines = shown.new_lines(defect.path, defect.start_line, defect.end_line)
    if tuple(line.text for line in lines) != defect.defective:
        return ()
    return (
        Finding(
            defect.kind,
            lines,
            defect.header,
            defect.content,
            _planted_label(defect),
            instead=defect.original,
            security=defect.security,
        ),
    )


def _planted_label(defect: PlantedDefect) -> str:
    if defect.security:
        return "security"
    return "general" if defect.kind in _MATTER_OF_STYLE else "possible bug"
