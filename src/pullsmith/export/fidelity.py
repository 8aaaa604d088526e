"""Whether a model answers after merging, quantising or serving as it did before: asked, not assumed.

Takes two models and the questions to put to both; gives how many answers are equal and how many
follow their contract. Greedy, one sample, the same batches, so that only the weights can differ.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.task import Task
from pullsmith.errors import AnswerError, StudyError, TrainingError
from pullsmith.export.source import Source, Trained
from pullsmith.llm.door import Door
from pullsmith.llm.local import LocalModel
from pullsmith.llm.open_model import OpenModel, open_model
from pullsmith.llm.protocol import Completion, Model, Request
from pullsmith.records import Message, Outcome, Prompt, PullRequest, SecretScan, Split, digest
from pullsmith.redact import RULES_VERSION
from pullsmith.study.roles import Role

PROMPTS = 20
# A merge rounds each weight once, so a greedy answer may take another turn where two tokens are
# nearly alike; half of the answers doing so is no rounding any more. Weights in four bits turn
# more often, and what they must keep is their form.
LEAST_EQUAL = 0.5
# Of 20 answers, each of which noise makes invalid or valid again with 5 %, three more are lost than
# won about once in thirty good merges (.034); two, once in eight.
MOST_LOST_SHARE = 0.1
_PROBES = tuple(
    f"Review this change.\n+ total_{n} = {n}0 / count  # row {n}\n" for n in range(1, 21)
)
_PROBE_TOKENS = 64


@dataclass(frozen=True)
class Question:
    """What is put to both models; ``follows`` reads an answer, where there is a contract to follow."""

    messages: tuple[Message, ...]
    follows: Callable[[str], bool] | None = None


@dataclass(frozen=True)
class Asking:
    """Questions and how long an answer may be; the same for both models."""

    questions: tuple[Question, ...]
    max_tokens: int
    threads: int = 1


@dataclass(frozen=True)
class Fidelity:
    """Two models' answers beside each other. The counts of valid ones are None without a contract."""

    prompts: int
    equal: int
    valid_before: int | None
    valid_after: int | None

    @property
    def equal_rate(self) -> float:
        """Share of prompts whose answers are the same, character by character."""
        return self.equal / self.prompts

    def told(self) -> str:
        """One line for people."""
        line = f"{self.equal} of {self.prompts} answers equal"
        if self.valid_before is None:
            return line
        return f"{line}, contract-valid {self.valid_before} before and {self.valid_after} after"

    def figures(self) -> dict[str, float]:
        """The rates, by name."""
        found = {"prompts": float(self.prompts), "equal_rate": self.equal_rate}
        if self.valid_before is not None and self.valid_after is not None:
            found["valid_rate_before"] = self.valid_before / self.prompts
            found["valid_rate_after"] = self.valid_after / self.prompts
        return found


def asking_of(source: Source, count: int = PROMPTS) -> Asking:
    """Eval prompts of the source's study, drawn by their ids; for a folder, probes without a contract.

    Raises RunFolderError where render or split is not done, StudyError without an eval prompt.
    """
    if source.trained is None:
        asked = (Question((Message(role="user", content=text),)) for text in _PROBES[:count])
        return Asking(tuple(asked), _PROBE_TOKENS)
    trained = source.trained
    role = trained.role
    questions = _eval_questions(trained)[:count]
    if not questions:
        raise StudyError(f"export: render made no eval prompt in contract {role.contract!r}")
    return Asking(tuple(questions), role.max_tokens, trained.study.train.threads)


