"""The student before training: built on the spot, or opened from a folder or the hub.

Takes a role and the training texts; gives model, tokenizer and end tokens. Trains nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.llm.weights import load_model, load_tokenizer, model_folder, stop_ids
from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.records import Example
from pullsmith.study.known import known_of
from pullsmith.study.roles import StudentRole
from pullsmith.study.train import TrainSettings
from pullsmith.train.kernels import attention_of
from pullsmith.train.tiny import build_tiny
from pullsmith.train.tokenizer import train_tokenizer

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Student:
    """A model that can be trained. ``base_folder`` is None for one that was built on the spot."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    stops: tuple[int, ...]
    base_folder: Path | None
    compact_loss: bool  # whether the head is a plain matrix, so that a leaner loss is exact
    lora_targets: tuple[str, ...] = ()  # the modules an adapter sits on; all linear ones if empty
    four_bits: bool = False  # whether its weights are quantised

    @property
    def parameters(self) -> int:
        """How many weights it has, tied ones once."""
        return sum(weight.numel() for weight in self.model.parameters())


def open_student(
    role: StudentRole,
    examples: Sequence[Example],
    settings: TrainSettings,
    *,
    seed: int,
    alone: bool = True,
) -> Student:
    """The student named by ``role``; the embedded one takes its vocabulary from ``examples``.

    ``alone`` is False in one of several processes, which may hold no weights of their own.

    Raises StudyError for a model that cannot be trained here, OutsideError when the hub fails.
    """
    kind = parse_model_name(role.model).kind
    if kind is ModelKind.TINY:
        return _built(role, examples, settings, seed=seed)
    if kind in (ModelKind.HUB, ModelKind.FOLDER):
        return _opened(role, settings, alone=alone)
    raise StudyError(
        f"student {role.cell}: model {role.model!r} has no weights to train here; "
        "write tiny, hf:ORG/NAME or ./FOLDER"
    )


def _built(
    role: StudentRole, examples: Sequence[Example], settings: TrainSettings, *, seed: int
) -> Student:
    if role.method != "full":
        raise StudyError(
            f"student {role.cell}: tiny is trained in full; method {role.method!r} is for "
            "hf:ORG/NAME and ./FOLDER"
        )
    texts = [message.content for example in examples for message in example.messages]
    texts += [example.target for example in examples]
    tokenizer = train_tokenizer(texts, settings.tiny.vocabulary)
    model = build_tiny(tokenizer, settings.tiny, window=settings.max_length_tokens, seed=seed)
    return Student(model, tokenizer, stop_ids(model, tokenizer), None, compact_loss=True)


def _opened(role: StudentRole, settings: TrainSettings, *, alone: bool) -> Student:
    import torch

    if role.method == "qlora":
        _need_four_bits(role)
    folder = model_folder(role.model)
    tokenizer = load_tokenizer(folder)
    model = load_model(
        folder, dtype=_dtype(role), four_bits=role.method == "qlora",
        attention=attention_of(settings.attention, gpu=torch.cuda.is_available()),
    )  # fmt: skip
    return Student(
        model, tokenizer, stop_ids(model, tokenizer), folder, compact_loss=alone and head_is_plain(model),
        lora_targets=_targets(role, model) if role.adapter else (),
        four_bits=role.method == "qlora",
    )  # fmt: skip


def head_is_plain(model: PreTrainedModel) -> bool:
    """Whether scores are the head times the decoder's last state and nothing more; tried, not listed.

    Some architectures scale or cap their scores, or add a loss of their own for routing.
    """
    import torch

    if getattr(model.config, "output_router_logits", False):
        return False
    ids = torch.arange(8, device=model.device)[None]
    with torch.no_grad():
        hidden = model.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state
        plain = model.get_output_embeddings()(hidden)
        scores = model(input_ids=ids, use_cache=False).logits
    alike = plain.shape == scores.shape and torch.allclose(plain, scores, rtol=1e-4, atol=1e-5)
    return bool(alike)


def _targets(role: StudentRole, model: PreTrainedModel) -> tuple[str, ...]:
    """What is known of where an adapter sits; raises StudyError for a module the model lacks."""
    wanted = known_of(role).lora_targets.value or ()
    has = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    if missing := [name for name in wanted if name not in has]:
        raise StudyError(
            f"student {role.cell}: the model has no module {missing[0]!r} for an adapter; write "
            "about.lora_targets with names of its own, or none for all linear modules"
        )
    return wanted


def _dtype(role: StudentRole) -> torch.dtype:
    """Weights that are trained are kept in full precision; those under an adapter need not be."""
    import torch

    return torch.bfloat16 if role.adapter and torch.cuda.is_available() else torch.float32


def _need_four_bits(role: StudentRole, importer: Callable[[str], object] = import_module) -> None:
    """Refuse weights in four bits where nothing can compute with them."""
    import torch

    if not torch.cuda.is_available():
        raise StudyError(
            f"student {role.cell}: method 'qlora' keeps weights in four bits, which needs a CUDA "
            'GPU, and there is none; use method = "lora"'
        )
    try:
        importer("bitsandbytes")
    except ImportError as error:
        raise MissingExtraError(
            f"student {role.cell}: method 'qlora' needs bitsandbytes ({error}): "
            "pip install bitsandbytes"
        ) from error
