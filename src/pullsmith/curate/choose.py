"""The queue of pull requests to evaluate: the short-list, a gauge of what it covers, picks."""

from __future__ import annotations

from pullsmith.curate.items import Cell, ChooseItem, Filter, Missing
from pullsmith.decisions import Decision


class ChooseQueue:
    """The short-list of split. Every method is safe in several threads at a time."""

    @property
    def frozen(self) -> bool:
        """Whether the split is made and frozen: then nothing is picked any more."""
        raise NotImplementedError

    def names(self, wanted: Filter = Filter(), search: str = "") -> list[str]:  # noqa: B008
        """The ids that fit, in the order of coverage; those of planted and of real ones take turns."""
        raise NotImplementedError

    def item(self, name: str) -> ChooseItem:
        """One pull request; raises DecisionError where the short-list has none of that name."""
        raise NotImplementedError

    def gauge(self) -> list[Cell]:
        """Picked beside target, by language, size, kind and repository, and the first three together.

        The traits are called "language", "size", "kind", "repository" and "all"; largest targets first.
        """
        raise NotImplementedError

    def missing(self) -> Missing:
        """What is missing until split goes on, and what coverage lacks."""
        raise NotImplementedError

    def pick(self, name: str, *, who: str, digest: str, why: str = "") -> Decision:
        """It is evaluated.

        Raises ChangedSinceError where ``digest`` is another's, DecisionError where eval.per_tool of
        its kind (planted or real) are picked, or where the split is frozen.
        """
        raise NotImplementedError

    def unpick(self, name: str, *, who: str, digest: str, why: str = "") -> Decision:
        """It is not; raises as ``pick``."""
        raise NotImplementedError
