"""report as a stage: what it refuses to make a board of."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError
from pullsmith.records import GroupContrast, Rating
from pullsmith.report.stage import run
from pullsmith.rows import write_rows
from pullsmith.store import RunFolder
from tests.judged import context, store, study


def test_a_run_that_an_older_version_ranked_is_refused_with_the_way_out(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    store(folder, "rank", Rating, [])
    with pytest.raises(RunFolderError, match=r"group-contrasts\.parquet: not there.*remove the folder"):  # fmt: skip
        run(context(study(), folder, "report"))
    write_rows(tmp_path / "rank" / "group-contrasts.parquet", GroupContrast, [])
    with pytest.raises(FileNotFoundError, match="metrics"):  # the next file, not this one
        run(context(study(), folder, "report"))
