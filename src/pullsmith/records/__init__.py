"""The records that flow from stage to stage, and the grammar of their ids.

One frozen pydantic model per arrow of the flow. Records know no stage, no model and no file.

    PullRequest   host/owner/name@SHA | local:ROOTCOMMIT@SHA | planted:DIGEST
    Prompt        PULL_REQUEST#tool/contract/part
    Answer        PROMPT~model/phase/checkpoint/sample, and ANSWER/repair where it was asked once more
    Example       ANSWER>student-contract
    Checkpoint    cell/phase/DIGEST
    Verdict       PROMPT~candidate:reference:judge/prompt-version/order/repeat
    Rating        entrant:reference:judge/tool/slice
    Metric        entrant/name/tool/slice
    Contrast      entrant:other/name/reference:judge/tool/slice
    Statistic     name/judge:other/entrant:reference
    GroupContrast claim/subject/reference/tool
    Drop          stage!RECORD_ID

Names of models hold ``:``, ``/`` and ``#``; inside an id they are percent-quoted, so an id splits
in one way only. Times are ISO 8601 in UTC; costs US dollars; closed sets are enums.
"""

from pullsmith.records.base import (
    SCHEMA_VERSION,
    ChangeStatus,
    Claim,
    Order,
    Outcome,
    Phase,
    Record,
    Result,
    Split,
    digest,
    id_part,
)
from pullsmith.records.exchange import (
    MOST_FINDINGS,
    MOST_SUGGESTIONS,
    Answer,
    Checkpoint,
    Coverage,
    Cut,
    Drop,
    Example,
    Layout,
    Message,
    OmittedFile,
    Prompt,
    PromptOptions,
    ShownFile,
    drop,
)
from pullsmith.records.ids import (
    answer_id,
    checkpoint_id,
    contrast_id,
    entrant_name,
    example_id,
    group_contrast_id,
    metric_id,
    part_of,
    prompt_id,
    rating_id,
    repair_id,
    statistic_id,
    verdict_id,
)
from pullsmith.records.pull_request import (
    Defect,
    FileChange,
    HunkContext,
    LicenceEvidence,
    LicenceFile,
    LinkedIssue,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
    SecretScan,
    SplitManifest,
)
from pullsmith.records.standing import SECOND_LOOK, firsts, standing
from pullsmith.records.verdict import (
    Contrast,
    GroupContrast,
    Metric,
    Rating,
    Statistic,
    Verdict,
)

__all__ = [
    "MOST_FINDINGS",
    "MOST_SUGGESTIONS",
    "SCHEMA_VERSION",
    "SECOND_LOOK",
    "Answer",
    "ChangeStatus",
    "Checkpoint",
    "Claim",
    "Contrast",
    "Coverage",
    "Cut",
    "Defect",
    "Drop",
    "Example",
    "FileChange",
    "GroupContrast",
    "HunkContext",
    "Layout",
    "LicenceEvidence",
    "LicenceFile",
    "LinkedIssue",
    "Message",
    "Metric",
    "OmittedFile",
    "Order",
    "Outcome",
    "Phase",
    "Prompt",
    "PromptOptions",
    "PullRequest",
    "Rating",
    "Record",
    "Result",
    "Review",
    "ReviewComment",
    "ReviewThread",
    "SecretScan",
    "ShownFile",
    "Split",
    "SplitManifest",
    "Statistic",
    "Verdict",
    "answer_id",
    "checkpoint_id",
    "contrast_id",
    "digest",
    "drop",
    "entrant_name",
    "example_id",
    "firsts",
    "group_contrast_id",
    "id_part",
    "metric_id",
    "part_of",
    "prompt_id",
    "rating_id",
    "repair_id",
    "standing",
    "statistic_id",
    "verdict_id",
]
