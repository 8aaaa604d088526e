"""Killed with -9 in the middle and run again: the same outcomes, and nothing is answered twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collect.github.asking import TOKEN, Asker
from tests.collect.github.forge import Asked, Forge, Reply

IN_FLIGHT = 6  # Outside.concurrency
ROOT = Path(__file__).parents[3]
CHILD = """
import sys
from pathlib import Path
from types import SimpleNamespace
from tests.collect.github.asking import Asker
Asker(SimpleNamespace(url=sys.argv[1]), Path(sys.argv[2])).outcomes()
"""


class Killer:
    """Kills the reader with -9 before its request number ``at`` is answered."""

    def __init__(self, forge: Forge, at: int) -> None:
        self.forge, self.at = forge, at
        self.child: subprocess.Popen[bytes] | None = None

    def __call__(self, asked: Asked, reply: Reply) -> Reply | None:
        if len(self.forge.log) == self.at and self.child is not None:
            self.child.kill()
        return None

    def run(self, work: Path) -> int:
        environment = {**os.environ, **TOKEN, "PYTHONPATH": str(ROOT)}
        arguments = [sys.executable, "-c", CHILD, self.forge.url, str(work)]
        with subprocess.Popen(arguments, env=environment) as child:
            self.child = child
            return child.wait(60)


@pytest.mark.parametrize("at", [2, 9, 20, 31, 38])
def test_a_killed_run_goes_on(forge: Forge, work: Path, tmp_path: Path, at: int) -> None:
    (tmp_path / "plain").mkdir()
    expected = Asker(forge, tmp_path / "plain").outcomes()
    forge.log.clear()
    killer = Killer(forge, at)
    forge.tricks = [killer]
    assert killer.run(work) == -signal.SIGKILL
    killer.child = None
    before = len(forge.log)
    assert before >= at
    assert Asker(forge, work).outcomes() == expected
    assert len(forge.twice()) <= IN_FLIGHT
    assert len(forge.log) > before
