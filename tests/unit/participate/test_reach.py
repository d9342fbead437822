"""Who is reached: rounded, withheld, against the population; days that are not over do not count."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madang import city as cities
from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.model.report import Case, Contact, Report
from madang.participate.reach import reach, shown
from madang.participate.written import entity_of
from madang.store.memory import MemoryStore

CITY = cities.read(Path(__file__).parents[3] / "cities/ingolstadt")
NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "told"), [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1002, 1000)]
)
def test_numbers_are_rounded_and_small_ones_withheld(count: int, told: int | None) -> None:
    assert shown(count) == told


def case(number: int, *, district: str, age: str, channel: str, days: float) -> Case:
    at = NOW - timedelta(days=days)
    report = Report(
        id=f"{number:012x}",
        kind="pothole",
        status="open",
        description="x",
        requested_at=at,
        updated_at=at,
        expected_at=at,
        agency="a",
        channel=channel,
        district=district,
        address="there",
    )
    return Case(report=report, contact=Contact(age_group=age))


async def test_the_table_has_districts_ages_and_channels() -> None:
    hub = Hub(MemoryStore(), Policy(CITY.datasets), WorldClock(NOW, speed=0), LocalBus())
    cases = [case(n, district="north-west", age="18-34", channel="web", days=3) for n in range(41)]
    cases += [case(100 + n, district="south-east", age="", channel="kiosk", days=3) for n in range(3)]
    cases += [case(200 + n, district="", age="65+", channel="phone", days=30) for n in range(8)]
    cases += [case(300 + n, district="north-west", age="18-34", channel="web", days=0.1) for n in range(20)]
    cases += [case(400 + n, district="north-west", age="18-34", channel="web", days=400) for n in range(20)]
    await hub.batch.upsert(SYSTEM, [entity_of(one) for one in cases])
    found = await reach(hub, CITY, NOW)
    assert found.until == datetime(2026, 6, 30, 22, tzinfo=UTC), "the city's midnight"
    assert found.total.reports == 50 and "Invented" in found.source
    rows = {row.group: row for row in found.districts}
    assert (rows["north-west"].reports, rows["north-west"].per_thousand) == (40, 0.98)
    assert (rows["south-east"].reports, rows["south-east"].channels["kiosk"]) == (None, None)
    assert (rows["north-east"].reports, rows[""].reports) == (0, 10)
    ages = {row.group: row for row in found.ages}
    assert (ages["18-34"].reports, ages["65+"].reports, ages[""].reports, ages["0-17"].reports) == (40, 10, None, 0)
    assert ages["18-34"].population == sum(one.ages["18-34"] for one in CITY.districts.districts)
