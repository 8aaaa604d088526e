from __future__ import annotations

from collections.abc import Callable

import pytest

from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.train.kernels import Attention, Kernels, attention_of, is_installed, takes_liger


def has(*modules: str) -> Callable[[str], bool]:
    return lambda name: name in modules


@pytest.mark.parametrize(
    ("setting", "gpu", "modules", "used"),
    [
        ("auto", True, ("liger_kernel",), True),
        ("auto", True, (), False),
        ("auto", False, ("liger_kernel",), False),
        ("plain", True, ("liger_kernel",), False),
        ("liger", True, ("liger_kernel",), True),
    ],
)
def test_liger_is_taken_on_a_gpu_that_has_it(
    setting: Kernels, gpu: bool, modules: tuple[str, ...], used: bool
) -> None:
    assert takes_liger(setting, gpu=gpu, installed=has(*modules)) is used


@pytest.mark.parametrize(
    ("setting", "gpu", "modules", "used"),
    [
        ("auto", True, ("flash_attn",), "flash_attention_2"),
        ("auto", True, (), None),
        ("auto", False, ("flash_attn",), None),
        ("flash", True, ("flash_attn",), "flash_attention_2"),
        ("sdpa", True, ("flash_attn",), "sdpa"),
        ("eager", False, (), "eager"),
    ],
)
def test_attention_is_flash_on_a_gpu_that_has_it(
    setting: Attention, gpu: bool, modules: tuple[str, ...], used: str | None
) -> None:
    assert attention_of(setting, gpu=gpu, installed=has(*modules)) == used


def test_what_is_asked_for_and_cannot_be_is_refused() -> None:
    with pytest.raises(StudyError, match=r'train\.kernels = "liger" needs a CUDA GPU'):
        takes_liger("liger", gpu=False, installed=has("liger_kernel"))
    with pytest.raises(MissingExtraError, match="needs liger-kernel: pip install liger-kernel"):
        takes_liger("liger", gpu=True, installed=has())
    with pytest.raises(MissingExtraError, match="pip install flash-attn"):
        attention_of("flash", gpu=True, installed=has())
    assert is_installed("json")
    assert not is_installed("no_such_module")
