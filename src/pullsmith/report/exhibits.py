"""What the page shows of single comparisons: the pull request as judged, both answers, every verdict.

Takes a run folder and the comparisons that were drawn; gives Exhibits with all texts cut. Reads rows
by id, those that are shown and no others, so its memory does not grow with the study.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import Tools
from pullsmith.diff.shown import ShownDiff, unified
from pullsmith.records import Answer, Order, Outcome, Prompt, PullRequest, Result, Verdict
from pullsmith.report.sample import COLUMNS, Comparison, Ending, comparisons, counted, drawn, tasks
from pullsmith.report.shortened import Cut, cut, shortened
from pullsmith.scoring import answer_value
from pullsmith.store import JobFolder, JobKey, RunFolder
from pullsmith.study import Study

MOST_BYTES = 3_000_000  # of all exhibits together, as near as can be told before they are written
DIFF_LINES, ANSWER_LINES, BODY_LINES = 160, 80, 24
REASON_CHARACTERS = 700
_FRAME_BYTES = {"pull_request": 1_400, "task": 700, "comparison": 700, "verdict": 330}


@dataclass(frozen=True)
class Said:
    """One verdict with its reason; ``place`` is where the judge saw the model's answer."""

    judge: str
    place: str
    result: str
    scores: str
    why: str


@dataclass(frozen=True)
class Text:
    """An answer, and what is to be said of it where it is not simply valid."""

    cut: Cut
    note: str = ""


@dataclass(frozen=True)
class Compared:
    """One model's answer and its verdicts."""

    anchor: str
    candidate: str
    ending: Ending
    summary: str
    answer: Text
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Task:
    """One tool on one pull request: what was shown, the reference's answer, the models'."""

    tool: str
    part: int
    diff: Cut
    omitted: tuple[str, ...]
    answer: Text
    compared: tuple[Compared, ...]


@dataclass(frozen=True)
class Exhibit:
    """A pull request and what was said about it."""

    pull_request_id: str
    title: str
    origin: str
    truth: str
    body: Cut
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Sample:
    """What is shown, and of how much; ``missing`` says why nothing is, where nothing is."""

    reference: str
    exhibits: tuple[Exhibit, ...] = ()
    counts: Mapping[tuple[str, str], Counter[Ending]] | None = None
    missing: str = ""

    @property
    def shown(self) -> int:
        """Comparisons on the page."""
        return sum(len(task.compared) for each in self.exhibits for task in each.tasks)

    @property
    def every(self) -> int:
        """Comparisons there are."""
        return sum(count.total() for count in (self.counts or {}).values())


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
    made = _exhibits(study, run, drawn(every), most_bytes)
    return Sample(reference.label, made, counted(every))


def _exhibits(
    study: Study, run: RunFolder, chosen: Sequence[Comparison], most_bytes: int
) -> tuple[Exhibit, ...]:
    """Of the comparisons as many as there is room for, those that were drawn first before others."""
    read = _Reader.of(study, run, chosen)
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


_Key = tuple[str, str, int]


def _frames(
    read: _Reader, chosen: Sequence[Comparison], answers: Mapping[_Key, Text]
) -> dict[_Key, Task]:
    found = {}
    for key, (first, *_) in tasks(chosen):
        shown = read.shown(first)
        diff = cut(unified(shown), DIFF_LINES)
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


