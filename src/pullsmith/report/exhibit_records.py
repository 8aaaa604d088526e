"""The records that exhibits show, read by id: those that are shown and no others.

Takes a run folder and the comparisons that were drawn; gives texts, cut. Its memory does not grow
with the study, but for ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.records import Answer, Order, Outcome, Prompt, PullRequest, Result, Verdict
from pullsmith.report.exhibit import Compared, Exhibit, Said, Task, Text
from pullsmith.report.sample import Comparison, Ending
from pullsmith.report.shortened import Cut, cut, shortened
from pullsmith.scoring import answer_value
from pullsmith.store import JobFolder, JobKey, RunFolder
from pullsmith.study import Study
from pullsmith.study.judging import HUMAN

ANSWER_LINES, BODY_LINES = 80, 24
REASON_CHARACTERS = 700


@dataclass(frozen=True)
class Reader:
    """The records of the chosen comparisons, by id."""

    tools: Tools
    pull_requests: Mapping[str, PullRequest]
    prompts: Mapping[str, Prompt]
    answers: Mapping[str, Mapping[str, Answer]]  # by cell
    theirs: Mapping[str, Answer]
    verdicts: Mapping[tuple[str, str], Sequence[Verdict]]  # by candidate and prompt

    @classmethod
    def of(cls, study: Study, run: RunFolder, chosen: Sequence[Comparison]) -> Reader:
        """What ``chosen`` needs; verdicts whole, all else by id."""
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
        """The model's answer and its verdicts."""
        said = self.verdicts[each.candidate, each.prompt_id]
        answer = self.answers[each.cell].get(said[0].candidate_answer_id)
        return Compared(
            each.anchor, each.candidate, each.ending, _summary(each, said),
            self._text(answer), tuple(_said(one) for one in sorted(said, key=_in_order)),
        )  # fmt: skip

    def reference(self, each: Comparison) -> Text:
        """The reference's answer."""
        said = self.verdicts[each.candidate, each.prompt_id]
        return self._text(self.theirs.get(said[0].reference_answer_id))

    def shown(self, each: Comparison) -> ShownDiff:
        """What models and judges were shown of the change."""
        request = self.pull_requests[each.pull_request_id]
        return ShownDiff.of(request, self.prompts[each.prompt_id].coverage)

    def exhibit(self, name: str, of: Sequence[Task]) -> Exhibit:
        """A pull request with what was said about it."""
        request = self.pull_requests[name]
        return Exhibit(
            name, shortened(" ".join(request.title.split()), 200), _origin(request), _truth(request),
            cut(_told(request), BODY_LINES), tuple(of),
        )  # fmt: skip

    def has(self, each: Comparison) -> bool:
        """Whether the change it is about is here; a pack may go without."""
        return each.pull_request_id in self.pull_requests and each.prompt_id in self.prompts

    def _text(self, answer: Answer | None) -> Text:
        if answer is None:
            return Text(Cut(()), "the answer is not among the records here")
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
    first = [one for one in said if not one.repeat or one.judge == HUMAN]
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
    place = request.repository.removeprefix("planted:")
    kind = f"Planted in {place}" if request.planted else f"Real, of {place}{number}"
    files = "1 file" if len(request.files) == 1 else f"{len(request.files)} files"
    added = sum(file.added_lines for file in request.files)
    deleted = sum(file.deleted_lines for file in request.files)
    return f"{kind}; {files}, +{added} -{deleted}"


def _told(request: PullRequest) -> str:
    """What its author says of it: description, branch, commit messages, as judges read them."""
    commits = "\n".join(request.commit_messages).strip()
    parts = (
        request.body.strip(),
        request.branch and f"Branch: {request.branch}",
        commits and f"Commit messages:\n{commits}",
    )
    return "\n\n".join(filter(None, parts))


def _truth(request: PullRequest) -> str:
    if not request.planted:
        return ""
    if request.defect is None:
        return "No defect was planted: to claim nothing is right"
    where = f"{request.defect.path}:{request.defect.start_line}"
    return f"Planted defect: {request.defect.header}, at {where}; no model was told"
