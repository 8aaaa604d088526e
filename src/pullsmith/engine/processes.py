"""Several processes that train one model together, as ``torchrun`` and ``accelerate launch`` start them.

Every process reads and computes; the first one alone writes. Knows no training library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pullsmith.errors import StudyError


@dataclass(frozen=True)
class Processes:
    """How many there are, and which of them this is, from 0."""

    count: int = 1
    rank: int = 0

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and reports."""
        return self.rank == 0


ALONE = Processes()


def processes_of(environment: Mapping[str, str]) -> Processes:
    """What the launcher says in RANK and WORLD_SIZE; alone where it says nothing.

    Raises StudyError for values that are no numbers or do not fit together.
    """
    words = environment.get("WORLD_SIZE", "1"), environment.get("RANK", "0")
    try:
        count, rank = map(int, words)
    except ValueError as error:
        raise StudyError(f"WORLD_SIZE and RANK are {words}: two numbers were expected") from error
    if not 0 <= rank < count:
        raise StudyError(f"RANK is {rank} of WORLD_SIZE = {count} processes; use a launcher")
    return Processes(count, rank)
