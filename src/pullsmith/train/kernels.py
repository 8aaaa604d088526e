"""Faster kernels where a GPU has them: Liger's layers, and attention by flash-attn.

Takes the study's word, whether there is a GPU, and what is installed; gives what the libraries are
told. On a CPU nothing is chosen. Not run by this project on a GPU yet.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

from pullsmith.errors import MissingExtraError, StudyError

Kernels = Literal["auto", "liger", "plain"]
Attention = Literal["auto", "flash", "sdpa", "eager"]


def is_installed(module: str) -> bool:
    """Whether a module can be imported; it is not imported."""
    return find_spec(module) is not None


def takes_liger(
    setting: Kernels, *, gpu: bool, installed: Callable[[str], bool] = is_installed
) -> bool:
    """Whether Liger's kernels are used; raises where they are asked for and cannot be."""
    if setting == "liger":
        _need("train.kernels", setting, module="liger_kernel", gpu=gpu, installed=installed)
    return setting != "plain" and gpu and installed("liger_kernel")


def attention_of(
    setting: Attention, *, gpu: bool, installed: Callable[[str], bool] = is_installed
) -> str | None:
    """What transformers calls the attention that is used; None leaves it to the model."""
    if setting == "flash":
        _need("train.attention", setting, module="flash_attn", gpu=gpu, installed=installed)
    if setting in ("sdpa", "eager"):
        return setting
    return "flash_attention_2" if gpu and installed("flash_attn") else None


def _need(
    name: str, setting: str, *, module: str, gpu: bool, installed: Callable[[str], bool]
) -> None:
    if not gpu:
        raise StudyError(f'{name} = "{setting}" needs a CUDA GPU, and there is none; write "auto"')
    if not installed(module):
        package = module.replace("_", "-")
        raise MissingExtraError(f'{name} = "{setting}" needs {package}: pip install {package}')
