"""A study's recipe for other trainers: one configuration for LLaMA-Factory, one for Axolotl.

Takes a trained student and the folder of its published data set; gives YAML. What they call things
was read in their sources (LLaMA-Factory ff6d4d12e, Axolotl 067b021c8). They batch by rows where we
batch whole pull requests, so their losses are near ours and not the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pullsmith.errors import StudyError
from pullsmith.export.source import Trained
from pullsmith.llm.chat import MERGE_SYSTEM, is_plain, render
from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.publish.rows import ANSWERS
from pullsmith.publish.trainers import data_path
from pullsmith.records import Message
from pullsmith.store import JobKey
from pullsmith.study.known import known_of

if TYPE_CHECKING:
    from pullsmith.llm.chat import PreTrainedTokenizerBase

_ANSWER = "pullsmithanswertext"
Config = dict[str, Any]  # as YAML takes it; it goes no further than this file


@dataclass(frozen=True)
class Recipe:
    """What a configuration is made of; ``data`` is the folder that ``pullsmith publish`` made."""

    trained: Trained
    data: Path
    tokenizer: PreTrainedTokenizerBase  # as the student was trained with
    stops: Sequence[int]

    @property
    def base(self) -> str:
        """The base as other programs name it: ORG/NAME, or a folder."""
        name = parse_model_name(self.trained.role.model)
        if name.kind is ModelKind.HUB:
            return name.target
        if name.kind is ModelKind.FOLDER:
            return str(Path(name.target).expanduser().resolve())
        raise StudyError(
            f"export: student {self.trained.role.cell} is built on the spot, so no other trainer can "
            "begin where it began"
        )

    @property
    def batch_rows(self) -> int:
        """Rows in a batch: our pull requests, each with all its tools."""
        study = self.trained.study
        return study.train.pull_requests_per_batch * len(study.render.tools)

    def checked(self) -> Recipe:
        """Itself; raises StudyError where the folder is not the data set of this study."""
        rows = self.data / data_path(self.trained.role.contract, "jsonl")
        if not rows.is_file():
            raise StudyError(
                f"export: {rows} is not there; make the data set first: pullsmith publish STUDY.toml "
                "FOLDER, then say --data FOLDER"
            )
        return self


def recipe_notes(recipe: Recipe) -> tuple[str, ...]:
    """What the configurations cannot say, one sentence each."""
    trained = recipe.trained
    manifest = trained.run.job(JobKey("train", trained.role.cell)).manifest()
    long = manifest.tally.dropped.get("too_long", 0) if manifest else 0
    notes = [
        "Rows are batched one by one there, and whole pull requests here: the same recipe, not the "
        "same batches."
    ]
    if long:
        notes.append(
            f"{long} rows are longer than {trained.study.train.max_length_tokens} tokens and were left "
            "out of training here; LLaMA-Factory cuts them, so take them out of the data first."
        )
    return tuple(notes)


def llama_factory(recipe: Recipe) -> str:
    """The configuration for ``llamafactory-cli train FILE``.

    Raises StudyError where the student's template is not the base's own, because LLaMA-Factory
    takes templates by name or from the base, never as text.
    """
    template = str(recipe.tokenizer.chat_template)
    if is_plain(recipe.tokenizer) or template.startswith(MERGE_SYSTEM):
        raise StudyError(
            "export: the base has no template, or none with a system role, and LLaMA-Factory cannot be "
            "given the one that was trained with; --to axolotl can"
        )
    study, role = recipe.trained.study, recipe.trained.role
    train = study.train
    config: Config = {
        "model_name_or_path": recipe.base,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora" if role.adapter else "full",
        **_llama_factory_adapter(recipe),
        "dataset_dir": str(recipe.data.resolve()),
        "dataset": f"{study.name}-{role.contract}",
        # No template: LLaMA-Factory then reads the base's own, which is what was trained with here.
        "cutoff_len": train.max_length_tokens,
        "train_on_prompt": False,
        "packing": train.packing,
        **({"neat_packing": True} if train.packing else {}),
        "output_dir": f"trained-{role.cell}",
        "per_device_train_batch_size": recipe.batch_rows,
        "gradient_accumulation_steps": train.gradient_accumulation_steps,
        "max_steps": train.steps,
        **_shared_schedule(recipe),
        "lr_scheduler_type": "cosine",
        "optim": "adamw_torch_fused",
        "bf16": True,
        "disable_gradient_checkpointing": not train.activation_checkpointing,
        "logging_steps": 10,
        "report_to": "none",
        **_llama_factory_checks(recipe),
    }
    return _HEAD.format(command="llamafactory-cli train FILE") + _yaml(config)


def _llama_factory_adapter(recipe: Recipe) -> Config:
    if not recipe.trained.role.adapter:
        return {}
    lora = recipe.trained.study.train.lora
    targets = known_of(recipe.trained.role).lora_targets.value
    found: Config = {
        "lora_rank": lora.rank, "lora_alpha": lora.alpha, "lora_dropout": lora.dropout,
        "lora_target": ",".join(targets) if targets else "all",
    }  # fmt: skip
    if recipe.trained.role.method == "qlora":
        found |= {"quantization_bit": 4, "quantization_type": "nf4", "double_quantization": True}
    return found


def _llama_factory_checks(recipe: Recipe) -> Config:
    train = recipe.trained.study.train
    if not train.held_out_share:
        return {}
    found: Config = {
        "val_size": train.held_out_share, "eval_strategy": "steps",
        "eval_steps": train.checkpoint_steps, "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
    }  # fmt: skip
    return {**found, "early_stopping_steps": train.patience} if train.patience else found


def axolotl(recipe: Recipe) -> str:
    """The configuration for ``axolotl train FILE``, the student's template in it as text."""
    study, role = recipe.trained.study, recipe.trained.role
    train = study.train
    config: Config = {
        "base_model": recipe.base,
        "chat_template": "jinja",
        "chat_template_jinja": str(recipe.tokenizer.chat_template),
        **_ends(recipe),
        "special_tokens": {"pad_token": str(recipe.tokenizer.pad_token)},
        "datasets": [
            {
                "path": str((recipe.data / data_path(role.contract, "jsonl")).resolve()),
                "ds_type": "json",
                "type": "chat_template",
                "field_messages": "messages",
                "message_property_mappings": {"role": "role", "content": "content"},
                "roles_to_train": [ANSWERS],
                "train_on_eos": "turn",
            }
        ],
        "sequence_len": train.max_length_tokens,
        "excess_length_strategy": "drop",
        "sample_packing": train.packing,
        "pad_to_sequence_len": train.packing,
        **({"attn_implementation": "flash_attention_2"} if train.packing else {}),
        **_axolotl_adapter(recipe),
        "output_dir": f"trained-{role.cell}",
        "micro_batch_size": recipe.batch_rows,
        "gradient_accumulation_steps": train.gradient_accumulation_steps,
        "max_steps": train.steps,
        **_shared_schedule(recipe),
        "lr_scheduler": "cosine",
        "optimizer": "adamw_torch_fused",
        "bf16": "auto",
        "gradient_checkpointing": train.activation_checkpointing,
        "val_set_size": train.held_out_share,
        **({"eval_steps": train.checkpoint_steps} if train.held_out_share else {}),
        **({"early_stopping_patience": train.patience} if train.patience else {}),
    }
    return _HEAD.format(command="axolotl train FILE") + _yaml(config)


