"""Hand-made pull requests, answers and verdicts for the tests of scoring, judge, rank and report."""

from __future__ import annotations

from typing import TypeVar

from pullsmith.contracts.answers import (
    AnswerValue,
    ChangeType,
    Describe,
    DescribedFile,
    Improve,
    KeyIssue,
    Review,
    Suggestion,
)
from pullsmith.contracts.canonical import value_json
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.engine import StageContext
from pullsmith.records import (
    Answer,
    ChangeStatus,
    Defect,
    FileChange,
    Message,
    Order,
    Outcome,
    Phase,
    Prompt,
    PullRequest,
    Record,
    Result,
    SecretScan,
    Split,
    Verdict,
    answer_id,
    prompt_id,
    verdict_id,
)
from pullsmith.store import JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study
from pullsmith.tally import Tally

R = TypeVar("R", bound=Record)
PATH = "app/load.py"
# New file: 1 def, 2 the defective line, 3 return. Line 2 compares with == where "is" belongs.
PATCH = (
    "@@ -1,3 +1,3 @@\n"
    " def load(path):\n"
    "-    if path is None:\n"
    "+    if path == None:\n"
    "         return {}\n"
    "@@ -10,2 +10,3 @@ def save(path):\n"
    "     write(path)\n"
    "+    flush(path)\n"
    "     return path\n"
)
DEFECT = Defect(
    kind="none_comparison",
    path=PATH,
    start_line=2,
    end_line=2,
    defective=("    if path == None:",),
    original=("    if path is None:",),
    header="Comparison with None",
    content="Compare with None by identity.",
)
SCAN = SecretScan(rules_version="test-1")


def pull_request(
    name: str = "one", *, source: str = "planted", defect: Defect | None = None
) -> PullRequest:
    """A pull request of one file; planted and clean unless told otherwise."""
    return PullRequest(
        id=f"planted:{name}" if source == "planted" else f"example.org/o/r@{name}",
        source=source,
        repository="planted:stdlib",
        group=name,
        title=f"Change {name}",
        files=(
            FileChange(
                path=PATH,
                status=ChangeStatus.MODIFIED,
                language="python",
                patch=PATCH,
                added_lines=2,
                deleted_lines=1,
            ),
        ),
        defect=defect,
        split=Split.EVAL,
        scan=SCAN,
    )


def shown(request: PullRequest) -> ShownDiff:
    """All of it."""
    return ShownDiff.of(request, whole(request))


def issue(
    start: int = 2, end: int | None = None, *, kind: str = DEFECT.header, path: str = PATH
) -> KeyIssue:
    """A claim; by default the right one about DEFECT."""
    return KeyIssue(
        relevant_file=path,
        issue_header=kind,
        issue_content="None is compared by value.",
        start_line=start,
        end_line=end or start,
    )


def review(*issues: KeyIssue) -> Review:
    """A review with these issues."""
    return Review(
        estimated_effort_to_review=1,
        relevant_tests="no",
        key_issues_to_review=issues,
        security_concerns="No",
    )


def suggestion(
    existing: str = "    if path == None:",
    improved: str = "    if path is None:",
    *,
    kind: str = DEFECT.header,
    path: str = PATH,
) -> Suggestion:
    """An edit; by default the one that puts DEFECT right."""
    return Suggestion(
        relevant_file=path,
        language="python",
        existing_code=existing,
        suggestion_content="Compare by identity.",
        improved_code=improved,
        one_sentence_summary=kind,
        label="bug",
    )


def improve(*suggestions: Suggestion) -> Improve:
    """An improve answer with these suggestions."""
    return Improve(code_suggestions=suggestions)


def describe(title: str = "Load less", path: str = PATH) -> Describe:
    """A description of one file."""
    return Describe(
        type=(ChangeType.BUG_FIX,),
        description="Loads less.",
        title=title,
        pr_files=(DescribedFile(filename=path, changes_title="Load less", label="bug fix"),),
    )


