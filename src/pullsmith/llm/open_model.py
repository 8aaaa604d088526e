"""From a model's name to the model: the only place that knows which adapter is whose.

Takes a name as a study writes it; gives a model for the door. Opening sends and loads nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.llm.anthropic_api import AnthropicModel
from pullsmith.llm.openai_api import OpenAIModel
from pullsmith.llm.protocol import Model
from pullsmith.llm.rubric import RubricModel
from pullsmith.llm.rules import RulesModel
from pullsmith.llm.scripted import saying
from pullsmith.models.names import LOCAL, ModelKind, ModelName, parse_model_name

_LOCAL_MODULES = ("torch", "transformers")


@dataclass(frozen=True)
class Weights:
    """Which weights a local model has: a folder, an adapter folder on ``base``, or ``base`` alone."""

    folder: Path | None = None
    base: str = ""


class OpenModel(Protocol):
    """``open_model``, or what a test puts in its place."""

    def __call__(
        self,
        name: str,
        *,
        weights: Weights | None = None,
        threads: int = 1,
        contracts: Callable[[str], Contract] = find_contract,
        tools: Tools = BUILT_IN,
    ) -> Model:
        """The model called ``name``."""


def open_model(  # noqa: PLR0913  # what a model is made of, two tests' doubles included
    name: str,
    *,
    weights: Weights | None = None,
    threads: int = 1,
    contracts: Callable[[str], Contract] = find_contract,
    tools: Tools = BUILT_IN,
    environ: Mapping[str, str] = os.environ,
    finds: Callable[[str], object] = find_spec,
) -> Model:
    """The model called ``name``; close it when it has a close.

    ``weights`` say what a student was trained to; without them a local name means itself;
    ``contracts`` finds the contract that a model without weights writes in, ``tools`` are what the
    rubric judges.
    ``environ`` holds the keys; ``finds`` looks for an installed module. Raises StudyError for a name that cannot be asked, or a missing
    key, and MissingExtraError for a local model without the extra [train].
    """
    parsed = parse_model_name(name)
    if parsed.kind in LOCAL:
        _need_extra(parsed, finds)
        return _local(parsed, weights, threads)
    if parsed.kind in (ModelKind.OPENAI, ModelKind.ENDPOINT):
        return OpenAIModel(parsed, environ=environ)
    if parsed.kind in (ModelKind.RULES, ModelKind.RULES_TRUTH):
        return RulesModel(truth=parsed.kind is ModelKind.RULES_TRUTH, contracts=contracts)
    if parsed.kind is ModelKind.RUBRIC:
        return RubricModel(tools)
    if parsed.kind is ModelKind.SCRIPTED:
        return saying(parsed.target)
    if parsed.kind is ModelKind.ANTHROPIC:
        return AnthropicModel(parsed, environ=environ)
    raise StudyError(
        f"model {name!r} is a row of the board, learned from the training examples; "
        "it cannot be a teacher, a reference or a judge"
    )


def _local(name: ModelName, weights: Weights | None, threads: int) -> Model:
    if weights is None and name.kind is ModelKind.TINY:
        raise StudyError("model 'tiny' is built by training; it can only be a student")
    from pullsmith.llm.local import LocalModel

    weights = weights or Weights(base=name.text)
    return LocalModel(weights.folder, base=weights.base, threads=threads)


def _need_extra(name: ModelName, finds: Callable[[str], object]) -> None:
    missing = [module for module in _LOCAL_MODULES if not finds(module)]
    if missing:
        raise MissingExtraError(
            f"model {name.text!r} needs {', '.join(missing)}: pip install 'pullsmith[train]'"
        )
