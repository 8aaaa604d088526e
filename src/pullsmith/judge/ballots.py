"""Ballots: one judge, one pair, one order. What is asked, and the verdict that comes of it.

Takes pairs and a judge's role; gives requests for the door and verdicts from its completions.
A reply that cannot be read is asked for once more, as the next sample; then it is UNREADABLE, which
is never a tie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import AnswerError
from pullsmith.judge.parse import Opinion, parse_opinion
from pullsmith.judge.question import Question, messages
from pullsmith.llm.protocol import Completion, PairSubject, Request, options_json
from pullsmith.llm.rubric import RUBRIC_VERSION
from pullsmith.models.names import MODEL_FREE, ModelKind, parse_model_name
from pullsmith.pairs import Pair, balanced_orders
from pullsmith.records import Order, Outcome, Result, Verdict, digest, verdict_id
from pullsmith.scoring import answer_value
from pullsmith.study.judging import JudgingSettings
from pullsmith.study.roles import JudgeRole

Ask = Callable[[JudgeRole, Sequence[Request]], list[Completion]]
OVER_WINDOW = "over_window"  # never cut to fit: nobody was asked
_ATTEMPTS = 2
_ONCE = JudgingSettings(audit_share=0, repeat_share=0)
_RESULTS = {0: Result.TIE, 1: Result.WIN, 2: Result.LOSS}


@dataclass(frozen=True)
class Ballot:
    """One question to one judge."""

    pair: Pair
    judge: JudgeRole
    order: Order
    tools: Tools
    repeat: int = 0

    def request(self, attempt: int) -> Request:
        """The call; the model-free judge gets the pair, every other judge messages and no truth.

        ``attempt`` 1 asks again where 0 could not be read.
        """
        free = parse_model_name(self.judge.model).kind is ModelKind.RUBRIC
        return Request(
            model=self.judge.model,
            checkpoint=self._rubric if free else "none",
            messages=() if free else messages(self._question(), self._version),
            temperature=self.judge.temperature,
            max_tokens=self.judge.max_tokens,
            longer_tokens=self.judge.longer_tokens,
            options_json=options_json(self.judge.extra_body),
            sample=_ATTEMPTS * self.repeat + attempt,
            scan=self.pair.prompt.scan,
            pair=self._subject() if free else None,
        )

    def verdict(self, result: Result, *, by_rule: str = "", why: str = "") -> Verdict:
        """The verdict record, without scores."""
        pair, judge = self.pair, self.judge
        candidate, reference = pair.names
        return Verdict(
            id=verdict_id(
                pair.prompt.id,
                pair=(candidate, reference, judge.model),
                version=self._version,
                order=self.order,
                repeat=self.repeat,
            ),
            prompt_id=pair.prompt.id,
            pull_request_id=pair.pull_request.id,
            tool=pair.tool,
            candidate=candidate,
            candidate_answer_id=pair.candidate.id,
            reference=reference,
            reference_answer_id=pair.reference.id,
            judge=judge.model,
            prompt_version=self._version,
            order=self.order,
            repeat=self.repeat,
            result=result,
            by_rule=by_rule,
            why=why,
        )

    def judged(self, opinion: Opinion | AnswerError) -> Verdict:
        """The verdict of a reply, turned to the candidate's side; UNREADABLE for a fault."""
        if isinstance(opinion, AnswerError):
            rule = OVER_WINDOW if opinion.reason == Outcome.OVER_BUDGET else ""
            return self.verdict(Result.UNREADABLE, by_rule=rule, why=str(opinion))
        mine = opinion if self.order is Order.CANDIDATE_FIRST else opinion.swap()
        verdict = self.verdict(_RESULTS[mine.better], why=mine.why)
        scores = {"candidate_score": mine.first_score, "reference_score": mine.second_score}
        return verdict.model_copy(update={name: float(value) for name, value in scores.items()})

    @property
    def _rubric(self) -> str:
        """What else decides the rubric's verdict; a language model is told all in its messages."""
        own = self.tools[self.pair.tool].digest
        return f"{RUBRIC_VERSION}+{own}" if own else RUBRIC_VERSION

    @property
    def _version(self) -> str:
        return self.judge.prompt_of(self.pair.tool)

    def _ordered(self) -> Pair:
        """The pair as the judge sees it: ``candidate`` is what comes first."""
        return self.pair if self.order is Order.CANDIDATE_FIRST else self.pair.swap()

    def _subject(self) -> PairSubject:
        seen = self._ordered()
        return PairSubject(
            pull_request=seen.pull_request,
            coverage=seen.prompt.coverage,
            tool=seen.tool,
            first=seen.candidate,
            second=seen.reference,
        )

    def _question(self) -> Question:
        seen = self._ordered()
        first = answer_value(seen.candidate, self.tools)
        second = answer_value(seen.reference, self.tools)
        if first is None or second is None:
            raise AnswerError("invalid_pair", f"{self.pair.candidate.id}: rules decide it")
        shown = ShownDiff.of(seen.pull_request, seen.prompt.coverage)
        return Question(seen.pull_request, shown, self.tools[seen.tool].task, first, second)


