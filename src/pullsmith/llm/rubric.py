"""The judge without a model: rules about two answers, said in the judge prompt's answer form.

Takes a Request's pair and gives a Completion, like any model behind the door; reads no message.
It decides by validity, then grounding, then limits, then, on planted pull requests, by the known
truth. On real pull requests nothing but the first three is known, so most of them are ties. Each
answer gets its standing alone and the standings are compared, so it cannot care about the order.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import StudyError
from pullsmith.llm.protocol import Completion, PairSubject, Request
from pullsmith.records import Answer, Coverage, Outcome
from pullsmith.scoring import PlantedScore, Score, score_answer

RUBRIC_VERSION = "rubric-2"  # changes with every change of a verdict
NEUTRAL_SCORE = 8  # valid, grounded and short, where no truth is known


class Truth(IntEnum):
    """How an answer stands to what was planted; UNKNOWN where nothing is known, so all are alike."""

    UNKNOWN = 0
    WRONG_CLAIM = 1
    MISSED = 2
    FOUND = 3  # kind and line; on a clean pull request: silence
    FIXED = 4


_TRUTH_WORDS = {
    Truth.UNKNOWN: "is right as far as rules can tell",
    Truth.WRONG_CLAIM: "claims what is not there",
    Truth.MISSED: "misses what was planted",
    Truth.FOUND: "says what is there and nothing else is",
    Truth.FIXED: "puts the planted line right",
}


class Standing(NamedTuple):
    """What rules can say of one answer; the greater of two is the better."""

    valid: bool
    grounded: bool
    within_limits: bool
    truth: Truth
    fewer_wrong_claims: int  # minus their number

    @classmethod
    def of(cls, score: Score) -> Standing:
        """The standing of a scored answer."""
        planted = score.planted
        wrong = planted.claims - planted.right_claims if planted else 0
        return cls(
            valid=score.valid,
            grounded=score.grounded,
            within_limits=score.valid and not score.limit_faults,
            truth=_truth(planted) if planted and score.valid else Truth.UNKNOWN,
            fewer_wrong_claims=-wrong,
        )

    @property
    def score(self) -> int:
        """1 to 10, never against the comparison: invalid 1, ungrounded 2, too long 4, else 5 to 10."""
        if not self.valid:
            return 1
        if not self.grounded:
            return 2
        if not self.within_limits:
            return 4
        return 5 + self.truth if self.truth else NEUTRAL_SCORE

    @property
    def words(self) -> str:
        """What counts against it, or for it, in a few words."""
        if not self.valid:
            return "cannot be read"
        if not self.grounded:
            return "speaks of what was not shown"
        if not self.within_limits:
            return "is longer than any reader needs"
        wrong = f" ({-self.fewer_wrong_claims} wrong claims)" if self.fewer_wrong_claims else ""
        return _TRUTH_WORDS[self.truth] + wrong


def _truth(planted: PlantedScore) -> Truth:
    """On a clean pull request silence is right; on a defective one it is better than a wrong claim."""
    if planted.exact_fix:
        return Truth.FIXED
    if planted.found or (planted.silent and not planted.defective):
        return Truth.FOUND
    # The right line under another kind earns nothing: whoever always flags the first added line gets that.
    return Truth.MISSED if planted.silent else Truth.WRONG_CLAIM


class RubricModel:
    """The rule-based judge as a ChatModel. It is no language model and is never called one."""

    def __init__(self, tools: Tools = BUILT_IN) -> None:
        """A pull request is compared many times in a row, so what is shown of it is kept."""
        self._tools = tools
        self._shown: dict[tuple[str, Coverage], ShownDiff] = {}

    async def complete(self, request: Request) -> Completion:
        """The comparison as text; raises StudyError for a request that holds no pair."""
        if request.pair is None:
            raise StudyError(
                "rubric compares two answers and cannot answer a task itself; name it under judge only"
            )
        first, second = self._standings(request.pair)
        return Completion(outcome=Outcome.OK, text=_opinion(first, second))

    async def close(self) -> None:
        """Nothing to give back."""

    def _standings(self, pair: PairSubject) -> tuple[Standing, Standing]:
        shown = self._shown_diff(pair)

        def standing(answer: Answer) -> Standing:
            return Standing.of(score_answer(answer, pair.pull_request, shown, self._tools))

        return standing(pair.first), standing(pair.second)

    def _shown_diff(self, pair: PairSubject) -> ShownDiff:
        key = (pair.pull_request.id, pair.coverage)
        if key not in self._shown:
            self._shown[key] = ShownDiff.of(pair.pull_request, pair.coverage)
        return self._shown[key]


def _opinion(first: Standing, second: Standing) -> str:
    better = 0 if first == second else 1 if first > second else 2
    return (
        f"which_response_was_better: {better}\n"
        f"why: by rule, the first {first.words}; the second {second.words}\n"
        f"score_response1: {first.score}\n"
        f"score_response2: {second.score}\n"
    )
