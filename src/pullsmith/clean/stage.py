"""clean: the teacher's answers in; examples out, in the words of each student's contract.

What counts is the answer's value: one set of answers, paid once, becomes examples for every
contract. The first teacher's answers are used; those of others are kept beside, as drops. Rules come
first, then what people decided, then the share that says there is nothing to report. Counts are of
answers times contracts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from pullsmith.clean.examples import Cleaner, Outcome
from pullsmith.clean.people import Reviewed
from pullsmith.clean.rules import Reason
from pullsmith.clean.shares import Made, drawn, empty_shares, says_nothing, too_many_empty
from pullsmith.clean.streams import by_pull_request
from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.decisions import FILE_NAME, read_decisions
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import PeopleNeededError, SourceError
from pullsmith.records import Answer, Drop, Example, example_id
from pullsmith.rows import read_tables, write_sorted
from pullsmith.tally import Tally

TO_REVIEW_NAME = "to-review.parquet"  # what the rules let pass, for people, where they are asked


def run(context: StageContext) -> StageResult:
    """Make the examples of every student's contract.

    Raises PeopleNeededError where people are to review, SourceError where no example is left.
    """
    tools = tools_of(context.study)
    cleaner = Cleaner(
        context.study,
        pull_requests={},
        prompts={},
        contracts=contracts_of(context.study.contract, tools),
        tools=tools,
    )
    if context.study.clean.review:
        write_sorted(context.job.path / TO_REVIEW_NAME, Example, _by_rules(context, cleaner))
    spool = context.job.work("examples") / "all.parquet"
    final = _Pass(context, cleaner)
    if context.study.clean.control == "random":
        cleaned, final = final, _Pass(context, cleaner, by_rule=False)
        for _ in cleaned.examples():
            pass  # the control is as large, and that is all it takes from them
        cleaned.settle()
        write_sorted(spool, Example, final.examples())
        final.draw(like=cleaned)
    else:
        write_sorted(spool, Example, final.examples())
        final.settle()
    context.job.write_drops(final.drops())
    if not final.made:
        raise SourceError(_nothing_left(list(final.drops()), context))
    context.job.write_tables(Example, _only(spool, final.made))
    return StageResult(final.tally(), empty_shares(list(final.made.values())))


def _outcomes(context: StageContext, cleaner: Cleaner, *, by_rule: bool) -> Iterator[Outcome]:
    for asked in by_pull_request(context.run):
        cleaner.look_at(asked)
        for answer in asked.answers:
            yield from cleaner.outcomes(answer, by_rule=by_rule)


def _by_rules(context: StageContext, cleaner: Cleaner) -> Iterator[Example]:
    """What the rules let pass, before anybody decided."""
    for outcome in _outcomes(context, cleaner, by_rule=True):
        if isinstance(outcome.made, Example):
            yield outcome.made


def _only(path: Path, made: Collection[str]) -> Iterator[pa.Table]:
    for table in read_tables(path):
        yield table.filter(pa.array([name in made for name in table.column("id").to_pylist()]))


class _Pass:
    """One pass over all answers: what was made and why not, by the example's id; no text is held."""

    def __init__(self, context: StageContext, cleaner: Cleaner, *, by_rule: bool = True) -> None:
        self.context, self.cleaner, self.by_rule = context, cleaner, by_rule
        self.people = Reviewed(read_decisions(context.run.path / FILE_NAME))
        self.made: dict[str, Made] = {}
        self.reasons: dict[str, Reason] = {}

    def examples(self) -> Iterator[Example]:
        """Every example that rules and people let pass; without rules, all that can be said."""
        for outcome in _outcomes(self.context, self.cleaner, by_rule=self.by_rule):
            name = example_id(outcome.answer.id, contract=outcome.contract)
            settled = self._as_people_want(outcome) if self.by_rule else outcome
            if isinstance(settled.made, Example) and settled.value is not None:
                example = settled.made
                empty = says_nothing(settled.value)
                self.made[name] = Made(name, example.tool, example.contract, empty)
                yield example
            elif isinstance(settled.made, Reason):
                self.reasons[name] = settled.made

    def _as_people_want(self, outcome: Outcome) -> Outcome:
        if not isinstance(outcome.made, Example):
            return outcome
        made = self.people.outcome(outcome.made, lambda text: self.cleaner.read(outcome, text))
        if made is outcome.made:
            return outcome
        value = self.cleaner.read(outcome, made.target) if isinstance(made, Example) else None
        return Outcome(outcome.answer, outcome.contract, made, value)

    def settle(self) -> None:
        """Take out what all examples together say is too much.

        Raises PeopleNeededError while people have not looked at enough.
        """
        study, found = self.context.study, self.people.done()
        for said in found.passed_over:
            self.context.report(said)
        wanted = min(study.clean.review, len(self.made))
        if len(found.applied) < wanted:
            raise PeopleNeededError(
                f"clean: clean.review = {study.clean.review}: people have looked at "
                f"{len(found.applied)} of {wanted} examples; go on with pullsmith curate STUDY.toml, "
                "then run again"
            )
        everything, most = list(self.made.values()), study.clean.max_empty_share
        surplus = too_many_empty(everything, most, study.seed, stay=found.applied.keys())
        self._take_out("too_many_empty", surplus)

    def draw(self, *, like: _Pass) -> None:
        """Keep as many of each tool and contract as another pass made, drawn by id."""
        wanted = Counter((each.tool, each.contract) for each in like.made.values())
        names: dict[tuple[str, str], set[str]] = {}
        for each in self.made.values():
            names.setdefault((each.tool, each.contract), set()).add(each.id)
        spare: dict[str, str] = {}
        for key, some in names.items():
            kept = drawn(some, wanted[key], self.context.study.seed, "control")
            spare |= dict.fromkeys(some - kept, "not among the control's")
        self._take_out("not_drawn", spare)

    def _take_out(self, code: str, gone: Mapping[str, str]) -> None:
        for name, detail in gone.items():
            del self.made[name]
            self.reasons[name] = Reason(code, detail)

    def drops(self) -> Iterator[Drop]:
        """The drop of every answer that is no example, answer by answer."""
        for answer in self.context.run.read("generate", Answer):
            for contract in self.cleaner.contracts:
                reason = self.reasons.get(example_id(answer.id, contract=contract))
                if reason is not None:
                    yield Outcome(answer, contract, reason).dropped()

    def tally(self) -> Tally:
        """Counts of answers times contracts."""
        counts = Counter(reason.code for reason in self.reasons.values())
        return Tally(
            records_in=len(self.made) + len(self.reasons),
            records_out=len(self.made),
            dropped=dict(sorted(counts.items())),
            rows=len(self.made),
        )


def _nothing_left(drops: Sequence[Drop], context: StageContext) -> str:
    reasons = Counter(dropped.reason for dropped in drops)
    message = f"clean: none of {len(drops)} answers became an example ({dict(reasons)}); "
    if drops:
        most = reasons.most_common(1)[0][0]
        example = next(dropped for dropped in drops if dropped.reason == most)
        message += f"for example {example.record_id}: {example.detail}; "
    path = context.job.path / "dropped.parquet"
    return message + f"look at {path} and change [clean], the teacher or its contract"
