"""What a machine is, in words."""

from __future__ import annotations

import platform
import re

from pullsmith.engine.machine import machine


def test_it_names_cores_and_memory_and_not_the_host() -> None:
    told = machine()
    assert re.search(r", \d+ cores?, \d+ GiB", told), told
    assert platform.node() not in told