def ballots(
    pairs: Sequence[Pair],
    judge: JudgeRole,
    seed: int,
    tools: Tools = BUILT_IN,
    settings: JudgingSettings = _ONCE,
) -> list[Ballot]:
    """Every question to ``judge``: each pair in both orders, or in one balanced random order.

    With one order, a drawn part of the tasks is asked in both all the same; another part is asked
    once more in the same order, of judges that might say something else.
    """
    drawn = balanced_orders(pairs, seed=seed, judge=judge.model)
    again = 0.0 if parse_model_name(judge.model).kind in MODEL_FREE else settings.repeat_share
    found: list[Ballot] = []
    for pair in pairs:
        one = drawn[pair.task]
        audit = judge.orders == "both" or _falls(
            settings.audit_share, [seed, "audit", judge.model, *pair.task]
        )
        found += [Ballot(pair, judge, order, tools) for order in Order if audit or order is one]
        if _falls(again, [seed, "repeat", judge.model, *pair.task]):
            found.append(Ballot(pair, judge, one, tools, repeat=1))
    return found


def _falls(share: float, key: list[object]) -> bool:
    """Whether a draw by hash falls into ``share`` of all."""
    return int(digest(key), 16) < share * 16**16


def verdicts(votes: Sequence[Ballot], ask: Ask) -> list[Verdict]:
    """One verdict a ballot, in their order; all ballots are one judge's."""
    given = {
        place: vote.verdict(ruling[0], by_rule=ruling[1])
        for place, vote in enumerate(votes)
        if (ruling := vote.pair.ruling) is not None
    }
    todo = [place for place in range(len(votes)) if place not in given]
    opinions = _opinions([votes[place] for place in todo], ask)
    given |= {
        place: votes[place].judged(opinion) for place, opinion in zip(todo, opinions, strict=True)
    }
    return [given[place] for place in range(len(votes))]


def _opinions(votes: Sequence[Ballot], ask: Ask) -> list[Opinion | AnswerError]:
    """What the judge said, where it took two tries the second; a fault where neither can be read."""
    said = _ask(votes, ask, attempt=0)
    again = [
        place
        for place, opinion in enumerate(said)
        if isinstance(opinion, AnswerError) and opinion.reason != Outcome.OVER_BUDGET
    ]
    for place, opinion in zip(
        again, _ask([votes[place] for place in again], ask, attempt=1), strict=True
    ):
        said[place] = opinion
    return said


def _ask(votes: Sequence[Ballot], ask: Ask, *, attempt: int) -> list[Opinion | AnswerError]:
    if not votes:
        return []
    completions = ask(votes[0].judge, [vote.request(attempt) for vote in votes])
    return [_read(completion) for completion in completions]


def _read(completion: Completion) -> Opinion | AnswerError:
    """A failure is data here: it is stored with the verdict, beside the others."""
    if completion.outcome is not Outcome.OK:
        return AnswerError(completion.outcome.value, completion.detail or "no reply")
    try:
        return parse_opinion(completion.text)
    except AnswerError as error:
        return error
