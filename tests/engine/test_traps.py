"""The traps that engines of this kind were seen to fall into; each is a test here or where it says.

1 records with empty text are lost: test_steps.py, test_records_with_empty_texts_are_not_lost.
2 marks of completion outlive a change of settings: test_steps.py, test_other_settings_…, and
  test_cluster.py, test_a_mark_of_completion_without_an_outcome_is_not_believed.
3 cluster ids are missing where a file had no duplicates: below.
4 whoever is kept of a cluster is arbitrary: select/test_duplicates.py, select/test_near.py.
5 text normalisation folds code away: select/test_shingles.py.
6 decontamination by an index of another signature: ours is by runs of tokens, in split.
7 slices too small or too large: below.
8 waiting for ever for what failed: test_cluster.py, test_only_what_is_not_done_is_sent_again.
9 packages imported and never declared: below.
10 one placement group a task: slices are large, below; 11 a second Ray node needs a token: docs/data.md.
12 random file names, old files stay: below.
13 files cut short under final names: test_steps.py, test_a_slice_without_its_counts_is_made_again.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pullsmith.engine.slices import SLICE_BYTES
from pullsmith.records import PullRequest
from pullsmith.select.stage import run
from tests.curated import context, file, finish, real, study

ROOT = Path(__file__).parents[2]
LINES = [f"value_{n} = compute({n})" for n in range(30)]
# What a package is called where it is not called as it is imported.
DISTRIBUTIONS = {"re2": "google-re2", "yaml": "pyyaml", "pydantic_core": "pydantic"}


def test_every_row_has_a_cluster_column_whether_or_not_it_is_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trap 3, over slices of which only some have duplicates."""
    monkeypatch.setattr("pullsmith.engine.steps.SLICE_BYTES", 700)
    made = replace(context(tmp_path, "select", study()), workers=1)
    rows = [real("1", file(*LINES)), real("2", file(*LINES, "x")), real("3"), real("4")]
    finish(made.run, "collect", PullRequest, rows)
    run(made)
    table = pq.read_table(made.job.shards()[0], columns=["id", "cluster"])
    assert table.to_pylist() == [
        {"id": rows[0].id, "cluster": rows[0].id},
        {"id": rows[2].id, "cluster": ""},
        {"id": rows[3].id, "cluster": ""},
    ]


def test_slices_are_of_5_to_20_megabytes() -> None:
    """Traps 7 and 10."""
    assert 5 << 20 <= SLICE_BYTES <= 20 << 20


def test_names_of_files_are_the_same_in_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trap 12: what is left of a killed run is written over, not read beside the new."""
    monkeypatch.setattr("pullsmith.engine.steps.SLICE_BYTES", 700)
    made = replace(context(tmp_path, "select", study()), workers=1)
    finish(made.run, "collect", PullRequest, [real(str(n)) for n in range(1, 9)])
    names = []
    for _ in range(2):
        run(made)
        work = sorted((made.job.path / "work").rglob("*.*"))
        names.append(work)
        for path in work:
            path.unlink()
    assert names[0] == names[1] != []


def imported(folder: Path) -> set[str]:
    """The distributions that files of a folder import anywhere, also inside functions."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return {DISTRIBUTIONS.get(n, n) for n in found - set(sys.stdlib_module_names) - {"pullsmith"}}


def test_engine_and_select_import_only_what_is_declared() -> None:
    """Trap 9; what only a cluster needs is in an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[<>=\[]", one, maxsplit=1)[0].lower() for one in requirements}

    source = ROOT / "src" / "pullsmith"
    base, extras = names(project["dependencies"]), project["optional-dependencies"]
    assert imported(source / "select") <= base
    assert {"numpy", "rensa"} <= imported(source / "select")
    assert imported(source / "engine") - base == {"datatrove", "ray"}
    assert names(extras["ray"]) == {"datatrove", "ray"}
    assert names(extras["slurm"]) == {"datatrove"}
