"""A judge's reply, read strictly: four fields, a verdict out of a closed set, or a fault.

Takes the raw text, gives an Opinion about the first and second response. Knows no candidate, no
order and no judge. Nothing is guessed from prose: what does not follow the form is unreadable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pullsmith.errors import AnswerError

FIELDS = ("why", "score_response1", "score_response2", "which_response_was_better")
Better = Literal[0, 1, 2]
_BETTER: dict[str, Better] = {"0": 0, "1": 1, "2": 2}
# At the start of a line only: a quoted or indented field is part of some text, not of the form.
_FIELD = re.compile(rf"^({'|'.join(FIELDS)}):(.*)$", re.MULTILINE)
_SCORE = re.compile(r"[1-9]|10")


@dataclass(frozen=True, slots=True)
class Opinion:
    """``better`` is 1 or 2 for the response that is better, 0 for equal; scores are 1 to 10."""

    better: Better
    why: str
    first_score: int
    second_score: int

    def swap(self) -> Opinion:
        """The same opinion had the responses been shown the other way round."""
        turned: dict[Better, Better] = {0: 0, 1: 2, 2: 1}
        return Opinion(turned[self.better], self.why, self.second_score, self.first_score)


def parse_opinion(text: str) -> Opinion:
    """The last complete form in ``text``: its last four field lines, one of each field, any order.

    Scores that contradict the verdict are kept as they are. Raises AnswerError with the reason
    no_verdict, incomplete, unknown_verdict, bad_score or no_reason.
    """
    lines = text.replace("\r\n", "\n")
    found = list(_FIELD.finditer(lines))[-len(FIELDS) :]
    names = [match[1] for match in found]
    if "which_response_was_better" not in names:
        raise AnswerError("no_verdict", "no line starts with which_response_was_better:")
    if sorted(names) != sorted(FIELDS):
        raise AnswerError("incomplete", f"the last four fields are {', '.join(names)}")
    # What stands below a verdict or a score is no part of it; a reason may take several lines.
    values = {match[1]: match[2].strip() for match in found}
    at = names.index("why")
    end = found[at + 1].start() if at + 1 < len(found) else len(lines)
    return Opinion(
        better=_verdict(values["which_response_was_better"]),
        why=_reason(lines[found[at].start(2) : end]),
        first_score=_score("score_response1", values["score_response1"]),
        second_score=_score("score_response2", values["score_response2"]),
    )


def _verdict(value: str) -> Better:
    if value not in _BETTER:
        raise AnswerError("unknown_verdict", f"{value!r}, not 0, 1 or 2")
    return _BETTER[value]


def _score(name: str, value: str) -> int:
    if not _SCORE.fullmatch(value):
        raise AnswerError("bad_score", f"{name}: {value!r}, not a whole number from 1 to 10")
    return int(value)


def _reason(text: str) -> str:
    """The reason on one line, up to a closing fence or an empty line."""
    block = re.sub(r"^\s*[|>][+-]?\n", "", text)  # the mark of a YAML block
    block = re.split(r"^```|\n[ \t]*\n", block, maxsplit=1, flags=re.MULTILINE)[0]
    reason = " ".join(block.split())
    if not reason:
        raise AnswerError("no_reason", "why is empty")
    return reason
