"""What a study's students take: GPU hours, memory and disk, before anything is trained.

Takes a study, its rendered prompts where there are any, and a GPU; gives one record a student.
Estimated, by the arithmetic of ``train.fit`` and assumptions of ``train.gpus``: at most as many
tokens as the settings allow where nothing was rendered. What hangs on a fact of the model that
nobody knows is None, which is not the same as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pullsmith.llm.local import BATCH_SIZE
from pullsmith.models.names import LOCAL, parse_model_name
from pullsmith.models.presets import Preset
from pullsmith.records import Prompt, Split
from pullsmith.study import Study
from pullsmith.study.known import known_of
from pullsmith.study.roles import StudentRole
from pullsmith.tokens import MARGIN, count_tokens
from pullsmith.train.fit import Run, Shape, hours, memory, shape_of_preset, trained_weights
from pullsmith.train.gpus import ANSWERING_SHARE, TRAINING_SHARE, Gpu

# Of a prompt, apart from its diff; the margin of the estimate is on top.
TEMPLATE_TOKENS = {"compact-1": 700}
LONGEST_TEMPLATE_TOKENS = 3_000
BYTES_A_TOKEN = 4
PHASES = 2  # a student answers before and after
_SAVED = 4  # bytes a weight of what was trained, in 32 bits
_DOWNLOADED = 2  # bytes a weight of a model on the hub
_STATE = 12  # bytes a trained weight of a state to resume from: itself and AdamW's two moments
_STATES = 2  # the one before stays until the newest is whole
_HELD = {"full": 4, "lora": 2, "qlora": 2}  # bytes a weight of a student that answers


@dataclass(frozen=True)
class Needs:
    """One student. Bytes and GPU hours; None where a fact of the model is not known.

    ``states_bytes`` are only there while it trains. ``gpus`` is how many of them hold the training.
    """

    student: str
    model: str
    method: str
    training_tokens: int
    training_hours: float | None
    answers: int
    answering_hours: float | None
    memory_bytes: int | None
    gpus: int | None
    download_bytes: int | None
    weights_bytes: int | None
    states_bytes: int | None

    @property
    def gpu_hours(self) -> float | None:
        """Training and answering together."""
        if self.training_hours is None or self.answering_hours is None:
            return None
        return self.training_hours + self.answering_hours


@dataclass(frozen=True)
class Hardware:
    """What all students take on one kind of GPU."""

    gpu: Gpu
    students: tuple[Needs, ...]

    @property
    def known_hours(self) -> float:
        """GPU hours of the students whose hours are known."""
        return sum(each.gpu_hours or 0.0 for each in self.students)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Students whose hours nobody knows."""
        return tuple(each.student for each in self.students if each.gpu_hours is None)

    @property
    def known_bytes(self) -> int:
        """Disk for what is downloaded, once a model, and for what is kept of every training."""
        models = {each.model: each.download_bytes or 0 for each in self.students}
        return sum(models.values()) + sum(each.weights_bytes or 0 for each in self.students)

    @property
    def most_states_bytes(self) -> int:
        """Disk for the states of the largest training, while it runs."""
        return max((each.states_bytes or 0 for each in self.students), default=0)

    @property
    def without_bytes(self) -> tuple[str, ...]:
        """Students whose disk nobody knows."""
        return tuple(each.student for each in self.students if each.weights_bytes is None)


@dataclass(frozen=True)
class _Tokens:
    """Of prompts: the mean, and the mean when each is padded to the longest of its batch."""

    mean: float
    padded: float
    longest: int


def longest_prompt(study: Study, contract: str) -> int:
    """The longest prompt the study's token budget allows, by a model's own count."""
    template = TEMPLATE_TOKENS.get(contract, LONGEST_TEMPLATE_TOKENS)
    return round(study.render.max_diff_tokens * MARGIN) + template


def hardware_on(study: Study, prompts: Sequence[Prompt] | None, gpu: Gpu, calls: int) -> Hardware:
    """What each student takes on ``gpu``; ``calls`` are the answers of one phase, at most."""
    return Hardware(
        gpu,
        tuple(_needs(study.for_student(role), role, prompts, gpu, calls) for role in study.student),
    )


def text_bytes(study: Study, lines: Sequence[tuple[int | None, int, int]]) -> int | None:
    """Disk for pull requests, prompts, answers and verdicts, at most; None where calls are not known.

    ``lines`` are calls with their tokens in and out. What is asked stands in the run folder once, what is
    answered also in the journal; Parquet packs both, to about a third.
    """
    if any(calls is None for calls, _, _ in lines):
        return None
    asked = max((tokens for _, tokens, _ in lines), default=0) * len(study.contracts)
    answered = 2 * sum(tokens for _, _, tokens in lines)
    return BYTES_A_TOKEN * (asked + answered)


