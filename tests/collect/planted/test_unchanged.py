"""The records of the default settings, as they have always been: a student was tuned on them.

Made of functions written here, so that no version of the standard library changes them.
"""

from __future__ import annotations

from pathlib import Path

from pullsmith.collect.planted import planted_pull_requests
from pullsmith.records import digest
from pullsmith.study.collect import PlantedSource

# Taken when there were fifteen kinds and one language: change it only with a new demo.
EXPECTED = "6d36821b9038b815"

BODIES = """\
def load_{n}(path, size=None):
    if size is None:
        size = {n}
    result = find(path, size)
    return result


def parse_{n}(text, mode=None):
    if mode == "x{n}":
        return text
    total = len(text) + {n}
    return convert(text, total)


def send_{n}(host, data):
    try:
        reply = post(host, data, {n})
    except OSError:
        reply = retry(host)
    return reply


def index_{n}(items, limit):
    if len(items) < {n}:
        raise ValueError(items)
    items = items[{n}:]
    return items
"""


def code(folder: Path) -> Path:
    for number in range(40):
        (folder / f"part_{number}.py").write_text(BODIES.format(n=number), encoding="ascii")
    return folder


def test_the_default_records_are_what_they_were(tmp_path: Path) -> None:
    made = planted_pull_requests(
        PlantedSource(spots=100, clean_share=0.5), seed=0, count=200, folder=code(tmp_path)
    )
    assert len(made) == 300
    shown = [
        [one.title, [[file.path, file.patch] for file in one.files], one.flags, one.pool]
        for one in made
    ]
    truth = [[one.id, one.group, one.defect and one.defect.model_dump()] for one in made]
    assert digest([shown, truth]) == EXPECTED