def tool_of(value: AnswerValue) -> str:
    """The tool a value answers."""
    return type(value).__name__.lower()


def prompt(request: PullRequest, tool: str, contract: str = "native-1") -> Prompt:
    """An eval prompt that shows all of ``request``."""
    return Prompt(
        id=prompt_id(request.id, tool=tool, contract=contract),
        pull_request_id=request.id,
        tool=tool,
        contract=contract,
        split=Split.EVAL,
        messages=(Message(role="user", content=f"{tool} {request.id}"),),
        coverage=whole(request),
        scan=SCAN,
    )


def answer(
    request: PullRequest,
    value: AnswerValue | None,
    *,
    tool: str = "review",
    model: str = "tiny",
    phase: Phase = Phase.NONE,
    faults: tuple[str, ...] = (),
    contract: str = "native-1",
) -> Answer:
    """A stored answer; ``value`` None makes it unreadable, of ``tool``."""
    task = tool if value is None else tool_of(value)
    asked = prompt_id(request.id, tool=task, contract=contract)
    return Answer(
        id=answer_id(asked, model=model, phase=phase, checkpoint="none", sample=0),
        prompt_id=asked,
        pull_request_id=request.id,
        tool=task,
        contract=contract,
        model=model,
        phase=phase,
        outcome=Outcome.UNREADABLE if value is None else Outcome.OK,
        text="…",
        value_json=None if value is None else value_json(value),
        fault="not_yaml: …" if value is None else None,
        grounding_faults=faults,
    )


def verdict(
    pull_request_id: str,
    result: Result,
    *,
    tool: str = "review",
    candidate: str = "tiny@after",
    reference: str = "rules",
    judge: str = "rubric",
    order: Order = Order.CANDIDATE_FIRST,
    repeat: int = 0,
) -> Verdict:
    """A stored verdict."""
    asked = prompt_id(pull_request_id, tool=tool, contract="native-1")
    return Verdict(
        id=verdict_id(
            asked, pair=(candidate, reference, judge), version="pair-1", order=order, repeat=repeat
        ),
        prompt_id=asked,
        pull_request_id=pull_request_id,
        tool=tool,
        candidate=candidate,
        candidate_answer_id=f"{asked}~{candidate}",
        reference=reference,
        reference_answer_id=f"{asked}~{reference}",
        judge=judge,
        prompt_version="pair-1",
        order=order,
        repeat=repeat,
        result=result,
    )


def study(**parts: object) -> Study:
    """A study with one student called tiny, the reference rules and the judge rubric."""
    values = {
        "name": "hand-made",
        "collect": {"sources": [{"planted": "stdlib"}]},
        "student": [{"model": "tiny"}],
        "rank": {"resamples": 200},
        **parts,
    }
    return Study.model_validate(values)


def store(
    run: RunFolder, stage: str, record_type: type[R], rows: list[R], cell: str | None = None
) -> None:
    """Put ``rows`` into ``run`` as a finished job's, and a manifest that says so."""
    job = run.job(JobKey(stage, cell))
    make_folder(job.path)
    job.write(record_type, rows)
    finish(
        run,
        stage,
        cell,
        Tally(records_in=len(rows), records_out=len(rows), dropped={}, rows=len(rows)),
    )


def finish(run: RunFolder, stage: str, cell: str | None, tally: Tally) -> None:
    """Write a manifest for what is in the job's folder."""
    job = run.job(JobKey(stage, cell))
    make_folder(job.path)
    job.finish(
        Manifest(
            pullsmith_version="0",
            stage=stage,
            cell=cell,
            settings={},
            inputs={},
            tally=tally,
            output_digest=job.output_digest(),
            versions={},
            measured={},
        )
    )


def context(made: Study, run: RunFolder, stage: str, cell: str | None = None) -> StageContext:
    """What a stage is given."""
    job = run.job(JobKey(stage, cell))
    make_folder(job.path)
    return StageContext(study=made, run=run, job=job, cell=cell)
