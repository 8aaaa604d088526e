"""The preference stage: after the examples, which of two answers is the better one; by TRL's KTO or DPO.

Takes a trained model, kept and rejected answers as ids; gives the same model moved towards the kept
ones. What stands against it is the model as the first training left it. Ids and masks are our own:
TRL tokenizes nothing here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pullsmith.errors import TrainingError
from pullsmith.records import digest
from pullsmith.train.arguments import common_arguments, quiet_warnings
from pullsmith.train.checkpoints import newest_whole
from pullsmith.train.encode import Encoded
from pullsmith.train.room import told_when_full
from pullsmith.train.watch import Pace, is_finite, no_number, watcher

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel

    from pullsmith.train.training import Training

Row = dict[str, Any]  # ids and a label, as TRL takes them
_MEASURED = 16  # pairs whose margin is told before and after
REFERENCE = "ref"  # TRL's name for the adapter it keeps of before


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt."""

    chosen: Encoded
    rejected: Encoded


@dataclass(frozen=True)
class Preferred:
    """What the stage did: steps, and by how much more likely kept answers are than rejected ones.

    A margin is a difference of mean log-probabilities a token, over the measured pairs.
    """

    model: PreTrainedModel
    steps: int
    answers: int
    margin_before: float
    margin_after: float


def pairs_of(kept: Sequence[Encoded], rejected: Sequence[Encoded]) -> list[Pair]:
    """Every rejected answer beside the first kept one to the same prompt; none where nothing meets."""
    first: dict[tuple[int, ...], Encoded] = {}
    for one in kept:
        first.setdefault(_prompt(one), one)
    return [Pair(first[_prompt(one)], one) for one in rejected if _prompt(one) in first]


def _prompt(one: Encoded) -> tuple[int, ...]:
    return one.input_ids[: one.prompt_tokens]


def kto_rows(
    kept: Sequence[Encoded], rejected: Sequence[Encoded], size: int, *, rows: int, seed: int
) -> list[Row]:
    """Kept and rejected answers by turns, as many of each; every one once before one comes again.

    KTO measures how far the model has moved on answers to other prompts: within a batch each prompt
    of ``size`` gets the answer of its neighbour. Raises TrainingError where there is none of a kind.
    """
    if not kept or not rejected:
        raise TrainingError(
            f"train.preference: {len(kept)} kept and {len(rejected)} rejected answers; KTO needs both"
        )
    turns = (_forever(kept, seed, "kept"), _forever(rejected, seed, "rejected"))
    chosen = [(next(turns[at % 2]), at % 2 == 0) for at in range(rows)]
    made: list[Row] = []
    for start in range(0, rows, size):
        batch = chosen[start : start + size]
        answers = [_answer(one) for one, _ in batch]
        made += [
            {
                "prompt_ids": list(_prompt(one)), "completion_ids": answer,
                "KL_completion_ids": other, "label": label,
            }
            for (one, label), answer, other in zip(
                batch, answers, [answers[-1], *answers[:-1]], strict=True
            )
        ]  # fmt: skip
    return made


def dpo_rows(pairs: Sequence[Pair], *, rows: int, seed: int) -> list[Row]:
    """Pairs, every one once before one comes again; raises TrainingError where there is none."""
    if not pairs:
        raise TrainingError(
            "train.preference: no rejected answer has a kept one beside it to the same prompt; DPO "
            'needs pairs: raise teacher.samples, or take method = "kto"'
        )
    by_name = {pair.rejected.example_id: pair for pair in pairs}
    order = islice(_forever([pair.rejected for pair in pairs], seed, "pairs"), rows)
    found = [by_name[one.example_id] for one in order]
    return [
        {
            "prompt_ids": list(_prompt(pair.chosen)), "chosen_ids": _answer(pair.chosen),
            "rejected_ids": _answer(pair.rejected),
        }
        for pair in found
    ]  # fmt: skip


def _answer(one: Encoded) -> list[int]:
    return list(one.input_ids[one.prompt_tokens :])


def _forever(examples: Sequence[Encoded], seed: int, what: str) -> Iterator[Encoded]:
    for turn in count():
        yield from sorted(examples, key=lambda one: digest([seed, what, turn, one.example_id]))


