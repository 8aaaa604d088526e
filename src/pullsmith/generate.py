"""Generate: train prompts in, every teacher's answers out, valid or not.

Each teacher answers the prompts of its contract, through the door and the journal; the short spot
exercise, which not every contract has, in the first contract that has it. What an answer is worth is
clean's to decide; nothing is dropped here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import StudyError
from pullsmith.llm.asking import Entrant, ask
from pullsmith.llm.door import Door
from pullsmith.llm.open_model import OpenModel, open_model
from pullsmith.records import Answer, Prompt, PullRequest, Split
from pullsmith.study.roles import TeacherRole
from pullsmith.tally import Tally

SPOT = "spot"


def run(context: StageContext, *, opens: OpenModel = open_model) -> StageResult:
    """Ask every teacher; the rows are all their answers. ``opens`` finds a model by name.

    Raises StudyError for a teacher without prompts or a model that cannot be opened, OutsideError
    when an endpoint is gone; finished answers stay in the journal.
    """
    study = context.study
    tools = tools_of(study)
    contracts = contracts_of(study.contract, tools)
    pull_requests = {each.id: each for each in context.run.read("split", PullRequest)}
    rendered = context.run.read("render", Prompt)
    prompts = [prompt for prompt in rendered if prompt.split is Split.TRAIN]
    door = Door(context.run.journal, report=context.report)
    answers: list[Answer] = []
    measured: Counter[str] = Counter()
    asked_prompts: set[str] = set()
    for teacher in study.teacher:
        mine = _prompts_of(teacher, prompts)
        if not mine:
            raise StudyError(
                f"teacher {teacher.label}: render made no train prompt in contract "
                f"{teacher.contract!r}; see the drops of collect, select and render"
            )
        model = opens(teacher.model, threads=study.train.threads, contracts=contracts)
        entrant = Entrant(teacher, model)
        asked = ask(entrant, mine, pull_requests, door=door, contracts=contracts, tools=tools)
        answers += asked.answers
        measured.update(asked.measured)
        asked_prompts.update(prompt.id for prompt in mine)
    rows = context.job.write(Answer, answers)
    context.job.write_drops(())
    count = len(asked_prompts)
    tally = Tally.of(records_in=count, records_out=count, drops=(), rows=rows)
    return StageResult(tally, dict(measured))


def _prompts_of(teacher: TeacherRole, prompts: Sequence[Prompt]) -> list[Prompt]:
    """Those in the teacher's contract, and each spot once, in its contract where that has it."""
    mine = [p for p in prompts if p.contract == teacher.contract and p.tool != SPOT]
    spots: dict[str, Prompt] = {}
    for prompt in prompts:
        if prompt.tool == SPOT:
            spots.setdefault(prompt.pull_request_id, prompt)
            if prompt.contract == teacher.contract:
                spots[prompt.pull_request_id] = prompt
    return [*mine, *spots.values()]
