"""vLLM's command for the same weights, so that it reads the same tokens.

Takes weights, gives the words of a command line; runs nothing. vLLM itself is not a dependency.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pullsmith.errors import MissingExtraError
from pullsmith.llm.open_model import Weights
from pullsmith.llm.weights import ADAPTER_CONFIG, is_adapter, model_folder
from pullsmith.models.names import ModelKind, parse_model_name

_ALLOWED_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # what its --max-lora-rank takes


def find_vllm() -> str | None:
    """The vllm program on PATH, or None."""
    return shutil.which("vllm")


def need_vllm() -> str:
    """The vllm program; raises MissingExtraError where there is none."""
    found = find_vllm()
    if found is None:
        raise MissingExtraError(
            "vllm is not on PATH: install it in an environment of its own (it wants its own torch) "
            "and put its bin folder on PATH, or use --backend transformers"
        )
    return found


def vllm_command(
    name: str, weights: Weights, *, host: str, port: int, window: int | None, program: str = "vllm"
) -> list[str]:
    """The command that serves ``weights`` as ``name``.

    ``window`` is allocated whole where it is given, else the model's own. The tokenizer is the
    trained one; sampling is what a request says, as where the model was judged.
    """
    adapter = weights.folder if weights.folder and is_adapter(weights.folder) else None
    model = (
        _base(weights.base) if adapter or weights.folder is None else str(weights.folder.resolve())
    )
    command = [program, "serve", model, "--host", host, "--port", str(port)]
    command += ["--generation-config", "vllm"]
    if window is not None:
        command += ["--max-model-len", str(window)]
    if adapter is None:
        return [*command, "--served-model-name", name]
    command += ["--tokenizer", str(adapter), "--enable-lora"]
    command += ["--max-lora-rank", str(_rank(adapter))]
    # The base goes by another name: asked for by mistake, it would answer as if never trained.
    command += ["--served-model-name", f"{name}-base", "--lora-modules", f"{name}={adapter}"]
    return command


def _base(base: str) -> str:
    """As vLLM knows it: a hub id, or the folder."""
    name = parse_model_name(base)
    return name.target if name.kind is ModelKind.HUB else str(model_folder(base))


def _rank(adapter: Path) -> int:
    rank = int(json.loads((adapter / ADAPTER_CONFIG).read_bytes()).get("r", _ALLOWED_RANKS[0]))
    return next((each for each in _ALLOWED_RANKS if each >= rank), rank)
