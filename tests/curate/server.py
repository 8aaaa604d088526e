"""The page of a run folder in a process of its own: ``python -m tests.curate.server FOLDER PORT``."""

from __future__ import annotations

import sys
from pathlib import Path

from pullsmith.curate.desk import open_desk
from pullsmith.curate.web import serve
from tests.curate.made import study


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    desk = open_desk(study(folder, clean={"review": 20}))
    serve(desk, port=port, report=tell)


def tell(said: str) -> None:
    sys.stdout.write(f"{said}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
