"""Train: the examples of a student's contract in, its weights before and after out.

A cell is a student. Leaves ``start/`` (the embedded student only: what was built), ``final/``
(weights, or an adapter) and ``loss.json`` beside the Checkpoint rows; everything to resume from lives in the work
folder and goes when the job is done.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.engine import Processes, StageContext, StageResult
from pullsmith.errors import StudyError
from pullsmith.llm.chat import is_plain
from pullsmith.llm.peak_memory import PeakMemory
from pullsmith.llm.weights import (
    TRAINING_MODULES,
    need_extra,
    quiet_libraries,
    weights_digest,
)
from pullsmith.models.presets import describe
from pullsmith.records import (
    Checkpoint,
    Example,
    Phase,
    PullRequest,
    checkpoint_id,
    digest,
)
from pullsmith.study.known import known_of
from pullsmith.study.roles import StudentRole
from pullsmith.study.train import CHANGES_NO_WEIGHT, LOSSES_NAME, TrainSettings
from pullsmith.tally import Tally
from pullsmith.train.batches import hold_out, one_pass, plan_batches
from pullsmith.train.collate import check_packing
from pullsmith.train.encode import Encoded, encode
from pullsmith.train.examples import training_set
from pullsmith.train.preference import Preferred, train_preference
from pullsmith.train.preflight import (
    Preflight,
    check_reloaded,
    check_too_long,
    preflight,
    trained_words,
)
from pullsmith.train.probe import Probe
from pullsmith.train.provenance import check_provenance
from pullsmith.train.ranks import from_the_first
from pullsmith.train.rejected import wanting
from pullsmith.train.room import available_bytes, check_room
from pullsmith.train.student import Student, open_student
from pullsmith.train.tracking import followed_in, trackers, write_losses
from pullsmith.train.trainer import Trained, train_student
from pullsmith.train.training import Training

if TYPE_CHECKING:
    import torch

START, FINAL = "start", "final"
LOGS = "logs"  # of the run, beside its stages: what trackers write has times in it
_RELOADED = 50  # prompts that must read alike from the saved tokenizer
_VERSION = "train-2"  # changed when the same settings would train another model


def run(context: StageContext) -> StageResult:
    """Train one student.

    Raises MissingExtraError without the extra [train], StudyError for a student that cannot be
    trained or has no examples, TrainingError where training would go silently wrong.
    """
    need_extra(TRAINING_MODULES)
    quiet_libraries(TRAINING_MODULES)
    role = context.study.student_of(context.cell)
    context = replace(context, study=context.study.for_student(role))
    with _threads(context.study.train.threads), PeakMemory() as peak:
        result = _train(context, role)
    return replace(result, measured={**result.measured, **peak.figures})


def _train(context: StageContext, role: StudentRole) -> StageResult:
    settings, seed = context.study.train, context.study.seed
    used = trackers(settings.report_to)
    _check_together(context)
    chosen = training_set(context.run, role, seed=seed)
    examples = chosen.examples
    student = open_student(
        role, chosen.vocabulary, settings, seed=seed, alone=context.processes.count == 1
    )
    longest = _longest(student, role, settings.max_length_tokens)
    encoded, drops = encode(
        examples, student.tokenizer, stops=student.stops, max_length_tokens=longest
    )
    rejected = wanting(context, role.contract, student, examples, longest=longest)
    if context.processes.first:
        context.job.write_drops([*drops, *rejected.drops])
    check_too_long(len(drops), len(examples), settings.max_too_long_share)
    training = _plan(
        student, encoded, settings, adapter=role.adapter, seed=seed, processes=context.processes,
        trackers=used,
    )  # fmt: skip
    ready = from_the_first(
        context.processes,
        lambda: _ready(context, role, training, examples, [*encoded, *rejected.encoded]),
    )
    with followed_in(context.run.path / LOGS / role.cell, context.study.name, used):
        trained = train_student(training, work=ready.work, report=context.report)
        preferred = None
        if rejected.encoded:
            work = context.job.work(f"{ready.work.name}-preference")
            preferred = train_preference(
                trained.model, training, rejected.encoded, work=work, report=context.report
            )
            trained = replace(trained, model=preferred.model)
    rows = from_the_first(
        context.processes, lambda: _finished(context, role, training, trained, ready.before)
    )
    tally = Tally.of(
        records_in=len(examples) + rejected.records_in,
        records_out=len(encoded) + len(rejected.encoded),
        drops=[*drops, *rejected.drops], rows=rows,
    )  # fmt: skip
    return StageResult(tally, {**_measured(ready.figures, trained), **_margins(preferred)})


def _check_together(context: StageContext) -> None:
    if context.processes.count > 1 and context.study.train.preference.method != "none":
        raise StudyError(
            f"train.preference: started in {context.processes.count} processes, and the preference "
            'stage runs in one; start pullsmith train by itself, or write method = "none"'
        )


def _margins(preferred: Preferred | None) -> dict[str, float]:
    """What the preference stage did, for the manifest."""
    if preferred is None:
        return {}
    return {
        "preference_steps": preferred.steps,
        "preference_margin_before": round(preferred.margin_before, 4),
        "preference_margin_after": round(preferred.margin_after, 4),
    }


@dataclass(frozen=True)
class _Ready:
    """What the first process found and made before training, for all of them."""

    before: Checkpoint
    figures: Preflight
    work: Path


def _ready(
    context: StageContext,
    role: StudentRole,
    training: Training,
    examples: Sequence[Example],
    encoded: Sequence[Encoded],
) -> _Ready:
    """Pass every gate, write what was there before training, and say where to resume from."""
    settings, student = training.settings, training.student
    figures = preflight(
        encoded, stops=student.stops, pad=student.tokenizer.pad_token_id,
        vocabulary=student.model.get_input_embeddings().num_embeddings,
        bos=student.tokenizer.bos_token_id,
    )  # fmt: skip
    check_provenance(examples, context.run.read("split", PullRequest), context.study.select)
    room = check_room(training, available_bytes())
    final = context.job.path / FINAL
    check_reloaded(student.tokenizer, final, [row.messages for row in examples[:_RELOADED]])
    context.report(_opening(figures, student))
    if known := describe(known_of(role)):
        context.report(f"{role.model}: {known}")
    for line in (*_stated(student), *trained_words(encoded, student.tokenizer), room):
        context.report(line)
    if settings.packing:
        check_packing(student.model, training.encoded, pad=student.tokenizer.pad_token_id)
    before = _before(context, role, student, student.parameters)
    name = _work_name(context, role, encoded, before.weights_digest)
    return _Ready(before, figures, context.job.work(name))


def _finished(
    context: StageContext,
    role: StudentRole,
    training: Training,
    trained: Trained,
    before: Checkpoint,
) -> int:
    """Write weights, losses and rows; how many rows."""
    final = context.job.path / FINAL
    _save(trained.model, training.student, final, base=before.base, weights=trained.weights)
    write_losses(context.job.path / LOSSES_NAME, trained.history)
    tokens = _trained_tokens(training, trained.steps)
    after = _after(context, role, before, steps=trained.steps, tokens=tokens)
    return context.job.write(Checkpoint, [before, after])


def _plan(  # noqa: PLR0913  # what decides the weights, and what does not
    student: Student,
    encoded: Sequence[Encoded],
    settings: TrainSettings,
    *,
    adapter: bool,
    seed: int,
    processes: Processes,
    trackers: Sequence[str],
) -> Training:
    """What is trained in which batches, and what is held out."""
    trained, held = hold_out(encoded, share=settings.held_out_share, seed=seed)
    batches = plan_batches(
        trained, batches=settings.steps * settings.gradient_accumulation_steps, seed=seed,
        pull_requests_per_batch=settings.pull_requests_per_batch,
        spots_per_batch=settings.spots_per_batch,
    )  # fmt: skip
    checks = one_pass(
        held, seed=seed, pull_requests_per_batch=settings.pull_requests_per_batch,
        spots_per_batch=settings.spots_per_batch,
    )  # fmt: skip
    return Training(
        student, trained, batches, settings, adapter=adapter, seed=seed,
        held_out=held, held_out_batches=checks, processes=processes, trackers=trackers,
    )  # fmt: skip


def _longest(student: Student, role: StudentRole, limit: int) -> int:
    """The study's limit, the model's window or what it is known to be made for: the shortest."""
    window = getattr(student.model.config, "max_position_embeddings", None)
    known = known_of(role).context_tokens.value
    return min(int(length) for length in (limit, window, known) if length)


def _before(
    context: StageContext, role: StudentRole, student: Student, parameters: int
) -> Checkpoint:
    """The state before training: what was built, saved; or the base model itself, by name."""
    base, folder = "", START
    if student.base_folder is None:
        _save(student.model, student, context.job.path / START, base="")
        weights = weights_digest(context.job.path / START)
    else:
        base, folder = role.model, ""
        weights = weights_digest(student.base_folder)
    return Checkpoint(
        id=checkpoint_id(role.cell, phase=Phase.BEFORE, weights_digest=weights),
        student=role.cell, phase=Phase.BEFORE, folder=folder, weights_digest=weights,
        parameters=parameters, steps=0, trained_tokens=0, base=base,
    )  # fmt: skip


def _after(
    context: StageContext, role: StudentRole, before: Checkpoint, *, steps: int, tokens: int
) -> Checkpoint:
    weights = weights_digest(context.job.path / FINAL)
    return before.model_copy(
        update={
            "id": checkpoint_id(role.cell, phase=Phase.AFTER, weights_digest=weights),
            "phase": Phase.AFTER,
            "folder": FINAL,
            "weights_digest": weights,
            "steps": steps,
            "trained_tokens": tokens,
            "base": before.base if role.adapter else "",
        }
    )


def _save(
    model: object,
    student: Student,
    folder: Path,
    *,
    base: str,
    weights: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Write model and tokenizer to ``folder``, whatever an earlier try left there removed.

    ``weights`` stand for the model's own where it holds only a part of them. An adapter names its base as the study does, never by a path of this machine.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for config in getattr(model, "peft_config", {}).values():
        config.base_model_name_or_path = base
    model.save_pretrained(folder, state_dict=weights)  # type: ignore[attr-defined]  # transformers is not followed
    student.tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)  # a card with nothing filled in


def _work_name(
    context: StageContext, role: StudentRole, encoded: Sequence[Encoded], start: str
) -> str:
    """A digest of all that decides the weights; other data or libraries never resume this state."""
    ids = [[example.example_id, example.input_ids, example.prompt_tokens] for example in encoded]
    versions = [version(name) for name in ("torch", "transformers", "trl", "peft")]
    recipe = context.study.train.model_dump(mode="json", exclude=set(CHANGES_NO_WEIGHT))
    decides = [role.model, role.method, recipe, context.study.seed, start]
    return digest([_VERSION, versions, decides, ids])


def _trained_tokens(training: Training, steps: int) -> int:
    batches = training.batches[: steps * training.settings.gradient_accumulation_steps]
    return sum(training.encoded[i].trained_tokens for batch in batches for i in batch)


def _measured(figures: Preflight, trained: Trained) -> dict[str, float]:
    return {
        "train_seconds": round(trained.seconds, 3),
        "tokens": trained.tokens,
        "tokens_per_second": round(trained.tokens / max(trained.seconds, 1e-9), 1),
        "steps": trained.steps - trained.resumed_at,
        "of_steps": trained.steps,
        "trained_share": round(figures.trained_share, 4),
        "longest_tokens": figures.longest,
        **_probed(trained.probe),
    }


def _probed(probe: Probe | None) -> dict[str, float]:
    """What the tiny overfit found, for the manifest."""
    if probe is None:
        return {}
    return {
        "probe_first_loss": probe.first,
        "probe_last_loss": probe.last,
        "probe_steps": probe.steps,
    }


def _opening(figures: Preflight, student: Student) -> str:
    return (
        f"{student.parameters / 1e6:.2f} M weights; {figures.examples} examples, "
        f"{figures.tokens} tokens, {figures.trained_share:.1%} trained, longest {figures.longest}"
    )


def _stated(student: Student) -> list[str]:
    """What a model without a template is trained in."""
    if not is_plain(student.tokenizer):
        return []
    stops = ", ".join(student.tokenizer.convert_ids_to_tokens(list(student.stops)))
    return [f"no chat template of its own: plain headings (### role), answers end in {stops}"]


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Train with the stated number of threads; sums depend on it in their last digits."""
    import torch

    earlier = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(earlier)