@dataclass(frozen=True)
class _Reader:
    """The records of the chosen comparisons, by id."""

    tools: Tools
    pull_requests: Mapping[str, PullRequest]
    prompts: Mapping[str, Prompt]
    answers: Mapping[str, Mapping[str, Answer]]  # by cell
    theirs: Mapping[str, Answer]
    verdicts: Mapping[tuple[str, str], Sequence[Verdict]]  # by candidate and prompt

    @classmethod
    def of(cls, study: Study, run: RunFolder, chosen: Sequence[Comparison]) -> _Reader:
        prompts = {each.prompt_id for each in chosen}
        requests = {each.pull_request_id for each in chosen}
        verdicts: dict[tuple[str, str], list[Verdict]] = {}
        answers: dict[str, Mapping[str, Answer]] = {}
        for cell in sorted({each.cell for each in chosen}):
            mine = [each for each in chosen if each.cell == cell]
            for one in _verdicts(run.job(JobKey("judge", cell)), mine):
                verdicts.setdefault((one.candidate, one.prompt_id), []).append(one)
            answers[cell] = run.job(JobKey("respond", cell)).stored(Answer)
        reference = run.job(JobKey("respond", study.reference[0].cell))
        return cls(
            tools=tools_of(study),
            pull_requests=run.stored("split", PullRequest, keep=lambda row: row["id"] in requests),
            prompts=run.stored("render", Prompt, keep=lambda row: row["id"] in prompts),
            answers=answers,
            theirs=reference.stored(Answer),
            verdicts=verdicts,
        )

    def compared(self, each: Comparison) -> Compared:
        said = self.verdicts[each.candidate, each.prompt_id]
        answer = self.answers[each.cell][said[0].candidate_answer_id]
        return Compared(
            each.anchor, each.candidate, each.ending, _summary(each, said),
            self._text(answer), tuple(_said(one) for one in sorted(said, key=_in_order)),
        )  # fmt: skip

    def reference(self, each: Comparison) -> Text:
        said = self.verdicts[each.candidate, each.prompt_id]
        return self._text(self.theirs[said[0].reference_answer_id])

    def shown(self, each: Comparison) -> ShownDiff:
        request = self.pull_requests[each.pull_request_id]
        return ShownDiff.of(request, self.prompts[each.prompt_id].coverage)

    def exhibit(self, name: str, of: Sequence[Task]) -> Exhibit:
        request = self.pull_requests[name]
        return Exhibit(
            name, shortened(" ".join(request.title.split()), 200), _origin(request), _truth(request),
            cut(request.body.strip(), BODY_LINES), tuple(of),
        )  # fmt: skip

    def _text(self, answer: Answer) -> Text:
        value = answer_value(answer, self.tools)
        if value is not None:
            note = "mended: its first try was refused" if answer.mends else ""
            return Text(cut(canonical_yaml(value), ANSWER_LINES), note)
        fault = f": {shortened(answer.fault, 300)}" if answer.fault else ""
        state = "does not follow its contract" if answer.outcome is Outcome.UNREADABLE else answer.outcome.value  # fmt: skip
        return Text(cut(answer.text, ANSWER_LINES), f"{state}{fault}; as it came")


def _verdicts(job: JobFolder, mine: Iterable[Comparison]) -> Iterable[Verdict]:
    wanted = {(each.candidate, each.reference, each.prompt_id) for each in mine}
    columns = ("candidate", "reference", "prompt_id")
    return job.stored(
        Verdict,
        columns=columns,
        keep=lambda row: tuple(row[name] for name in columns) in wanted,
    ).values()


def _in_order(verdict: Verdict) -> tuple[str, str, int]:
    return verdict.judge, verdict.order, verdict.repeat


def _summary(each: Comparison, said: Sequence[Verdict]) -> str:
    if each.ending is Ending.INVALID:
        return "no judge was asked: the answer does not follow its contract"
    first = [one for one in said if not one.repeat or one.judge == "human"]
    counts = Counter(one.result for one in first)
    words = {Result.WIN: "won", Result.LOSS: "lost", Result.TIE: "even", Result.UNREADABLE: "unreadable"}  # fmt: skip
    told = ", ".join(f"{counts[result]} {word}" for result, word in words.items() if counts[result])
    return f"{len(first)} verdicts: {told}"


def _said(verdict: Verdict) -> Said:
    place = "first" if verdict.order is Order.CANDIDATE_FIRST else "second"
    scores = ""
    if verdict.candidate_score is not None and verdict.reference_score is not None:
        scores = f"{verdict.candidate_score:g} : {verdict.reference_score:g}"
    rule = f"by rule: {verdict.by_rule.replace('_', ' ')}" if verdict.by_rule else ""
    again = f", asked again ({verdict.repeat})" if verdict.repeat else ""
    return Said(
        shortened(verdict.judge, 200), f"{place}{again}", verdict.result.value, scores,
        shortened(verdict.why.strip(), REASON_CHARACTERS) or rule,
    )  # fmt: skip


def _origin(request: PullRequest) -> str:
    number = f" #{request.number}" if request.number is not None else ""
    kind = "planted in" if request.planted else "real, of"
    changed = (sum(getattr(f, name) for f in request.files) for name in ("added_lines", "deleted_lines"))  # fmt: skip
    added, deleted = changed
    return f"{kind} {request.repository}{number}; {len(request.files)} files, +{added} -{deleted}"


def _truth(request: PullRequest) -> str:
    if not request.planted:
        return ""
    if request.defect is None:
        return "planted without a defect: to claim nothing is right"
    where = f"{request.defect.path}:{request.defect.start_line}"
    return f"planted defect: {request.defect.header}, at {where}; no model was told"
