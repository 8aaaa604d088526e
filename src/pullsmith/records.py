"""The records that flow from stage to stage, and the grammar of their ids.

One frozen pydantic model per arrow of the flow. Records know no stage, no model and no file.

    PullRequest   host/owner/name@SHA | local:ROOTCOMMIT@SHA | planted:DIGEST
    Prompt        PULL_REQUEST#tool/contract/part
    Answer        PROMPT~model/phase/checkpoint/sample
    Example       ANSWER>student-contract
    Checkpoint    cell/phase/DIGEST
    Verdict       PROMPT~candidate:reference:judge/prompt-version/order/repeat
    Rating        entrant:reference:judge/tool/slice
    Metric        entrant/name/tool/slice
    Contrast      entrant:other/name/reference:judge/tool/slice
    Drop          stage!RECORD_ID

Names of models hold ``:``, ``/`` and ``#``; inside an id they are percent-quoted, so an id splits
in one way only. Times are ISO 8601 in UTC; costs US dollars; closed sets are enums.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION: Final = 1


def digest(value: object) -> str:
    """Sha-256 of the canonical JSON of ``value``, first 16 hex digits: the only digest there is.

    Models count as their JSON form; bytes and other types raise TypeError.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_json
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _as_json(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"cannot digest a {type(value).__name__}")


def id_part(name: str) -> str:
    """``name`` as it stands inside an id: the id's own separators percent-quoted."""
    return quote(name, safe="+.-_@")


class Record(BaseModel):
    """Base of every record: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Split(StrEnum):
    """Which side of the study a pull request is on."""

    TRAIN = "train"
    EVAL = "eval"


class Phase(StrEnum):
    """Which state of a model answered; NONE for models that are not trained here."""

    NONE = "none"
    BEFORE = "before"
    AFTER = "after"


class ChangeStatus(StrEnum):
    """What happened to a file, in git's letters."""

    ADDED = "A"
    DELETED = "D"
    MODIFIED = "M"
    RENAMED = "R"
    TYPE_CHANGED = "T"


class Outcome(StrEnum):
    """How a call to a model ended. Only OK carries an answer that may be used."""

    OK = "ok"
    REFUSED = "refused"
    CUT = "cut"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    OVER_BUDGET = "over_budget"
    FAILED = "failed"


class Result(StrEnum):
    """A verdict, always from the candidate's side, whatever the order it was shown in."""

    WIN = "win"
    LOSS = "loss"
    TIE = "tie"
    UNREADABLE = "unreadable"


class Order(StrEnum):
    """Which answer the judge saw first."""

    CANDIDATE_FIRST = "candidate-first"
    REFERENCE_FIRST = "reference-first"


class LicenceEvidence(Record):
    """What licence text was found, where; ``spdx`` is None when it was not recognised."""

    spdx: str | None
    path: str
    text_digest: str
    found_at: str  # a commit id, or the name of what the file belongs to


class FileChange(Record):
    """One file of a pull request. ``patch`` is its hunks, from the first ``@@`` on, as text.

    ``patch`` is empty for binary files, pure renames and mode changes. Line ends are kept as they
    are. ``encoding`` is "utf-8", or "latin-1" where the bytes were not strict UTF-8.
    """

    path: str
    old_path: str | None = None
    status: ChangeStatus
    language: str = ""
    patch: str = ""
    added_lines: int = 0
    deleted_lines: int = 0
    binary: bool = False
    encoding: str = "utf-8"
    flags: tuple[str, ...] = ()  # "lock", "generated", "vendored", "docs", "test", "submodule", …


class Defect(Record):
    """The truth of a planted pull request. No byte of it ever reaches a prompt.

    Lines count from 1 in the new file; ``defective`` is what stands there, ``original`` what
    should. ``group`` says whether a linter can see it ("surface") or not ("semantic").
    """

    kind: str
    path: str
    start_line: int
    end_line: int
    defective: tuple[str, ...]
    original: tuple[str, ...]
    header: str
    content: str
    security: bool = False


class SecretScan(Record):
    """The mark select leaves: which rules looked, what they found and masked."""

    rules_version: str
    found: tuple[str, ...] = ()  # rule ids, one per masked span
    planted_kept: int = 0  # planted secrets are ours and stay


