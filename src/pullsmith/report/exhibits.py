"""Which comparisons there is room for on the page, and what is shown of them.

Takes a run folder, gives a Sample: exhibits of the comparisons that were drawn, the first drawn first,
until their texts are MOST_BYTES.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pullsmith.diff.shown import unified
from pullsmith.report.exhibit import Compared, Exhibit, Sample, Task, Text
from pullsmith.report.exhibit_records import Reader
from pullsmith.report.sample import COLUMNS, Comparison, comparisons, counted, drawn, tasks
from pullsmith.report.shortened import Cut, cut
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study

MOST_BYTES = 3_000_000  # of all exhibits together, as near as can be told before they are written
DIFF_LINES = 160
_FRAME_BYTES = {"pull_request": 1_400, "task": 700, "comparison": 700, "verdict": 330}
_Key = tuple[str, str, int]  # pull request, tool, part


def sample(study: Study, run: RunFolder, most_bytes: int = MOST_BYTES) -> Sample:
    """The exhibits of a run; none, and why, where its records are not all there."""
    reference = study.reference[0]
    for key in (JobKey("split"), JobKey("render"), JobKey("respond", reference.cell)):
        if run.job(key).manifest() is None:
            return Sample(reference.label, missing=f"the records of {key} are not here")
    every: list[Comparison] = []
    for cell in study.candidate_cells:
        job = run.job(JobKey("judge", cell))
        if job.manifest() is not None and run.job(JobKey("respond", cell)).manifest() is not None:
            every += comparisons(job.columns(*COLUMNS), cell, reference.label)
    if not every:
        return Sample(reference.label, missing="nothing was judged")
    return Sample(reference.label, _exhibits(study, run, drawn(every), most_bytes), counted(every))


def _exhibits(
    study: Study, run: RunFolder, chosen: Sequence[Comparison], most_bytes: int
) -> tuple[Exhibit, ...]:
    """Of the comparisons as many as there is room for, those that were drawn first before others."""
    read = Reader.of(study, run, chosen)
    chosen = [each for each in chosen if read.has(each)]
    compared = {each: read.compared(each) for each in sorted(chosen)}
    answers = {(each.pull_request_id, each.tool, each.part): read.reference(each) for each in sorted(chosen)}  # fmt: skip
    frames = _frames(read, chosen, answers)
    fitting = _fitting(chosen, compared, frames, most_bytes)
    found: dict[str, list[Task]] = {}
    for key, mine in tasks(fitting):
        frame = frames[key]
        task = replace(frame, compared=tuple(compared[each] for each in mine))
        found.setdefault(key[0], []).append(task)
    return tuple(read.exhibit(name, of) for name, of in sorted(found.items()))


def _frames(
    read: Reader, chosen: Sequence[Comparison], answers: Mapping[_Key, Text]
) -> dict[_Key, Task]:
    found = {}
    for key, (first, *_) in tasks(chosen):
        shown = read.shown(first)
        diff = cut(unified(shown, numbers=True), DIFF_LINES)
        found[key] = Task(key[1], key[2], diff, shown.omitted, answers[key], ())
    return found


def _fitting(
    chosen: Sequence[Comparison],
    compared: Mapping[Comparison, Compared],
    frames: Mapping[_Key, Task],
    most_bytes: int,
) -> list[Comparison]:
    room, seen, found = most_bytes, set[_Key](), []
    for each in chosen:
        key = (each.pull_request_id, each.tool, each.part)
        needed = _size_of(compared[each]) + (0 if key in seen else _size_of_frame(frames[key]))
        if needed > room:
            break
        room -= needed
        seen.add(key)
        found.append(each)
    return found


def _size_of(each: Compared) -> int:
    reasons = sum(_bytes(one.why) + _FRAME_BYTES["verdict"] for one in each.said)
    return _FRAME_BYTES["comparison"] + _lines(each.answer.cut) + reasons


def _size_of_frame(task: Task) -> int:
    """With the pull request's own texts, as if it had no other task."""
    return (
        _FRAME_BYTES["pull_request"] + _FRAME_BYTES["task"]
        + _lines(task.diff) + _lines(task.answer.cut) + sum(map(_bytes, task.omitted))
    )  # fmt: skip


def _lines(text: Cut) -> int:
    return sum(_bytes(line) + 1 for line in text.lines)


def _bytes(text: str) -> int:
    """At most, for what Python text is made of: escapes of five for one, or four bytes."""
    escaped = sum(map(text.count, "&<>\"'")) * 4
    hidden = sum(9 for c in text if not c.isprintable())
    return len(text.encode("utf-8", "surrogatepass")) + escaped + hidden
