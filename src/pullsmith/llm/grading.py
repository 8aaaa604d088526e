"""Grading: what a judge gives each of the teachers' answers, 1 to 10, before clean looks at them.

Takes valid answers, the prompts and pull requests they are about, and the study's grader; gives the
same answers with ``judge_score``. A language model is asked through the door, so every reply is in
the journal with its reason; one that cannot be read is asked for once more, then the answer has no
score, which is never a low one. ``rubric`` is no language model: its score is computed on the spot.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.marks import free_mark
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.diff.told import told
from pullsmith.errors import AnswerError, StudyError
from pullsmith.llm.protocol import Completion, Request, options_json
from pullsmith.llm.rubric import Standing
from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.records import Answer, Message, Outcome, Prompt, PullRequest
from pullsmith.scoring import answer_value, score_answer
from pullsmith.study.roles import GraderRole

Ask = Callable[[Sequence[Request]], list[Completion]]
PROMPT_VERSIONS = ("grade-1",)
AT_A_TIME = 1000  # answers whose questions are in memory together
_FIELD = re.compile(r"^(why|score):(.*)$", re.MULTILINE)
_SCORE = re.compile(r"[1-9]|10")


@dataclass
class Grader:
    """Grades answers in order; ``measured`` are the sums of what was asked so far."""

    role: GraderRole
    prompts: Mapping[str, Prompt]
    pull_requests: Mapping[str, PullRequest]
    ask: Ask
    tools: Tools = field(default_factory=lambda: BUILT_IN)
    measured: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __post_init__(self) -> None:
        """Raise StudyError, naming the nearest, unless there is a prompt of that name."""
        version = self.role.prompt_version
        if version not in PROMPT_VERSIONS:
            near = difflib.get_close_matches(version, PROMPT_VERSIONS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(PROMPT_VERSIONS)}"
            raise StudyError(f"grader.prompt_version: unknown grading prompt {version!r}; {hint}")

    def graded(self, answers: Iterable[Answer]) -> Iterator[Answer]:
        """Every answer, in order; those that are valid with a score, where the grader gave one."""
        waiting = iter(answers)
        while some := list(islice(waiting, AT_A_TIME)):
            # A second look is about an answer that is graded itself; its prompt is none of these.
            mine = [
                one for one in some if one.outcome is Outcome.OK and one.prompt_id in self.prompts
            ]
            scores = self._scores(mine)
            for one in some:
                yield one.model_copy(update={"judge_score": scores.get(one.id)})

    def _scores(self, answers: Sequence[Answer]) -> dict[str, float]:
        if parse_model_name(self.role.model).kind is ModelKind.RUBRIC:
            scores = {one.id: float(self._by_rule(one)) for one in answers}
        else:
            scores = self._asked(answers)
        self.measured["graded"] += len(scores)
        self.measured["ungraded"] += len(answers) - len(scores)
        return scores

    def _by_rule(self, answer: Answer) -> int:
        pull_request, shown = self._subject(answer)
        return Standing.of(score_answer(answer, pull_request, shown, self.tools)).score

    def _asked(self, answers: Sequence[Answer]) -> dict[str, float]:
        scores: dict[str, float] = {}
        for sample in range(2):
            left = [one for one in answers if one.id not in scores]
            replies = self.ask([self._request(one, sample) for one in left]) if left else []
            for one, reply in zip(left, replies, strict=True):
                self._count(reply)
                if (score := _score_of(reply)) is not None:
                    scores[one.id] = float(score)
        return scores

    def _count(self, reply: Completion) -> None:
        self.measured["cost_usd"] += reply.cost_usd or 0.0
        self.measured["unpriced"] += reply.cost_usd is None
        self.measured["input_tokens"] += reply.input_tokens
        self.measured["output_tokens"] += reply.output_tokens

    def _subject(self, answer: Answer) -> tuple[PullRequest, ShownDiff]:
        pull_request = self.pull_requests[answer.pull_request_id]
        return pull_request, ShownDiff.of(pull_request, self.prompts[answer.prompt_id].coverage)

    def _request(self, answer: Answer, sample: int) -> Request:
        pull_request, shown = self._subject(answer)
        value = answer_value(answer, self.tools)
        assert value is not None, "only valid answers are graded"
        texts = {
            **told(pull_request, shown),
            "response": canonical_yaml(value).rstrip("\n"),
        }
        task = self.tools[answer.tool].task
        values = {**texts, "mark": free_mark(list(texts.values())), "task": task}
        role = self.role
        return Request(
            model=role.model,
            messages=tuple(
                Message(role=who, content=_template(f"{role.prompt_version}.{who}").render(values))
                for who in ("system", "user")
            ),
            temperature=role.temperature,
            max_tokens=role.max_tokens,
            longer_tokens=role.longer_tokens,
            options_json=options_json(role.extra_body),
            sample=sample,
            scan=self.prompts[answer.prompt_id].scan,
        )


def parse_grade(text: str) -> tuple[int, str]:
    """(score, why) of a reply: its last two field lines, one of each.

    Raises AnswerError with the reason no_score, incomplete, bad_score or no_reason.
    """
    found = list(_FIELD.finditer(text.replace("\r\n", "\n")))[-2:]
    values = {match[1]: match[2].strip() for match in found}
    if "score" not in values:
        raise AnswerError("no_score", "no line starts with score:")
    if len(values) != 2:
        raise AnswerError("incomplete", "why and score are both asked for")
    if not _SCORE.fullmatch(values["score"]):
        raise AnswerError("bad_score", f"{values['score']!r}, not a whole number from 1 to 10")
    if not values["why"]:
        raise AnswerError("no_reason", "why is empty")
    return int(values["score"]), values["why"]


def _score_of(reply: Completion) -> int | None:
    if reply.outcome is not Outcome.OK:
        return None
    try:
        return parse_grade(reply.text)[0]
    except AnswerError:
        return None


@cache
def _template(name: str) -> Template:
    folder = files("pullsmith.llm") / "prompts"
    load = FunctionLoader(lambda path: (folder / path).read_text(encoding="utf-8"))
    # Plain text for a model, not a page: escaping would change what it reads.
    environment = Environment(loader=load, undefined=StrictUndefined, autoescape=False)  # noqa: S701, RUF100
    return environment.get_template(f"{name}.jinja")
