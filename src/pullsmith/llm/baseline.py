"""The row of every board that says one thing to everything: what the commonest answer would reach.

Takes the training examples of one contract; gives a model that looks at no code. Ties go to the
smaller text, so the same examples give the same model.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypeVar

from pullsmith.errors import StudyError
from pullsmith.llm.protocol import Completion, Request, TaskSubject
from pullsmith.records import Example, Outcome, digest

T = TypeVar("T")


def most_frequent(items: Iterable[T], default: T) -> T:
    """The item that occurs most often, of several the one with the smallest text."""
    counts = Counter(items)
    if not counts:
        return default
    return min(counts, key=lambda item: (-counts[item], str(item)))


class ConstantModel:
    """Says the most frequent training answer of the asked tool, whatever is shown."""

    def __init__(self, examples: Iterable[Example]) -> None:
        """Count the targets of ``examples``, which are of one contract."""
        targets: defaultdict[str, list[str]] = defaultdict(list)
        for example in examples:
            targets[example.tool].append(example.target)
        self._texts = {tool: most_frequent(texts, "") for tool, texts in targets.items()}

    @property
    def checkpoint(self) -> str:
        """The digest of what was learned."""
        return digest(self._texts)

    async def complete(self, request: Request) -> Completion:
        """The one text; REFUSED where training had no example of the tool."""
        text = self._texts.get(task_of(request).tool, "")
        if not text:
            return Completion(outcome=Outcome.REFUSED, text="", detail="no training example")
        return Completion(outcome=Outcome.OK, text=text)

    async def close(self) -> None:
        """Nothing to give back."""


def task_of(request: Request) -> TaskSubject:
    """The subject of a request; raises StudyError where it has none."""
    if request.task is None:
        raise StudyError(f"{request.model} answers tasks only")
    return request.task
