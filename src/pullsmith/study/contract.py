"""Settings of contracts: what prompts ask for besides their tool."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from pullsmith.records import PromptOptions
from pullsmith.study.base import Settings


class ContractSettings(Settings):
    """How contracts are put to models; the same for every role."""

    options: dict[str, PromptOptions] = Field(default_factory=dict)
    """What a tool is asked with besides its diff, by tool: options.review.extra_instructions = "…"."""
    varied_share: float = Field(default=0.05, ge=0, le=1)
    """The share of training prompts asked with other options, so that students learn to follow them; none where the first teacher is no language model, or a contract has no words for them."""
    pr_agent: Path | None = None
    """Where the PR-Agent is whose prompts pr-agent-* put: a checkout or an environment; else the one that can be imported."""
    max_model_tokens: int = Field(default=32_000, ge=1000)
    """PR-Agent's own budget of a whole prompt and its answer, or the window of its model where that is smaller."""

    def options_of(self, tool: str) -> PromptOptions:
        """The options of a tool; PR-Agent's defaults where the study says nothing."""
        return self.options.get(tool, PromptOptions())
