"""A small part of the standard library, harvested once, and a few hundred records made of it."""

from __future__ import annotations

import pytest

from pullsmith.collect.planted.generate import Generator, Planted
from pullsmith.collect.planted.harvest import Harvest, harvest, standard_library
from pullsmith.collect.planted.origins import Origin
from pullsmith.collect.planted.spots import spot
from pullsmith.records import LicenceEvidence, Split
from pullsmith.study.collect import PlantedSource

FILES = 100
LICENCE = LicenceEvidence(spdx="PSF-2.0", files=(), found_at="here")


@pytest.fixture(scope="session")
def library() -> Harvest:
    return harvest(standard_library(), max_lines=8, file_limit=FILES)


def generator_of(library: Harvest, *, seed: int = 0, **settings: object) -> Generator:
    origin = Origin("planted:stdlib", "planted", LICENCE, library)
    return Generator(origin, PlantedSource.model_validate(settings), seed=seed)


def make(library: Harvest, *, seed: int, each: int, **settings: object) -> list[Planted]:
    generator = generator_of(library, seed=seed, **settings)
    return [generator.pull_request(pool, n) for pool in Split for n in range(each)]


@pytest.fixture(scope="session")
def made(library: Harvest) -> list[Planted]:
    return make(library, seed=0, each=200)


@pytest.fixture(scope="session")
def spots(library: Harvest) -> list[Planted]:
    generator = generator_of(library)
    return [spot(generator, number) for number in range(200)]
