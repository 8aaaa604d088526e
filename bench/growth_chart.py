"""What a number of records costs, as one small chart: bars as high as the CPU seconds of 10,000 records.

Bars of one height mean that the cost grows as the records do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

COLOURS = ("#3b6fb6", "#c9822b", "#5a9a57")
WIDTH, HEIGHT, LEFT, FOOT, TOP = 560, 300, 48, 64, 40


@dataclass(frozen=True)
class Measured:
    """CPU seconds by stage, and the most memory, of so many records."""

    records: int
    megabytes: float
    cpu_seconds: Mapping[str, float]
    gigabytes: float

    @property
    def total(self) -> float:
        return sum(self.cpu_seconds.values())

    @property
    def per_10k(self) -> float:
        return self.total * 10_000 / self.records


def growth_svg(found: Sequence[Measured]) -> str:
    """The chart; readable on light and on dark."""
    names = list(found[0].cpu_seconds)
    most = max(one.per_10k for one in found) * 1.15
    step = (WIDTH - LEFT) / len(found)
    told = "; ".join(f"{one.records:,}: {one.per_10k:.1f}" for one in found)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>CPU seconds of 10,000 records. {told}</title>",
        "<style>text{font:12px sans-serif;fill:#222}line{stroke:#999}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>",
        f'<text x="{LEFT}" y="16">CPU seconds of 10,000 records, by how many there are</text>',
        *_legend(names),
        f'<line x1="{LEFT}" y1="{HEIGHT - FOOT}" x2="{WIDTH}" y2="{HEIGHT - FOOT}"/>',
    ]
    for place, one in enumerate(found):
        lines += _bar(one, LEFT + step * (place + 0.25), step / 2, most)
    return "\n".join([*lines, "</svg>", ""])


def _legend(names: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        x = LEFT + 90 * place
        yield f'<rect x="{x}" y="23" width="10" height="10" fill="{COLOURS[place]}"/>'
        yield f'<text x="{x + 15}" y="33">{name}</text>'


def _bar(one: Measured, x: float, width: float, most: float) -> Iterator[str]:
    base = float(HEIGHT - FOOT)
    room = base - TOP - 10
    for colour, used in zip(COLOURS, one.cpu_seconds.values(), strict=False):
        height = used * 10_000 / one.records / most * room
        base -= height
        yield f'<rect x="{x:.1f}" y="{base:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
    middle = x + width / 2
    below = (
        f"{one.records:,} records",
        f"{one.total:.0f} CPU s in all",
        f"{one.gigabytes:.2f} GB at most",
    )
    yield f'<text x="{middle:.1f}" y="{base - 5:.1f}" text-anchor="middle">{one.per_10k:.1f}</text>'
    for row, text in enumerate(below):
        y = HEIGHT - FOOT + 17 + 16 * row
        yield f'<text x="{middle:.1f}" y="{y}" text-anchor="middle">{text}</text>'
