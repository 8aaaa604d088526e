"""The page's colours by name, in light and in dark; charts in files have the light ones."""

from __future__ import annotations

import re

LIGHT = {
    "paper": "#ffffff",
    "band": "#f5f6f8",
    "ink": "#1c1d21",
    "soft": "#5a5e66",
    "rule": "#dfe1e6",
    "mark": "#1f5fa8",
    "wash": "#dbe7f5",
    "added": "#e3f2e6",
    "removed": "#fae6e4",
}
DARK = {
    "paper": "#141518",
    "band": "#1d1f23",
    "ink": "#e7e8eb",
    "soft": "#a4a8b1",
    "rule": "#36393f",
    "mark": "#84b6f0",
    "wash": "#26384f",
    "added": "#1b3323",
    "removed": "#41221f",
}


def variables() -> str:
    """Both as custom properties: dark where the reader's system is."""
    return (
        f":root {{ color-scheme: light dark; {_declared(LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_declared(DARK)} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light; {_declared(LIGHT)} }} }}\n"
    )


def filled(css: str) -> str:
    """``css`` with the light colours in place of its variables, for readers that know none."""
    return re.sub(r"var\(--([a-z]+)\)", lambda found: LIGHT[found[1]], css)


def _declared(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())
