"""The curation page in a real browser: from the key to the next example on the screen.

Part of ``bench/curate.py``. Diffs of 100 kB (the standard library's own sources, changed), a server in a
process of its own, Debian's chromium without a screen. What is timed lies inside the page: from the key
event to the first frame that shows the next example, its decision written to disk before. A person
looks for a second; hurried is who presses again as soon as the example is there.
"""

from __future__ import annotations

import argparse
import difflib
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

from playwright.sync_api import Page, sync_playwright

from desk import make_run, study
from figures import Figures
from pullsmith.curate.desk import open_desk
from pullsmith.curate.web import serve
from pullsmith.records import ChangeStatus, FileChange, PullRequest, Split

DIFF_BYTES, EXAMPLES, QUICK_EXAMPLES = 100_000, 60, 24
REACH_MS, LOOKS_SECONDS, FILES = 150, 1.0, 5
_TIMED = """() => {
  let pressed = 0;
  window.timed = [];
  window.whole = [];
  addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => {
    const from = pressed;
    requestAnimationFrame(() => setTimeout(() => window.timed.push(performance.now() - from)));
    const filled = new MutationObserver(() => {
      if (document.querySelector("[data-wait]")) return;
      filled.disconnect();
      window.whole.push(performance.now() - from);
    });
    filled.observe(document.querySelector("#diff"), { childList: true, subtree: true });
  }).observe(document.querySelector("#main"), { childList: true });
}"""


def figures(*, quick: bool) -> Figures:
    """Milliseconds to the next example, in the browser and on the server."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("bench/page.py needs Debian's chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        # Examples come in threes of one pull request; the page draws the diff of each anew.
        make_run(Path(folder), 6 * (QUICK_EXAMPLES if quick else EXAMPLES), request)
        with server(Path(folder)) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            looked = timed(
                browser.new_page(), url, EXAMPLES if not quick else QUICK_EXAMPLES, LOOKS_SECONDS
            )
            hurried = timed(browser.new_page(), url, EXAMPLES if not quick else QUICK_EXAMPLES, 0)
            browser.close()
            item, rows = server_ms(url, folder)
    return {
        "next_ms_median": _ms(statistics.median(looked[0]), REACH_MS),
        "next_ms_p95": _ms(_p95(looked[0]), REACH_MS),
        "next_whole_diff_ms_median": _ms(statistics.median(looked[1]), REACH_MS),
        "next_hurried_ms_median": _ms(statistics.median(hurried[0]), REACH_MS),
        "next_hurried_ms_p95": _ms(_p95(hurried[0]), REACH_MS),
        "server_item_ms": _ms(item, REACH_MS),
        "server_all_lines_ms": _ms(rows, REACH_MS),
    }


def _ms(value: float, reach: float) -> dict[str, object]:
    peer = f"at most {reach} ms for the next example; 100 kB of diff"
    return {"value": round(value, 1), "unit": "ms", "peer": peer, "ratio": round(value / reach, 3)}


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]


def timed(page: Page, url: str, count: int, pause: float) -> tuple[list[float], list[float]]:
    """Milliseconds from each key to the example, and to the last line of its diff."""
    page.goto(f"{url}clean")
    page.keyboard.type("bench")
    page.keyboard.press("Enter")
    page.locator("body[data-ready] #item h1").wait_for()
    page.evaluate(_TIMED)
    time.sleep(2)
    for _ in range(count):
        name = page.locator("#item").get_attribute("data-name")
        page.keyboard.press("k")
        page.locator(f'#item:not([data-name="{name}"])').wait_for()
        time.sleep(pause)
    page.locator("[data-wait]").first.wait_for(
        state="detached"
    )  # of the last one all lines are there
    time.sleep(1)
    first, whole = page.evaluate("() => [window.timed, window.whole]")
    page.close()
    assert len(first) >= count - 1
    return first, whole


def server_ms(url: str, folder: str) -> tuple[float, float]:
    """Milliseconds the server takes for an item, and for the rest of its diff."""
    with urlopen(_said(f"{url}door", b'{"who": "server"}')) as answer:
        cookie = answer.headers["set-cookie"].partition(";")[0]
    desk = open_desk(study(Path(folder)))
    items, rows = [], []
    for name in desk.clean.names()[-30::3]:
        item = desk.clean.item(name)
        named = f"queue=clean&name={quote(name)}&digest={item.digest}&section=0"
        items.append(_took(f"{url}part/item?queue=clean&from={quote(name)}&step=here", cookie))
        rows.append(
            sum(_took(f"{url}part/rows?{named}&first={n}", cookie) for n in range(1, 3_000, 400))
        )
    return statistics.median(items), statistics.median(rows)


def _took(url: str, cookie: str) -> float:
    began = time.perf_counter()
    with urlopen(Request(url, headers={"Cookie": cookie})) as answer:
        answer.read()
    return 1000 * (time.perf_counter() - began)


def _said(url: str, body: bytes) -> Request:
    origin = url.rpartition("/")[0]
    return Request(url, body, {"Content-Type": "application/json", "Origin": origin})


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The page of a run in a process of its own; its address."""
    command = [sys.executable, __file__, "--serve", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.communicate()


@cache
def sources() -> list[str]:
    """Files of the standard library, in the order of their names."""
    folder = Path(sysconfig.get_path("stdlib"))
    found = (path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.py")))
    return [text for text in found if 15_000 < len(text) < 80_000 and "\r" not in text]


def request(number: int) -> PullRequest:
    """A change of several files whose patch has about 100 kB: every third line is new, some are gone."""
    files, size = list[FileChange](), 0
    for text in islice(cycle(sources()), number, None):
        patch = _patch(text[: 2 * DIFF_BYTES // FILES])
        path = f"app/part_{number % 97}.py" if not files else f"lib/m{len(files)}.py"
        files.append(
            FileChange.model_construct(
                path=path, status=ChangeStatus.MODIFIED, language="python", patch=patch,
                added_lines=1, deleted_lines=1, flags=(), old_path=None, binary=False, encoding="utf-8",
            )
        )  # fmt: skip
        size += len(patch)
        if size >= DIFF_BYTES:
            break
    return PullRequest.model_construct(
        id=f"forge.test/o/r@{number:07d}", source="git", repository="forge.test/o/r", group="g",
        title=f"Change {number}", files=tuple(files), split=Split.TRAIN,
    )  # fmt: skip


def _patch(text: str) -> str:
    new = text.splitlines()
    old = [line for at, line in enumerate(new) if at % 3] + ["# the end"]
    lines = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=Path)
    given = parser.parse_args()
    serve(open_desk(study(given.serve)), port=0, report=lambda said: print(said, flush=True))
