"""Where the examples come from, looked at once more before training: nothing held out, nothing unlicensed.

Takes examples and the pull requests as split left them. Split, select and clean see to both; a run
folder that was put together by hand, or changed between stages, is caught here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pullsmith.errors import TrainingError
from pullsmith.records import Example, PullRequest, Split
from pullsmith.spdx import PERMISSIVE, allows
from pullsmith.study.select import SelectSettings


def check_provenance(
    examples: Sequence[Example], pull_requests: Iterable[PullRequest], settings: SelectSettings
) -> None:
    """Raise TrainingError for an example that is held out, of an unknown change, or of a licence not allowed."""
    first = {example.pull_request_id: example.id for example in reversed(examples)}
    unknown = dict(first)
    for each in pull_requests:
        name = unknown.pop(each.id, None)
        if name is None:
            continue
        if each.split is not Split.TRAIN:
            raise TrainingError(
                f"leakage: example {name} is about {each.id}, which split holds out for evaluation; "
                "run clean again with --restart"
            )
        if fault := _licence_fault(each, settings):
            raise TrainingError(f"licence: example {name} is about {each.id}: {fault}")
    if unknown:
        name, example = next(iter(unknown.items()))
        raise TrainingError(
            f"leakage: example {example} is about {name}, of which split knows nothing; the stages "
            "are of different runs, run with --restart"
        )


def _licence_fault(each: PullRequest, settings: SelectSettings) -> str:
    allowed = PERMISSIVE if settings.licences == "permissive" else settings.licences
    found = each.licence.spdx if each.licence else None
    if allowed == "any" or allows(found, allowed):
        return ""
    return f"{found or 'no licence'} found, select.licences does not allow it"
