"""A fire engine sets out: the signals on its way hear when it comes, and for nobody else is it there to be seen."""

from datetime import datetime
from pathlib import Path

from tests.journeys.town import Town

from madang.decide import replay
from madang.govern.caller import service
from madang.model.query import EntityQuery


async def test_the_signals_on_its_way_hear_when_it_comes(tmp_path: Path) -> None:
    town = Town(tmp_path, scenario="ingolstadt7", name="emergency")
    await town.until(lambda: False, at_most_s=120)
    town.world.dispatch("112-1", start="10425609#0", end="-653473569#5")
    wanted = EntityQuery(types=(("EmergencyCorridor",),), limit=10)
    signals = {f"urn:ngsi-ld:TrafficSignal:{id}" for id in town.world.cabinets}
    ahead: list[tuple[str, ...]] = []
    costs: list[float] = []
    for _ in range(400):
        await town.until(lambda: False, at_most_s=1)
        page = await town.hub.entities.query(service("signals"), wanted)
        if not page.entities:
            if ahead:
                break
            continue
        (corridor,) = page.entities
        assert not await town.seen("EmergencyCorridor") and not await town.seen("EmergencyVehicle"), "not the public's"
        junctions = corridor.value("junctions")
        for junction in junctions:
            assert junction["refSignal"] in signals
            times = [datetime.fromisoformat(junction[name]) for name in ("greenFrom", "arrivalAt", "greenUntil")]
            assert times == sorted(times)
        costs.append(corridor.value("crossCost"))
        assert costs[-1] == round(sum(junction["crossCost"] for junction in junctions), 1)
        ahead.append(tuple(junction["refSignal"] for junction in junctions))
    town.world.close()
    assert len(set(ahead)) >= 3 and ahead[-1] == (), "one after the other it passes them, and they are free again"
    assert max(costs) > 0


async def test_the_signals_clear_its_way_and_say_what_that_cost(tmp_path: Path) -> None:
    """Over eight signals, 107 s at its own free speed."""
    town = Town(tmp_path, scenario="ingolstadt7", name="emergency", beside={"signals": {}})
    await town.until(lambda: False, at_most_s=480)  # until others are in its way
    town.world.dispatch("112-1", start="25145012#7", end="-266565295#5")
    await town.until(lambda: "112-1" in town.world.traffic.vehicles, at_most_s=20)
    taken_s = await town.until(lambda: "112-1" not in town.world.traffic.vehicles, at_most_s=600)
    monitor = town.world.monitor
    assert monitor.conflicts == monitor.guards_broken == 0
    told = [record for record in await town.records("stage") if "A vehicle under blue light" in record.reason]
    town.world.close()
    assert taken_s < 1.3 * 107
    assert any(record.rule == "corridor" for record in told), "stages that were shown for it alone"
    for record in told:
        named = {(given.entity, given.attribute) for given in record.inputs}
        assert ("urn:ngsi-ld:EmergencyCorridor:112-1", "junctions") in named
        assert "cross_cost_vehicle_s" in record.expected or record.rule == "maximum-red"
        assert (await replay.replay(town.account, record.id)).same
