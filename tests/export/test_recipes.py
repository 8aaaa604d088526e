"""The recipe in other trainers' words: every key is theirs, every value is the study's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pullsmith.errors import StudyError
from pullsmith.export.recipes import Recipe, axolotl, llama_factory, recipe_notes
from pullsmith.export.source import Source, find_source
from pullsmith.export.targets import Choices, export
from pullsmith.llm.chat import prepare_tokenizer
from pullsmith.llm.weights import load_tokenizer
from pullsmith.publish.trainers import trainer_files
from pullsmith.study.roles import StudentRole
from tests.export.trained import Run
from tests.train.twins import TWINS, twin_tokenizer

# Read in src/llamafactory/hparams and transformers' TrainingArguments, LLaMA-Factory ff6d4d12e.
LLAMA_FACTORY = {
    "model_name_or_path", "stage", "do_train", "finetuning_type", "lora_rank", "lora_alpha",
    "lora_dropout", "lora_target", "quantization_bit", "quantization_type", "double_quantization",
    "dataset_dir", "dataset", "cutoff_len", "train_on_prompt", "packing", "neat_packing", "output_dir",
    "per_device_train_batch_size", "gradient_accumulation_steps", "max_steps", "learning_rate",
    "warmup_steps", "weight_decay", "adam_beta2", "max_grad_norm", "save_steps", "seed",
    "lr_scheduler_type", "optim", "bf16", "disable_gradient_checkpointing", "logging_steps", "report_to",
    "val_size", "eval_strategy", "eval_steps", "load_best_model_at_end", "metric_for_best_model",
    "early_stopping_steps",
}  # fmt: skip
# Read in src/axolotl/utils/schemas, Axolotl 067b021c8.
AXOLOTL = {
    "base_model", "chat_template", "chat_template_jinja", "eot_tokens", "special_tokens", "datasets",
    "sequence_len", "excess_length_strategy", "sample_packing", "pad_to_sequence_len",
    "attn_implementation", "adapter", "load_in_4bit", "lora_r", "lora_alpha", "lora_dropout",
    "lora_target_linear", "lora_target_modules", "output_dir", "micro_batch_size",
    "gradient_accumulation_steps", "max_steps", "learning_rate", "warmup_steps", "weight_decay",
    "adam_beta2", "max_grad_norm", "save_steps", "seed", "lr_scheduler", "optimizer", "bf16",
    "gradient_checkpointing", "val_set_size", "eval_steps", "early_stopping_patience",
}  # fmt: skip


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def pack(folder: Path) -> Path:
    """As much of a published data set as is looked at."""
    (folder / "data" / "compact-1").mkdir(parents=True)
    (folder / "data" / "compact-1" / "train.jsonl").write_text("{}\n")
    return folder


def recipe(run: Run, data: Path, *, method: str = "lora", **train: Any) -> Recipe:
    """The run's, with another method, base or setting."""
    source = find_source(str(run.file))
    assert source.trained
    study = source.trained.study
    study = study.model_copy(update={"train": study.train.model_copy(update=train)})
    role = StudentRole.model_validate(
        {"name": "pupil", "model": "hf:Qwen/Qwen2.5-Coder-7B-Instruct", "contract": "compact-1", "method": method}
    )  # fmt: skip
    tokenizer = prepare_tokenizer(twin_tokenizer(TWINS["qwen2"]))
    trained = replace(source.trained, study=study, role=role)
    return Recipe(trained, data, tokenizer, (tokenizer.eos_token_id,))


@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
def test_every_key_is_one_that_the_trainer_knows(
    lora_run: Run, tmp_path: Path, method: str
) -> None:
    full = recipe(
        lora_run, pack(tmp_path), method=method, packing=True, held_out_share=0.1, patience=2
    )
    assert set(read(llama_factory(full))) <= LLAMA_FACTORY
    assert set(read(axolotl(full))) <= AXOLOTL


def test_values_are_the_studys(lora_run: Run, tmp_path: Path) -> None:
    made = recipe(lora_run, pack(tmp_path), learning_rate=1e-4, gradient_accumulation_steps=4)
    theirs = read(llama_factory(made))
    assert theirs["model_name_or_path"] == "Qwen/Qwen2.5-Coder-7B-Instruct"
    assert theirs["lora_target"] == "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj"
    # Two pull requests a batch, three tools each.
    assert (theirs["per_device_train_batch_size"], theirs["gradient_accumulation_steps"]) == (6, 4)
    assert (theirs["lora_rank"], theirs["cutoff_len"], theirs["max_steps"]) == (4, 256, 2)
    assert theirs["learning_rate"] == 1e-4
    assert "template" not in theirs  # LLaMA-Factory then reads the base's own
    other = read(axolotl(made))
    assert (other["lora_r"], other["sequence_len"], other["max_steps"]) == (4, 256, 2)
    assert other["learning_rate"] == 1e-4
    assert other["chat_template_jinja"] == made.tokenizer.chat_template
    assert other["excess_length_strategy"] == "drop"
    assert "eot_tokens" not in other  # the template ends a turn with the tokenizer's own end


