"""Which answer counts where a prompt has two: the first, or the one that came when it was refused."""

from __future__ import annotations

from collections.abc import Iterable

from pullsmith.records.base import Outcome
from pullsmith.records.exchange import Answer

SECOND_LOOK = "reflect"  # its answers are about other answers, not about a prompt of render's


def firsts(answers: Iterable[Answer]) -> list[Answer]:
    """The first answer to every prompt, valid or not; no repaired ones and no second looks."""
    return [each for each in answers if not each.mends and each.tool != SECOND_LOOK]


def standing(answers: Iterable[Answer]) -> list[Answer]:
    """One answer a first one, in their order: its repaired one where that is valid, else itself."""
    given = list(answers)
    mended = {
        each.parent_answer: each for each in given if each.mends and each.outcome is Outcome.OK
    }
    return [mended.get(each.id, each) for each in firsts(given)]
