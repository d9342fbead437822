"""The streets under test: cologne1 (one junction, 2,000 vehicles an hour) unless a test says else."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.build import people
from madang.sim.streets.layout import Layout, layouts
from madang.sim.streets.network import Network
from madang.sim.streets.world import Options, StreetsWorld

START = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def cologne() -> Network:
    return network.read(scenario.resolve(WorldSpec(scenario="cologne1")).net)


@pytest.fixture(scope="session")
def ingolstadt() -> Network:
    return network.read(scenario.resolve(WorldSpec(scenario="ingolstadt21")).net)


@pytest.fixture(scope="session")
def junction(cologne: Network) -> Layout:
    """The one junction of cologne1."""
    return next(iter(layouts(cologne).values()))


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """cologne1 with pavements and crossings, made by netconvert."""
    net = tmp_path_factory.mktemp("walked") / "walked.net.xml"
    shutil.copyfile(scenario.resolve(WorldSpec(scenario="cologne1")).net, net)
    people.add_crossings(net, told=lambda _: None)
    return net


@pytest.fixture
def world() -> Iterator[Callable[..., StreetsWorld]]:
    """Makes worlds, one after another: libsumo holds one a process."""
    made: list[StreetsWorld] = []

    def make(name: str = "cologne1", *, seed: int = 1, folder: Path | None = None, **more: Any) -> StreetsWorld:
        spec = {key: more.pop(key) for key in list(more) if key in WorldSpec.__struct_fields__}
        for old in made:
            old.close()
        given = WorldSpec(scenario=name, **spec)
        made.append(StreetsWorld(given, seed=seed, start=START, folder=folder, options=Options(**more)))
        return made[-1]

    yield make
    for old in made:
        old.close()
