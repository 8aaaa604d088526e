"""The board: one row a model and phase, and how sure each number is. What board.json holds.

Takes Ratings, Metrics and Contrasts; gives a Board. A pure function of stored records: no clock, no
machine, no measured second is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pullsmith.errors import RunFolderError
from pullsmith.records import Claim
from pullsmith.study import Study

SCHEMA_VERSION = 1
NO_MODEL = "no model"  # where rules and constants run


class Part(BaseModel):
    """Base of the board's parts: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(Part):
    """How often better than a reference. Shares in 0..1, None where nothing was readable.

    ``degenerate``: all pull requests were alike, so the bounds are for what was not seen.
    """

    better_rate: float | None
    better_low: float | None
    better_high: float | None
    ties_half_rate: float | None
    all_win: float | None
    all_loss: float | None
    pull_requests: int
    verdicts: int
    unreadable: int
    degenerate: bool


class Estimate(Part):
    """A share in 0..1 of ``count`` things on ``pull_requests``, with its 95 % bounds."""

    value: float | None
    low: float | None
    high: float | None
    count: int
    pull_requests: int
    degenerate: bool


class ToolRow(Part):
    """One tool of a row; ``rate`` is None for a reference itself."""

    rate: Rate | None
    metrics: dict[str, Estimate]


class Spent(Part):
    """What a row's answers came to, repaired ones and second looks among them.

    Tokens are means a prompt, None where the model's server does not count them or there is no model.
    ``cost_usd`` is of all calls whose price is known; of ``unpriced`` calls nobody knows it.
    """

    prompts: int
    calls: int
    input_tokens: float | None
    output_tokens: float | None
    cost_usd: float
    unpriced: int


class Row(Part):
    """One model in one phase; the flat numbers are those of ``reference``, all slices, tools, judges.

    ``planted_recall``, ``planted_precision``, ``planted_f1`` and ``planted_silence`` are review's:
    kind and line both right; the share of clean planted pull requests on which nothing was claimed.
    ``runs`` is "here" for a model in our own process, "endpoint" for one that is asked over the wire,
    NO_MODEL for rules and constants. ``before_cutoff_rate``: the share of real pull requests that are not
    newer than its training data. What nobody knows is None, never 0.
    """

    entrant: str
    model: str
    phase: str
    role: str  # "student", "baseline" or "reference"
    runs: str = "here"
    parameters: int | None
    size_billions: float | None = None
    licence: str | None = None
    cutoff: str | None = None
    before_cutoff_rate: float | None = None
    reference: str | None
    better_rate: float | None
    better_low: float | None
    better_high: float | None
    valid_rate: float | None
    grounded_rate: float | None
    empty_rate: float | None = None
    planted_f1: float | None = None
    planted_recall: float | None
    planted_precision: float | None
    planted_silence: float | None
    tier: int | None
    spent: Spent | None = None
    rate: Rate | None
    tools: dict[str, ToolRow]
    judges: dict[str, Rate]  # "other-families" beside them, where that is not all
    slices: dict[str, Rate]
    references: dict[str, Rate]
    metrics: dict[str, dict[str, Estimate]]  # slice -> name -> all tools together
    planted: dict[str, dict[str, Estimate]]  # tool -> name
    planted_parts: dict[
        str, dict[str, dict[str, Estimate]]
    ] = {}  # tool -> kind or language -> name


class Difference(Part):
    """``entrant`` minus ``other`` on the same prompts; ``resolved`` when the interval leaves out 0."""

    name: str  # "better_rate" or "planted_recall"
    entrant: str
    other: str
    reference: str
    judge: str
    tool: str
    slice: str
    difference: float
    low: float
    high: float
    prompts: int
    pull_requests: int
    p_value: float | None
    adjusted_p: float | None  # for all pairs of its table (Holm)
    detectable: float | None  # the smallest difference seen four times in five
    degenerate: bool
    resolved: bool


class GroupDifference(Part):
    """The mean better rate of the models ``left`` minus that of ``right``: one of rank's GroupContrasts.

    ``low`` and ``high`` are for these very models, ``models_low`` and ``models_high`` for others of
    their kinds, None where there are too few.
    """

    claim: Claim
    subject: str
    threshold: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    paired: bool
    reference: str
    tool: str
    pull_requests: int
    prompts: int
    difference: float
    low: float
    high: float
    p_value: float
    adjusted_p: float  # for all findings of its claim (Holm)
    models_low: float | None
    models_high: float | None
    models_p: float | None
    models_adjusted_p: float | None
    degenerate: bool


