"""What is unlike between two studies besides their models: then a difference is not the model's alone.

Takes two sides and their references; gives sentences, none where nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.compare.side import Side


def unlikenesses(one: tuple[Side, str], other: tuple[Side, str]) -> Iterator[str]:
    """The sentences, references first."""
    (a, mine), (b, theirs) = one, other
    yield from _references(a, mine, b, theirs)
    yield from _judges(a, b)
    yield from _contracts(a, b)
    if a.versions != b.versions:
        yield (
            f"The verdicts were made by pullsmith {_listed(a.versions)} in A and "
            f"{_listed(b.versions)} in B: rules and judge prompts may differ."
        )


def _references(a: Side, mine: str, b: Side, theirs: str) -> Iterator[str]:
    if mine != theirs:
        yield f"The references differ: {mine} in A, {theirs} in B."
        return
    one, other = (
        next(role for role in side.study.reference if role.label == mine) for side in (a, b)
    )
    if one.model != other.model:
        yield f"What is called {mine} is {one.model} in A and {other.model} in B."
    if one.contract != other.contract:
        yield f"The reference {mine} was asked in {one.contract} in A, in {other.contract} in B."
    said, told = a.reference_answers(mine), b.reference_answers(theirs)
    shared = said.keys() & told.keys()
    changed = sum(said[task] != told[task] for task in shared)
    if changed:
        yield (
            f"The reference {mine} answered {changed} of {len(shared)} prompts otherwise in B than in A; a "
            "reference pack keeps its answers."
        )


def _judges(a: Side, b: Side) -> Iterator[str]:
    mine, theirs = (
        {(verdict.judge, verdict.prompt_version) for verdict in side.verdicts} for side in (a, b)
    )
    if mine != theirs:
        only = [
            f"{judge} ({version}) in {name}"
            for name, some in (("A", mine - theirs), ("B", theirs - mine))
            for judge, version in sorted(some)
        ]
        yield f"The judges differ: {', '.join(only)} only."
    orders = {role.label: role.orders for role in a.study.judges}
    for role in b.study.judges:
        if orders.get(role.label, role.orders) != role.orders:
            yield (
                f"The judge {role.label} saw orders {orders[role.label]!r} in A, {role.orders!r} in B."
            )


def _contracts(a: Side, b: Side) -> Iterator[str]:
    mine = {role.label: role for role in a.study.student}
    for role in b.study.student:
        other = mine.get(role.label)
        if other and other.contract != role.contract:
            yield f"{role.label} is asked in {other.contract} in A, in {role.contract} in B."
        if other and other.model != role.model:
            yield f"What is called {role.label} is made from {other.model} in A, from {role.model} in B."


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(names))
