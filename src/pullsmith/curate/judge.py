"""The queue of pairs: the very form the judges get, blind, in an order that only the server knows.

Students' answers beside the references', where no rule decides (one is not valid, both say the
same). The order is drawn from the person and the pair and never leaves this module but inside a decision. A digest is
of the pair and the person, so that nobody's word counts for an order that somebody else has seen.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import Tools
from pullsmith.curate.book import Book, check_name, check_text
from pullsmith.curate.files import being_made_anew, is_finished, manifest_of, signature
from pullsmith.curate.items import Filter, JudgeItem, Piece, Progress, Queue, Vote
from pullsmith.curate.posted import pieces
from pullsmith.curate.shares import is_left, is_twice, order_for
from pullsmith.curate.words import Words, words_on
from pullsmith.decisions import Action, Decision, Decisions
from pullsmith.diff.shown import ShownDiff
from pullsmith.diff.told import told
from pullsmith.errors import ChangedSinceError, DecisionError
from pullsmith.pairs import Facts, Pair, compared, pair_name, pair_of, partners, ruling_on
from pullsmith.records import (
    Answer,
    Order,
    Phase,
    Prompt,
    PullRequest,
    Result,
    digest,
    standing,
)
from pullsmith.scoring import answer_value
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study

NOT_YET = "no pairs to judge yet: pullsmith run STUDY.toml --until respond makes answers"
ALL_RULED = (
    "nothing to judge: an answer of each pair is invalid, or both say the same, and a rule decides"
)
BETTER = (0, 1, 2)
SCORES = range(1, 11)


@dataclass(frozen=True, slots=True)
class _Two:
    """The answers of a pair; the rest of it is read when it is shown."""

    candidate: Answer
    reference: Answer

    @property
    def name(self) -> str:
        return pair_name(self.candidate, self.reference)


class JudgeQueue:
    """Pairs of answers. Names are opaque, the same for everybody. Safe in several threads at a time."""

    def __init__(self, study: Study, run: RunFolder, book: Book) -> None:
        """Reads the answers of students and references, no prompts and no pull requests."""
        self._study, self._run, self._book = study, run, book
        self._tools: Tools = tools_of(study)
        self._lock = threading.RLock()
        self._said: tuple[Decisions, Words] | None = None
        self._load()

    def names(self, who: str, wanted: Filter = Filter(), search: str = "") -> list[str]:  # noqa: B008
        """The pairs that fit, in an order drawn for ``who``: two people begin at different ends.

        Trained models come first, and no pull request twice in a row where that can be. Of ``wanted`` the tool, the annotator and ``undecided_by`` count; ``search`` is looked for in
        the id of the pull request.
        """
        with self._lock:
            words, folded = self._words(), search.strip().casefold()
            fitting = [
                (token, two)
                for token, two in self._pairs.items()
                if wanted.tool in ("", two.candidate.tool)
                and folded in two.candidate.pull_request_id.casefold()
                and (not wanted.annotator or wanted.annotator in words.deciders(two.name))
                and (not wanted.undecided_by or self._is_left(two, wanted.undecided_by, words))
            ]
            fitting.sort(key=lambda each: self._turn(who, *each))
            return list(_spread(fitting))

    def item(self, name: str, who: str) -> JudgeItem:
        """One pair in the order drawn for ``who``; raises DecisionError where there is none."""
        with self._lock:
            person, words = check_name(who), self._words()
            pair = self._pair(name)
            shown = ShownDiff.of(pair.pull_request, pair.prompt.coverage)
            first, second = (self._answer(each, shown) for each in self._in_order(name, person))
            texts = told(pair.pull_request, shown)
            return JudgeItem(
                name=name,
                digest=_digest_for(person, pair),
                tool=pair.tool,
                task=self._tools[pair.tool].task,
                title=texts["title"],
                branch=texts["branch"],
                description=texts["description"],
                commits=texts["commits"],
                omitted=texts["omitted"],
                shown=shown,
                first=first[0],
                second=second[0],
                first_posted=first[1],
                second_posted=second[1],
                twice=self._is_twice(name),
                decided=person in words.deciders(self._pairs[name].name),
            )

    def vote(self, name: str, vote: Vote, *, who: str, digest: str) -> Decision:
        """What ``who`` says of the pair as it was shown to them.

        Raises ChangedSinceError where ``digest`` is not that of the pair, DecisionError for a vote or
        a score outside of the form. The decision names both models: it is not for the page.
        """
        with self._lock:
            person = check_name(who)
            pair = self._shown(name, vote, who=person, digest=digest)
            text, scores = self._verdict(name, vote, person)
            return self._book.write(
                Action.VERDICT,
                self._pairs[name].name,
                who=person,
                of=compared(pair),
                text=text,
                why=check_text(vote.why, "the reason"),
                scores=scores,
            )

    def has_said(self, name: str, vote: Vote, *, who: str, digest: str) -> bool:
        """Whether it is that person's last word already; raises as ``vote``."""
        with self._lock:
            self._shown(name, vote, who=who, digest=digest)
            wanted = (*self._verdict(name, vote, who), vote.why.strip())
            mine = [one for one in self.said_of(name) if one.who == who]
            return any((one.text, one.scores, one.why) == wanted for one in mine[-1:])

    def said_of(self, name: str) -> tuple[Decision, ...]:
        """Every person's last word on a pair; it names both models, so it is not for the page."""
        with self._lock:
            words = self._words()
            return words.of(self._pairs[name].name)

    def progress(self, who: str = "") -> Progress:
        """How far it is; no stage waits for verdicts."""
        with self._lock:
            words = self._words()
            return Progress(
                Queue.JUDGE,
                total=len(self._pairs),
                decided=len(words.by_person),
                wanted=0,
                mine=sum(who in words.deciders(name) for name in words.by_person),
                left=sum(self._is_left(two, who, words) for two in self._pairs.values())
                if who
                else 0,
                disagreed=len(words.disagreed()),
                why_empty="" if self._pairs else ALL_RULED if self._ruled else NOT_YET,
            )

    def words(self) -> Words:
        """What everybody said of the pairs as they are now, by their real names."""
        with self._lock:
            return self._words()

    def token_of(self, pair: str) -> str | None:
        """The opaque name of a pair that a decision names; None where it is not there."""
        with self._lock:
            return self._tokens.get(pair)

    def _shown(self, name: str, vote: Vote, *, who: str, digest: str) -> Pair:
        """The pair, once it is sure that ``who`` saw it as it is."""
        _check(name, vote)
        self._words()
        pair = self._pair(name)
        if _digest_for(who, pair) != digest:
            raise ChangedSinceError(
                f"the pair {name} has changed since it was shown to {who}; look at it again"
            )
        return pair

    def _verdict(self, name: str, vote: Vote, who: str) -> tuple[str, tuple[int, int]]:
        """Result and order as a decision says them, and the candidate's and the reference's score."""
        order = order_for(who, name, seed=self._study.seed)
        result = {0: Result.TIE, 1: Result.WIN, 2: Result.LOSS}[vote.better]
        if order is Order.CANDIDATE_FIRST:
            return f"{result} {order}", (vote.first_score, vote.second_score)
        turned = {Result.WIN: Result.LOSS, Result.LOSS: Result.WIN}.get(result, result)
        return f"{turned} {order}", (vote.second_score, vote.first_score)

    def _load(self) -> None:
        self._signature = self._signed()
        self._ruled = 0
        self._pairs = dict(self._drawn())
        self._compared: dict[str, str] = {}
        self._tokens = {two.name: token for token, two in self._pairs.items()}
        self._facts: Facts | None = None
        self._said = None

    def _signed(self) -> object:
        cells = (*self._study.student_cells, *self._study.reference_cells)
        answered = [manifest_of(self._run, JobKey("respond", cell)) for cell in cells]
        others = [manifest_of(self._run, JobKey(stage)) for stage in ("split", "render")]
        return signature([*answered, *others])

    def _turn(self, who: str, token: str, two: _Two) -> tuple[bool, str]:
        untrained = two.candidate.phase is Phase.BEFORE
        return untrained, digest([self._study.seed, "turn", who, token])

    def _drawn(self) -> Iterator[tuple[str, _Two]]:
        """Every pair that no rule decides, with its opaque name; the others are counted."""
        if not is_finished(self._run, "split", "render"):
            return
        references = [self._answers(cell) for cell in self._study.reference_cells]
        for cell in self._study.student_cells:
            for mine in _by_phase(self._answers(cell)):
                for theirs in references:
                    for one, other in partners(mine, theirs):
                        if one is None or other is None:
                            continue
                        two = _Two(one, other)
                        if ruling_on(one, other):
                            self._ruled += 1
                        else:
                            yield digest(["pair", self._study.seed, two.name]), two

    def _answers(self, cell: str) -> list[Answer]:
        job = self._run.job(JobKey("respond", cell))
        return standing(job.read(Answer)) if job.manifest() is not None else []

    def _words(self) -> Words:
        if self._signed() != self._signature:
            self._load()
        decisions = self._book.read()
        if self._said is None or self._said[0] is not decisions:
            words = words_on(
                decisions,
                {Action.VERDICT},
                known=self._tokens.__contains__,
                digests=lambda names: {name: self._digest(name) for name in sorted(names)},
            )
            self._said = decisions, words
        return self._said[1]

    def _digest(self, name: str) -> str:
        """Of what is compared, by the pair's real name; read once."""
        if name not in self._compared:
            self._compared[name] = compared(self._pair(self._tokens[name]))
        return self._compared[name]

    def _pair(self, token: str) -> Pair:
        if token not in self._pairs:
            raise DecisionError(f"there is no pair {token!r} in {self._run.path}")
        if self._facts is None:
            self._facts = Facts(
                self._run.stored("split", PullRequest), self._run.stored("render", Prompt)
            )
        two = self._pairs[token]
        with being_made_anew(token):
            return pair_of(two.candidate, two.reference, self._facts)

    def _in_order(self, token: str, who: str) -> tuple[Answer, Answer]:
        two = self._pairs[token]
        if order_for(who, token, seed=self._study.seed) is Order.CANDIDATE_FIRST:
            return two.candidate, two.reference
        return two.reference, two.candidate

    def _answer(self, answer: Answer, shown: ShownDiff) -> tuple[str, tuple[Piece, ...]]:
        value = answer_value(answer, self._tools)
        assert value is not None  # both of a judged pair are valid
        return canonical_yaml(value).rstrip("\n"), pieces(value, shown)

    def _is_left(self, two: _Two, who: str, words: Words) -> bool:
        deciders = words.deciders(two.name)
        token = self._tokens[two.name]
        return not deciders or is_left(who, deciders, twice=self._is_twice(token))

    def _is_twice(self, token: str) -> bool:
        return is_twice(token, share=self._study.curate.twice, seed=self._study.seed)


def _check(name: str, vote: Vote) -> None:
    if vote.better not in BETTER:
        raise DecisionError(f"the pair {name}: better is {vote.better!r}, not 0, 1 or 2")
    for which, score in (("first", vote.first_score), ("second", vote.second_score)):
        if score not in SCORES:
            raise DecisionError(f"the pair {name}: the {which} score is {score!r}, not 1 to 10")


def _digest_for(who: str, pair: Pair) -> str:
    return digest([compared(pair), who])


def _by_phase(answers: list[Answer]) -> list[list[Answer]]:
    found: Mapping[Phase, list[Answer]] = {phase: [] for phase in Phase}
    for answer in answers:
        found[answer.phase].append(answer)
    return [some for some in found.values() if some]


def _spread(pairs: list[tuple[str, _Two]]) -> Iterator[str]:
    """Their names in their order, but none on the pull request of the one before, where that can be.

    Whoever saw an answer twice in a row would know whose it is: the reference's comes again and again.
    """
    waiting, last = deque(pairs), ""
    while waiting:
        for _ in range(len(waiting)):
            if waiting[0][1].candidate.pull_request_id != last:
                break
            waiting.rotate(-1)
        token, two = waiting.popleft()
        last = two.candidate.pull_request_id
        yield token
