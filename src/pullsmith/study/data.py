"""Which of the training data a student learns from: all of it, or what an ablation leaves.

Takes the words of a study file ("all", "random", "uncleaned", "tools:review+improve", "share:0.1");
gives a record. Knows no example.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import StrEnum

_TOOLS = re.compile(r"tools:([a-z][a-z0-9-]*(?:\+[a-z][a-z0-9-]*)*)")
_SHARE = re.compile(r"share:(0\.\d+)")


class DataKind(StrEnum):
    """What is taken of the answers that could be trained on."""

    ALL = "all"  # every example that clean keeps
    RANDOM = "random"  # as many as clean keeps, drawn whatever its rules say
    UNCLEANED = "uncleaned"  # every answer that can be read, none of clean's rules
    TOOLS = "tools"  # clean's examples of some tools
    SHARE = "share"  # clean's examples of a part of the pull requests


@dataclass(frozen=True)
class TrainingData:
    """One choice of data; ``tools`` in the order of the alphabet, ``share`` of pull requests in 0..1."""

    kind: DataKind = DataKind.ALL
    tools: tuple[str, ...] = ()
    share: float = 1.0

    @classmethod
    def parse(cls, text: str) -> TrainingData:
        """The choice that ``text`` names; raises ValueError with the nearest name where it names none."""
        if text in _WHOLE:
            return cls(DataKind(text))
        if found := _TOOLS.fullmatch(text):
            return cls(DataKind.TOOLS, tools=tuple(sorted(set(found[1].split("+")))))
        found = _SHARE.fullmatch(text)
        if found and float(found[1]) > 0:
            return cls(DataKind.SHARE, share=float(found[1]))
        near = difflib.get_close_matches(text, (*_WHOLE, "tools:review", "share:0.1"), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"write {', '.join(_FORMS)}"
        raise ValueError(f"unknown training data {text!r}; {hint}")

    def __str__(self) -> str:
        """The words of a study file, always the same for the same choice."""
        if self.kind is DataKind.TOOLS:
            return f"tools:{'+'.join(self.tools)}"
        return f"share:{self.share:g}" if self.kind is DataKind.SHARE else str(self.kind)

    @property
    def suffix(self) -> str:
        """The same as a part of a name."""
        return str(self).replace(":", "-")

    @property
    def beside_clean(self) -> str | None:
        """The job's cell that holds it where clean's own rows do not: "random" or "uncleaned"."""
        return str(self.kind) if self.kind in (DataKind.RANDOM, DataKind.UNCLEANED) else None


_WHOLE = tuple(str(kind) for kind in (DataKind.ALL, DataKind.RANDOM, DataKind.UNCLEANED))
_FORMS = (*_WHOLE, "tools:TOOL+TOOL", "share:0.1 (more than 0 and less than 1)")
