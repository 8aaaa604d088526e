"""The queue of examples: suspicious ones first, an answer beside its diff, kept, fixed or rejected.

What is shown is what the rules let pass, as it was before anybody decided. Every decision names the
digest of what was shown, and is refused where that is not what is there now.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from pullsmith.curate.book import Book, check_text
from pullsmith.curate.cards import card, yaml_of
from pullsmith.curate.columns import Row
from pullsmith.curate.edits import Editor
from pullsmith.curate.examples import NOT_YET, Examples, signature_of
from pullsmith.curate.files import being_made_anew
from pullsmith.curate.items import Choices, CleanItem, Fault, Filter, Progress, Queue
from pullsmith.curate.shares import is_left, is_twice
from pullsmith.curate.words import Words, words_on
from pullsmith.decisions import ON_EXAMPLES, Action, Decision, Decisions
from pullsmith.errors import BrokenEditError, ChangedSinceError, DecisionError
from pullsmith.store import RunFolder
from pullsmith.study import Study

_KEPT_ITEMS = 8  # for those who go back and forth; with a diff of megabytes each is large
_MOST_REASONS = 30


class CleanQueue:
    """Examples that the rules let pass. Every method is safe in several threads at a time."""

    def __init__(self, study: Study, run: RunFolder, book: Book) -> None:
        """Reads columns, not rows."""
        self._study, self._run, self._book = study, run, book
        self._lock = threading.RLock()
        self._cards: OrderedDict[str, tuple[CleanItem, Editor]] = OrderedDict()
        self._said: tuple[Decisions, Words] | None = None
        self._load()

    def names(self, wanted: Filter = Filter(), search: str = "") -> list[str]:  # noqa: B008
        """The ids that fit, suspicious ones first, else in the order of the ids; always the same.

        ``search`` is looked for in the id, the title and the answer, whatever the case.
        """
        with self._lock:
            examples, words = self._current(), self._words()
            rows: Iterable[Row] = examples.rows
            if search.strip():
                rows = _searched(examples, search.strip())
            return [row.name for row in rows if self._fits(row, wanted, words)]

    def choices(self) -> Choices:
        """What filters there may be."""
        with self._lock:
            rows, words = self._current().rows, self._words()
            rejects = (one for one in words.standing.values() if one.action is Action.REJECT)
            people = (one.who for said in words.by_person.values() for one in said)
            return Choices(
                tools=_counted(row.tool for row in rows),
                languages=_counted(row.language for row in rows),
                flags=_counted(flag for row in rows for flag in row.flags),
                reasons=_counted(one.text for one in rejects)[:_MOST_REASONS],
                annotators=_counted(people),
            )

    def item(self, name: str) -> CleanItem:
        """One example; raises DecisionError where there is none of that name."""
        with self._lock:
            (made, editor), words = self._card(name), self._words()
            standing = words.standing.get(name)
            fixed = ""
            if standing is not None and standing.action is Action.FIX:
                fixed = yaml_of(editor, standing.text)
            return replace(
                made,
                standing=standing,
                decisions=words.of(name),
                outdated=words.outdated.get(name, ()),
                fixed=fixed,
            )

    def check(self, name: str, text: str) -> list[Fault]:
        """What is wrong with ``text`` as this example's answer in YAML; empty where it may be kept."""
        with self._lock:
            return self._card(name)[1].read(text)[1]

    def yaml_of(self, name: str, target: str) -> str:
        """What a fix says, as YAML; as it is where it cannot be read."""
        with self._lock:
            return yaml_of(self._card(name)[1], target)

    def keep(self, name: str, *, who: str, digest: str) -> Decision:
        """It is good as it is. Raises ChangedSinceError where ``digest`` is not that of the example."""
        return self._decide(Action.KEEP, name, who=who, digest=digest)

    def fix(self, name: str, text: str, *, who: str, digest: str) -> Decision:
        """``text``, as YAML, is the answer; raises BrokenEditError where ``check`` finds a fault.

        A text that says what the example says already keeps it.
        """
        with self._lock:
            self._must_be(name, digest)
            item, editor = self._card(name)
            target, faults = editor.read(text)
            if faults:
                told = tuple(f"line {fault.line}: {fault.message}" for fault in faults)
                raise BrokenEditError(
                    f"{name}: the edit cannot be kept: {told[0]}"
                    + (f" (and {len(told) - 1} more)" if len(told) > 1 else ""),
                    faults=told,
                )
            same = target == item.target
            action, text = (Action.KEEP, "") if same else (Action.FIX, target)
            return self._decide(action, name, who=who, digest=digest, text=text)

    def reject(self, name: str, reason: str, *, who: str, digest: str) -> Decision:
        """It is no example; raises DecisionError without a reason."""
        said = check_text(reason, "the reason")
        if not said:
            raise DecisionError(f"{name}: a rejected example needs a reason")
        return self._decide(Action.REJECT, name, who=who, digest=digest, text=said)

    def progress(self, who: str = "") -> Progress:
        """How far it is; clean waits for clean.review decisions."""
        with self._lock:
            rows, words = self._current().rows, self._words()
            return Progress(
                Queue.CLEAN,
                total=len(rows),
                decided=len(words.standing),
                wanted=min(self._study.clean.review, len(rows)),
                mine=sum(who in words.deciders(name) for name in words.by_person),
                left=sum(self._is_left(row.name, who, words) for row in rows) if who else 0,
                disagreed=len(words.disagreed()),
                why_empty="" if rows else NOT_YET,
            )

    def words(self) -> Words:
        """What everybody said of the examples as they are now."""
        with self._lock:
            self._current()
            return self._words()

    def _load(self) -> None:
        self._signature = signature_of(self._run)
        self._examples = Examples(self._study, self._run)
        self._cards.clear()
        self._said = None

    def _current(self) -> Examples:
        if signature_of(self._run) != self._signature:
            self._load()
        return self._examples

    def _words(self) -> Words:
        decisions = self._book.read()
        if self._said is None or self._said[0] is not decisions:
            examples = self._examples
            words = words_on(
                decisions,
                ON_EXAMPLES,
                known=examples.by_name.__contains__,
                digests=examples.digests,
            )
            self._said = decisions, words
        return self._said[1]

    def _card(self, name: str) -> tuple[CleanItem, Editor]:
        examples = self._current()
        if name not in self._cards:
            with being_made_anew(name):
                editor = examples.editor(examples.example(name))
                item = card(examples, name, editor, twice=self._is_twice(name))
            self._cards[name] = item, editor
            if len(self._cards) > _KEPT_ITEMS:
                self._cards.popitem(last=False)
        self._cards.move_to_end(name)
        return self._cards[name]

    def _must_be(self, name: str, digest: str) -> None:
        self._current().example(name)
        if self._examples.digest(name) != digest:
            raise ChangedSinceError(
                f"{name} has changed since it was shown; look at it again, then decide"
            )

    def _decide(
        self, action: Action, name: str, *, who: str, digest: str, text: str = ""
    ) -> Decision:
        with self._lock:
            self._must_be(name, digest)
            return self._book.write(action, name, who=who, of=digest, text=text)

    def _fits(self, row: Row, wanted: Filter, words: Words) -> bool:
        standing = words.standing.get(row.name)
        reason = standing.text if standing and standing.action is Action.REJECT else ""
        return (
            wanted.tool in ("", row.tool)
            and wanted.language in ("", row.language)
            and (not wanted.flag or wanted.flag in row.flags)
            and (not wanted.reason or wanted.reason.casefold() in reason.casefold())
            and (not wanted.annotator or wanted.annotator in words.deciders(row.name))
            and (not wanted.undecided_by or self._is_left(row.name, wanted.undecided_by, words))
        )

    def _is_left(self, name: str, who: str, words: Words) -> bool:
        deciders = words.deciders(name)
        return not deciders or is_left(who, deciders, twice=self._is_twice(name))

    def _is_twice(self, name: str) -> bool:
        return is_twice(name, share=self._study.curate.twice, seed=self._study.seed)


def _searched(examples: Examples, text: str) -> list[Row]:
    folded, hits = text.casefold(), examples.with_text(text)
    return [
        row
        for row in examples.rows
        if row.name in hits or folded in row.name.casefold() or folded in row.title.casefold()
    ]


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each value and how many there are, most frequent first, then by name."""
    counts = Counter(values)
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
