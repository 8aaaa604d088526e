"""One sentence a claim about groups of models: which, how far apart, how sure, and for whom.

Takes the board's GroupDifferences; gives sentences. Each says which interval it rests on: over pull
requests it is about these very models, over models as well about others of their kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pullsmith.models.vendors import BIG_MEANS
from pullsmith.records import Claim
from pullsmith.report.board import Difference, GroupDifference
from pullsmith.report.figures import DAGGER, p_text
from pullsmith.study.facts import StudentFacts

BEYOND = 0.05  # the level at which something is said to be more than chance
FEWEST_REQUESTS = 10  # pull requests: fewer give an interval that says nothing
_CANNOT = "this study cannot tell whether there is a difference"
_KINDS = (Claim.CODE, Claim.NEWER, Claim.BIG_VENDOR, Claim.LARGE)
_SIDES = {
    Claim.CODE: ("code-dedicated models", "general ones"),
    Claim.BIG_VENDOR: ("models of large makers", "the others"),
    Claim.INSTRUCT: ("instruct models", "base ones"),
}


def claims(groups: Sequence[GroupDifference], reference: str) -> Iterator[str]:
    """A sentence a difference against ``reference``, kind by kind in the order of Claim."""
    for claim in Claim:
        kind = [one for one in groups if (one.claim, one.reference) == (claim, reference)]
        for one in kind:
            yield _sentence(one, len(kind))


def confounding(groups: Sequence[GroupDifference], facts: Sequence[StudentFacts]) -> Iterator[str]:
    """What else differs between groups that are told apart by one thing; nothing for no groups."""
    large = {f"{one.label}@after": one.large for one in facts}
    told = []
    for one in groups:
        if one.claim in _KINDS and one.claim is not Claim.LARGE:
            sides = [[large[name] for name in side if large.get(name) is not None] for side in (one.left, one.right)]  # fmt: skip
            left, right = _sides(one)
            if all(sides):
                counts = [f"{sum(map(bool, side))} of {len(side)}" for side in sides]
                told.append(f"{counts[0]} of the {left} and {counts[1]} of {right}")
    if any(one.claim in _KINDS for one in groups):
        sizes = f": larger than 10 billion weights are {'; '.join(dict.fromkeys(told))}" if told else ""  # fmt: skip
        yield (
            "Groups of models differ in more than the one thing they are named for, size, maker and "
            f"purpose together{sizes}. No difference between groups is the effect of one thing alone."
        )


def between(
    one: str, other: str, differences: Mapping[tuple[str, str], Difference]
) -> Difference | None:
    """``one`` minus ``other``, whichever way round it is stored; None where it is not."""
    if found := differences.get((one, other)):
        return found
    found = differences.get((other, one))
    if found is None:
        return None
    return found.model_copy(
        update={
            "entrant": one, "other": other, "difference": -found.difference,
            "low": -found.high, "high": -found.low,
        }
    )  # fmt: skip


def _sentence(one: GroupDifference, of_its_kind: int) -> str:
    counted = f", {of_its_kind} such differences counted" if of_its_kind > 1 else ""
    head = f"{_head(one)}: {_points(one.difference, one.low, one.high)}"
    head += f" {DAGGER}" if one.degenerate else ""
    if one.pull_requests < FEWEST_REQUESTS:
        return f"{head}. With {one.pull_requests} pull requests this study cannot tell."
    these = _beyond(one.adjusted_p, one.low, one.high)
    models = len(one.left) if one.paired else len(one.left) + len(one.right)
    if one.claim is Claim.FINE_TUNING:
        return f"{head} on the same prompts: {_direction(one) if these else _CANNOT} ({p_words(one.adjusted_p)}{counted})."
    head += f" over pull requests, for {_these(models)} ({p_words(one.adjusted_p)}{counted}): "
    if one.models_low is None or one.models_high is None:
        if not these:
            return f"{head}{_CANNOT}, between these or others."
        return f"{head}{_direction(one)}. {_too_few(one)}beyond {_these(models)} this study cannot tell."
    head += f"{_direction(one)}." if these else f"{_CANNOT}."
    kinds = _beyond(one.models_adjusted_p, one.models_low, one.models_high)
    bounds = _bounds(one.models_low, one.models_high)
    return (
        f"{head} Over models as well, as for others like them: {bounds} ({p_words(one.models_adjusted_p)}): "
        f"{_direction(one) if kinds else _CANNOT}."
    )


def _head(one: GroupDifference) -> str:
    """What is compared with what, and how many models there are."""
    where = "" if one.tool == "all" else f" on {one.tool}"
    same = {
        Claim.FINE_TUNING: f"Fine-tuning of {one.subject}, after against before",
        Claim.FINE_TUNING_MEAN: f"Fine-tuning, after against before, {_many(one)}",
        Claim.METHOD: f"Method {one.subject}, {_many(one)}",
        Claim.DATA: f"All cleaned examples against {_data(one.subject)}{where}, {_many(one)}",
        Claim.LONG: f"Long prompts against short ({one.threshold} of diff), {_many(one)}",
    }
    if one.claim in same:
        return same[one.claim]
    left, right = _sides(one)
    head = f"{left[0].upper()}{left[1:]} against {right}{where}"
    if one.paired:
        return f"{head}, {_many(one)}"
    counts = "1 model each" if len(one.left) == len(one.right) == 1 else f"{len(one.left)} and {len(one.right)} models"  # fmt: skip
    return f"{head} ({counts}{_meaning(one)})"


def _sides(one: GroupDifference) -> tuple[str, str]:
    if one.claim is Claim.NEWER:
        return f"models released in {one.threshold} or later", "earlier ones"
    if one.claim is Claim.LARGE:
        return f"models of more than {one.threshold} billion weights", "smaller ones"
    return _SIDES[one.claim]


def _meaning(one: GroupDifference) -> str:
    return f"; large are {BIG_MEANS}" if one.claim is Claim.BIG_VENDOR else ""


def _data(subject: str) -> str:
    kind, _, what = subject.partition(":")
    words = {
        "random": "as many drawn whatever the rules of clean say",
        "uncleaned": "every answer that can be read, uncleaned",
        "tools": f"those of {what.replace('+', ' and ')} alone",
    }
    if kind == "share":
        return f"those of {float(what):.0%} of the pull requests".replace("%", " %")
    return words.get(kind, subject)


def _many(one: GroupDifference) -> str:
    return f"the mean over {len(one.left)} models" if len(one.left) > 1 else _name(one.left[0])


def _these(models: int) -> str:
    return "this one model" if models == 1 else f"these {models} models"


def _too_few(one: GroupDifference) -> str:
    """Why nothing is said of a kind: too few models, or none that differ."""
    least = len(one.left) if one.paired else min(len(one.left), len(one.right))
    return f"With {least} model{'' if least == 1 else 's'}{'' if one.paired else ' on a side'}, "


def _name(entrant: str) -> str:
    return entrant.removesuffix("@after")


def _beyond(p_value: float | None, low: float, high: float) -> bool:
    return p_value is not None and p_value < BEYOND and (low > 0 or high < 0)


def _direction(one: GroupDifference) -> str:
    return "better, by more than chance" if one.difference > 0 else "worse, by more than chance"


def _points(value: float, low: float, high: float) -> str:
    return f"{100 * value:+.1f} points {_bounds(low, high)}"


def _bounds(low: float, high: float) -> str:
    return f"[{100 * low:+.1f} to {100 * high:+.1f}]"


def p_words(value: float | None) -> str:
    """A p-value as a sentence has it: "p = 0.012"."""
    text = p_text(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"
