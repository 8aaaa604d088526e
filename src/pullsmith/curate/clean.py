"""The queue of examples: suspicious ones first, an answer beside its diff, kept, fixed or rejected."""

from __future__ import annotations

from pullsmith.curate.items import Choices, CleanItem, Fault, Filter
from pullsmith.decisions import Decision


class CleanQueue:
    """Examples that the rules let pass. Every method is safe in several threads at a time."""

    def names(self, wanted: Filter = Filter(), search: str = "") -> list[str]:  # noqa: B008
        """The ids that fit, suspicious ones first, else in the order of the ids; always the same.

        ``search`` is looked for in the id, the title and the answer, whatever the case.
        """
        raise NotImplementedError

    def choices(self) -> Choices:
        """What filters there may be."""
        raise NotImplementedError

    def item(self, name: str) -> CleanItem:
        """One example; raises DecisionError where there is none of that name."""
        raise NotImplementedError

    def check(self, name: str, text: str) -> list[Fault]:
        """What is wrong with ``text`` as this example's answer in YAML; empty where it may be kept."""
        raise NotImplementedError

    def keep(self, name: str, *, who: str, digest: str) -> Decision:
        """It is good as it is. Raises ChangedSinceError where ``digest`` is not that of the example."""
        raise NotImplementedError

    def fix(self, name: str, text: str, *, who: str, digest: str) -> Decision:
        """``text``, as YAML, is the answer; raises BrokenEditError where ``check`` finds a fault."""
        raise NotImplementedError

    def reject(self, name: str, reason: str, *, who: str, digest: str) -> Decision:
        """It is no example; raises DecisionError without a reason."""
        raise NotImplementedError
