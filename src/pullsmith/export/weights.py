"""Weights as files: an adapter merged into its base, or alone, beside what a server needs to know.

Takes a source and a folder that is renamed when it is whole. Weights keep their type; the end of an
answer is written where every server looks, and no sampling setting that the model was not judged with.
"""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pullsmith.errors import StudyError
from pullsmith.export.fidelity import Asking, Fidelity, answers, check, counted
from pullsmith.export.folder import check_text
from pullsmith.export.source import Source
from pullsmith.llm.local import LocalModel
from pullsmith.llm.weights import (
    TRAINING_MODULES,
    load_model,
    load_tokenizer,
    model_folder,
    need_extra,
    quiet_libraries,
    weight_files,
)
from pullsmith.train.merge import merge_adapter

SHARD_GB = 5
_TOKENIZER = ("tokenizer.json", "tokenizer.model", "vocab.json")
# Vocabularies and lists of tensors: long, no texts that people wrote, and full of odd words.
_UNSCANNED = (*_TOKENIZER, "merges.txt", "added_tokens.json", "model.safetensors.index.json")
_TEXTS = frozenset({".json", ".jinja", ".md", ".txt", ".toml", ".yaml"})


def write_whole(
    source: Source, folder: Path, asking: Asking, *, least_equal: float, shard_gb: int = SHARD_GB
) -> Fidelity | None:
    """Write the whole model; how a merge answered beside the adapter, None where nothing was merged.

    Raises TrainingError for a merge that answers worse, MissingExtraError without the extra
    [train], OutsideError where the hub does not give the base.
    """
    need_extra(TRAINING_MODULES)
    quiet_libraries()
    _need_tokenizer(source.folder)
    fidelity = None
    if source.base:
        fidelity = _merge(source, folder, asking, least_equal=least_equal)
    else:
        _copy(source.folder, folder, shard_gb=shard_gb)
    _settle_generation(folder, source)
    scan_texts(folder)
    return fidelity


def write_adapter(source: Source, folder: Path) -> None:
    """Copy the adapter and its tokenizer; raises StudyError where the source is a whole model."""
    if not source.base:
        raise StudyError(
            f"export: {source.name} was trained in full, so it has no adapter; --to safetensors"
        )
    _copy_files(source.folder, folder)
    path = folder / "adapter_config.json"
    settings = json.loads(path.read_bytes())
    settings["base_model_name_or_path"] = source.base.removeprefix(
        "hf:"
    )  # as PEFT and vLLM read it
    path.write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    scan_texts(folder)


def scan_texts(folder: Path) -> None:
    """Raise SecretError where a text file in ``folder`` holds a secret; vocabularies are passed by."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in _TEXTS and path.name not in _UNSCANNED:
            check_text(path.name, path.read_text(encoding="utf-8"))


def _need_tokenizer(folder: Path) -> None:
    if not any((folder / name).is_file() for name in _TOKENIZER):
        raise StudyError(
            f"export: {folder} holds no tokenizer ({', '.join(_TOKENIZER)}); put the files there "
            "that it was trained with, template included"
        )


def _merge(source: Source, folder: Path, asking: Asking, *, least_equal: float) -> Fidelity:
    messages = [question.messages for question in asking.questions]
    merge_adapter(model_folder(source.base), source.folder, folder, asked=messages)
    # One after the other: two models of this size need not fit in memory together.
    adapter = LocalModel(source.folder, base=source.base, threads=asking.threads)
    before = answers(adapter, source.base, asking)
    del adapter
    after = answers(LocalModel(folder, threads=asking.threads), f"./{folder.name}", asking)
    fidelity = counted(before, after, asking.questions)
    check(fidelity, f"{source.name}, merged,", least_equal=least_equal)
    return fidelity


def _copy(source: Path, folder: Path, *, shard_gb: int) -> None:
    """The files as they are; written anew in shards where one is too large to be handled."""
    if max(path.stat().st_size for path in weight_files(source)) <= shard_gb * 10**9:
        _copy_files(source, folder)
        return
    load_model(source, dtype="auto").save_pretrained(folder, max_shard_size=f"{shard_gb}GB")
    load_tokenizer(source).save_pretrained(folder)


def _copy_files(source: Path, folder: Path) -> None:
    """Weights, settings and tokenizer; nothing else that happens to lie there, and no pickle."""
    for path in sorted(source.iterdir()):
        wanted = path.suffix in (".safetensors", ".json", ".jinja", ".model") or (
            path.name == "merges.txt"
        )
        if path.is_file() and wanted:
            shutil.copyfile(path, folder / path.name)


def _settle_generation(folder: Path, source: Source) -> None:
    """Every token that ends an answer, padding, and sampling as the board judged it.

    A base's own settings (a repetition penalty, a temperature) would be taken up by servers, and a
    model that quotes code must repeat it.
    """
    tokenizer = load_tokenizer(folder)
    path = folder / "generation_config.json"
    stops = {*stops_of(folder), tokenizer.eos_token_id}
    temperature = source.trained.role.temperature if source.trained else 0.0
    settings: dict[str, Any] = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": sorted(stops),
        "pad_token_id": tokenizer.pad_token_id,
        "do_sample": temperature > 0,
        **({"temperature": temperature} if temperature > 0 else {}),
        "transformers_version": version("transformers"),
    }
    path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def stops_of(folder: Path) -> tuple[int, ...]:
    """Every token that ends an answer by a model folder's own settings."""
    names = ("generation_config.json", "config.json")
    return tuple(sorted(set().union(*(_ends(folder / name) for name in names))))


def _ends(path: Path) -> set[int]:
    found = json.loads(path.read_bytes()).get("eos_token_id") if path.is_file() else None
    listed = found if isinstance(found, list) else [found]
    return {int(one) for one in listed if one is not None}
