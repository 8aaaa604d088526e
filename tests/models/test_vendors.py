"""Who counts as a large maker of models."""

from __future__ import annotations

import pytest

from pullsmith.models.presets import presets
from pullsmith.models.vendors import is_big_vendor


@pytest.mark.parametrize(
    ("vendor", "big"),
    [
        ("Meta", True),
        ("ByteDance Seed", True),
        ("Qwen", True),
        ("Phind", False),
        ("BigCode", False),
    ],
)
def test_a_vendor_is_large_by_the_first_word_of_its_name(vendor: str, big: bool) -> None:
    assert is_big_vendor(vendor) is big


def test_the_presets_have_vendors_of_both_kinds() -> None:
    vendors = {one.vendor.value for one in presets().values() if one.vendor.value}
    assert {is_big_vendor(vendor) for vendor in vendors} == {True, False}
