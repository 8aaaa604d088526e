"""Opinions and what is made of them: verdicts, ratings, metrics, contrasts."""

from __future__ import annotations

from pullsmith.records.base import SCHEMA_VERSION, Claim, Order, Phase, Record, Result


class Verdict(Record):
    """One judge's opinion of one pair in one order."""

    schema_version: int = SCHEMA_VERSION
    id: str
    prompt_id: str  # the candidate's prompt
    pull_request_id: str
    tool: str
    candidate: str  # an entrant: model@phase
    candidate_answer_id: str
    reference: str
    reference_answer_id: str
    judge: str
    prompt_version: str
    order: Order
    repeat: int = 0
    result: Result
    by_rule: str = ""  # "candidate_invalid", … where no judge was asked
    why: str = ""
    candidate_score: float | None = None
    reference_score: float | None = None

    @property
    def contradicts(self) -> bool | None:
        """Whether its scores say the other answer; None without scores, or where it says nothing."""
        mine, theirs = self.candidate_score, self.reference_score
        if mine is None or theirs is None or self.result is Result.UNREADABLE:
            return None
        return (
            mine < theirs
            if self.result is Result.WIN
            else self.result is Result.LOSS and mine > theirs
        )

    def swap(self) -> Verdict:
        """The same opinion with candidate and reference exchanged; swapping twice gives it back."""
        turned = {Result.WIN: Result.LOSS, Result.LOSS: Result.WIN}
        other = {
            Order.CANDIDATE_FIRST: Order.REFERENCE_FIRST,
            Order.REFERENCE_FIRST: Order.CANDIDATE_FIRST,
        }
        return self.model_copy(
            update={
                "candidate": self.reference,
                "candidate_answer_id": self.reference_answer_id,
                "reference": self.candidate,
                "reference_answer_id": self.candidate_answer_id,
                "order": other[self.order],
                "result": turned.get(self.result, self.result),
                "candidate_score": self.reference_score,
                "reference_score": self.candidate_score,
            }
        )


class Rating(Record):
    """How often an entrant is better than a reference, under one judge, one tool and one slice.

    Rates are shares in 0..1. ``low`` and ``high`` bound the 95 % interval, resampled by pull
    request; ``all_win`` and ``all_loss`` are the rate if every unreadable verdict went one way.
    ``judge`` or ``tool`` is "all" for the mean over them (rules beside language models are in no mean);
    judge "other-families" is the mean over
    those of another family than the entrant's and the reference's, where that leaves any out.
    ``slice`` is "all", "planted", "real", or one that a trait of the pull request makes.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    entrant: str
    model: str
    phase: Phase
    reference: str
    judge: str
    tool: str
    slice: str
    pull_requests: int
    verdicts: int
    unreadable: int
    better_rate: float | None
    better_low: float | None
    better_high: float | None
    ties_half_rate: float | None
    all_win: float | None
    all_loss: float | None
    degenerate: bool = False  # all pull requests alike: bounds are for what was not seen


class Metric(Record):
    """A share in 0..1 that no judge decides: how often an entrant's answers are so.

    ``count`` is what the share is of (answers, defects, claims …), ``low`` and ``high`` bound the
    95 % interval by pull request; ``value`` is None where there was nothing to count.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    entrant: str
    name: str
    tool: str
    slice: str
    pull_requests: int
    count: int
    value: float | None
    low: float | None
    high: float | None
    degenerate: bool = False  # as in Rating


class Contrast(Record):
    """``entrant`` minus ``other`` in one rate, on the same prompts; -1..1, bounds as in Metric.

    ``name`` is "better_rate", or a Metric's; then ``reference`` and ``judge`` are empty.
    ``p_value`` is of no difference; ``adjusted_p`` counts in how many pairs of its table were
    compared (Holm); ``detectable`` is the smallest difference that is seen four times in five.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    entrant: str
    other: str
    name: str
    reference: str
    judge: str
    tool: str
    slice: str
    pull_requests: int
    prompts: int
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None = None
    adjusted_p: float | None = None
    detectable: float | None = None
    degenerate: bool = False  # as in Rating


class GroupContrast(Record):
    """The mean better rate of the entrants ``left`` minus that of ``right``; -1..1, under all judges.

    ``subject`` tells claims of one kind apart, ``threshold`` is where its groups part, in words.
    Where ``paired``, the two sides are the same models in the same order. ``low``, ``high`` and
    ``p_value`` are for these very models, over pull requests; ``models_low``, ``models_high`` and
    ``models_p`` for others of their kinds, over models as well, and None where a side has too few
    of them. Both adjusted p-values count in how many differences of this kind of claim were told.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    claim: Claim
    subject: str
    threshold: str = ""
    left: tuple[str, ...]
    right: tuple[str, ...]
    paired: bool
    reference: str
    tool: str
    pull_requests: int
    prompts: int
    difference: float
    low: float
    high: float
    p_value: float
    adjusted_p: float
    models_low: float | None = None
    models_high: float | None = None
    models_p: float | None = None
    models_adjusted_p: float | None = None
    degenerate: bool = False  # as in Rating


class Statistic(Record):
    """One number about judges, or about entrants beyond a rate; ``name`` says which and its unit.

    ``judge`` is one judge or "all", ``other`` the second judge of an agreement, ``entrant`` and
    ``reference`` are empty where the number is of a judge alone. Bounds are 95 %, resampled by
    pull request; ``value`` is None where the number is not defined. ``count`` is what it is of.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    name: str
    judge: str
    other: str = ""
    entrant: str = ""
    reference: str = ""
    pull_requests: int
    count: int
    value: float | None
    low: float | None
    high: float | None
    degenerate: bool = False  # as in Rating
