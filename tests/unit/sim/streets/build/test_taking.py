"""A model of SUMO is taken over whole, or refused with what is wrong and what to do."""

import gzip
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from madang.errors import BadRequestData, MadangError, ResourceNotFound
from madang.sim.streets import network
from madang.sim.streets.build.taking import NET, Model, Taken, take
from madang.sim.streets.build.tool import StepFailed
from madang.sim.streets.network import Network

from .conftest import silent

Routes = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the city's files go."""
    made = tmp_path / "city"
    made.mkdir()
    return made


@pytest.fixture
def routes(tmp_path: Path, streets: Network) -> Routes:
    """Writes a demand: somebody every ten seconds from 100 s on, along an edge and the next."""
    link = next(c for c in streets.connections if c.signal)
    ways = " ".join(lane.rpartition("_")[0] for lane in (link.from_lane, link.to_lane))

    def write(name: str = "own.rou.xml", *, body: str = "", edges: str = ways, packed: bool = False) -> Path:
        text = body or "".join(
            f'<vehicle id="v{n}" depart="{100 + 10 * n}"><route edges="{edges}"/></vehicle>' for n in range(20)
        )
        file = tmp_path / name
        raw = f"<routes>{text}</routes>".encode()
        file.write_bytes(gzip.compress(raw) if packed else raw)
        return file

    return write


def taken(net: Path, folder: Path, *routes: Path, **more: object) -> Taken:
    return take(Model(net=net, routes=routes, **more), folder, told=silent)  # type: ignore[arg-type]


def test_network_and_demand_are_copied_and_described(net: Path, folder: Path, routes: Routes) -> None:
    found = taken(net, folder, routes())
    assert (found.begin_s, found.end_s, found.vehicles, found.signals) == (100, 291, 20, 9)
    assert found.centre == pytest.approx((11.006, 48.004), abs=1e-4)
    assert (folder / NET).read_bytes() == net.read_bytes()
    assert sorted(file.name for file in folder.iterdir()) == ["demand.rou.xml", NET]


def test_packed_files_are_taken_and_a_window_is_kept(net: Path, folder: Path, routes: Routes, tmp_path: Path) -> None:
    packed = tmp_path / "town.net.xml.gz"
    packed.write_bytes(gzip.compress(net.read_bytes()))
    found = taken(packed, folder, routes(packed=True), begin_s=120.0, end_s=160.0)
    assert (found.vehicles, found.routes) == (4, ("demand.rou.xml.gz",))
    assert network.read(folder / NET) == network.read(net)


def test_routes_out_of_order_are_sorted(net: Path, folder: Path, routes: Routes, streets: Network) -> None:
    edges = re.findall(r'edges="([^"]*)"', routes().read_text())[0]
    way, type = f'<route edges="{edges}"/>', '<vType id="van" vClass="delivery"/>'
    rows = [f'<vehicle id="v{n}" depart="{n}"><param key="k" value="&lt;{n}"/>{way}</vehicle>' for n in (30, 20, 40)]
    flow = f'<flow id="f" begin="00:00:10" end="60" number="4" type="van">{way}</flow>'
    found = taken(net, folder, routes(body="".join([*rows, type, flow])))
    assert (found.vehicles, found.begin_s, found.routes) == (7, 10, ("demand.rou.xml.gz",))
    copied = gzip.decompress((folder / found.routes[0]).read_bytes()).decode()
    assert re.findall(r'id="(\w+)"', copied) == ["van", "f", "v20", "v30", "v40"]
    assert 'value="&lt;20"' in copied


def test_several_routes_and_types_from_an_additional_file(
    net: Path, folder: Path, routes: Routes, tmp_path: Path
) -> None:
    types = tmp_path / "types.add.xml"
    types.write_text(
        '<additional><vType id="bus" vClass="bus"/><inductionLoop id="x" lane="l" pos="1" file="/tmp/out.xml"/>'
        '<inductionLoop id="y" lane="l" pos="1" file="/tmp/out.xml"/></additional>'
    )
    first = routes("a.rou.xml")
    edges = re.search(r'edges="([^"]*)"', first.read_text())
    assert edges
    buses = f'<trip id="b" type="bus" depart="400" from="{edges[1].split()[0]}" to="{edges[1].split()[1]}"/>'
    found = taken(net, folder, first, routes("b.rou.xml", body=buses), additional=(types,))
    assert (found.vehicles, found.end_s, found.left_out) == (21, 401, {"inductionLoop": 2})
    assert "out.xml" not in (folder / found.additional[0]).read_text()


