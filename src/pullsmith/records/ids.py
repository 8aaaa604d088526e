"""Building ids by the grammar of the package's docstring."""

from __future__ import annotations

from pullsmith.records.base import Claim, Order, Phase, id_part


def prompt_id(pull_request_id: str, *, tool: str, contract: str, part: int = 0) -> str:
    """The id of a Prompt."""
    return f"{pull_request_id}#{id_part(tool)}/{id_part(contract)}/{part}"


def part_of(prompt: str) -> int:
    """Which of the prompts of its pull request and tool a prompt is, by its id; the first is 0."""
    return int(prompt.rpartition("/")[2])


def answer_id(prompt: str, *, model: str, phase: Phase, checkpoint: str, sample: int) -> str:
    """The id of an Answer."""
    return f"{prompt}~{id_part(model)}/{phase}/{id_part(checkpoint)}/{sample}"


def repair_id(answer: str) -> str:
    """The id of the answer that came when ``answer`` was refused and asked for once more."""
    return f"{answer}/repair"


def example_id(answer: str, *, contract: str) -> str:
    """The id of an Example."""
    return f"{answer}>{id_part(contract)}"


def checkpoint_id(cell: str, *, phase: Phase, weights_digest: str) -> str:
    """The id of a Checkpoint."""
    return f"{id_part(cell)}/{phase}/{weights_digest}"


def verdict_id(
    prompt: str, *, pair: tuple[str, str, str], version: str, order: Order, repeat: int
) -> str:
    """The id of a Verdict; ``pair`` is (candidate, reference, judge)."""
    names = ":".join(id_part(name) for name in pair)
    return f"{prompt}~{names}/{id_part(version)}/{order}/{repeat}"


def rating_id(names: tuple[str, str, str], *, tool: str, slice_name: str) -> str:
    """The id of a Rating; ``names`` is (entrant, reference, judge)."""
    return ":".join(id_part(name) for name in names) + f"/{id_part(tool)}/{id_part(slice_name)}"


def metric_id(entrant: str, name: str, *, tool: str, slice_name: str) -> str:
    """The id of a Metric."""
    return "/".join(id_part(part) for part in (entrant, name, tool, slice_name))


def contrast_id(pair: tuple[str, str], name: str, *, judged: tuple[str, str], where: str) -> str:
    """The id of a Contrast; ``pair`` is (entrant, other), ``judged`` (reference, judge), ``where`` tool/slice."""
    one, other = (":".join(id_part(part) for part in two) for two in (pair, judged))
    return f"{one}/{id_part(name)}/{other}/{where}"


def group_contrast_id(claim: Claim, subject: str, *, reference: str, where: str) -> str:
    """The id of a GroupContrast; ``where`` is the tool."""
    return "/".join(id_part(part) for part in (claim, subject, reference, where))


def statistic_id(name: str, judges: tuple[str, str], rated: tuple[str, str]) -> str:
    """The id of a Statistic; ``judges`` is (judge, other), ``rated`` (entrant, reference)."""
    pair, about = (":".join(id_part(part) for part in two) for two in (judges, rated))
    return f"{id_part(name)}/{pair}/{about}"


def entrant_name(model: str, phase: Phase) -> str:
    """What verdicts and ratings call a model in one phase: ``model`` or ``model@phase``."""
    return model if phase is Phase.NONE else f"{model}@{phase}"
