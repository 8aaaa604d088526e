"""A comparison as sentences and tables, the same for Markdown and terminal.

Takes a Comparison, gives text. Names come from people and models: Markdown's marks are escaped.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.compare.comparison import (
    BetterRate,
    ComparedModel,
    Comparison,
    PairedDifference,
    SideFacts,
)
from pullsmith.report.figures import DAGGER, DASH, bounds, p_text, percent
from pullsmith.report.markdown import escape, listed, table_text
from pullsmith.report.table import Table

_LISTED = 20  # prompts of one side that are named; the JSON names all


def markdown(comparison: Comparison) -> str:
    """The whole comparison."""
    a, b = comparison.a.study, comparison.b.study
    parts = [f"# {escape(b)} compared with {escape(a)}", listed(tuple(sentences(comparison)))]
    parts += [table_text(table) for table in tables(comparison)]
    missing = tuple(missing_prompts(comparison))
    if missing:
        parts += ["## Prompts with a verdict on one side only", listed(missing)]
    return "\n\n".join(parts) + "\n"


def sentences(comparison: Comparison) -> Iterator[str]:
    """What a reader must know before the numbers."""
    for name, side in (("A", comparison.a), ("B", comparison.b)):
        yield f"{name} is {_side(side)}."
    yield (
        "Both put the same tasks about the same held-out pull requests (digest "
        f"{comparison.eval_set}). Differences are B minus A on the prompts both have a verdict on, with "
        f"95 % intervals from {comparison.resamples} resamples of whole pull requests."
    )
    shared = [model for model in comparison.models if model.a and model.b]
    if not shared:
        yield "No model is in both, so there is nothing to take a difference of."
    if comparison.unlike:
        yield "More than the models is unlike, so a difference is not the model's alone:"
        yield from comparison.unlike
    elif shared:
        yield "Reference, judges and contracts are the same in both."


def tables(comparison: Comparison) -> list[Table]:
    """Both boards side by side, and the differences by tool where there are several."""
    made = [_board(comparison), _by_tool(comparison)]
    return [table for table in made if table.rows]


def missing_prompts(comparison: Comparison) -> Iterator[str]:
    """A line for each model and side that lacks a verdict; some by name."""
    for model in comparison.models:
        for names, here, there in ((model.only_a, "A", "B"), (model.only_b, "B", "A")):
            if names:
                more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
                yield (
                    f"{model.entrant}: {len(names)} in {here} and not in {there}: "
                    f"{', '.join(names[:_LISTED])}{more}"
                )


def _side(side: SideFacts) -> str:
    return (
        f"{side.study} ({side.path}): {side.pull_requests} pull requests, {side.prompts} prompts, against {side.reference}, "
        f"judged by {', '.join(side.judges) or 'nobody'}"
    )


def _board(comparison: Comparison) -> Table:
    one, other = comparison.a.reference, comparison.b.reference
    return Table(
        "Side by side",
        f"Better than {one} in A, than {other} in B, each on all its prompts. Resolved: the interval of "
        "the difference leaves out zero; the p-value is adjusted for all models of the table (Holm).",
        ("Model", "A", "B", "B minus A", "Prompts", "Resolved", "p"),
        tuple(_row(model) for model in comparison.models),
    )


def _row(model: ComparedModel) -> tuple[str, ...]:
    whole = next((each for each in model.differences if each.tool == "all"), None)
    rates = (model.entrant, _rate(model.a), _rate(model.b))
    if whole is None:
        return (*rates, DASH, DASH, DASH, DASH)
    resolved = "yes" if whole.resolved else "cannot tell"
    return (*rates, _points(whole), str(whole.prompts), resolved, p_text(whole.adjusted_p))


def _by_tool(comparison: Comparison) -> Table:
    rows = [
        (
            model.entrant,
            each.tool,
            _points(each),
            str(each.prompts),
            "yes" if each.resolved else "cannot tell",
        )
        for model in comparison.models
        for each in model.differences
        if each.tool != "all" and len(model.differences) > 2
    ]
    header = ("Model", "Tool", "B minus A", "Prompts", "Resolved")
    return Table("By tool", "", header, tuple(rows))


def _rate(rate: BetterRate | None) -> str:
    if rate is None:
        return DASH
    return f"{percent(rate.value)} {bounds(rate.low, rate.high)}".strip()


def _points(each: PairedDifference) -> str:
    mark = f" {DAGGER}" if each.degenerate else ""
    low, high = 100 * each.low, 100 * each.high
    return f"{100 * each.difference:+.1f} points [{low:+.1f} to {high:+.1f}]{mark}"
