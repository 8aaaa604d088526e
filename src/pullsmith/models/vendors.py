"""Which makers of models are large, for the question whether it matters who made one.

Takes a vendor as presets and studies write it. The line is drawn at companies of more than 10,000
people, the maker's parent counted: a rough mark, and it says so wherever it is used.
"""

from __future__ import annotations

BIG_MEANS = "makers that belong to a company of more than 10,000 people"
_BIG = frozenset(
    {
        "alibaba",
        "amazon",
        "apple",
        "bytedance",
        "google",
        "ibm",
        "meta",
        "microsoft",
        "nvidia",
        "qwen",
        "salesforce",
        "tencent",
    }
)  # fmt: skip


def is_big_vendor(vendor: str) -> bool:
    """Whether ``vendor`` is one of the large ones, by the first word of its name."""
    return vendor.lower().partition(" ")[0] in _BIG