def _needs(
    study: Study, role: StudentRole, prompts: Sequence[Prompt] | None, gpu: Gpu, calls: int
) -> Needs:
    known = known_of(role)
    run = _run(study, role, _prompt_tokens(study, role, prompts, Split.TRAIN))
    tokens = _training_tokens(study, role, _prompt_tokens(study, role, prompts, Split.TRAIN))
    asked = _prompt_tokens(study, role, prompts, Split.EVAL)
    shape, size = shape_of_preset(known), known.size_billions.value
    needed = memory(shape, run).total if shape else None
    trained = trained_weights(shape, run) if shape else None
    if trained is None and size is not None and role.method == "full":
        trained = round(size * 1e9)
    local = parse_model_name(role.model).kind in LOCAL
    return Needs(
        student=role.label,
        model=role.model,
        method=role.method,
        training_tokens=tokens,
        training_hours=_training_hours(known, run, tokens, gpu),
        answers=PHASES * calls,
        answering_hours=_answering_hours(known, role, asked.mean, gpu, PHASES * calls),
        memory_bytes=needed,
        gpus=None if needed is None else math.ceil(needed / gpu.memory),
        download_bytes=None if size is None or not local else round(size * 1e9) * _DOWNLOADED,
        weights_bytes=None if trained is None else trained * _SAVED,
        states_bytes=None if trained is None else trained * _STATE * _STATES,
    )


def _prompt_tokens(
    study: Study, role: StudentRole, prompts: Sequence[Prompt] | None, side: Split
) -> _Tokens:
    """Of the student's prompts on one side, counted where they are, else as long as is allowed."""
    mine = [p for p in prompts or () if (p.split, p.contract) == (side, role.contract)]
    if not mine:
        longest = longest_prompt(study, role.contract)
        return _Tokens(longest, longest, longest)
    counts = [round(MARGIN * sum(count_tokens(m.content) for m in p.messages)) for p in mine]
    size = study.train.pull_requests_per_batch * len(study.render.tools)
    batches = [counts[start : start + size] for start in range(0, len(counts), size)]
    padded = sum(max(batch) * len(batch) for batch in batches) / len(counts)
    return _Tokens(sum(counts) / len(counts), padded, max(counts))


def _training_tokens(study: Study, role: StudentRole, prompts: _Tokens) -> int:
    """Of all steps, padding included unless the examples are packed."""
    settings = study.train
    each = prompts.mean if settings.packing else prompts.padded
    each = min(each + role.max_tokens, settings.max_length_tokens)
    examples = settings.steps * settings.gradient_accumulation_steps * _batch_examples(study)
    if settings.preference.method != "none":
        examples += settings.preference.steps * settings.preference.examples_per_batch
    return round(examples * each)


def _batch_examples(study: Study) -> int:
    return study.train.pull_requests_per_batch * len(study.render.tools)


def _run(study: Study, role: StudentRole, prompts: _Tokens) -> Run:
    """The largest batch: every example as long as may be; only answers go through the head."""
    settings, count = study.train, _batch_examples(study)
    longest = min(prompts.longest + role.max_tokens, settings.max_length_tokens)
    scored = count * min(role.max_tokens, longest)
    return Run(
        role.method, count * longest, scored, settings.activation_checkpointing, settings.lora.rank
    )


def _training_hours(known: Preset, run: Run, tokens: int, gpu: Gpu) -> float | None:
    active = known.active_billions.value or known.size_billions.value
    if active is None:
        return None
    weights = round(active * 1e9)
    shape = Shape(weights, weights, 0, 0, 0)  # time hangs on the active weights alone
    return hours(shape, run, tokens=tokens, flops_per_second=TRAINING_SHARE * gpu.flops)


def _answering_hours(
    known: Preset, role: StudentRole, prompt_tokens: float, gpu: Gpu, calls: int
) -> float | None:
    """Reading every prompt, and writing answers as long as may be, BATCH_SIZE at once.

    Each token that a batch writes takes all weights out of memory once.
    """
    size, active = known.size_billions.value, known.active_billions.value
    if size is None:
        return None
    reading = 2e9 * (active or size) * prompt_tokens * calls / (TRAINING_SHARE * gpu.flops)
    steps = math.ceil(calls / BATCH_SIZE) * role.max_tokens
    writing = steps * _HELD[role.method] * size * 1e9 / (ANSWERING_SHARE * gpu.bandwidth)
    return (reading + writing) / 3600
