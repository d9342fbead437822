"""Bad air beside a school: signals and buses keep its terms, say so on record, and are free when the air is good."""

from pathlib import Path

import msgspec
from tests.journeys.town import Town

from madang.decide.replay import replay
from madang.govern.caller import SYSTEM
from madang.model.entity import Entity, observed, point

QUICK = {"least_readings": 1, "recent_s": 60.0, "step_s": 60.0, "least_s": 60.0, "area_m": 200.0}
FULL = {"full": 0.001, "flowing": 0.0}
"""The town is never full: it is metered from the first vehicle on that stands."""


async def see(town: Town, no2: float) -> None:
    """Two stations beside the school report, as sensors of a city do: through the hub."""
    lon, lat = spot(town)
    at = town.world.at
    stations = [
        observed(
            f"urn:ngsi-ld:AirQualityObserved:own{number}",
            "AirQualityObserved",
            at,
            {"no2": no2 + number, "location": point(lon + number * 0.0002, lat)},
            units={"no2": "GQ"},
        )
        for number in range(2)
    ]
    result = await town.hub.batch.upsert(SYSTEM, stations, update=True)
    assert not result.errors


def spot(town: Town) -> tuple[float, float]:
    """Where the school is: beside a signal in the middle of the town."""
    (layout,) = [each for each in town.world.hello().entities if each.id == "urn:ngsi-ld:SignalLayout:C1"]
    lon, lat = layout.value("location")["coordinates"]
    return lon, lat


async def seconds(town: Town, count: int, no2: float) -> None:
    for second in range(count):
        if second % 10 == 0:
            await see(town, no2)
        await town.until(lambda: False, at_most_s=1)


async def named(town: Town) -> list[str]:
    """The reasons of the signals' records that name terms, newest first."""
    found = [record for _, record in await town.account.records(service="signals", limit=10_000)]
    return [record.reason for record in found if "Terms for the air of school" in record.reason]


async def test_bad_air_gives_terms_that_signals_and_buses_keep_until_it_is_good(tmp_path: Path) -> None:
    beside = {"signals": {"method": "plan"}, "buses": {"late_s": 86_400.0, "very_late_s": 86_400.0}}
    town = Town(tmp_path, name="air", beside=beside, **QUICK, **FULL)
    await town.until(lambda: False, at_most_s=1)
    lon, lat = spot(town)
    school: Entity = observed(
        "urn:ngsi-ld:PointOfInterest:school",
        "PointOfInterest",
        None,
        {"name": "Test school", "category": ["school"], "location": point(lon, lat)},
    )
    assert not (await town.hub.batch.upsert(SYSTEM, [school], update=True)).errors
    await seconds(town, 90, 14.0)
    assert await town.seen("AirTerms") == [] and await named(town) == []

    await seconds(town, 200, 90.0)
    (terms,) = await town.seen("AirTerms")
    assert terms.value("level") == "heavy" and "NO2 near Test school" in terms.value("reason")
    assert "urn:ngsi-ld:TrafficSignal:C1" in terms.value("inside") and len(terms.value("gates")) >= 3
    kept = await named(town)
    assert any("metered: movement" in reason for reason in kept), "a gate is metered, and the record says so"
    assert any("a stop counts" in reason for reason in kept)
    proposals = [each for each in await town.seen("BusProposal") if each.value("rule") == "around-bad-air"]
    assert proposals and all(each.value("mode") == "advise" for each in proposals)

    await seconds(town, 330, 12.0)
    left = await town.seen("AirTerms")
    assert all(each.value("level") == "none" for each in left), "withdrawn"
    before = len(await named(town))
    await seconds(town, 60, 12.0)
    assert await town.seen("AirTerms") == [] and len(await named(town)) == before
    await _accounted(town)
    town.world.close()
    assert town.refused == [] and town.world.monitor.conflicts == 0


async def _accounted(town: Town) -> None:
    """Every step is on record with reason, alternatives and mandate, and computes again."""
    records = [record for _, record in await town.account.records(service="air", limit=100)]
    steps = [record for record in reversed(records) if record.rule not in ("area-full", "area-flows")]
    actions = [(record.action, record.parameters.get("level")) for record in steps]
    up, down = [("terms", "light"), ("terms", "medium"), ("terms", "heavy")], [("terms", "medium"), ("terms", "light")]
    assert actions == [*up, *down, ("release", None)]
    for record in records:
        assert record.permission is not None and record.permission.resolution == "2026-11/2" and record.refused is None
        assert [each.label for each in record.alternatives] == ["no measure", "light", "medium", "heavy"]
        again = await replay(town.account, record.id)
        assert again.same, again.difference
    assert msgspec.json.encode(records[0].expected)
