"""The twin follows its world second by second and ends with it."""

from datetime import UTC, datetime, timedelta

from madang.model.city import WorldSpec
from madang.model.entity import Entity
from madang.sim.streets.twin import Day, Twin
from madang.sim.streets.world import Options

START = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


def day() -> Day:
    return Day(spec=WorldSpec(scenario="cologne1"), seed=1, start=START, folder=None, options=Options())


def test_the_twin_reports_its_figures_at_its_worlds_time() -> None:
    twin = Twin(day())
    heard: list[Entity] = []
    late = START + timedelta(hours=3)
    try:
        for second in range(1, 200):
            heard += twin.follow(late + timedelta(seconds=second))
    finally:
        twin.close()
    assert {entity.id for entity in heard} == {
        "urn:ngsi-ld:TrafficKpi:fixed",
        "urn:ngsi-ld:ApproachWaits:fixed:GS_cluster_357187_359543",
        "urn:ngsi-ld:SignalTwin:GS_cluster_357187_359543",
    }
    lamps = [entity.value("lamps") for entity in heard if entity.types == ("SignalTwin",)]
    # 200 s of a fixed plan: several phases, and each told again where it lasts.
    assert len(set(lamps)) >= 4 and 20 <= len(lamps) <= 60
    heard = [entity for entity in heard if entity.types == ("TrafficKpi",)]
    times = [entity.attributes["meanDelay"][0].observed_at for entity in heard]
    assert times == [late + timedelta(seconds=5 * (n + 1)) for n in range(len(times))]
    assert heard[-1].value("running") > 0


def test_a_twin_that_died_is_silent() -> None:
    twin = Twin(day())
    twin._process.kill()
    twin._process.join()
    assert [list(twin.follow(START)) for _ in range(3)] == [[], [], []]
    twin.close()
