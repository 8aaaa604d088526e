"""What is asked of models and what comes back: prompts, answers, examples, checkpoints; and drops."""

from __future__ import annotations

from pydantic import BaseModel, Field

from pullsmith.records.base import SCHEMA_VERSION, Outcome, Phase, Record, Split
from pullsmith.records.pull_request import SecretScan

# What an answer can hold; how much a prompt asks for is an option.
MOST_FINDINGS = 20
MOST_SUGGESTIONS = 20


class Cut(Record):
    """Where a file that is too large ends: in its planner's own text of it, and in its last hunk.

    ``lines`` counts the lines of that hunk that are still shown, in the patch's order.
    """

    characters: int
    lines: int


class ShownFile(Record):
    """A file of the coverage and the indices of the hunks that are shown, from 0."""

    path: str
    hunks: tuple[int, ...]
    cut: Cut | None = None


class OmittedFile(Record):
    """A file, or some of its hunks, that is not shown, and why."""

    path: str
    reason: str
    hunks: tuple[int, ...] = ()


class Layout(Record):
    """How the contract that planned a coverage writes it; other contracts need none of it.

    ``form`` is the contract's own word. ``body_characters`` and ``commits_characters`` say where
    the description and the commit messages are cut, None where they are whole. ``afterword`` stands
    behind the diff. ``flags``: "delimiter_in_text" where a text of the pull request could be taken
    for the prompt's own, "no_context" where lines around hunks were wanted and nobody had kept them.
    """

    form: str
    body_characters: int | None = None
    commits_characters: int | None = None
    afterword: str = ""
    flags: tuple[str, ...] = ()


class Coverage(Record):
    """What of a pull request is shown; fixed once per pull request and tool, for every contract.

    ``added_lines_shown`` counts the lines with a plus that are shown, of ``added_lines`` there are.
    """

    shown: tuple[ShownFile, ...]
    omitted: tuple[OmittedFile, ...] = ()
    diff_tokens: int = 0
    added_lines: int = 0
    added_lines_shown: int = 0
    layout: Layout | None = None


class Message(Record):
    """One chat message."""

    role: str
    content: str


class PromptOptions(Record):
    """What a study or a user may ask for besides the tool; the defaults are PR-Agent's.

    A contract without words for an option asks as if it had its default.
    """

    extra_instructions: str = ""
    response_language: str = ""  # "" leaves it to the model
    focus_only_on_problems: bool = True
    require_score: bool = False
    require_tests: bool = True
    require_effort: bool = True
    require_security: bool = True
    require_can_be_split: bool = False
    max_findings: int = Field(default=3, ge=1, le=MOST_FINDINGS)
    max_suggestions: int = Field(default=4, ge=1, le=MOST_SUGGESTIONS)


class Prompt(Record):
    """A task put to a model in one contract's words; a follow-up to an answer names it."""

    schema_version: int = SCHEMA_VERSION
    id: str
    pull_request_id: str
    tool: str
    contract: str
    part: int = 0
    split: Split
    messages: tuple[Message, ...]
    coverage: Coverage
    options: PromptOptions = PromptOptions()
    scan: SecretScan
    parent_answer: str | None = None


class Answer(Record):
    """What a model answered to one prompt: the raw text, and how the call ended.

    ``outcome`` is the door's, or UNREADABLE where the text does not follow the contract; then
    ``fault`` says why, and ``lenient`` whether the bot that the contract stands for would take the
    text all the same (None where nobody tried). ``value_json`` is the parsed answer's canonical
    JSON, only when OK.

    ``parent_answer`` is the answer that a follow-up is about: the refused one that this mends, which
    is to the same prompt, or the suggestions that this has a second look at. ``suggestion_scores``
    are what that look gave the suggestions, in their order; ``reflect_score`` is the lowest.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    prompt_id: str
    pull_request_id: str
    tool: str
    contract: str
    model: str
    phase: Phase = Phase.NONE
    checkpoint: str = "none"
    sample: int = 0
    outcome: Outcome
    text: str
    value_json: str | None = None
    fault: str | None = None
    lenient: bool | None = None
    grounding_faults: tuple[str, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None  # None: nobody knows the price
    terms: str = ""  # the licence or terms the answer may be used under
    parent_answer: str | None = None
    suggestion_scores: tuple[int, ...] = ()
    reflect_score: float | None = None  # what the model's own second look gave it, where it had one
    judge_score: float | None = (
        None  # what a judge of training answers gave it, where one was asked
    )

    @property
    def mends(self) -> bool:
        """Whether it is a second try at the prompt of its parent, which was refused."""
        return (self.parent_answer or "").startswith(f"{self.prompt_id}~")


class Example(Record):
    """One row of the instruct-tuning set: a student's prompt and the answer in its contract."""

    schema_version: int = SCHEMA_VERSION
    id: str
    answer_id: str
    pull_request_id: str
    tool: str
    contract: str
    messages: tuple[Message, ...]
    target: str
    terms: str = ""


class Drop(Record):
    """A record that a stage did not pass on: why, and the whole record, as JSON."""

    schema_version: int = SCHEMA_VERSION
    id: str
    stage: str
    record_id: str
    reason: str
    detail: str = ""
    record_json: str = ""


class Checkpoint(Record):
    """A trained state of a student; ``folder`` is relative to the job's folder."""

    schema_version: int = SCHEMA_VERSION
    id: str
    student: str
    phase: Phase
    folder: str
    weights_digest: str
    parameters: int
    steps: int
    trained_tokens: int
    base: str = ""  # the hub model or folder an adapter sits on; empty for full weights


def drop(stage: str, record: BaseModel, reason: str, detail: str = "") -> Drop:
    """The Drop of ``record`` (anything with an ``id``), its content kept in full."""
    record_id = str(getattr(record, "id", ""))
    return Drop(
        id=f"{stage}!{record_id}",
        stage=stage,
        record_id=record_id,
        reason=reason,
        detail=detail,
        record_json=record.model_dump_json(),
    )
