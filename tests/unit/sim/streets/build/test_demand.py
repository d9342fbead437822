"""A demand is surveyed as SUMO would read it, and what would be lost in silence is an error."""

from pathlib import Path

import pytest

from madang.errors import BadRequestData
from madang.sim.streets.build.demand import Demand

EDGES = ("a", "b", "c")


def survey(tmp_path: Path, *bodies: str) -> Demand:
    demand = Demand(EDGES)
    for number, body in enumerate(bodies):
        file = tmp_path / f"d{number}.rou.xml"
        file.write_text(f"<routes>{body}</routes>")
        demand.read(file)
    return demand


VEHICLE = '<vehicle id="v{0}" depart="{0}"><route edges="a b"/></vehicle>'


def test_the_window_is_from_the_first_to_just_after_the_last(tmp_path: Path) -> None:
    demand = survey(tmp_path, *(VEHICLE.format(depart) for depart in ("120.5", "07:00:30", "1:00:00:00")))
    assert demand.window(whole=True) == (120, 86401)
    assert demand.within(0, 100) == 0
    assert demand.within(0, 30_000) == 2


@pytest.mark.parametrize(
    ("flow", "window", "departures"),
    [
        ('begin="0" end="3600" vehsPerHour="600"', (0, 3600), 600),
        ('begin="0" end="3600" period="10"', (0, 3600), 360),
        ('begin="0" end="3600" period="exp(0.1)"', (0, 3600), 360),
        ('begin="0" end="100" probability="0.5"', (0, 100), 50),
        ('begin="50" end="150" number="7"', (50, 150), 7),
        ('begin="0" number="10" period="6"', (0, 60), 10),
        ('begin="5" end="5" number="20"', (5, 6), 20),
    ],
)
def test_flows_count_by_their_rate(tmp_path: Path, flow: str, window: tuple[float, float], departures: int) -> None:
    demand = survey(tmp_path, f'<flow id="f" {flow} from="a" to="b"/>')
    assert demand.window(whole=True) == window
    assert demand.within(*window) == departures


def test_a_flow_without_end_asks_for_one(tmp_path: Path) -> None:
    demand = survey(tmp_path, '<flow id="forever" begin="10" vehsPerHour="60" from="a" to="b"/>')
    with pytest.raises(BadRequestData, match=r"1 flows have no end \(forever\).*--end"):
        demand.window(whole=True)
    assert demand.window(whole=False)[0] == 10
    assert demand.within(0, 100) == 1


def test_edges_that_are_not_there_are_counted_and_named(tmp_path: Path) -> None:
    body = "".join(f'<vehicle id="v{n}" depart="{n}"><route edges="a x{n % 7} b"/></vehicle>' for n in range(14))
    demand = survey(tmp_path, VEHICLE.format(0) + body, '<trip id="t" depart="99" from="y" to=":inside_0"/>')
    with pytest.raises(BadRequestData, match=r"^15 vehicles.* of d0, d1 name 8 edges .*\(x0, x1, x2, x3, x4, …\)"):
        demand.check(["d0", "d1"])


def test_types_must_be_defined_somewhere(tmp_path: Path) -> None:
    bus = '<vehicle id="b1" type="bus" depart="0"><route edges="a"/></vehicle>'
    car = '<vehicle id="c1" type="DEFAULT_VEHTYPE" depart="1"><route edges="a"/></vehicle>'
    with pytest.raises(BadRequestData, match=r"1 vehicle types.*bus \(of 'b1'\).*--additional"):
        survey(tmp_path, bus + car).check([])
    survey(tmp_path, '<vType id="bus" vClass="bus"/>' + bus + car).check([])


def test_what_sumo_would_leave_out_in_silence_is_named(tmp_path: Path) -> None:
    assert survey(tmp_path, VEHICLE.format(10) + VEHICLE.format(5)).unordered == {"d0.rou.xml": "v5"}
    assert survey(tmp_path, VEHICLE.format(5) + VEHICLE.format(10)).unordered == {}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<include href="more.xml"/>', "includes more.xml"),
        ('<trip id="t" depart="5" fromJunction="A" toJunction="B"/>', "junction to junction .'t'.*--junction-taz"),
        ('<vehicle id="v" depart="soon"><route edges="a"/></vehicle>', "'soon' of 'v' is no number"),
        ('<vehicle id="v" depart="nan"><route edges="a"/></vehicle>', "'nan' of 'v' is no number"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(BadRequestData, match=says):
        survey(tmp_path, body)


def test_nobody_is_no_demand(tmp_path: Path) -> None:
    with pytest.raises(BadRequestData, match="no vehicle in the routes"):
        survey(tmp_path, "<route id='r' edges='a'/>").window(whole=True)


def test_people_who_ride_leave_when_their_vehicle_does(tmp_path: Path) -> None:
    rider = '<person id="p" depart="triggered"><ride from="a" to="b" lines="v5"/></person>'
    assert survey(tmp_path, VEHICLE.format(5) + rider).window(whole=True) == (5, 6)