class Judge(Part):
    """Who judged; ``language_model`` is False for the rules called rubric.

    ``failed_controls`` are the kinds of answers of known worth that it did not rate as it must.
    ``cutoff`` is the last day of its training data, ``retires`` the day its provider takes it away.
    """

    name: str
    language_model: bool
    prompt_version: str
    prompts: dict[str, str] = {}  # tool -> the prompt it has in the place of prompt_version
    orders: str
    family: str
    cutoff: date | None = None
    retires: date | None = None
    failed_controls: tuple[str, ...]


class Told(Part):
    """One of rank's Statistics: a number about judges, or about entrants beyond a rate."""

    name: str
    judge: str
    other: str
    entrant: str
    reference: str
    value: float | None
    low: float | None
    high: float | None
    count: int
    pull_requests: int
    degenerate: bool


class Published(Part):
    """A row of the table of 2024 as it was published; nothing here was run again, so it has no interval.

    ``after`` and ``before`` are shares better than that study's reference. It is in no tier, no
    difference and no finding.
    """

    model: str
    size_billions: float | None
    after: float | None
    before: float | None
    label: str
    note: str  # what is to be known of the name it stands under here


class FunnelExample(Part):
    """One dropped record: which, and what was seen."""

    record_id: str
    detail: str


class FunnelRow(Part):
    """What one job took in, passed on, wrote and dropped by reason, with some examples of each."""

    job: str
    records_in: int
    records_out: int
    rows: int
    dropped: dict[str, int]
    examples: dict[str, tuple[FunnelExample, ...]] = {}


class MissingCell(Part):
    """A model that this board was made without: its first stage that was not finished."""

    model: str
    stage: str
    state: str  # "waiting", "started" or "stale"


class Board(Part):
    """Everything the report shows; board.json is its JSON form."""

    schema_version: int = SCHEMA_VERSION
    study: str
    judges: tuple[Judge, ...]
    references: tuple[str, ...]
    chosen_by: str
    resamples: int
    pull_requests: dict[str, int]  # slice -> how many were answered
    shows: tuple[str, ...]
    findings: tuple[str, ...]
    models: tuple[Row, ...]
    differences: tuple[Difference, ...]
    groups: tuple[GroupDifference, ...] = ()
    statistics: tuple[Told, ...]
    funnel: tuple[FunnelRow, ...]
    published: tuple[Published, ...] = ()
    missing: tuple[MissingCell, ...] = ()

    @property
    def tools(self) -> tuple[str, ...]:
        """Every tool that some row answered, in the order they were met."""
        return tuple(dict.fromkeys(tool for row in self.models for tool in row.tools))


def read_board(path: Path) -> Board:
    """The board stored at ``path``; raises RunFolderError where there is none of this version."""
    try:
        return Board.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunFolderError(
            f"{path}: no board there ({error.strerror}); pullsmith report writes it"
        ) from error
    except ValidationError as error:
        raise RunFolderError(
            f"{path}: not a board of this version: {error.errors()[0]['msg']}; run report again"
        ) from error


def board(study: Study) -> Board:
    """The board of a study whose report is done; raises RunFolderError as ``read_board``."""
    return read_board(study.runs / study.name / "report" / "board.json")


def tiers(
    rates: Mapping[str, float], differences: Mapping[tuple[str, str], Difference]
) -> dict[str, int]:
    """Tiers from 1: the best, and with it all that are not resolved from it; then the next best.

    ``differences`` hold each pair in one direction. A pair without one counts as not resolved.
    """
    left = sorted(rates, key=lambda name: (-rates[name], name))
    found: dict[str, int] = {}
    tier = 0
    while left:
        tier += 1
        best = left[0]
        tied = [name for name in left if name == best or not _resolved(best, name, differences)]
        found |= dict.fromkeys(tied, tier)
        left = [name for name in left if name not in found]
    return found


def _resolved(one: str, other: str, differences: Mapping[tuple[str, str], Difference]) -> bool:
    found = differences.get((one, other)) or differences.get((other, one))
    return found is not None and found.resolved