def test_the_data_are_named_as_publish_names_them(lora_run: Run, tmp_path: Path) -> None:
    made = recipe(lora_run, pack(tmp_path))
    study = made.trained.study
    files = trainer_files(study.name, ["compact-1"])
    theirs = read(llama_factory(made))
    assert theirs["dataset"] in read(files["dataset_info.json"])
    assert theirs["dataset_dir"] == str(tmp_path)
    (entry,) = read(axolotl(made))["datasets"]
    (published,) = read(files["axolotl/compact-1.yaml"])["datasets"]
    assert entry.pop("path") == str(tmp_path / published.pop("path"))
    assert entry == published


def test_an_end_that_is_not_the_tokenizers_own_is_named(lora_run: Run, tmp_path: Path) -> None:
    made = recipe(lora_run, pack(tmp_path))
    tokenizer = made.tokenizer
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    tokenizer.eos_token = tokenizer.pad_token
    found = read(axolotl(replace(made, stops=(end, tokenizer.eos_token_id))))
    assert found["eot_tokens"] == ["<|im_end|>"]


def test_a_template_that_is_ours_goes_to_the_trainer_that_takes_it(
    lora_run: Run, tmp_path: Path
) -> None:
    made = recipe(lora_run, pack(tmp_path))
    for name in ("gemma", "llama (CodeLlama base)"):
        tokenizer = prepare_tokenizer(twin_tokenizer(TWINS[name]))
        ours = replace(made, tokenizer=tokenizer, stops=(tokenizer.eos_token_id,))
        with pytest.raises(StudyError, match="--to axolotl can"):
            llama_factory(ours)
        assert read(axolotl(ours))["chat_template_jinja"] == tokenizer.chat_template


def test_four_bits_are_asked_for_where_the_study_does(lora_run: Run, tmp_path: Path) -> None:
    data = pack(tmp_path)
    assert read(axolotl(recipe(lora_run, data, method="qlora")))["load_in_4bit"] is True
    assert read(axolotl(recipe(lora_run, data)))["load_in_4bit"] is False
    assert read(llama_factory(recipe(lora_run, data, method="qlora")))["quantization_bit"] == 4
    assert "quantization_bit" not in read(llama_factory(recipe(lora_run, data)))


def test_a_file_is_written_for_a_run(lora_run: Run, tmp_path: Path) -> None:
    choices = Choices(data=pack(tmp_path / "pack"))
    source = find_source(str(lora_run.file))
    for target in ("axolotl", "llama-factory"):
        made = export(source, target, tmp_path / target, choices)
        assert made.files == (f"{target}.yaml",)
        assert "not the same batches" in made.notes[0].replace("the same recipe, ", "")
        assert read((tmp_path / target / f"{target}.yaml").read_text())
    twin = source.base.removeprefix("./")
    assert read((tmp_path / "axolotl" / "axolotl.yaml").read_text())["base_model"] == twin
    tokenizer = load_tokenizer(source.folder)
    assert isinstance(tokenizer.chat_template, str)


def test_rows_that_were_too_long_are_told(lora_run: Run, tmp_path: Path) -> None:
    made = recipe(lora_run, pack(tmp_path / "pack"))
    assert len(recipe_notes(made)) == 1
    run = tmp_path / "run"
    shutil.copytree(made.trained.run.path, run)
    manifest = run / "train" / "pupil" / "manifest.json"
    text = manifest.read_text().replace('"dropped": {}', '"dropped": {"too_long": 7}')
    text = text.replace('"dropped":{}', '"dropped":{"too_long":7}')
    manifest.write_text(text)
    long = replace(made, trained=replace(made.trained, run=replace(made.trained.run, path=run)))
    assert recipe_notes(long)[1].startswith("7 rows are longer than 256 tokens")


def test_what_is_missing_is_named(tiny_run: Run, lora_run: Run, tmp_path: Path) -> None:
    source = find_source(str(lora_run.file))
    with pytest.raises(StudyError, match="say --data FOLDER"):
        export(source, "axolotl", tmp_path / "out", Choices())
    with pytest.raises(StudyError, match=r"train\.jsonl is not there; .* pullsmith publish"):
        export(source, "axolotl", tmp_path / "out", Choices(data=tmp_path))
    folder = Source("final", lora_run.final, source.base)
    with pytest.raises(StudyError, match="a folder tells no recipe"):
        export(folder, "axolotl", tmp_path / "out", Choices(data=tmp_path))
    data = Choices(data=pack(tmp_path / "pack"))
    with pytest.raises(StudyError, match="built on the spot"):
        export(find_source(str(tiny_run.file)), "axolotl", tmp_path / "out", data)
    assert not (tmp_path / "out").exists()
