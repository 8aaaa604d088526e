"""Settings of clean: which answers become training examples."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pullsmith.study.base import Settings

OwnRule = Annotated[str, Field(pattern=r"^.+\.py:[A-Za-z_][A-Za-z0-9_]*$")]


class CleanSettings(Settings):
    """Strict by default: an answer that is not grounded is no example."""

    grounded: bool = True
    """Drop answers that name files or lines that were not shown."""
    no_ops: bool = True
    """Drop answers whose suggestion changes nothing."""
    duplicates: bool = True
    """Drop answers that say one thing twice."""
    limits: bool = True
    """Drop answers with a text that is far longer than any reader needs."""
    word_limits: bool = False
    """Drop examples with more words or points than the student's contract asks for: most models are a word over now and then."""
    refusals: bool = True
    """Drop answers in which the model says that it cannot or will not answer."""
    cut_texts: bool = True
    """Drop answers with a text that breaks off."""
    unshown_files: bool = True
    """Drop answers whose prose names a file that the prompt does not show."""
    copied_diff: bool = True
    """Drop answers whose prose repeats the diff: its markers, or more of its lines than max_copied_lines."""
    max_copied_lines: int = Field(default=3, ge=0)
    """How many lines of the diff prose may repeat."""
    languages: tuple[str, ...] = ("en",)
    """The languages prose may be in, as two-letter codes; empty allows all."""
    max_target_characters: int = Field(default=12_000, ge=1)
    """Longer targets are dropped, never cut."""
    max_example_tokens: int | None = Field(default=None, ge=1)
    """Prompt and target together, by estimate: longer ones are dropped; unset leaves it to train, which counts exactly."""
    min_reflect_score: float | None = None
    """Drop answers that reflection scored lower; those without a score are kept."""
    min_judge_score: float | None = None
    """Drop answers that the study's grader scored lower, 1 to 10; those without a score are kept."""
    max_empty_share: float = Field(default=1.0, ge=0, le=1)
    """At most this share of a tool's examples says that there is nothing to report; drawn by id."""
    rules: tuple[OwnRule, ...] = ()
    """Rules of your own: FILE.py:FUNCTION is called as function(value, task), gives None or why not. Runs that file's code."""
    control: Literal["none", "random", "uncleaned"] = "none"
    """For ablations of the whole study. random: as many examples drawn from all readable answers, whatever the rules say; uncleaned: all of those."""
    review: int = Field(default=0, ge=0)
    """How many examples people must look at before training goes on."""
