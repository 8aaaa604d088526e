"""The queue of pull requests to evaluate: the short-list, a gauge of what it covers, picks.

Split wrote the short-list and waits until enough of it is picked; what the seeded choice would take
out of it is the target that the gauge shows. A split that is frozen is not chosen any more.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence

from pullsmith.curate.book import Book, check_text
from pullsmith.curate.files import being_made_anew, is_finished, manifest_of, signature
from pullsmith.curate.items import Cell, ChooseItem, Filter, Missing, Progress, Queue
from pullsmith.curate.words import Words, words_on
from pullsmith.decisions import ON_PICKS, Action, Decision, Decisions
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.errors import ChangedSinceError, DecisionError
from pullsmith.records import PullRequest
from pullsmith.records import digest as digest_of
from pullsmith.rows import read_rows
from pullsmith.short_list import SHORT_LIST_NAME, Listed, choose, features
from pullsmith.store import JobKey, RunFolder
from pullsmith.stored import Stored
from pullsmith.study import Study

NOT_YET = (
    'nothing to choose: split makes a short-list where the study says eval.chosen_by = "human"'
)


class ChooseQueue:
    """The short-list of split. Every method is safe in several threads at a time."""

    def __init__(self, study: Study, run: RunFolder, book: Book) -> None:
        """Reads the short-list."""
        self._study, self._run, self._book = study, run, book
        self._lock = threading.RLock()
        self._path = run.job(JobKey("split")).path / SHORT_LIST_NAME
        self._said: tuple[Decisions, Words] | None = None
        self._load()

    @property
    def frozen(self) -> bool:
        """Whether the split is made and frozen: then nothing is picked any more."""
        return self._run.frozen_split(self._study.split.name).exists()

    def names(self, wanted: Filter = Filter(), search: str = "") -> list[str]:  # noqa: B008
        """The ids that fit, in the order of coverage; those of planted and of real ones take turns.

        ``search`` is looked for in the id and the title, whatever the case.
        """
        with self._lock:
            folded, words = search.strip().casefold(), self._words()
            return [
                one.id
                for one in self._listed
                if (folded in one.id.casefold() or folded in one.title.casefold())
                and wanted.language in ("", one.language)
                and (not wanted.annotator or wanted.annotator in words.deciders(one.id))
                and (not wanted.reason or wanted.reason.casefold() in _reason(words, one.id))
                and not (wanted.undecided_by and words.of(one.id))
            ]

    def item(self, name: str) -> ChooseItem:
        """One pull request; raises DecisionError where the short-list has none of that name."""
        with self._lock:
            words, one = self._words(), self._one(name)
            record = self._record(name)
            return ChooseItem(
                name=name,
                digest=digest_of(record),
                rank=one.rank,
                planted=one.planted,
                repository=one.repository,
                language=one.language,
                size=one.size,
                kind=one.kind,
                pull_request=record,
                shown=ShownDiff.of(record, whole(record)),
                standing=words.standing.get(name),
                decisions=words.of(name),
                outdated=words.outdated.get(name, ()),
            )

    def gauge(self) -> list[Cell]:
        """Picked beside target, by language, size, kind and repository, and the first three together.

        The traits are called "language", "size", "kind", "repository" and "all"; largest targets first.
        """
        with self._lock:
            picked = _counts(self._picked())
            target = _counts(choose(self._listed, self._study.eval.per_tool, self._study.seed))
            listed = _counts(self._listed)
        order = {trait: at for at, trait in enumerate(dict.fromkeys(trait for trait, _ in listed))}
        cells = [Cell(*key, picked[key], target[key], listed[key]) for key in listed]
        return sorted(cells, key=lambda c: (order[c.trait], -c.target, -c.listed, c.value))

    def missing(self) -> Missing:
        """What is missing until split goes on, and what coverage lacks."""
        with self._lock:
            per_tool, picked = self._study.eval.per_tool, self._picked()
            wanted = min(per_tool, len(self._listed))
            planted = sum(one.planted for one in picked)
            return Missing(
                wanted=wanted,
                picked=len(picked),
                needed=max(0, wanted - len(picked)),
                planted_room=self._room(True, planted),
                real_room=self._room(False, len(picked) - planted),
                cells=tuple(cell for cell in self.gauge() if cell.picked < cell.target),
            )

    def pick(self, name: str, *, who: str, digest: str, why: str = "") -> Decision:
        """It is evaluated.

        Raises ChangedSinceError where ``digest`` is another's, DecisionError where eval.per_tool of
        its kind (planted or real) are picked, or where the split is frozen.
        """
        with self._lock:
            words, one = self._words(), self._one(name)
            there = words.standing.get(name)
            kind = "planted" if one.planted else "real"
            mine = [each for each in self._picked() if each.planted is one.planted]
            if len(mine) >= self._study.eval.per_tool and not _is_pick(there):
                raise DecisionError(
                    f"{name}: eval.per_tool = {self._study.eval.per_tool} {kind} pull requests are "
                    "picked; unpick one first"
                )
            return self._decide(Action.PICK, name, who=who, digest=digest, why=why)

    def unpick(self, name: str, *, who: str, digest: str, why: str = "") -> Decision:
        """It is not; raises as ``pick``, but for the number."""
        return self._decide(Action.UNPICK, name, who=who, digest=digest, why=why)

    def progress(self, who: str = "") -> Progress:
        """How far it is; split waits for picks, so ``decided`` counts these."""
        with self._lock:
            missing, words = self.missing(), self._words()
            return Progress(
                Queue.CHOOSE,
                total=len(self._listed),
                decided=missing.picked,
                wanted=missing.wanted,
                mine=sum(who in words.deciders(name) for name in words.by_person),
                left=sum(not words.of(one.id) for one in self._listed) if who else 0,
                disagreed=len(words.disagreed()),
                why_empty="" if self._listed else NOT_YET,
            )

    def words(self) -> Words:
        """What everybody said of the pull requests as they are now."""
        with self._lock:
            return self._words()

    def _load(self) -> None:
        self._signature = signature([self._path, manifest_of(self._run, JobKey("select"))])
        there = self._path.exists() and is_finished(self._run, "select")
        listed = list(read_rows(self._path, Listed)) if there else []
        self._listed = sorted(listed, key=lambda one: (one.rank, not one.planted, one.id))
        self._by_id = {one.id: one for one in self._listed}
        self._records: Stored[PullRequest] | None = None
        self._said = None

    def _words(self) -> Words:
        if signature([self._path, manifest_of(self._run, JobKey("select"))]) != self._signature:
            self._load()
        decisions = self._book.read()
        if self._said is None or self._said[0] is not decisions:
            words = words_on(
                decisions,
                ON_PICKS,
                known=self._by_id.__contains__,
                digests=lambda names: {name: self._by_id[name].of for name in names},
            )
            self._said = decisions, words
        return self._said[1]

    def _picked(self) -> list[Listed]:
        standing = self._words().standing
        return [one for one in self._listed if _is_pick(standing.get(one.id))]

    def _room(self, planted: bool, picked: int) -> int:
        listed = sum(one.planted is planted for one in self._listed)
        return max(0, min(self._study.eval.per_tool, listed) - picked)

    def _one(self, name: str) -> Listed:
        if name not in self._by_id:
            raise DecisionError(f"the short-list has no pull request {name!r}")
        return self._by_id[name]

    def _record(self, name: str) -> PullRequest:
        if self._records is None:
            self._records = self._run.stored("select", PullRequest)
        if name not in self._records:
            raise DecisionError(f"{name} is not in select any more; run pullsmith split again")
        with being_made_anew(name):
            return self._records[name]

    def _decide(self, action: Action, name: str, *, who: str, digest: str, why: str) -> Decision:
        with self._lock:
            self._words()
            if self.frozen:
                raise DecisionError(
                    f"{name}: the split {self._study.split.name!r} is frozen; make another beside it "
                    "with pullsmith split STUDY.toml --new-split NAME"
                )
            self._one(name)
            # What split compares with is the record as select left it, not the list.
            if digest_of(self._record(name)) != digest:
                raise ChangedSinceError(
                    f"{name} has changed since it was shown; look at it again, then decide"
                )
            return self._book.write(
                action, name, who=who, of=digest, text=check_text(why, "the reason")
            )


def _is_pick(decision: Decision | None) -> bool:
    return decision is not None and decision.action is Action.PICK


def _reason(words: Words, name: str) -> str:
    standing = words.standing.get(name)
    return standing.text.casefold() if standing else ""


def _counts(records: Sequence[Listed] | Iterable[Listed]) -> Counter[tuple[str, str]]:
    return Counter(feature for one in records for feature in features(one))
