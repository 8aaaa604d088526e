"""A tiny student that knows PR-Agent's questions about one change by heart, trained by the stage itself.

It is a real trained and served model; that it was trained on these very prompts is the point: what
PR-Agent asks of it must be, to the token, what our contract rendered for training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pullsmith.contracts.answers import AnswerValue, Describe, Improve, Reflect, Review
from pullsmith.contracts.pr_agent import PrAgent
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.engine import StageContext, StageResult
from pullsmith.records import Example, Phase, PullRequest, answer_id, example_id, prompt_id
from pullsmith.serve.pr_agent import subject_of
from pullsmith.store import Manifest
from pullsmith.study import Study, parse_study
from pullsmith.study.contract import ContractSettings
from pullsmith.tokens import Counter
from tests.train.runs import context, train

Report = Callable[[str], None]

CONTRACT = "pr-agent-0.2.4"
PATH = "src/statistics/mean.py"
WINDOW = 8000
DESCRIBE = Describe.model_validate_json(
    """{"type": ["Bug fix"], "description": "The mean of no numbers is 0 now, and raises no error.",
    "title": "Return 0 for the mean of no numbers", "pr_files": [{
    "filename": "src/statistics/mean.py", "language": "python",
    "changes_summary": "- Returns 0 for an empty list\\n- Divides by one less than the count",
    "changes_title": "Guard the mean against empty input", "label": "bug fix"}]}""",
    strict=False,
)
REVIEW = Review.model_validate_json(
    """{"estimated_effort_to_review": 1, "relevant_tests": "No", "key_issues_to_review": [{
    "relevant_file": "src/statistics/mean.py", "issue_header": "Wrong divisor",
    "issue_content": "The sum is divided by one less than the count, so the mean is too large.",
    "start_line": 5, "end_line": 5}], "security_concerns": "No"}""",
    strict=False,
)
IMPROVE = Improve.model_validate_json(
    """{"code_suggestions": [{"relevant_file": "src/statistics/mean.py", "language": "python",
    "existing_code": "    return sum(values) / (len(values) - 1)\\n",
    "suggestion_content": "Divide by the count itself; one less makes the mean too large.",
    "improved_code": "    return sum(values) / len(values)\\n",
    "one_sentence_summary": "Divide by the number of values", "relevant_lines_start": 5,
    "relevant_lines_end": 5, "label": "possible bug"}]}""",
    strict=False,
)
REFLECT = Reflect.model_validate_json(
    """{"code_suggestions": [{"suggestion_summary": "Divide by the number of values",
    "relevant_file": "src/statistics/mean.py", "suggestion_score": 9,
    "why": "The line is wrong for every input."}]}""",
    strict=False,
)
VALUES: dict[str, AnswerValue] = {
    "describe": DESCRIBE, "review": REVIEW, "improve": IMPROVE, "reflect": REFLECT,
}  # fmt: skip


def _silent(_: str) -> None:
    """Report to nobody."""


def contract(environment: Path) -> PrAgent:
    """PR-Agent's, as it asks a model with this window."""
    return PrAgent(CONTRACT, ContractSettings(pr_agent=environment, max_model_tokens=WINDOW))


def examples(environment: Path, count: Counter) -> list[Example]:
    """The four prompts about the change that ``serve --check pr-agent`` asks of, and their answers."""
    made, pull_request = contract(environment), subject_of(None).pull_request
    return sorted(_examples(made, pull_request, count), key=lambda row: row.id)


def _examples(made: PrAgent, pull_request: PullRequest, count: Counter) -> Iterator[Example]:
    improved = ""
    for tool, value in VALUES.items():
        (coverage,) = made.plan(tool, pull_request, count)
        shown = ShownDiff.of(pull_request, coverage)
        task = Task(tool, pull_request, coverage, shown)
        if tool == "reflect":
            task = replace(task, about=IMPROVE, about_text=improved)
        target = made.write(task, value)
        improved = target if tool == "improve" else improved
        asked = prompt_id(pull_request.id, tool=tool, contract=CONTRACT)
        said = answer_id(asked, model="by hand", phase=Phase.NONE, checkpoint="none", sample=0)
        # As if of four pull requests: a batch is then one prompt, and four times as many steps cost
        # the same tokens.
        yield Example(
            id=example_id(said, contract=CONTRACT), answer_id=said,
            pull_request_id=f"{pull_request.id}-{tool}", tool=tool, contract=CONTRACT,
            messages=made.messages(task), target=target,
        )  # fmt: skip


STUDY = """
name = "served"
runs = "{root}"
seed = 3
[[collect.sources]]
git = "."
[[teacher]]
model = "scripted:by-hand"
contract = "pr-agent-0.2.4"
reflect = true
[[student]]
name = "pupil"
model = "tiny"
contract = "pr-agent-0.2.4"
reflect = true
[train]
steps = {steps}
learning_rate = 0.003
warmup_steps = 10
pull_requests_per_batch = 1
max_length_tokens = {window}
threads = 1
[train.tiny]
vocabulary = 1500
width = 128
heads = 2
engineered_start = false
"""


def train_pupil(root: Path, rows: list[Example], *, steps: int, report: Report = _silent) -> Path:
    """The folder of its trained cell."""
    study = parse_study(STUDY.format(root=root, steps=steps, window=WINDOW))
    job = context(study, rows, report=report)
    finish_training(job, train(job), study)
    return job.job.path


def finish_training(job: StageContext, result: StageResult, study: Study) -> None:
    """The manifest that the pipeline writes, with the settings of the cell."""
    job.job.finish(
        Manifest(
            pullsmith_version="0", stage="train", cell=job.cell,
            settings={"role": study.student[0].model_dump(mode="json")}, inputs={},
            tally=result.tally, output_digest="", versions={}, measured={},
        )
    )  # fmt: skip