def _axolotl_adapter(recipe: Recipe) -> Config:
    role, lora = recipe.trained.role, recipe.trained.study.train.lora
    if not role.adapter:
        return {}
    targets = known_of(role).lora_targets.value
    on: Config = {"lora_target_modules": list(targets)} if targets else {"lora_target_linear": True}
    return {
        "adapter": role.method, "load_in_4bit": role.method == "qlora", "lora_r": lora.rank,
        "lora_alpha": lora.alpha, "lora_dropout": lora.dropout, **on,
    }  # fmt: skip


def _ends(recipe: Recipe) -> Config:
    """The token that ends an answer, where it is not the tokenizer's own end token."""
    talk = [Message(role="user", content="a"), Message(role=ANSWERS, content=_ANSWER)]
    (whole,) = render(recipe.tokenizer, [talk], generation_prompt=False)
    end = whole.partition(_ANSWER)[2]
    texts = [str(recipe.tokenizer.decode([one])) for one in recipe.stops]
    found = [text for text in texts if text and end.strip().startswith(text)]
    other = [text for text in found if text != recipe.tokenizer.eos_token]
    return {"eot_tokens": other[:1]} if other else {}


def _shared_schedule(recipe: Recipe) -> Config:
    """What both call by the same names."""
    study = recipe.trained.study
    train = study.train
    return {
        "learning_rate": train.learning_rate, "warmup_steps": train.warmup_steps,
        "weight_decay": train.weight_decay, "adam_beta2": train.adam_beta2, "max_grad_norm": 1.0,
        "save_steps": train.checkpoint_steps, "seed": study.seed,
    }  # fmt: skip


_HEAD = "# The recipe of a pullsmith study. {command}. Answers only are learnt, on one GPU.\n"


def _yaml(config: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=10**6)