class PullRequest(Record):
    """One pull request, from any source. ``defect`` is None for real and for clean planted ones."""

    schema_version: int = SCHEMA_VERSION
    id: str
    source: str  # "git" or "planted"
    repository: str  # host/owner/name, local:ROOTCOMMIT or planted:stdlib
    group: str  # what may not be split between train and eval
    number: int | None = None
    evidence: str = (
        ""  # how it was recognised: "gh_merge", "squash", "first_parent", "planted:edit", …
    )
    confidence: float = 1.0
    title: str
    body: str = ""
    branch: str = ""
    commit_messages: tuple[str, ...] = ()
    author: str = ""
    merged_at: str = ""
    base_sha: str = ""
    head_sha: str = ""
    merge_sha: str = ""
    flags: tuple[str, ...] = ()  # "bot", "revert", "backport", "spot", "planted", …
    files: tuple[FileChange, ...]
    licence: LicenceEvidence | None = None
    defect: Defect | None = None
    pool: Split | None = None  # planted: the half of templates and words its lines were drawn from
    split: Split | None = None
    scan: SecretScan | None = None

    @property
    def planted(self) -> bool:
        """Whether its truth is known because we made it."""
        return self.source == "planted"


class SplitManifest(Record):
    """Which pull requests are held out, frozen before a teacher is paid."""

    schema_version: int = SCHEMA_VERSION
    id: str
    train: tuple[str, ...]
    eval: tuple[str, ...]
    chosen_by: str


class ShownFile(Record):
    """A file of the coverage and the indices of the hunks that are shown, from 0."""

    path: str
    hunks: tuple[int, ...]


class OmittedFile(Record):
    """A file, or some of its hunks, that is not shown, and why."""

    path: str
    reason: str
    hunks: tuple[int, ...] = ()


class Coverage(Record):
    """What of a pull request is shown; fixed once per pull request and tool, for every contract."""

    shown: tuple[ShownFile, ...]
    omitted: tuple[OmittedFile, ...] = ()
    diff_tokens: int = 0


class Message(Record):
    """One chat message."""

    role: str
    content: str


class Prompt(Record):
    """A task put to a model in one contract's words."""

    schema_version: int = SCHEMA_VERSION
    id: str
    pull_request_id: str
    tool: str
    contract: str
    part: int = 0
    split: Split
    messages: tuple[Message, ...]
    coverage: Coverage
    scan: SecretScan
    parent_answer: str | None = None


class Answer(Record):
    """What a model answered to one prompt: the raw text, and how the call ended.

    ``outcome`` is the door's, or UNREADABLE where the text does not follow the contract; then
    ``fault`` says why. ``value_json`` is the parsed answer's canonical JSON, only when OK.
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
    grounding_faults: tuple[str, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    terms: str = ""  # the licence or terms the answer may be used under


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


class Verdict(Record):
    """One judge's opinion of one pair in one order."""

    schema_version: int = SCHEMA_VERSION
    id: str
    prompt_id: str  # the candidate's prompt
    pull_request_id: str
    tool: str
    candidate: str  # an entrant: model@phase
    candidate_answer_id: str
    reference: str
    reference_answer_id: str
    judge: str
    prompt_version: str
    order: Order
    repeat: int = 0
    result: Result
    by_rule: str = ""  # "candidate_invalid", … where no judge was asked
    why: str = ""
    candidate_score: float | None = None
    reference_score: float | None = None

    def swap(self) -> Verdict:
        """The same opinion with candidate and reference exchanged; swapping twice gives it back."""
        turned = {Result.WIN: Result.LOSS, Result.LOSS: Result.WIN}
        other = {
            Order.CANDIDATE_FIRST: Order.REFERENCE_FIRST,
            Order.REFERENCE_FIRST: Order.CANDIDATE_FIRST,
        }
        return self.model_copy(
            update={
                "candidate": self.reference,
                "candidate_answer_id": self.reference_answer_id,
                "reference": self.candidate,
                "reference_answer_id": self.candidate_answer_id,
                "order": other[self.order],
                "result": turned.get(self.result, self.result),
                "candidate_score": self.reference_score,
                "reference_score": self.candidate_score,
            }
        )


