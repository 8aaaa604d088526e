"""How much of the evaluation set a model may have seen."""

from __future__ import annotations

from pullsmith.rank.cutoffs import cutoff_metrics
from pullsmith.rank.tables import Entrant
from pullsmith.records import Phase
from tests.judged import DEFECT, pull_request

OLD, NEW = "2024-05-01T10:00:00Z", "2025-02-01T10:00:00Z"
BEFORE = Entrant("coder@before", "coder", Phase.BEFORE)
RULES = Entrant("rules", "rules", Phase.NONE)


def test_the_share_of_real_pull_requests_that_are_not_newer() -> None:
    dated = [
        pull_request(f"r{n}", source="git").model_copy(update={"merged_at": when})
        for n, when in enumerate((OLD, NEW, NEW, ""))
    ]
    planted = pull_request("p", defect=DEFECT).model_copy(update={"merged_at": OLD})
    (row,) = cutoff_metrics([*dated, planted], [BEFORE, RULES], {"coder": "2024-12"})
    # One of three with a date; the planted one and the one without a date say nothing.
    assert (row.entrant, row.slice, row.count) == ("coder@before", "real", 3)
    assert row.value == round(1 / 3, 9)
    assert (row.low, row.high) == (None, None)


def test_nothing_is_said_without_a_cutoff_or_a_date() -> None:
    undated = pull_request("r", source="git").model_copy(update={"merged_at": ""})
    assert not list(cutoff_metrics([undated], [BEFORE], {"coder": "2024-12"}))
    dated = undated.model_copy(update={"merged_at": OLD})
    assert not list(cutoff_metrics([dated], [BEFORE], {}))
