"""Train: the examples of a student's contract in, its weights before and after out.

A cell is a student. Leaves ``start/`` (the embedded student only: what was built) and ``final/``
(weights, or an adapter) beside the Checkpoint rows; everything to resume from lives in the work
folder and goes when the job is done.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import StudyError
from pullsmith.llm.chat import is_plain
from pullsmith.llm.weights import (
    TRAINING_MODULES,
    need_extra,
    quiet_libraries,
    weights_digest,
)
from pullsmith.models.presets import describe
from pullsmith.records import SECOND_LOOK, Checkpoint, Example, Phase, checkpoint_id, digest
from pullsmith.study.roles import StudentRole
from pullsmith.study.train import TrainSettings
from pullsmith.tally import Tally
from pullsmith.train.batches import hold_out, one_pass, plan_batches
from pullsmith.train.collate import check_packing
from pullsmith.train.encode import Encoded, encode
from pullsmith.train.preflight import (
    Preflight,
    check_reloaded,
    check_too_long,
    preflight,
    trained_words,
)
from pullsmith.train.student import Student, known_of, open_student
from pullsmith.train.trainer import Trained, Training, train_student

START, FINAL = "start", "final"
_RELOADED = 50  # prompts that must read alike from the saved tokenizer
_VERSION = "train-2"  # changed when the same settings would train another model


def run(context: StageContext) -> StageResult:
    """Train one student.

    Raises MissingExtraError without the extra [train], StudyError for a student that cannot be
    trained or has no examples, TrainingError where training would go silently wrong.
    """
    need_extra(TRAINING_MODULES)
    quiet_libraries(TRAINING_MODULES)
    role = _role(context)
    with _threads(context.study.train.threads):
        return _train(context, role)


def _train(context: StageContext, role: StudentRole) -> StageResult:
    settings, seed = context.study.train, context.study.seed
    examples = _examples(context, role)
    student = open_student(role, examples, settings, seed=seed)
    encoded, drops = encode(
        examples, student.tokenizer, stops=student.stops,
        max_length_tokens=_longest(student, role, settings.max_length_tokens),
    )  # fmt: skip
    context.job.write_drops(drops)
    check_too_long(len(drops), len(examples), settings.max_too_long_share)
    figures = preflight(
        encoded, stops=student.stops, pad=student.tokenizer.pad_token_id,
        vocabulary=student.model.get_input_embeddings().num_embeddings,
        bos=student.tokenizer.bos_token_id,
    )  # fmt: skip
    final = context.job.path / FINAL
    check_reloaded(student.tokenizer, final, [row.messages for row in examples[:_RELOADED]])
    context.report(_opening(figures, student))
    if known := describe(known_of(role)):
        context.report(f"{role.model}: {known}")
    for line in (*_stated(student), *trained_words(encoded, student.tokenizer)):
        context.report(line)
    training = _plan(student, encoded, settings, adapter=role.adapter, seed=seed)
    if settings.packing:
        check_packing(student.model, training.encoded, pad=student.tokenizer.pad_token_id)
    parameters = student.parameters
    before = _before(context, role, student, parameters)
    work = context.job.work(_work_name(context, role, encoded, before.weights_digest))
    trained = train_student(training, work=work, report=context.report)
    _save(trained.model, student, final, base=before.base)
    after = _after(
        context, role, before, steps=trained.steps, tokens=_trained_tokens(training, trained.steps)
    )
    context.job.write(Checkpoint, [before, after])
    tally = Tally.of(records_in=len(examples), records_out=len(encoded), drops=drops, rows=2)
    return StageResult(tally, _measured(figures, trained))


def _plan(
    student: Student,
    encoded: Sequence[Encoded],
    settings: TrainSettings,
    *,
    adapter: bool,
    seed: int,
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
        held_out=held, held_out_batches=checks,
    )  # fmt: skip


def _role(context: StageContext) -> StudentRole:
    for student in context.study.student:
        if student.cell == context.cell:
            return student
    raise StudyError(f"train: the study has no student {context.cell!r}")


def _examples(context: StageContext, role: StudentRole) -> list[Example]:
    found = context.run.read("clean", Example)
    examples = [example for example in found if example.contract == role.contract]
    if not role.reflect:  # another student of its contract may learn to
        examples = [example for example in examples if example.tool != SECOND_LOOK]
    if not examples:
        raise StudyError(
            f"student {role.cell}: clean kept no example in contract {role.contract!r}; "
            "see its dropped.parquet for the reasons"
        )
    return examples


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


def _save(model: object, student: Student, folder: Path, *, base: str) -> None:
    """Write model and tokenizer to ``folder``, whatever an earlier try left there removed.

    An adapter names its base as the study does, never by a path of this machine.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for config in getattr(model, "peft_config", {}).values():
        config.base_model_name_or_path = base
    model.save_pretrained(folder)  # type: ignore[attr-defined]  # transformers is not followed
    student.tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)  # a card with nothing filled in


def _work_name(
    context: StageContext, role: StudentRole, encoded: Sequence[Encoded], start: str
) -> str:
    """A digest of all that decides the weights; other data or libraries never resume this state."""
    ids = [[example.example_id, example.input_ids, example.prompt_tokens] for example in encoded]
    versions = [version(name) for name in ("torch", "transformers", "trl", "peft")]
    decides = [role.model, role.method, context.study.train, context.study.seed, start]
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
        "trained_share": round(figures.trained_share, 4),
        "longest_tokens": figures.longest,
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
