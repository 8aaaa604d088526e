"""clean: the teacher's answers in; examples out, in the words of each student's contract.

What counts is the answer's value: one set of answers, paid once, becomes examples for every
contract. The first teacher's answers are used; those of others are kept beside, as drops. Rules come
first, then what people decided, then the share that says there is nothing to report. Counts are of
answers times contracts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pullsmith.clean.examples import Cleaner, Outcome
from pullsmith.clean.people import Reviewed, reviewed
from pullsmith.clean.rules import Reason
from pullsmith.clean.shares import Made, drawn, empty_shares, too_many_empty
from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.decisions import FILE_NAME, read_decisions
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import PeopleNeededError, SourceError
from pullsmith.records import Answer, Drop, Example, Prompt, PullRequest
from pullsmith.rows import write_rows
from pullsmith.study import Study
from pullsmith.tally import Tally

TO_REVIEW_NAME = "to-review.parquet"  # what the rules let pass, for people, where they are asked


def run(context: StageContext) -> StageResult:
    """Make the examples of every student's contract.

    Raises PeopleNeededError where people are to review, SourceError where no example is left.
    """
    tools = tools_of(context.study)
    cleaner = Cleaner(
        context.study,
        pull_requests={r.id: r for r in context.run.read("split", PullRequest)},
        contracts=contracts_of(context.study.contract, tools),
        tools=tools,
        prompts={p.id: p for p in context.run.read("render", Prompt)},
    )
    answers = list(context.run.read("generate", Answer))
    made = _cleaned(context, cleaner, answers)
    if context.study.clean.control == "random":
        made = _control(context.study, cleaner, answers, made)
    examples = [each.made for each in made if isinstance(each.made, Example)]
    drops = [each.dropped() for each in made if isinstance(each.made, Reason)]
    context.job.write_drops(drops)
    if not examples:
        raise SourceError(_nothing_left(drops, context))
    context.job.write(Example, examples)
    return StageResult(
        Tally.of(records_in=len(made), records_out=len(examples), drops=drops),
        empty_shares(list(_made(made))),
    )


def _cleaned(context: StageContext, cleaner: Cleaner, answers: Sequence[Answer]) -> list[Outcome]:
    made = [outcome for answer in answers for outcome in cleaner.outcomes(answer)]
    people = _people(context, made)
    made = [_as_people_want(each, people, cleaner) for each in made]
    settings = context.study.clean
    surplus = too_many_empty(
        list(_made(made)), settings.max_empty_share, context.study.seed, stay=people.applied.keys()
    )
    return [_without(each, "too_many_empty", surplus) for each in made]


def _people(context: StageContext, made: Sequence[Outcome]) -> Reviewed:
    """What people decided; raises PeopleNeededError while they have not looked at enough."""
    examples = [each.made for each in made if isinstance(each.made, Example)]
    found = reviewed(examples, read_decisions(context.run.path / FILE_NAME))
    for said in found.said:
        context.report(said)
    if context.study.clean.review:
        waiting = sorted(examples, key=lambda example: example.id)
        write_rows(context.job.path / TO_REVIEW_NAME, Example, waiting)
    wanted = min(context.study.clean.review, len(examples))
    if len(found.applied) < wanted:
        raise PeopleNeededError(
            f"clean: clean.review = {context.study.clean.review}: people have looked at "
            f"{len(found.applied)} of {wanted} examples; go on with pullsmith curate STUDY.toml, "
            "then run again"
        )
    return found


def _as_people_want(outcome: Outcome, people: Reviewed, cleaner: Cleaner) -> Outcome:
    if not isinstance(outcome.made, Example):
        return outcome
    made = people.outcome(outcome.made, lambda target: cleaner.read(outcome, target))
    if made is outcome.made:
        return outcome
    value = cleaner.read(outcome, made.target) if isinstance(made, Example) else None
    return Outcome(outcome.answer, outcome.contract, made, value)


def _control(
    study: Study, cleaner: Cleaner, answers: Sequence[Answer], cleaned: Sequence[Outcome]
) -> list[Outcome]:
    """As many examples of each tool and contract as were cleaned, drawn from all that can be read."""
    every = [each for answer in answers for each in cleaner.outcomes(answer, by_rule=False)]
    wanted = Counter((e.tool, e.contract) for e, _ in _made(cleaned))
    names: dict[tuple[str, str], set[str]] = {}
    for example, _ in _made(every):
        names.setdefault((example.tool, example.contract), set()).add(example.id)
    kept = {
        name
        for key, some in names.items()
        for name in drawn(some, wanted[key], study.seed, "control")
    }
    spare = {name: "not among the control's" for some in names.values() for name in some - kept}
    return [_without(each, "not_drawn", spare) for each in every]


def _made(outcomes: Sequence[Outcome]) -> Iterator[Made]:
    for each in outcomes:
        if isinstance(each.made, Example) and each.value is not None:
            yield each.made, each.value


def _without(outcome: Outcome, code: str, gone: dict[str, str]) -> Outcome:
    """The outcome, or a drop where its example is in ``gone``, which says why."""
    if isinstance(outcome.made, Example) and outcome.made.id in gone:
        return Outcome(outcome.answer, outcome.contract, Reason(code, gone[outcome.made.id]))
    return outcome


def _nothing_left(drops: Sequence[Drop], context: StageContext) -> str:
    reasons = Counter(dropped.reason for dropped in drops)
    message = f"clean: none of {len(drops)} answers became an example ({dict(reasons)}); "
    if drops:
        most = reasons.most_common(1)[0][0]
        example = next(dropped for dropped in drops if dropped.reason == most)
        message += f"for example {example.record_id}: {example.detail}; "
    path = context.job.path / "dropped.parquet"
    return message + f"look at {path} and change [clean], the teacher or its contract"
