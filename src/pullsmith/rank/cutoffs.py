"""How much of the evaluation set a model may have learnt from before the study began.

Takes pull requests that were answered, entrants and training cut-offs; gives a Metric an entrant whose
cut-off is known. A fact about the set, so it has no interval. Planted pull requests do not count: they
were never merged anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pullsmith.models.cutoffs import is_newer
from pullsmith.rank.rates import ALL
from pullsmith.rank.tables import Entrant
from pullsmith.records import Metric, PullRequest, metric_id

BEFORE_CUTOFF = "before_cutoff_rate"


def cutoff_metrics(
    requests: Iterable[PullRequest], entrants: Iterable[Entrant], cutoffs: Mapping[str, str]
) -> Iterator[Metric]:
    """The share of real pull requests with a date that are not newer than a model's ``cutoffs``."""
    dated = [request.merged_at for request in requests if not request.planted and request.merged_at]
    for entrant in entrants:
        if dated and entrant.model in cutoffs:
            older = sum(not is_newer(merged_at, cutoffs[entrant.model]) for merged_at in dated)
            yield Metric(
                id=metric_id(entrant.name, BEFORE_CUTOFF, tool=ALL, slice_name="real"),
                entrant=entrant.name, name=BEFORE_CUTOFF, tool=ALL, slice="real",
                pull_requests=len(dated), count=len(dated),
                value=round(older / len(dated), 9), low=None, high=None,
            )  # fmt: skip