def train_preference(
    model: PreTrainedModel,
    training: Training,
    rejected: Sequence[Encoded],
    *,
    work: Path,
    report: Callable[[str], None],
) -> Preferred:
    """Go on training ``model`` on kept and rejected answers, or go on from a whole state in ``work``.

    Raises TrainingError where there is nothing to learn from or the loss is no number.
    """
    rows, measured = _data(training, rejected)
    before = margin(model, measured)
    with quiet_warnings(), told_when_full(training):
        trainer = _trainer(model, training, rows, work=work, report=report)
        resume = newest_whole(work)
        trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    if not is_finite(trainer.model):
        raise no_number(trainer.state.global_step, "a weight is no number")
    if REFERENCE in getattr(trainer.model, "peft_config", {}):
        trainer.model.delete_adapter(REFERENCE)
    after = margin(trainer.model, measured)
    report(f"preference: kept answers were {before:+.3f} a token likelier, and are {after:+.3f}")
    return Preferred(trainer.model, trainer.state.global_step, len(rows), before, after)


def _data(training: Training, rejected: Sequence[Encoded]) -> tuple[list[Row], list[Pair]]:
    """The rows of every step, and pairs to measure by: of one prompt where there are any."""
    settings, seed, kept = training.settings.preference, training.seed, training.encoded
    answers = settings.steps * training.settings.gradient_accumulation_steps
    answers *= settings.examples_per_batch
    pairs = pairs_of(kept, rejected)
    if settings.method == "dpo":
        return dpo_rows(pairs, rows=answers // 2, seed=seed), pairs[:_MEASURED]
    rows = kto_rows(kept, rejected, settings.examples_per_batch, rows=answers, seed=seed)
    others = [Pair(one, other) for one, other in zip(kept, rejected, strict=False)]
    return rows, (pairs or others)[:_MEASURED]


def margin(model: PreTrainedModel, pairs: Sequence[Pair]) -> float:
    """Mean log-probability a token of the kept answers, less that of the rejected ones."""
    was_training = model.training
    model.eval()
    found = [
        log_probability(model, pair.chosen) - log_probability(model, pair.rejected)
        for pair in pairs
    ]
    model.train(was_training)
    return sum(found) / len(found)


def log_probability(model: PreTrainedModel, one: Encoded) -> float:
    """Mean log-probability of the tokens of one answer, given its prompt."""
    import torch

    ids = torch.tensor([one.input_ids], device=model.device)
    with torch.no_grad():
        scores = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
    likely = scores.log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
    return float(likely[one.prompt_tokens - 1 :].mean())


def _trainer(
    model: PreTrainedModel,
    training: Training,
    rows: Sequence[Row],
    *,
    work: Path,
    report: Callable[[str], None],
) -> Any:  # noqa: ANN401  # one of two trainers of TRL, which ships no types
    from datasets import Dataset
    from transformers import PrinterCallback

    preference = training.settings.preference
    pair = preference.method == "dpo"
    settings = training.settings.model_copy(
        update={"steps": preference.steps, "learning_rate": preference.learning_rate,
                "warmup_steps": min(training.settings.warmup_steps, preference.steps // 10)}
    )  # fmt: skip
    batch = preference.examples_per_batch // (2 if pair else 1)
    arguments = {
        **common_arguments(settings, work=work, seed=training.seed, processes=training.processes),
        "per_device_train_batch_size": batch,
        "beta": preference.beta,
        "report_to": list(training.trackers) or "none",
    }
    each = batch * settings.gradient_accumulation_steps
    tokens = [sum(map(_length, rows[at : at + each])) for at in range(0, len(rows), each)]
    kind, config = _trainer_class(pair=pair)
    trainer = kind(
        model=model,
        # An adapter is set against its own earlier self, which TRL keeps as a second adapter.
        ref_model=None if training.adapter else copy.deepcopy(model),
        args=config(**arguments),
        train_dataset=Dataset.from_list(list(rows)),
        processing_class=training.student.tokenizer,
        callbacks=[watcher(work, report, 0, Pace(report, tokens))],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _length(row: Row) -> int:
    return sum(len(ids) for name, ids in row.items() if name != "label" and isinstance(ids, list))


def _trainer_class(*, pair: bool) -> tuple[type[Any], type[Any]]:
    """TRL's trainer and its configuration, told to take the ids as they are and to write no card."""
    from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

    base, config = (DPOTrainer, DPOConfig) if pair else (KTOTrainer, KTOConfig)

    class IdsTrainer(base):  # type: ignore[misc, valid-type]  # trl ships no types
        def _prepare_dataset(self, dataset: Dataset, *_: object) -> Dataset:
            """Leave the ids as they are: TRL would render and cut them anew."""
            return dataset

        def create_model_card(self, *_: object, **__: object) -> None:
            """Write none: TRL asks the hub about the base model."""

    return IdsTrainer, config
