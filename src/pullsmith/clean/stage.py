"""clean: the teacher's answers in; examples out, in the words of each student's contract.

What counts is the answer's value: one set of answers, paid once, becomes examples for every
contract. The first teacher's answers are used; those of others are kept beside, as drops. Counts
are of answers times contracts.
"""

from __future__ import annotations

from collections import Counter

from pullsmith.clean.examples import Cleaner
from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import PeopleNeededError, SourceError
from pullsmith.records import Answer, Drop, Example, Prompt, PullRequest
from pullsmith.tally import Tally


def run(context: StageContext) -> StageResult:
    """Make the examples of every student's contract.

    Raises PeopleNeededError where people are to review, SourceError where no example is left.
    """
    study = context.study
    if study.clean.review:
        raise PeopleNeededError(
            f"clean: clean.review = {study.clean.review}: people look at that many examples with "
            "pullsmith curate STUDY.toml; then run again"
        )
    tools = tools_of(study)
    cleaner = Cleaner(
        study,
        pull_requests={r.id: r for r in context.run.read("split", PullRequest)},
        contracts=contracts_of(study.contract, tools),
        tools=tools,
        prompts={p.id: p for p in context.run.read("render", Prompt)},
    )
    outcomes = [
        outcome
        for answer in context.run.read("generate", Answer)
        for outcome in cleaner.outcomes(answer)
    ]
    examples = [outcome for outcome in outcomes if isinstance(outcome, Example)]
    drops = [outcome for outcome in outcomes if isinstance(outcome, Drop)]
    context.job.write_drops(drops)
    if not examples:
        reasons = Counter(dropped.reason for dropped in drops)
        raise SourceError(
            f"clean: none of {len(outcomes)} answers became an example ({dict(reasons)}); look at "
            f"{context.job.path / 'dropped.parquet'} and change [clean], the teacher or its contract"
        )
    context.job.write(Example, examples)
    return StageResult(Tally.of(records_in=len(outcomes), records_out=len(examples), drops=drops))
