"""A run folder as a large study leaves it before rank: many models, prompts, judges and both orders.

``write(folder, ...)`` makes everything rank and report read: pull requests, prompts, answers, verdicts,
checkpoints and losses, all drawn by hash from words of our own. Models have a skill, judges a taste for
what comes first and for what is long, some answers are invalid and some verdicts unreadable. No figure
of it says anything about a real model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from board_texts import DRAW, SCAN, pull_request, value_of, words
from pullsmith.contracts.canonical import value_json
from pullsmith.diff.shown import whole
from pullsmith.engine import StageContext
from pullsmith.records import (
    Answer,
    Checkpoint,
    Order,
    Outcome,
    Phase,
    Prompt,
    PullRequest,
    Record,
    Result,
    Split,
    Verdict,
    answer_id,
    checkpoint_id,
    digest,
    entrant_name,
    prompt_id,
    verdict_id,
)
from pullsmith.store import JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study
from pullsmith.study.train import LOSSES_NAME
from pullsmith.tally import Tally

TOOLS = ("describe", "review", "improve")
HUB = (
    "deepseek-ai/deepseek-coder-33b-instruct", "deepseek-ai/deepseek-coder-33b-base",
    "Phind/Phind-CodeLlama-34B-v2", "ibm-granite/granite-34b-code-instruct-8k",
    "mistralai/Codestral-22B-v0.1", "Qwen/Qwen1.5-32B", "Qwen/CodeQwen1.5-7B",
    "meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Meta-Llama-3-8B-Instruct",
    "ibm-granite/granite-8b-code-instruct-4k", "codellama/CodeLlama-7b-hf", "google/gemma-7b",
    "deepseek-ai/deepseek-coder-7b-instruct-v1.5", "mistralai/Mistral-7B-v0.1",
    "Qwen/Qwen2.5-Coder-7B-Instruct",
)  # fmt: skip
JUDGES = (
    "openai:gpt-5-mini",
    "anthropic:claude-sonnet-4-5",
    "https://example.org/v1#gemini-2.5-pro",
)
REFERENCE = "openai:gpt-5"


@dataclass(frozen=True)
class Size:
    """How large a run: students (each before and after), pull requests (three prompts each), judges."""

    students: int = 15
    pull_requests: int = 100
    judges: int = 3
    resamples: int = 2000

    @property
    def verdicts(self) -> int:
        return self.students * 2 * self.pull_requests * len(TOOLS) * self.judges * len(Order)


def study(size: Size, runs: Path, name: str = "thirty-models") -> Study:
    """The study such a run belongs to."""
    return Study.model_validate({
        "name": name,
        "runs": str(runs),
        "collect": {"sources": [{"git": "clones/one"}]},
        "teacher": [{"model": REFERENCE}],
        "accept_terms": [REFERENCE],
        "student": [
            {"model": f"hf:{HUB[n % len(HUB)]}", "name": _name(n), "method": "lora"}
            for n in range(size.students)
        ],
        "reference": [{"model": REFERENCE}],
        "judge": [{"model": name} for name in JUDGES[: size.judges]],
        "judging": {"controls": 0},
        "baselines": False,
        "rank": {"resamples": size.resamples},
    })  # fmt: skip


def _name(number: int) -> str:
    name = HUB[number % len(HUB)].partition("/")[2]
    return name if number < len(HUB) else f"{name}-{number // len(HUB) + 1}"


def write(folder: Path, size: Size) -> Study:
    """The whole run under ``folder``; gives its study."""
    made = study(size, folder)
    run = RunFolder(folder / made.name)
    requests = [pull_request(number) for number in range(size.pull_requests)]
    _store(run, JobKey("split"), PullRequest, requests)
    _store(run, JobKey("render"), Prompt, [_prompt(r, tool) for r in requests for tool in TOOLS])
    for stage, (came, kept) in {
        "collect": (52_310, 48_122), "select": (48_122, 25_180), "generate": (75_240, 74_911), "clean": (74_911, 61_004),
    }.items():  # fmt: skip
        _counted(run, stage, came, kept)
    (reference,) = made.reference
    theirs = {
        (r.id, tool): _answer(r, tool, (REFERENCE, Phase.NONE), 0.72)
        for r in requests
        for tool in TOOLS
    }
    _store(run, JobKey("respond", reference.cell), Answer, list(theirs.values()))
    for number, role in enumerate(made.student):
        mine = list(_of_student(role.label, number, requests))
        _store(run, JobKey("respond", role.cell), Answer, mine)
        verdicts = [v for a in mine for v in _verdicts(a, theirs[a.pull_request_id, a.tool], made)]
        _store(run, JobKey("judge", role.cell), Verdict, verdicts)
        _trained(run, role.cell, number)
    return made


def context(made: Study, stage: str) -> StageContext:
    """What rank and report are given."""
    run = RunFolder(made.runs / made.name)
    job = run.job(JobKey(stage))
    make_folder(job.path)
    return StageContext(study=made, run=run, job=job)


def finish(made: StageContext, stage: str, tally: Tally) -> None:
    """Mark a stage that ran as done."""
    _manifest(made.run, JobKey(stage), tally)


def _prompt(request: PullRequest, tool: str) -> Prompt:
    coverage = whole(request).model_copy(update={"diff_tokens": len(request.files[0].patch) // 4})
    return Prompt(
        id=prompt_id(request.id, tool=tool, contract="native-1"), pull_request_id=request.id, tool=tool,
        contract="native-1", split=Split.EVAL, messages=(), coverage=coverage, scan=SCAN,
    )  # fmt: skip


def _of_student(name: str, number: int, requests: Sequence[PullRequest]) -> Iterator[Answer]:
    skill = 0.68 - 0.03 * number
    for phase, level in (
        (Phase.BEFORE, skill - 0.12 - 0.16 * DRAW.share(name)),
        (Phase.AFTER, skill),
    ):
        for request in requests:
            for tool in TOOLS:
                yield _answer(request, tool, (name, phase), level)


def _answer(request: PullRequest, tool: str, who: tuple[str, Phase], skill: float) -> Answer:
    """An answer, invalid the more often the lower the skill."""
    asked = prompt_id(request.id, tool=tool, contract="native-1")
    named = (request.id, tool, *who)
    valid = DRAW.share(*named, "valid") < 0.8 + 0.3 * skill
    value = value_of(request, tool, named)
    text = value_json(value)
    return Answer(
        id=answer_id(asked, model=who[0], phase=who[1], checkpoint="none", sample=0), prompt_id=asked,
        pull_request_id=request.id, tool=tool, contract="native-1", model=who[0], phase=who[1],
        outcome=Outcome.OK if valid else Outcome.UNREADABLE, text=text if valid else text[: len(text) // 2],
        value_json=text if valid else None, fault=None if valid else "not_yaml: it ends in the middle of a text",
        input_tokens=1800, output_tokens=len(text) // 4, cost_usd=0.0004,
    )  # fmt: skip


def _verdicts(mine: Answer, theirs: Answer, made: Study) -> Iterator[Verdict]:
    """What every judge says in both orders."""
    for place, judge in enumerate(made.judge):
        for order in Order:
            yield _verdict(mine, theirs, (judge.model, place), order)


def _verdict(mine: Answer, theirs: Answer, judge: tuple[str, int], order: Order) -> Verdict:
    candidate = entrant_name(mine.model, mine.phase)
    name, place = judge
    result, rule = _ruled(mine, theirs) or (_result(mine, theirs, place, order), "")
    named = (mine.id, name, order)
    better = {Result.WIN: "The candidate", Result.LOSS: "The other"}.get(result, "Neither")
    asked = bool(not rule and result is not Result.UNREADABLE)
    return Verdict(
        id=verdict_id(mine.prompt_id, pair=(candidate, REFERENCE, name), version="pair-1", order=order, repeat=0),
        prompt_id=mine.prompt_id, pull_request_id=mine.pull_request_id, tool=mine.tool, candidate=candidate,
        candidate_answer_id=mine.id, reference=REFERENCE, reference_answer_id=theirs.id, judge=name,
        prompt_version="pair-1", order=order, result=result, by_rule=rule,
        why=f"{better} is more exact. {words(named, 1)}" if asked else "",
        candidate_score=7.0 if asked and result is Result.WIN else 5.0 if asked else None,
        reference_score=7.0 if asked and result is Result.LOSS else 5.0 if asked else None,
    )  # fmt: skip


def _ruled(mine: Answer, theirs: Answer) -> tuple[Result, str] | None:
    good, other = mine.outcome is Outcome.OK, theirs.outcome is Outcome.OK
    if good and other:
        return None
    if not good:
        return (Result.TIE, "both_invalid") if not other else (Result.LOSS, "candidate_invalid")
    return Result.WIN, "reference_invalid"


def _result(mine: Answer, theirs: Answer, place: int, order: Order) -> Result:
    """Skill, a quarter noise, a little for the first place and a little for length."""
    if DRAW.share(mine.id, place, order, "unreadable") < 0.004:
        return Result.UNREADABLE
    number = next((n for n in range(40) if _name(n) == mine.model), 0)
    lead = (
        0.2 - 0.045 * number - (0.9 + DRAW.share(mine.model) if mine.phase is Phase.BEFORE else 0)
    )
    lead += (0.25 + 0.1 * place) * (1 if order is Order.CANDIDATE_FIRST else -1)
    lead += 0.5 * math.tanh((len(mine.text) - len(theirs.text)) / 200)
    lead += 3 * (DRAW.share(mine.id, theirs.id) - 0.5) + 1.5 * (
        DRAW.share(mine.id, place, order) - 0.5
    )
    if abs(lead) < 0.15:
        return Result.TIE
    return Result.WIN if lead > 0 else Result.LOSS


def _trained(run: RunFolder, cell: str, number: int) -> None:
    key = JobKey("train", cell)
    checkpoints = [
        Checkpoint(
            id=checkpoint_id(cell, phase=phase, weights_digest=digest([cell, phase])), student=cell, phase=phase,
            folder=phase, weights_digest=digest([cell, phase]), parameters=(33 - 2 * number) * 10**9,
            steps=2000, trained_tokens=90_000_000,
        )
        for phase in (Phase.BEFORE, Phase.AFTER)
    ]  # fmt: skip
    _store(run, key, Checkpoint, checkpoints)
    rows: list[dict[str, float]] = []
    for step in range(10, 2001, 10):
        level = 0.35 + 0.02 * number + 1.4 * math.exp(-step / 220)
        rows.append({"step": step, "loss": round(level + 0.08 * DRAW.share(cell, step), 4)})
        if step % 200 == 0:
            rows.append({"step": step, "eval_loss": round(level + 0.06, 4)})
    (run.job(key).path / LOSSES_NAME).write_text(json.dumps(rows), encoding="utf-8")


def _store(run: RunFolder, key: JobKey, record_type: type[Record], rows: Sequence[Record]) -> None:
    make_folder(run.job(key).path)
    run.job(key).write(record_type, rows)
    _manifest(run, key, Tally.of(records_in=len(rows), records_out=len(rows), drops=[]))


def _counted(run: RunFolder, stage: str, came: int, kept: int) -> None:
    """A stage that is only counted: half of what it dropped for one reason, half for two others."""
    lost = came - kept
    dropped = {
        "near_duplicate": lost // 2,
        "bot": lost // 4,
        "too_large": lost - lost // 2 - lost // 4,
    }
    make_folder(run.job(JobKey(stage)).path)
    _manifest(
        run, JobKey(stage), Tally(records_in=came, records_out=kept, dropped=dropped, rows=kept)
    )


def _manifest(run: RunFolder, key: JobKey, tally: Tally) -> None:
    job = run.job(key)
    job.finish(
        Manifest(
            pullsmith_version="bench", stage=key.stage, cell=key.cell, settings={}, inputs={}, tally=tally,
            output_digest=job.output_digest(), versions={}, measured={},
        )
    )  # fmt: skip
