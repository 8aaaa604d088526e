"""The board of a large study: rank and report over 54,000 verdicts, and the page in a browser.

    python bench/report.py [--quick] [--json]

Fifteen students, each before and after, 300 prompts on 100 pull requests, three judges, both orders: 54,000
verdicts (``board_run``), written as a run folder first, which is not timed. Then rank, with 2,000 resamples, and
report, in a process of its own. ``page_opens_ms`` is from asking for the page until it is drawn, in
Debian's chromium, the middle of five; without a browser it is left out. A third of it with --quick.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import board_run
from figures import Figures, peak_bytes, show
from pullsmith.rank.stage import run as rank
from pullsmith.report.stage import run as report
from pullsmith.store import JobKey, RunFolder

MOST_SECONDS, MOST_MB = 60, 5
BROWSER = "chromium"
# Drawn: two frames after everything is there.
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"  # fmt: skip


def board_of(folder: Path, size: board_run.Size) -> dict[str, float]:
    """What rank and report take, in this process."""
    made = board_run.study(size, folder)
    taken: dict[str, float] = {}
    for name, stage in (("rank", rank), ("report", report)):
        context = board_run.context(made, name)
        start, used = time.perf_counter(), time.process_time()
        result = stage(context)
        board_run.finish(context, name, result.tally)
        taken |= {name: time.perf_counter() - start, f"{name}_cpu": time.process_time() - used}
    return {**taken, "peak": peak_bytes()}


def apart(folder: Path, size: board_run.Size) -> dict[str, float]:
    """The same in a process of its own, so that its memory is its own, too."""
    code = (
        "import json, sys; from pathlib import Path; from board_run import Size; from report import board_of;"
        "print(json.dumps(board_of(Path(sys.argv[1]), Size(students=int(sys.argv[2])))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(size.students)], cwd=Path(__file__).parent,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def board_figures(folder: Path, size: board_run.Size) -> Figures:
    taken = apart(folder, size)
    seconds = taken["rank"] + taken["report"]
    cpu = taken["rank_cpu"] + taken["report_cpu"]
    return {
        f"board_seconds_{size.verdicts}": {
            "value": round(seconds, 1),
            "unit": f"s, rank {taken['rank']:.1f} and report {taken['report']:.1f}; {cpu:.1f} CPU s",
            "peer": f"at most {MOST_SECONDS}",
            "ratio": round(seconds / MOST_SECONDS, 2),
        },
        "board_peak_mb": {
            "value": round(taken["peak"] / 1e6), "unit": "MB, the most of the process", "peer": "none ran", "ratio": "",
        },
    }  # fmt: skip


def page_figures(page: Path) -> Figures:
    size = page.stat().st_size / 1e6
    figures: Figures = {
        "page_mb": {
            "value": round(size, 2), "unit": "MB, everything inside", "peer": f"at most {MOST_MB}",
            "ratio": round(size / MOST_MB, 2),
        }
    }  # fmt: skip
    program = shutil.which(BROWSER)
    if program is None:
        print(f"page_opens_ms is left out: {BROWSER} is not installed", file=sys.stderr)
        return figures
    seen = [opened(page, program) for _ in range(5)]
    return figures | {
        "page_opens_ms": {
            "value": round(median(seen)), "unit": f"ms until it is drawn, {min(seen):.0f} to {max(seen):.0f}",
            "peer": "none ran", "ratio": "",
        }
    }  # fmt: skip


def opened(page: Path, program: str) -> float:
    """Milliseconds from the first byte asked for to the page drawn, in a fresh browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            tab = browser.new_page()
            tab.goto(page.as_uri())
            return float(tab.evaluate(DRAWN))
        finally:
            browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the models")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    size = board_run.Size(students=5 if chosen.quick else 15)
    with tempfile.TemporaryDirectory() as name:
        made = board_run.write(Path(name), size)
        figures = board_figures(Path(name), size)
        job = RunFolder(Path(name) / made.name).job(JobKey("report"))
        figures |= page_figures(job.path / "index.html")
    show(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
