"""A town of five by five streets, written as OpenStreetMap writes it, and the network that is made of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from madang.sim.streets import network
from madang.sim.streets.build import conversion, extract
from madang.sim.streets.network import Network

SIDE = 5


def osm(*, country: str = "DE", signals: bool = True) -> str:
    """The map: rows are two-lane streets, the nine inner crossings are signals."""
    inner = range(1, SIDE - 1)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="test">']
    for row in range(SIDE):
        for column in range(SIDE):
            lit = signals and row in inner and column in inner
            tag = '<tag k="highway" v="traffic_signals"/>' if lit else ""
            at = f'lat="{48 + 0.002 * row:.4f}" lon="{11 + 0.003 * column:.4f}"'
            lines.append(f'<node id="{1 + row * SIDE + column}" version="1" {at}>{tag}</node>')
    lines.append(f'<node id="99" version="1" lat="48" lon="11"><tag k="addr:country" v="{country}"/></node>')
    rows = [[1 + row * SIDE + column for column in range(SIDE)] for row in range(SIDE)]
    for number, nodes in enumerate([*rows, *zip(*rows, strict=True)]):
        name = f"Row {number}" if number < SIDE else f"Column {number - SIDE}"
        tags = f'<tag k="highway" v="secondary"/><tag k="name" v="{name}"/>'
        tags += '<tag k="lanes" v="2"/>' if number < SIDE else ""
        along = "".join(f'<nd ref="{node}"/>' for node in nodes)
        lines.append(f'<way id="{101 + number}" version="1">{along}')
        lines.append(f"{tags}</way>")
    lines.append('<way id="200" version="1"><nd ref="1"/><nd ref="7"/><tag k="highway" v="footway"/></way></osm>')
    return "\n".join(lines)


@pytest.fixture
def town(tmp_path: Path) -> Callable[..., Path]:
    """Writes the map of the town; its file."""

    def write(name: str = "town.osm", **choice: object) -> Path:
        file = tmp_path / name
        file.write_text(osm(**choice), encoding="utf-8")  # type: ignore[arg-type]
        return file

    return write


@pytest.fixture(scope="session")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's network, made by netconvert."""
    folder = tmp_path_factory.mktemp("town")
    (folder / "town.osm").write_text(osm(), encoding="utf-8")
    extract.reduce(folder / "town.osm", folder / "streets.osm", told=silent)
    choice, log = conversion.Choice(), folder / "log"
    conversion.convert(folder / "streets.osm", folder / "town.net.xml", choice, log=log, told=silent)
    return folder / "town.net.xml"


@pytest.fixture(scope="session")
def streets(net: Path) -> Network:
    """The same, read."""
    return network.read(net)


def silent(_: str) -> None:
    """Hears how far the work is."""
