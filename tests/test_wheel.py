"""The wheel as users get it: an editable install hides files that were not packaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SMALL_DEMO = [
    "collect.sources.1.fill_to=60", "collect.sources.1.spots=40", "eval.per_tool=4", "train.steps=6",
    "train.tiny.vocabulary=600", "student.0.max_tokens=24", "rank.resamples=100",
]  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sources without asking any index."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-q",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("pullsmith-*.whl")
    return path


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "pullsmith").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert len(files) > 60
    assert files - names == set()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"pullsmith"}


@pytest.mark.slow
def test_a_bare_environment_with_the_wheel_runs_a_small_demo(wheel: Path, tmp_path: Path) -> None:
    """Its own environment; the libraries are borrowed from this one, pullsmith itself is not."""
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False)
    python = bare / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(bare)}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # A folder named in a .pth file is searched, but its own .pth files (the editable install) are not read.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    out = tmp_path / "out"
    settings = [part for setting in SMALL_DEMO for part in ("--set", setting)]
    done = subprocess.run(
        [str(python), "-m", "pullsmith", "demo", "--out", str(out), *settings],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    board = json.loads((out / "runs" / "demo" / "report" / "board.json").read_text())
    assert board
    where = subprocess.run(
        [str(python), "-c", "import pullsmith; print(pullsmith.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(bare) in where.stdout