def test_signal_programs_of_additional_files_become_the_fixed_plan(
    net: Path, folder: Path, routes: Routes, tmp_path: Path, streets: Network
) -> None:
    id, (program,) = next(iter(streets.programs.items()))
    phases = "".join(f'<phase duration="{17 if "G" in lamps else 3}" state="{lamps}"/>' for lamps, _ in program.phases)
    plans = tmp_path / "plans.add.xml"
    plans.write_text(f'<additional><tlLogic id="{id}" type="static" programID="own">{phases}</tlLogic></additional>')
    found = taken(net, folder, routes(), additional=(plans,))
    assert found.programs == 1
    last = network.read(folder / NET).programs[id][-1]
    assert last.id == "own" and last.phases[0][1] == 17


def test_a_network_without_signals_says_so(net: Path, folder: Path, routes: Routes, tmp_path: Path) -> None:
    text = re.sub(r"<tlLogic.*?</tlLogic>", "", net.read_text(), flags=re.DOTALL)
    (tmp_path / "dark.net.xml").write_text(re.sub(r' (tl|linkIndex)="[^"]*"', "", text))
    with pytest.raises(BadRequestData, match=r"dark\.net\.xml has no traffic lights.*nothing to decide.*--tls\.guess"):
        taken(tmp_path / "dark.net.xml", folder, routes())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<configuration><net-file value='x'/></configuration>", "its root is <configuration>.*names the network"),
        ("<net><edge id='a'></net>", "no well-formed XML"),
        ("<!DOCTYPE net [<!ENTITY a 'a'>]><net/>", "declares XML entities"),
        ("<net><edge id='a'><lane id='a_0'/></edge></net>", "malformed network"),
    ],
)
def test_what_is_no_network_is_refused(folder: Path, routes: Routes, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "x.net.xml").write_text(text)
    with pytest.raises(BadRequestData, match=says):
        taken(tmp_path / "x.net.xml", folder, routes())


def test_routes_of_another_model_are_refused(net: Path, folder: Path, routes: Routes) -> None:
    with pytest.raises(BadRequestData, match=r"20 vehicles.* name 2 edges .*\(here, there\)"):
        taken(net, folder, routes(edges="here there"))


def test_a_window_without_vehicles_says_where_they_are(net: Path, folder: Path, routes: Routes) -> None:
    with pytest.raises(BadRequestData, match=r"No vehicle departs from 5000 s to 6000 s: .* from 100 s to 291 s"):
        taken(net, folder, routes(), begin_s=5000.0, end_s=6000.0)
    with pytest.raises(BadRequestData, match="not after its begin"):
        taken(net, folder, routes(), begin_s=5000.0)


def test_what_only_sumo_knows_to_be_wrong_is_told_with_its_words(net: Path, folder: Path, routes: Routes) -> None:
    trip = '<vehicle id="v" depart="0" route="nowhere"/>'
    with pytest.raises(StepFailed, match=r"(?s)sumo ended .*nowhere.*does not take this model"):
        taken(net, folder, routes(body=trip))


def test_an_unknown_projection_is_named(net: Path, folder: Path, routes: Routes, tmp_path: Path) -> None:
    odd = re.sub(r'projParameter="[^"]*"', 'projParameter="+proj=moon"', net.read_text())
    (tmp_path / "odd.net.xml").write_text(odd)
    with pytest.raises(BadRequestData, match=r"'\+proj=moon' is not known"):
        taken(tmp_path / "odd.net.xml", folder, routes())


def test_missing_files_are_named(net: Path, folder: Path, routes: Routes, tmp_path: Path) -> None:
    with pytest.raises(ResourceNotFound, match=r"absent\.net\.xml"):
        taken(tmp_path / "absent.net.xml", folder, routes())
    with pytest.raises(ResourceNotFound, match=r"absent\.rou\.xml"):
        taken(net, folder, tmp_path / "absent.rou.xml")
    with pytest.raises(MadangError):
        taken(tmp_path, folder, routes())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_named(net: Path, folder: Path, routes: Routes) -> None:
    file = routes()
    file.chmod(0)
    with pytest.raises(BadRequestData, match="cannot be read"):
        taken(net, folder, file)
