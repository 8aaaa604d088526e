"""Curate: how fast a run opens for people, and whether decisions made at once are all kept.

    python bench/curate.py [--quick] [--json]

75,000 examples (7,500 with --quick) are opened in a process of its own: seconds until the first name
is there, and the most memory. Four processes append 300 decisions each to one file. Then a browser
goes through examples with diffs of 100 kB: from the key to the next example on the screen.
"""

from __future__ import annotations

import argparse

from desk import figures as desk_figures
from figures import show
from page import figures as page_figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = desk_figures(quick=options.quick) | page_figures(quick=options.quick)
    show(found, as_json=options.json)


if __name__ == "__main__":
    main()
