from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pullsmith.errors import MissingExtraError, OutsideError, StudyError
from pullsmith.llm.weights import (
    TRAINING_MODULES,
    _hub_remedy,
    is_adapter,
    load_model,
    load_tokenizer,
    model_folder,
    need_extra,
    stop_ids,
    weights_digest,
)
from pullsmith.study.train import TinySettings
from pullsmith.train.tiny import build_tiny
from pullsmith.train.tokenizer import train_tokenizer
from tests.train.builders import examples, texts, twin_folder


def test_a_missing_library_names_the_extra() -> None:
    def importer(name: str) -> object:
        if name == "peft":
            raise ModuleNotFoundError("No module named 'peft'")
        return name

    with pytest.raises(MissingExtraError, match=r"need peft, .*pip install 'pullsmith\[train\]'"):
        need_extra(TRAINING_MODULES, importer)
    need_extra(["torch", "trl"], importer)


def test_a_folder_is_found_and_a_missing_one_named(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.safetensors").write_bytes(b"w")
    assert model_folder(str(tmp_path / "m")) == tmp_path / "m"
    with pytest.raises(StudyError, match="is no folder"):
        model_folder(str(tmp_path / "n"))


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(
        StudyError, match=r"holds no \*\.safetensors; pickled weights are never loaded"
    ):
        model_folder(str(tmp_path))


def test_a_hub_model_that_cannot_be_had_can_be_tried_again() -> None:
    with pytest.raises(OutsideError, match="model hf:nobody/nothing: the hub did not give it"):
        model_folder("hf:nobody/nothing")


def test_what_to_do_is_told_by_what_the_hub_says() -> None:
    import httpx
    from huggingface_hub import errors

    said: Any = httpx.Response(403, request=httpx.Request("GET", "https://hub.test/x"))
    for error, remedy in (
        (errors.GatedRepoError("gated", response=said), "accept its licence"),
        (errors.RepositoryNotFoundError("none", response=said), "no such model, or it is private"),
        (errors.LocalEntryNotFoundError("no"), "not in the hub's cache here"),
        (errors.OfflineModeIsEnabled("off"), "not in the hub's cache here"),
        (OSError("disk"), "check the name, HF_TOKEN"),
    ):
        assert remedy in _hub_remedy(error)


def test_a_model_behind_an_endpoint_has_no_folder() -> None:
    with pytest.raises(StudyError, match="'openai:x' has no weights on this machine"):
        model_folder("openai:x")


def test_the_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    digests: list[str] = []
    for name, content in (("a", b"1"), ("a", b"2"), ("b", b"1"), ("a", b"1")):
        folder = tmp_path / str(len(digests))
        folder.mkdir()
        (folder / f"{name}.safetensors").write_bytes(content)
        (folder / "notes.txt").write_text(str(len(digests)))
        digests.append(weights_digest(folder))
    assert digests[0] == digests[3]
    assert len(set(digests)) == 3


def test_code_that_comes_with_a_model_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"w")
    (tmp_path / "config.json").write_text(
        '{"model_type": "odd", "auto_map": {"AutoConfig": "odd.Odd", '
        '"AutoModelForCausalLM": "odd.Model"}}'
    )
    (tmp_path / "odd.py").write_text("raise SystemExit('the code of the model ran')\n")
    with pytest.raises(StudyError, match=r"'odd' needs Python code .*no code of a model is run"):
        load_model(tmp_path, dtype="auto")


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="its tokenizer cannot be loaded"):
        load_tokenizer(tmp_path)


def test_a_model_s_end_tokens_are_all_known(tmp_path: Path) -> None:
    folder = twin_folder(tmp_path)
    model, tokenizer = load_model(folder, dtype="auto"), load_tokenizer(folder)
    assert stop_ids(model, tokenizer) == (tokenizer.eos_token_id,)
    model.generation_config.eos_token_id = [7, tokenizer.eos_token_id]
    assert stop_ids(model, tokenizer) == (tokenizer.eos_token_id, 7)
    assert not is_adapter(folder)


def test_the_splitting_rules_are_those_of_the_file(tmp_path: Path) -> None:
    """Of a Qwen2 folder too, for which the library has rules of its own."""
    from transformers import AutoTokenizer

    rows = examples(3, 0)
    tokenizer = train_tokenizer(texts(rows), 400)
    build_tiny(tokenizer, TinySettings(), window=64, seed=0).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    rules = tokenizer.backend_tokenizer.pre_tokenizer.__getstate__()
    loaded = load_tokenizer(tmp_path)
    assert loaded.backend_tokenizer.pre_tokenizer.__getstate__() == rules
    assert len(loaded) == len(tokenizer)
    # The trap itself: should the library mend it, load_tokenizer may become simpler.
    trap = AutoTokenizer.from_pretrained(tmp_path)
    assert trap.backend_tokenizer.pre_tokenizer.__getstate__() != rules
