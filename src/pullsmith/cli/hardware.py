"""``estimate``'s second table: GPU hours, memory and disk of each student, and the totals.

Takes a Hardware and the lines of the calls; prints, or gives rows of JSON. "unknown" and null stand
for what nobody knows; a number stands for nothing else than itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pullsmith.cli.plain_table import print_table

if TYPE_CHECKING:
    from pullsmith.pipeline.estimate import Line
    from pullsmith.pipeline.hardware import Hardware, Needs
    from pullsmith.study import Study

_GIB = 1024**3
_UNKNOWN = "unknown"


def print_hardware(study: Study, lines: Sequence[Line], hardware: Hardware) -> None:
    """The students' table, and a line each of hours and of disk."""
    click.echo()
    header = ("student", "method", "training", "answering", "memory", "GPUs", "model", "kept", "while training")  # fmt: skip
    print_table([header, *(_row(each) for each in hardware.students)])
    click.echo(_hours_line(hardware))
    click.echo(_disk_line(study, lines, hardware))


def hardware_json(
    study: Study, lines: Sequence[Line], hardware: Hardware
) -> list[dict[str, object]]:
    """A row a student with the keys of the calls' rows, and one of the whole study, the last."""
    from pullsmith.pipeline.estimate import detectable
    from pullsmith.stats.power import prompts_for

    students = [
        {
            "role": "student", "calls": each.answers, "input_tokens": None,
            "output_tokens": None, "usd": 0.0, "price_source": "runs on this machine",
            "gpu": hardware.gpu.name, "gpu_hours": each.gpu_hours, **asdict(each),
        }
        for each in hardware.students
    ]  # fmt: skip
    whole = {
        "role": "study", "model": study.name, "calls": None, "input_tokens": None,
        "output_tokens": None, "usd": None, "price_source": "",
        "known_usd": sum(line.usd or 0.0 for line in lines),
        "usd_unknown_of": [line.model for line in lines if line.unknown],
        "gpu": hardware.gpu.name,
        "known_gpu_hours": hardware.known_hours,
        "gpu_hours_unknown_of": list(hardware.unknown),
        "text_bytes": _text_bytes(study, lines),
        "known_weights_bytes": hardware.known_bytes,
        "weights_unknown_of": list(hardware.without_bytes),
        "detectable_difference": smallest if (smallest := detectable(study)) < 1 else None,
        "prompts_for_five_points": prompts_for(0.05),
    }  # fmt: skip
    return [*students, whole]


def _row(each: Needs) -> tuple[str, ...]:
    gpus = _UNKNOWN if each.gpus is None else str(each.gpus)
    return (
        each.student, each.method, _hours(each.training_hours), _hours(each.answering_hours),
        _size(each.memory_bytes), gpus, _size(each.download_bytes), _size(each.weights_bytes),
        _size(each.states_bytes),
    )  # fmt: skip


def _hours_line(hardware: Hardware) -> str:
    more = f", and {', '.join(hardware.unknown)} of unknown size" if hardware.unknown else ""
    return (
        f"estimated for {hardware.gpu.name}: {_hours(hardware.known_hours)} of GPU{more}; hours may be wrong by a "
        "factor of three either way, memory by a quarter"
    )


def _disk_line(study: Study, lines: Sequence[Line], hardware: Hardware) -> str:
    text = _text_bytes(study, lines)
    words = f"prompts, answers and verdicts {_size(text)} at most"
    if text is None:
        words = "prompts, answers and verdicts unknown before rendering"
    more = f", and {', '.join(hardware.without_bytes)} of unknown size" if hardware.without_bytes else ""  # fmt: skip
    return (
        f"disk: {words}; models and what is trained {_size(hardware.known_bytes)}{more}; "
        f"{_size(hardware.most_states_bytes)} more while the largest is trained"
    )


def _text_bytes(study: Study, lines: Sequence[Line]) -> int | None:
    from pullsmith.pipeline.hardware import text_bytes

    return text_bytes(
        study, [(line.calls, line.input_tokens, line.output_tokens) for line in lines]
    )


def _hours(value: float | None) -> str:
    if value is None:
        return _UNKNOWN
    if 0 < value < 0.05:
        return "< 0.1 h"
    return f"{value:,.0f} h" if value >= 10 else f"{value:.1f} h"


def _size(count: int | None) -> str:
    if count is None:
        return _UNKNOWN
    gib = count / _GIB
    if 0 < gib < 0.05:
        return "< 0.1 GiB"
    return f"{gib:,.0f} GiB" if gib >= 10 else f"{gib:.1f} GiB"
