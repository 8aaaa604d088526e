"""Settings of judge that are no single judge's, and whose verdicts make the headline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pydantic import Field

from pullsmith.study.base import Settings

HUMAN = "human"  # the judge that people are
# The judge prompts that ship, and the tool each is for; empty: any.
JUDGE_PROMPTS: Mapping[str, str] = MappingProxyType({
    "pair-1": "", "describe-1": "describe", "review-1": "review", "improve-1": "improve",
})  # fmt: skip
RUBRIC = "rubric"  # the judge that rules are
CONTROLS_CELL = "controls"  # the folder of the verdicts on controls


def panel_of(judges: Iterable[str]) -> frozenset[str]:
    """Those whose mean is the headline: without rubric, where a language model is among them.

    Rules beside models are a column of their own; where only rules and people judge, they count.
    """
    everyone = frozenset(judges)
    return everyone - {RUBRIC} if everyone - {RUBRIC, HUMAN} else everyone


class JudgingSettings(Settings):
    """How far judges are trusted, and how that is checked."""

    controls: int = Field(default=20, ge=0)
    """Prompts of each tool on which every judge also sees answers of known worth; 0: none."""
    audit_share: float = Field(default=0.25, ge=0, le=1)
    """The part of a judge's pairs that it sees in both orders although its ``orders`` is "random"."""
    repeat_share: float = Field(default=0.05, ge=0, le=1)
    """The part of a judge's pairs that it is asked again, to see whether it agrees with itself."""
    stop_early: bool = False
    """Stop when "better or worse than the reference" is settled (five O'Brien-Fleming looks); not for boards."""
