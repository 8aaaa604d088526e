"""Whose terms restrict training on a model's answers, as far as that is known here.

Takes a model's name; gives the vendor whose terms say so, or nothing. A hint and no legal advice:
terms change, and what a study says of its own model counts instead.
"""

from __future__ import annotations

from pullsmith.models.names import ModelKind, parse_model_name

# Vendors said to forbid the training of competing models on what their hosted models answer. Nobody
# read today's texts for this list: it makes people look, and their word in the study then counts.
RESTRICTING_VENDORS = frozenset({"openai", "anthropic", "google", "x-ai"})
_KINDS = {ModelKind.OPENAI: "openai", ModelKind.ANTHROPIC: "anthropic"}


def restricting_vendor(model: str) -> str | None:
    """The vendor of ``model`` whose terms restrict training; None where none is known to."""
    name = parse_model_name(model)
    vendor = _KINDS.get(name.kind)
    if name.kind is ModelKind.ENDPOINT and "/" in name.target:
        vendor = name.target.partition("/")[0].lower()  # as OpenRouter names them
        if name.target.rpartition("/")[2].startswith("gpt-oss"):
            return None  # open weights under Apache-2.0, whoever serves them
    return vendor if vendor in RESTRICTING_VENDORS else None
