from __future__ import annotations

import json
from pathlib import Path

import pytest

from pullsmith.errors import MissingExtraError
from pullsmith.llm.open_model import Weights
from pullsmith.serve.vllm import find_vllm, need_vllm, vllm_command


def adapter(folder: Path, *, rank: int) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank}))
    (folder / "adapter_model.safetensors").write_bytes(b"x")
    return folder


def test_whole_weights(tmp_path: Path) -> None:
    command = vllm_command("m", Weights(tmp_path), host="127.0.0.1", port=1, window=4096)
    assert command == [
        "vllm", "serve", str(tmp_path), "--host", "127.0.0.1", "--port", "1",
        "--generation-config", "vllm", "--max-model-len", "4096", "--served-model-name", "m",
    ]  # fmt: skip


@pytest.mark.parametrize(("rank", "allowed"), [(4, "8"), (8, "8"), (17, "32"), (1024, "1024")])
def test_an_adapter_on_its_base_answers_under_the_name(
    tmp_path: Path, rank: int, allowed: str
) -> None:
    folder = adapter(tmp_path / "a", rank=rank)
    weights = Weights(folder, "hf:org/name")
    command = vllm_command("m", weights, host="h", port=1, window=None)
    assert command[2] == "org/name"
    assert "--max-model-len" not in command
    said = " ".join(command)
    assert f"--tokenizer {folder} --enable-lora --max-lora-rank {allowed}" in said
    assert said.endswith(f"--served-model-name m-base --lora-modules m={folder}")


def test_a_base_alone_is_named_as_the_hub_does() -> None:
    command = vllm_command("m", Weights(base="hf:org/name"), host="h", port=1, window=None)
    assert command[2] == "org/name"


def test_without_the_program_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_vllm() is None
    with pytest.raises(MissingExtraError, match="vllm is not on PATH"):
        need_vllm()
