"""The examples one student learns from: clean's of its contract, or what its choice of data takes.

Takes a finished clean stage, and the control beside it where the choice is in there; gives examples.
This is the one place that knows what an ablation's data is. Draws hash a pull request's id with the
study's seed: whole pull requests are drawn, and a smaller share is a part of every larger one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pullsmith.errors import StudyError
from pullsmith.records import SECOND_LOOK, Example, digest
from pullsmith.store import RunFolder
from pullsmith.study.data import DataKind, TrainingData
from pullsmith.study.roles import StudentRole


@dataclass(frozen=True)
class TrainingSet:
    """What a student learns from, by id; and the rows the embedded one takes its vocabulary from.

    Those are clean's, whatever is trained on, so that students that differ in their data alone
    start from the same weights, as those of a hub model do.
    """

    examples: list[Example]
    vocabulary: list[Example]


def training_set(run: RunFolder, role: StudentRole, *, seed: int) -> TrainingSet:
    """The set of one student; raises as ``examples_of``, and StudyError where nothing is left."""
    examples = examples_of(run, role, seed=seed)
    if not examples:
        data = role.training_data
        said = "" if data.kind is DataKind.ALL else f" for data {str(data)!r}"
        raise StudyError(
            f"student {role.cell}: clean kept no example in contract {role.contract!r}{said}; "
            "see its dropped.parquet for the reasons"
        )
    return TrainingSet(examples, _learnt(run.read("clean", Example), role) or examples)


def examples_of(run: RunFolder, role: StudentRole, *, seed: int) -> list[Example]:
    """What one student learns from, by id; ``seed`` is the study's, none may be left.

    Raises RunFolderError where its data is not made yet.
    """
    data = role.training_data
    if data.beside_clean:
        return _learnt(run.read("control", Example, data.beside_clean), role)
    return taken(_learnt(run.read("clean", Example), role), data, seed=seed)


def taken(examples: list[Example], data: TrainingData, *, seed: int) -> list[Example]:
    """What a choice takes of clean's examples, in their order; at least one pull request of any."""
    if data.kind is DataKind.TOOLS:
        wanted = {*data.tools, *([SECOND_LOOK] if "improve" in data.tools else [])}
        return [example for example in examples if example.tool in wanted]
    if data.kind is DataKind.SHARE:
        drawn = _drawn({example.pull_request_id for example in examples}, data.share, seed)
        return [example for example in examples if example.pull_request_id in drawn]
    return examples


def _drawn(pull_requests: Iterable[str], share: float, seed: int) -> set[str]:
    ordered = sorted(pull_requests, key=lambda name: (digest([seed, "share", name]), name))
    return set(ordered[: max(1, round(share * len(ordered)))])


def _learnt(examples: Iterable[Example], role: StudentRole) -> list[Example]:
    """Those in its contract; second looks only where it learns them, as another of its contract may."""
    return [
        example
        for example in examples
        if example.contract == role.contract and (role.reflect or example.tool != SECOND_LOOK)
    ]
