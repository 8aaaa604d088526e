"""What TRL's trainers are told, by whichever loss they train.

Takes the recipe; gives keyword arguments. Every default of theirs that would do something silently
is overruled here.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pullsmith.engine import Processes
from pullsmith.study.train import TrainSettings
from pullsmith.train.kernels import takes_liger
from pullsmith.train.ranks import batches_each

# For a tiny overfit: the full rate from the first step, every loss heard, nothing kept.
PROBING = {"lr_scheduler_type": "constant", "logging_steps": 1, "save_strategy": "no"}
_REPORTS = 20  # lines of progress a training


_KNOWN_WARNINGS = (
    # PEFT 0.21 asks transformers 5.23 by a name that is about to go.
    "`is_gradient_checkpointing` is deprecated",
    # It doubles the rank for experts that are one parameter, and finds none among linear modules.
    "The following (rank|alpha)_pattern keys did not match",
    # TRL's word for kernels from the hub, which would be downloaded while training.
    "`use_liger_kernel=True` is deprecated",
)


@contextmanager
def quiet_warnings() -> Iterator[None]:
    """Within it, what the libraries are known to warn of without reason is not said."""
    with warnings.catch_warnings():
        for text in _KNOWN_WARNINGS:
            warnings.filterwarnings("ignore", message=text)
        yield


def common_arguments(
    settings: TrainSettings, *, work: Path, seed: int, processes: Processes
) -> dict[str, object]:
    """The arguments of a training of ``settings.steps`` steps; raises StudyError for a step that cannot be shared."""
    import torch

    gpu = torch.cuda.is_available()
    return {
        "output_dir": str(work),
        "use_cpu": not gpu,
        "bf16": gpu or settings.bf16_on_cpu,
        "max_steps": settings.steps,
        "per_device_train_batch_size": 1,  # a row of the data set is a whole planned batch
        "gradient_accumulation_steps": batches_each(
            settings.gradient_accumulation_steps, processes
        ),
        "train_sampling_strategy": "sequential",  # the plan is the order
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": settings.warmup_steps,
        "optim": "adamw_torch_fused",
        "adam_beta2": settings.adam_beta2,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": 1.0,
        "gradient_checkpointing": False,  # TRL's default; its name is deprecated
        "activation_checkpointing": settings.activation_checkpointing,
        "max_length": None,
        "router_aux_loss_coef": 0.0,  # TRL adds a loss for routing that some models cannot give
        "use_liger_kernel": takes_liger(settings.kernels, gpu=gpu),
        "remove_unused_columns": False,
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": False,
        "save_strategy": "steps",
        "save_steps": settings.checkpoint_steps,
        "save_total_limit": 2,  # the one before stays until the newest is sealed
        "logging_steps": max(settings.steps // _REPORTS, 1),
        "logging_nan_inf_filter": False,  # it would hide the loss that is no number
        "report_to": "none",
        "trackio_static_space_id": False,  # nothing is put on the hub
        "disable_tqdm": True,
        "ddp_find_unused_parameters": False,
        "seed": seed,
        "data_seed": seed,
    }


def held_out_arguments(settings: TrainSettings) -> dict[str, object]:
    """The loss of what is held out, at every state that is kept; the lowest one is used."""
    return {
        "eval_strategy": "steps",
        "eval_steps": settings.checkpoint_steps,
        "per_device_eval_batch_size": 1,
        "prediction_loss_only": True,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
        "save_total_limit": 3,  # the best stays too
    }
