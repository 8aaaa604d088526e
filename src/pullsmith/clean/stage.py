"""clean: the teacher's answers in; examples out, in the words of each student's contract.

What counts is the answer's value: one set of answers, paid once, becomes examples for every
contract. The first teacher's answers are used; those of others are kept beside, as drops. Rules come
first, then what people decided, shard by shard wherever the study's engine runs them; then here, over
all, the share that says there is nothing to report. Counts are of answers times contracts.

The cells, ``random`` and ``uncleaned``, are the ablations' data beside what is kept: as many examples
drawn whatever the rules say, and every answer that can be read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from pullsmith.clean.examples import Outcome
from pullsmith.clean.people import looked_at
from pullsmith.clean.rules import Reason
from pullsmith.clean.shards import Left, Shard, Work, clean_shard, cleaner_of, shards_of
from pullsmith.clean.shares import drawn, empty_shares, too_many_empty
from pullsmith.decisions import (
    FILE_NAME,
    ON_EXAMPLES,
    TO_REVIEW_NAME,
    Decisions,
    decided,
    read_decisions,
)
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import PeopleNeededError, SourceError
from pullsmith.records import Answer, Drop, Example, digest, example_id
from pullsmith.rows import read_rows, read_tables, write_tables
from pullsmith.store import JobFolder, JobKey
from pullsmith.study import Study
from pullsmith.study.data import DataKind
from pullsmith.tally import Tally

RULES_VERSION = "clean-2"  # another one where a rule decides otherwise than before


def run(context: StageContext) -> StageResult:
    """Make the examples of every student's contract.

    Raises PeopleNeededError where people are to review, SourceError where no example is left.
    """
    cleaner_of(
        context.study
    )  # a contract, tool or rule that cannot be used is said before all work
    final = _final(context)
    context.job.write_drops(final.drops())
    if not final.made:
        raise SourceError(_nothing_left(final.tally().dropped, context.job))
    context.job.write_tables(Example, final.rows())
    return StageResult(final.tally(), empty_shares(list(final.made.values())))


def _final(context: StageContext) -> _Pass:
    """The examples of the study's own choice, or of the cell's."""
    control = context.cell or context.study.clean.control
    if control == DataKind.UNCLEANED:
        return _Pass(context, by_rule=False)
    cleaned = _Pass(context)
    if context.cell is None:  # people look at what clean itself made
        cleaned.leave_for_people()
    cleaned.settle()
    if control != DataKind.RANDOM:
        return cleaned
    drawn_ones = _Pass(context, by_rule=False)
    drawn_ones.draw(like=cleaned)  # the control is as large, and that is all it takes from them
    return drawn_ones


class _Pass:
    """One pass over all answers: what was made and why not, by the example's id; no text is held."""

    def __init__(self, context: StageContext, *, by_rule: bool = True) -> None:
        self.context = context
        self.decisions = read_decisions(context.run.path / FILE_NAME)
        folder = context.job.work(_key(context, self.decisions, by_rule=by_rule))
        work = Work(context.study, context.run, folder, self.decisions, by_rule)
        answered = context.run.job(JobKey("generate"))
        self.work = work
        self.shards: Sequence[Shard] = shards_of(work, answered.shards())
        left = context.spread(self.shards, clean_shard, folder=folder)
        self.made = {each.id: each for shard in self.shards for each in shard.made()}
        self.early = _counted(left)
        self.seen = {name: of for one in left for name, of in one.seen.items()}
        self.late: dict[str, Reason] = {}

    def tables(self, kind: str) -> Iterator[pa.Table]:
        """The rows of the shards' files of a kind, in the order of the answers."""
        for shard in self.shards:
            yield from read_tables(shard.file(kind))

    def rows(self) -> Iterator[pa.Table]:
        """The examples that are left."""
        for table in self.tables("examples.parquet"):
            yield table.filter(_among(table, self.made))

    def leave_for_people(self) -> None:
        """Write what the rules let pass as it was before anybody decided, where people look at it."""
        path = self.context.job.path / TO_REVIEW_NAME
        if self.work.for_people:
            write_tables(path, Example, self.tables("by-rules.parquet"))
        else:
            path.unlink(missing_ok=True)  # of an earlier try, when people were asked

    def settle(self) -> None:
        """Take out what all examples together say is too much.

        Raises PeopleNeededError while people have not looked at enough.
        """
        study, found = self.context.study, looked_at(self.decisions, self.seen)
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
            self.late[name] = Reason(code, detail)

    def drops(self) -> Iterator[Drop]:
        """The drop of every answer that is no example; first what the shards say, then the rest."""
        for shard in self.shards:
            yield from read_rows(shard.file("drops.parquet"), Drop)
        if not self.late:
            return
        contracts = dict.fromkeys(student.contract for student in self.context.study.student)
        for answer in self.context.run.read("generate", Answer):
            for contract in contracts:
                reason = self.late.get(example_id(answer.id, contract=contract))
                if reason is not None:
                    yield Outcome(answer, contract, reason).dropped()

    def tally(self) -> Tally:
        """Counts of answers times contracts."""
        counts = self.early + Counter(reason.code for reason in self.late.values())
        return Tally(
            records_in=len(self.made) + counts.total(),
            records_out=len(self.made),
            dropped=dict(sorted(counts.items())),
            rows=len(self.made),
        )


def _key(context: StageContext, decisions: Decisions, *, by_rule: bool) -> str:
    """A digest of all that decides what a shard comes to."""
    study: Study = context.study
    settings = study.model_dump(mode="json", include={"seed", "clean", "contract"})
    settings["clean"].pop("control")  # the same work, whoever is drawn in the end
    students = sorted({each.contract for each in study.student})
    teachers = [[each.label, each.contract] for each in study.training_teachers]
    rules = [_content(Path(name.rpartition(":")[0])) for name in study.clean.rules]
    inputs = [
        context.run.job(JobKey(stage)).finished_digest()
        for stage in ("split", "render", "generate")
    ]
    return digest(
        [RULES_VERSION, by_rule, settings, students, teachers, rules, study.tool_digests, inputs,
         decided(decisions, ON_EXAMPLES)]
    )  # fmt: skip


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _counted(left: Sequence[Left]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in left:
        total.update(one.reasons)
    return total


def _among(table: pa.Table, names: Collection[str]) -> pa.Array:
    return pa.array([name in names for name in table.column("id").to_pylist()], pa.bool_())


def _nothing_left(reasons: Mapping[str, int], job: JobFolder) -> str:
    """What was dropped by which rule, with examples of the one that dropped most."""
    message = (
        f"clean: none of {sum(reasons.values())} answers became an example ({dict(reasons)}); "
    )
    if reasons:
        most = max(sorted(reasons), key=lambda code: reasons[code])
        examples = [one for one in job.drops() if one.reason == most][:2]
        shown = "; ".join(f"{one.record_id}: {one.detail}" for one in examples)
        message += f"most are {most}, for example {shown}; "
    path = job.path / "dropped.parquet"
    return message + f"look at {path} and change [clean], the teacher or its contract"
