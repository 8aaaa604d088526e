"""How the board was made: what was set, who took part, which records it is made of, how to make it again.

Takes the study and the manifests of its jobs, gives Tables. Nothing measured is in them, no path and
no address of a source, so that the page says the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pullsmith.report.figures import DASH
from pullsmith.report.table import Table
from pullsmith.store import JobKey, Manifest, RunFolder
from pullsmith.study import Study
from pullsmith.study.judging import CONTROLS_CELL

# Without rank: it is done again wherever a board is checked, and another pyarrow writes the same rows as other bytes.
STAGES = ("collect", "select", "split", "render", "generate", "clean", "train", "respond", "judge")


@dataclass(frozen=True)
class Method:
    """Settings, roles and records as tables; ``versions`` of what made the verdicts, in a sentence."""

    settings: Table
    roles: Table
    records: Table
    versions: str


def method(study: Study, run: RunFolder) -> Method:
    """The method of a study; jobs that are not done are left out of the records."""
    manifests = [
        (key, found) for key in _jobs(study) if (found := run.job(key).manifest()) is not None
    ]
    return Method(
        Table("Settings", "Those that decide what is compared and how sure it is.", ("Setting", "Value"), tuple(_settings(study))),
        Table("Who took part", "", ("Model", "Part", "Asked in"), tuple(_roles(study))),
        Table(
            "Records",
            "Every number on this page is made from these. Equal digests are equal records, byte by byte.",
            ("Job", "Digest", "Rows"),
            tuple((str(key), one.output_digest or DASH, f"{one.tally.rows:,}") for key, one in manifests),
        ),
        _versions([one for _, one in manifests]),
    )  # fmt: skip


def _settings(study: Study) -> Iterator[tuple[str, str]]:
    yield "seed", str(study.seed)
    yield "eval.per_tool", f"{study.eval.per_tool}, chosen by {study.eval.chosen_by}"
    yield "split", f"{study.split.name}, by {study.split.by}"
    yield "render.tools", ", ".join(study.render.tools)
    yield "render.max_diff_tokens", f"{study.render.max_diff_tokens:,}, counted by {study.render.tokens}"  # fmt: skip
    yield "train.steps", f"{study.train.steps:,} at {study.train.learning_rate:g}"
    yield "judging.controls", f"{study.judging.controls} prompts of each tool"
    yield "judging.repeat_share", f"{study.judging.repeat_share:g} asked again"
    yield "judging.stop_early", "yes" if study.judging.stop_early else "no"
    yield "rank.resamples", f"{study.rank.resamples:,}, by {study.rank.cluster.replace('_', ' ')}"


def _roles(study: Study) -> Iterator[tuple[str, str, str]]:
    for teacher in study.teacher:
        yield teacher.label, "teacher", teacher.contract
    for student in study.student:
        named = "" if student.label == student.model else f" ({student.model})"
        yield f"{student.label}{named}", f"student, {student.method}", student.contract
    for reference in study.reference:
        yield reference.label, "reference", reference.contract
    for judge in study.judges:
        orders = "both orders" if judge.orders == "both" else "one order, drawn"
        yield judge.label, "judge", f"{judge.prompt_version}, {orders}"


def _versions(manifests: list[Manifest]) -> str:
    """Which versions made the records; several where they were made at several times."""
    found: dict[str, set[str]] = {}
    for one in manifests:
        for name, version in {"pullsmith": one.pullsmith_version, **one.versions}.items():
            found.setdefault(name, set()).add(version)
    return ", ".join(f"{name} {' and '.join(sorted(found[name]))}" for name in sorted(found))


def _jobs(study: Study) -> Iterator[JobKey]:
    cells = {
        "train": study.student_cells,
        "respond": study.respond_cells,
        "judge": (*study.candidate_cells, *((CONTROLS_CELL,) if study.judging.controls else ())),
    }
    for stage in STAGES:
        for cell in cells.get(stage, (None,)):
            yield JobKey(stage, cell)