def _eval_questions(trained: Trained) -> list[Question]:
    study, contract = trained.study, trained.role.contract
    prompts = [
        prompt
        for prompt in trained.run.read("render", Prompt)
        if prompt.split is Split.EVAL and prompt.contract == contract
    ]
    prompts.sort(key=lambda prompt: digest(["fidelity", prompt.id]))
    wanted = {prompt.pull_request_id for prompt in prompts}
    pulls = {p.id: p for p in trained.run.read("split", PullRequest) if p.id in wanted}
    read = contracts_of(study.contract, tools_of(study))(contract)

    def follows(prompt: Prompt) -> Callable[[str], bool]:
        def one(text: str) -> bool:
            try:
                read.parse(Task.of(prompt, pulls[prompt.pull_request_id]), text)
            except AnswerError:
                return False
            return True

        return one

    return [Question(prompt.messages, follows(prompt)) for prompt in prompts]


def compare(before: Model, after: Model, asking: Asking, *, names: tuple[str, str]) -> Fidelity:
    """Put every question to both models; ``names`` are theirs. Raises what asking them raises."""
    return counted(
        answers(before, names[0], asking), answers(after, names[1], asking), asking.questions
    )


def compare_with(
    source: Source, other: str, *, count: int = PROMPTS, opens: OpenModel = open_model
) -> Fidelity:
    """The source's answers beside those of the model called ``other``: an endpoint, a folder.

    Raises what opening and asking either raises; MissingExtraError without the extra [train].
    """
    asking = asking_of(source, count)
    own = LocalModel(source.folder, base=source.base, threads=asking.threads)
    before = answers(own, source.base or f"./{source.folder.name}", asking)
    del own  # two models of this size need not fit in memory together
    after = answers(opens(other, threads=asking.threads), other, asking)
    return counted(before, after, asking.questions)


def counted(
    before: Sequence[Completion], after: Sequence[Completion], questions: Sequence[Question]
) -> Fidelity:
    """The counts, from answers in the order of the questions.

    A prompt that the first model had no room for says nothing and is left out; raises StudyError
    where no other is left.
    """
    rows = [
        (one, two, question)
        for one, two, question in zip(before, after, questions, strict=True)
        if one.outcome is not Outcome.OVER_BUDGET
    ]
    if not rows:
        raise StudyError("export: no prompt fits the model's window, so nothing can be compared")
    equal = sum(one.outcome is two.outcome and one.text == two.text for one, two, _ in rows)
    if any(question.follows is None for _, _, question in rows):
        return Fidelity(len(rows), equal, None, None)
    valid_before = sum(_valid(one, question) for one, _, question in rows)
    valid_after = sum(_valid(two, question) for _, two, question in rows)
    return Fidelity(len(rows), equal, valid_before, valid_after)


def check(fidelity: Fidelity, what: str, *, least_equal: float = LEAST_EQUAL) -> None:
    """Raise TrainingError where ``what`` answers worse than before, beyond what noise explains."""
    if fidelity.equal_rate < least_equal:
        raise TrainingError(
            f"{what} is another model: {fidelity.told()}, fewer equal than {least_equal:.0%} "
            "(--least-equal); serve the adapter on its base instead, or export again in more bits"
        )
    lost = (fidelity.valid_before or 0) - (fidelity.valid_after or 0)
    if lost > MOST_LOST_SHARE * fidelity.prompts:
        raise TrainingError(
            f"{what} is worse: {fidelity.told()}, more than {MOST_LOST_SHARE:.0%} lost; serve the "
            "adapter on its base instead, or export again in more bits"
        )


def _valid(answer: Completion, question: Question) -> bool:
    follows = question.follows
    return answer.outcome is Outcome.OK and follows is not None and follows(answer.text)


def answers(model: Model, name: str, asking: Asking) -> list[Completion]:
    """One answer a question, greedily, through the door, with a journal that is gone afterwards: nothing old may answer here."""
    role = Role(model=name, temperature=0.0, max_tokens=asking.max_tokens)
    requests = [
        Request(
            model=name, messages=question.messages, temperature=0.0, max_tokens=asking.max_tokens,
            scan=SecretScan(rules_version=RULES_VERSION),
        )
        for question in asking.questions
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="pullsmith-fidelity-") as folder:
        return Door(Path(folder) / "journal.sqlite").ask(model, requests, role)
