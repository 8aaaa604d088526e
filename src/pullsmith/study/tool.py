"""The tools a study may name."""

from __future__ import annotations

BUILT_IN_TOOLS = ("describe", "review", "improve")
