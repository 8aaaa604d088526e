"""Model weights on this machine: finding the folder, loading it safely, naming what it holds.

Takes a model's name or a folder; gives its folder, model, tokenizer and digest. Loads safetensors
only, runs no code of a model, and downloads nothing unless the name begins with ``hf:``. Imports
the training libraries when a model is loaded and not before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import MissingExtraError, OutsideError, StudyError
from pullsmith.llm.chat import prepare_tokenizer
from pullsmith.models.names import ModelKind, parse_model_name

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SERVING_MODULES = ("torch", "transformers", "tokenizers", "safetensors")
TRAINING_MODULES = (*SERVING_MODULES, "accelerate", "datasets", "peft", "trl")
_NO_FAMILY = ("PreTrainedTokenizerFast", "TokenizersBackend")
ADAPTER_CONFIG = "adapter_config.json"
# What is fetched from the hub: weights without pickles, settings, tokenizers, templates.
_HUB_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]


def need_extra(modules: Iterable[str], importer: Callable[[str], object] = import_module) -> None:
    """Import ``modules`` of the extra [train]; raises MissingExtraError with the pip command."""
    for name in modules:
        try:
            importer(name)
        except ImportError as error:
            raise MissingExtraError(
                f"training and local models need {name}, which cannot be imported ({error}): "
                "pip install 'pullsmith[train]'"
            ) from error


def quiet_libraries(modules: Iterable[str] = SERVING_MODULES) -> None:
    """Turn the training libraries' own progress bars off; progress is reported by the stage."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    if "datasets" in modules:
        import datasets

        datasets.disable_progress_bars()


def model_folder(name: str) -> Path:
    """The folder with the weights of ``hf:ORG/NAME`` or ``./FOLDER``.

    A hub model is fetched into the hub's cache, or found there. Raises StudyError for a folder
    that is not there or holds no safetensors, OutsideError when the hub cannot give the model.
    """
    model = parse_model_name(name)
    if model.kind is ModelKind.HUB:
        return safe_folder(_from_hub(model.target), name)
    if model.kind is ModelKind.FOLDER:
        return safe_folder(Path(model.target).expanduser(), name)
    raise StudyError(f"model {name!r} has no weights on this machine; known: hf:ORG/NAME, ./FOLDER")


def _from_hub(target: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(target, allow_patterns=_HUB_FILES))
    except (OSError, ValueError) as error:
        raise OutsideError(
            f"model hf:{target}: the hub did not give it ({_first(error)}); {_hub_remedy(error)}, "
            "then run again"
        ) from error


def _hub_remedy(error: Exception) -> str:
    """What to do about a model that the hub did not give; its errors say which of four it is."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return "it is gated: accept its licence on its page there and set HF_TOKEN"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "there is no such model, or it is private: check the name and HF_TOKEN"
    if isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled):
        return "it is not in the hub's cache here, and the hub cannot be reached: go online once"
    return "check the name, HF_TOKEN and the network"


def safe_folder(folder: Path, name: str) -> Path:
    """``folder``, when it holds weights as safetensors; raises StudyError naming what is missing."""
    if not folder.is_dir():
        raise StudyError(f"model {name!r}: {folder} is no folder")
    if not weight_files(folder):
        raise StudyError(
            f"model {name!r}: {folder} holds no *.safetensors; pickled weights are never loaded, "
            "convert them first"
        )
    return folder


def weight_files(folder: Path) -> list[Path]:
    """The safetensors of a model folder, by name; empty where there are none."""
    return sorted(folder.glob("*.safetensors"))


def weights_digest(folder: Path) -> str:
    """Sha-256 over the names and contents of the safetensors, first 16 hex digits."""
    total = hashlib.sha256()
    for path in weight_files(folder):
        total.update(path.name.encode() + b"\0")
        with path.open("rb") as handle:
            total.update(hashlib.file_digest(handle, "sha256").digest())
    return total.hexdigest()[:16]


def is_adapter(folder: Path) -> bool:
    """Whether the folder holds an adapter that sits on a base model."""
    return (folder / ADAPTER_CONFIG).is_file()


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of a folder, with a template and a padding token of its own (see chat.py)."""
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    # For some architectures (Qwen2 among them) transformers 5 puts the family's own splitting rules
    # in place of those in tokenizer.json, and the same text becomes other tokens. A folder that
    # declares no family's class means its tokenizer.json to the letter.
    kind = PreTrainedTokenizerFast if _declares_no_family(folder) else AutoTokenizer
    try:
        tokenizer = kind.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder}: its tokenizer cannot be loaded: {_first(error)}") from error
    return prepare_tokenizer(tokenizer)


def _declares_no_family(folder: Path) -> bool:
    try:
        settings = json.loads((folder / "tokenizer_config.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and settings.get("tokenizer_class") in _NO_FAMILY


def load_model(
    folder: Path, *, dtype: torch.dtype | str, four_bits: bool = False, attention: str | None = None
) -> PreTrainedModel:
    """The causal language model of a folder, in evaluation mode; raises StudyError if it is none.

    ``four_bits`` quantises the weights on loading, which takes a CUDA GPU and bitsandbytes;
    ``attention`` is transformers' name of how attention is computed, None the model's own.
    """
    from transformers import AutoModelForCausalLM

    try:
        return AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation=attention,
            quantization_config=_four_bits(dtype) if four_bits else None,
        )
    except (OSError, ValueError) as error:
        raise StudyError(
            f"{folder}: the model cannot be loaded: {_own_code(folder) or _first(error)}"
        ) from error


def _own_code(folder: Path) -> str:
    """Why a model of which transformers knows nothing is refused; empty where it brings no code."""
    try:
        settings = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        return ""
    if not isinstance(settings, dict) or "auto_map" not in settings:
        return ""
    return (
        f"its architecture {settings.get('model_type')!r} needs Python code that comes with it "
        "(trust_remote_code), and no code of a model is run; take a model that transformers knows"
    )


def _four_bits(dtype: torch.dtype | str) -> object:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def load_adapter(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """``model`` with the adapter of ``folder`` on it; raises StudyError for a pickled adapter."""
    from peft import PeftModel

    return PeftModel.from_pretrained(model, safe_folder(folder, str(folder)), is_trainable=False)


def stop_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """Every token that ends an answer: the tokenizer's and the generation settings' own."""
    found = model.generation_config.eos_token_id
    listed = found if isinstance(found, list) else [found]
    return tuple(sorted({int(i) for i in [*listed, tokenizer.eos_token_id] if i is not None}))


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