class Rating(Record):
    """How often an entrant is better than a reference, under one judge, one tool and one slice.

    Rates are shares in 0..1. ``low`` and ``high`` bound the 95 % interval, resampled by pull
    request; ``all_win`` and ``all_loss`` are the rate if every unreadable verdict went one way.
    ``judge`` or ``tool`` is "all" for the mean over them; ``slice`` is "all", "planted" or "real".
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    entrant: str
    model: str
    phase: Phase
    reference: str
    judge: str
    tool: str
    slice: str
    pull_requests: int
    verdicts: int
    unreadable: int
    better_rate: float | None
    better_low: float | None
    better_high: float | None
    ties_half_rate: float | None
    all_win: float | None
    all_loss: float | None
    degenerate: bool = False  # all pull requests alike: bounds are for what was not seen


class Metric(Record):
    """A share in 0..1 that no judge decides: how often an entrant's answers are so.

    ``count`` is what the share is of (answers, defects, claims …), ``low`` and ``high`` bound the
    95 % interval by pull request; ``value`` is None where there was nothing to count.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    entrant: str
    name: str
    tool: str
    slice: str
    pull_requests: int
    count: int
    value: float | None
    low: float | None
    high: float | None
    degenerate: bool = False  # as in Rating


class Contrast(Record):
    """``entrant`` minus ``other`` in one rate, on the same prompts; -1..1, bounds as in Metric.

    ``name`` is "better_rate", or a Metric's; then ``reference`` and ``judge`` are empty.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    entrant: str
    other: str
    name: str
    reference: str
    judge: str
    tool: str
    slice: str
    pull_requests: int
    prompts: int
    difference: float | None
    low: float | None
    high: float | None
    degenerate: bool = False  # as in Rating


def prompt_id(pull_request_id: str, *, tool: str, contract: str, part: int = 0) -> str:
    """The id of a Prompt."""
    return f"{pull_request_id}#{id_part(tool)}/{id_part(contract)}/{part}"


def answer_id(prompt: str, *, model: str, phase: Phase, checkpoint: str, sample: int) -> str:
    """The id of an Answer."""
    return f"{prompt}~{id_part(model)}/{phase}/{id_part(checkpoint)}/{sample}"


def example_id(answer: str, *, contract: str) -> str:
    """The id of an Example."""
    return f"{answer}>{id_part(contract)}"


def checkpoint_id(cell: str, *, phase: Phase, weights_digest: str) -> str:
    """The id of a Checkpoint."""
    return f"{id_part(cell)}/{phase}/{weights_digest}"


def verdict_id(
    prompt: str, *, pair: tuple[str, str, str], version: str, order: Order, repeat: int
) -> str:
    """The id of a Verdict; ``pair`` is (candidate, reference, judge)."""
    names = ":".join(id_part(name) for name in pair)
    return f"{prompt}~{names}/{id_part(version)}/{order}/{repeat}"


def rating_id(names: tuple[str, str, str], *, tool: str, slice_name: str) -> str:
    """The id of a Rating; ``names`` is (entrant, reference, judge)."""
    return ":".join(id_part(name) for name in names) + f"/{id_part(tool)}/{id_part(slice_name)}"


def metric_id(entrant: str, name: str, *, tool: str, slice_name: str) -> str:
    """The id of a Metric."""
    return "/".join(id_part(part) for part in (entrant, name, tool, slice_name))


def contrast_id(pair: tuple[str, str], name: str, *, judged: tuple[str, str], where: str) -> str:
    """The id of a Contrast; ``pair`` is (entrant, other), ``judged`` (reference, judge), ``where`` tool/slice."""
    one, other = (":".join(id_part(part) for part in two) for two in (pair, judged))
    return f"{one}/{id_part(name)}/{other}/{where}"


def entrant_name(model: str, phase: Phase) -> str:
    """What verdicts and ratings call a model in one phase: ``model`` or ``model@phase``."""
    return model if phase is Phase.NONE else f"{model}@{phase}"


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
