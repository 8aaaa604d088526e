"""README's board, from a real run: what stands between the two markers is written anew.

    python bench/readme.py STUDY.toml [--picture docs/board.svg] [--readme README.md]

Takes a study whose report is done and a picture of its board; everything outside the markers stays as
it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pullsmith.report.board import Board, board
from pullsmith.report.markdown import escape, listed, table_text
from pullsmith.report.tables import glance
from pullsmith.study import load_study

BEGIN = "<!-- board: begin; make readme writes what stands here, from a real run -->"
END = "<!-- board: end -->"


def with_board(text: str, found: Board, picture: str = "") -> str:
    """``text`` with the board's first tables between the markers; ValueError without both markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no place for a board: {BEGIN!r} and behind it {END!r} are to be there")
    return f"{before}{BEGIN}\n\n{shown(found, picture)}\n\n{END}{after}"


def shown(found: Board, picture: str = "") -> str:
    """The picture, the first tables a heading deeper, and the findings."""
    reference = escape(found.references[0])
    alt = f"How often each model is better than {reference}, with 95 % intervals"
    parts = [f"![{alt}]({picture})"] if picture else []
    parts += [f"#{table_text(table)}" for table in glance(found)]
    parts += ["### Findings", listed(found.findings)] if found.findings else []
    return "\n\n".join(parts)


def main() -> None:
    """Rewrite the file where anything of it changes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("study", type=Path)
    parser.add_argument("--picture", default="", help="path of the picture, as README names it")
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    asked = parser.parse_args()
    text = asked.readme.read_text(encoding="utf-8")
    try:
        new = with_board(text, board(load_study(asked.study, ())), asked.picture)
    except ValueError as error:
        parser.exit(1, f"{asked.readme}: {error}\n")
    asked.readme.write_text(new, encoding="utf-8")
    print(f"{asked.readme}: {'the same board' if new == text else 'a new board'}")


if __name__ == "__main__":
    main()
