"""What tokens cost: from the study file, else from a package that somebody keeps up to date.

Takes a role; gives its price, or None where nobody knows it, which is never the same as nothing.
Models in this process and models that are none cost nothing. Offline: the package's own data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pullsmith.models.names import LOCAL, MODEL_FREE, ModelKind, ModelName, parse_model_name
from pullsmith.study.roles import Role

_PROVIDERS = {ModelKind.OPENAI: "openai", ModelKind.ANTHROPIC: "anthropic"}
_FREE = MODEL_FREE | LOCAL | {ModelKind.SCRIPTED}
_BATCH = {"processing": "batch"}  # what the package calls it
Cost = Callable[[int, int], float]


@dataclass(frozen=True)
class Price:
    """What some tokens cost, who says so, and how many a prompt and its answer may have together."""

    cost_usd: Cost  # of input and output tokens
    source: str
    window_tokens: int | None = None


def price_of(role: Role) -> Price | None:
    """The price of ``role``'s model as it is asked; None where nobody knows it."""
    name = parse_model_name(role.model)
    known = _listed(name, batch=role.batch)
    if role.price is not None:
        window = known.window_tokens if known else None
        return Price(_linear(role.price.input, role.price.output), "the study", window)
    if name.kind in _FREE:
        return Price(lambda _input, _output: 0.0, "runs on this machine")
    return known


def window_of(role: Role) -> int | None:
    """How many tokens its prompt and answer may have together; None where nobody knows."""
    if role.window_tokens is not None:
        return role.window_tokens
    name = parse_model_name(role.model)
    known = None if name.kind in _FREE else _listed(name, batch=False)
    return known.window_tokens if known else None


def _linear(input_usd: float, output_usd: float) -> Cost:
    """Dollars a million tokens of each kind."""
    return lambda inputs, outputs: (inputs * input_usd + outputs * output_usd) / 1e6


def _listed(name: ModelName, *, batch: bool) -> Price | None:
    """What the package knows; for a batch the normal price where it lists no other."""
    if name.kind in _FREE:
        return None
    from genai_prices import Usage, calc_price
    from genai_prices.types import PriceCalculation

    context = _BATCH if batch else None

    def calculated(inputs: int, outputs: int) -> PriceCalculation:
        usage, model = Usage(input_tokens=inputs, output_tokens=outputs), name.target
        if name.base_url:
            return calc_price(usage, model, provider_api_url=name.base_url, price_context=context)
        return calc_price(usage, model, provider_id=_PROVIDERS[name.kind], price_context=context)

    try:
        window = calculated(1, 1).model.context_window
    except LookupError:
        return None
    cost = _as_linear(lambda inputs, outputs: float(calculated(inputs, outputs).total_price))
    return Price(cost, "genai-prices", window)


def _as_linear(cost: Cost) -> Cost:
    """``cost`` without its 0.2 ms a call, where it is the same for every token below a million."""
    million = 1_000_000
    input_usd, output_usd = cost(million, 0), cost(0, million)
    linear = _linear(input_usd, output_usd)
    same = all(
        abs(cost(*tokens) - linear(*tokens)) < 1e-9 for tokens in ((1000, 100), (million, million))
    )
    return linear if same else cost
