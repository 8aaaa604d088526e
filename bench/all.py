"""Run every benchmark of this folder and rewrite docs/benchmarks.md.

    python bench/all.py [--quick]

Each ``bench/NAME.py --json`` prints one object: {figure: {"value": …, "unit": …, "peer": …, "ratio": …}}.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
NO_BENCHMARK = (
    "all.py",
    "copies.py",
    "figures.py",
    "gpu_training.py",
    "loopback.py",
)  # what the others share
HEAD = """# Benchmarks

Written by `make bench`. Each figure stands beside its floor or peer, measured in the same run on the same machine;
ratios travel between machines, values do not.
"""


def rows(name: str, figures: dict[str, dict[str, object]]) -> list[str]:
    lines = [
        f"## {name}",
        "",
        "| figure | value | unit | beside | ratio |",
        "|---|---|---|---|---|",
    ]
    for figure, facts in figures.items():
        cells = [str(facts.get(key, "")) for key in ("value", "unit", "peer", "ratio")]
        lines.append(f"| {figure} | {' | '.join(cells)} |")
    return [*lines, ""]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = ["--quick"] if parser.parse_args().quick else []
    machine = f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores ({platform.machine()})."
    page = [HEAD, machine, ""]
    for path in sorted(HERE.glob("*.py")):
        if path.name in NO_BENCHMARK:
            continue
        done = subprocess.run(
            [sys.executable, str(path), "--json", *quick],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{path.name} failed:\n{done.stderr}", file=sys.stderr)
            return 1
        page += rows(path.stem, json.loads(done.stdout))
        print(f"{path.stem}: done")
    PAGE.write_text("\n".join(page), encoding="utf-8")
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
