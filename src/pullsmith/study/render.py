"""Settings of render: tools and the token budget."""

from __future__ import annotations

from pydantic import Field

from pullsmith.study.base import Settings
from pullsmith.study.tool import BUILT_IN_TOOLS


class RenderSettings(Settings):
    """What is shown of a pull request; the same for every contract."""

    tools: tuple[str, ...] = BUILT_IN_TOOLS
    """The tools that are asked, in this order."""
    max_diff_tokens: int = Field(default=24_000, ge=16)
    """The token budget of the diff; what does not fit is left out by hunk and file, and recorded."""
    tokens: str = "estimate"
    """What counts them: "estimate", "tekken", "tiktoken:NAME", "hf:ORG/NAME" or "./FOLDER"; nothing is downloaded."""
    max_shown_files: int = Field(default=50, ge=1)
    """At most this many files are shown."""
    drop_over_budget: bool = False
    """Drop pull requests that do not fit whole, instead of showing a part."""
