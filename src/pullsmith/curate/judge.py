"""The queue of pairs: the very form the judges get, blind, in an order that only the server knows."""

from __future__ import annotations

from pullsmith.curate.items import Filter, JudgeItem, Vote
from pullsmith.decisions import Decision


class JudgeQueue:
    """Pairs of answers. Names are opaque, the same for everybody. Safe in several threads at a time."""

    def names(self, who: str, wanted: Filter = Filter(), search: str = "") -> list[str]:  # noqa: B008
        """The pairs that fit, in an order drawn by hash, so that no answer is seen twice in a row."""
        raise NotImplementedError

    def item(self, name: str, who: str) -> JudgeItem:
        """One pair in the order drawn for ``who``; raises DecisionError where there is none."""
        raise NotImplementedError

    def vote(self, name: str, vote: Vote, *, who: str, digest: str) -> Decision:
        """What ``who`` says of the pair as it was shown to them.

        Raises ChangedSinceError where ``digest`` is not that of the pair, DecisionError for a vote or
        a score outside of the form. The decision names both models: it is not for the page.
        """
        raise NotImplementedError
