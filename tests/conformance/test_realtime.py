"""GTFS Realtime out and in: a reader of its own reads us, and what one hub says another one understands."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from tests.unit.web.civic import AT, Civic, civic

from madang.app import transit
from madang.bus.local import LocalBus
from madang.city import read
from madang.errors import CityInvalid, Unavailable
from madang.govern import PUBLIC, SYSTEM, Policy
from madang.hub import Hub
from madang.model import time as times
from madang.model.city import City
from madang.model.entity import Entity, observed, point
from madang.model.query import EntityQuery
from madang.model.transit import RealtimeSpec, Transit
from madang.store.memory import MemoryStore

from .conftest import serving

CITY = Path(__file__).parents[2] / "cities" / "ingolstadt"
STOPS: list[dict[str, Any]] = [
    {"stop": "urn:ngsi-ld:PublicTransportStop:s1", "seconds": 30.0, "planned": times.text(AT)},
    {"stop": "urn:ngsi-ld:PublicTransportStop:s2", "seconds": 90.0, "planned": times.text(AT + timedelta(seconds=90))},
]


def bus(number: int) -> Entity:
    values = {
        "vehicleType": "bus",
        "location": point(11.4 + number / 100, 48.7),
        "speed": 8.5,
        "heading": 90.0,
        "line": "10",
        "lateness": 30.0,
        "itinerary": {"route": [], "position": 0.0, "stops": STOPS},
    }
    return observed(f"urn:ngsi-ld:Vehicle:b{number}", "Vehicle", AT, values, json=("itinerary",))


@pytest.fixture
async def here() -> AsyncIterator[Civic]:
    async with civic() as found:
        car = observed("urn:ngsi-ld:Vehicle:car", "Vehicle", AT, {"vehicleType": "car", "location": point(11, 48)})
        await found.hub.batch.observe(SYSTEM, [bus(1), bus(2), car])
        yield found


READER = """
import json, sys, urllib.request
from google.transit import gtfs_realtime_pb2

def feed(name):
    with urllib.request.urlopen(f"{sys.argv[1]}/gtfs-rt/{name}.pb", timeout=20) as answer:
        assert answer.headers["content-type"] == "application/x-protobuf"
        message = gtfs_realtime_pb2.FeedMessage()
        message.ParseFromString(answer.read())
    assert message.IsInitialized() and message.header.gtfs_realtime_version == "2.0"
    return message

places = {one.id: one.vehicle for one in feed("vehicle-positions").entity}
assert sorted(places) == ["b1", "b2"], places
first = places["b1"]
assert (first.trip.route_id, first.trip.trip_id, first.trip.schedule_relationship) == ("10", "b1", 1)
assert (round(first.position.longitude, 4), first.position.bearing, first.position.speed) == (11.41, 90.0, 8.5)
updates = {one.id: one.trip_update for one in feed("trip-updates").entity}
calls = updates["b2"].stop_time_update
assert [(one.stop_id, one.arrival.delay) for one in calls] == [("s1", 30), ("s2", 0)]
assert calls[0].arrival.time - first.timestamp == 30
"""


async def test_travel_planners_read_it(here: Civic) -> None:
    """`gtfs-realtime-bindings` in a process of its own."""
    async with serving(here.site._transport.app) as address:  # type: ignore[attr-defined]
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", READER, address, stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(client.communicate(), 60)
    assert client.returncode == 0, said.decode()


async def test_it_is_json_too_and_nothing_else(here: Civic) -> None:
    body = (await here.site.get("/gtfs-rt/vehicle-positions.json")).json()
    assert body["entity"][0]["vehicle"]["trip"]["route_id"] == "10"
    for name in ("vehicle-positions", "alerts.pb", "vehicle-positions.xml"):
        assert (await here.site.get(f"/gtfs-rt/{name}")).status_code == 404


@pytest.fixture
async def other(here: Civic) -> AsyncIterator[Hub]:
    """The hub of another city, whose declarations have what feeds tell."""
    datasets = [
        replace(one, attributes=(*one.attributes, "trip", "calls", "location")) if one.id == "buses" else one
        for one in here.city.datasets
        if one.id != "bus-positions"
    ]
    store = MemoryStore()
    made = Hub(store, Policy(datasets), here.clock, LocalBus())
    yield made
    made.close()
    store.close()


OWN = """
import asyncio, sys, msgspec
sys.path.insert(0, sys.argv[2])
from datetime import UTC, datetime
import httpx
from madang.app.transit import fetch
from madang.sense.gtfs.realtime import entities

async def main():
    async with httpx.AsyncClient() as client:
        names = ("vehicle-positions", "trip-updates")
        texts = [await fetch(client, f"{sys.argv[1]}/gtfs-rt/{name}.pb") for name in names]
    print(msgspec.json.encode(entities(texts, datetime(2026, 11, 23, 18, tzinfo=UTC))).decode())

asyncio.run(main())
"""


async def test_what_one_hub_says_another_understands(here: Civic, other: Hub) -> None:
    """Read in a process of its own, written into the other hub, and told on by it: the same buses, lines and delays."""
    async with serving(here.site._transport.app) as address:  # type: ignore[attr-defined]
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OWN, address, str(Path(__file__).parents[2]),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, said = await asyncio.wait_for(client.communicate(), 60)
    assert client.returncode == 0, said.decode()
    found = msgspec.json.decode(out, type=list[Entity])
    result = await other.batch.observe(SYSTEM, found)
    assert sorted(result.success) == ["urn:ngsi-ld:Vehicle:b1", "urn:ngsi-ld:Vehicle:b2"], result.errors
    (one, _) = (await other.entities.query(PUBLIC, EntityQuery(types=(("Vehicle",),)))).entities
    assert (one.value("line"), one.value("trip"), one.value("lateness"), one.value("speed")) == ("10", "b1", 30.0, 8.5)
    assert one.value("location")["coordinates"] == [11.41, 48.7]
    told = [(call["stop"], call["delay"]) for call in one.value("calls")]
    assert told == [("urn:ngsi-ld:PublicTransportStop:s1", 30), ("urn:ngsi-ld:PublicTransportStop:s2", 0)]
    assert one.expires_at == AT + timedelta(minutes=3)


@pytest.mark.parametrize("body", [b"\xff" * 50, b"", json.dumps({"header": {}}).encode()])
async def test_what_is_no_feed_is_refused_and_buses_stay(here: Civic, other: Hub, body: bytes) -> None:
    answers = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    spec = RealtimeSpec(feeds=("http://feeds.invalid/x.pb",))
    async with httpx.AsyncClient(transport=answers) as client:
        with pytest.raises(Exception, match="no GTFS Realtime feed"):
            await transit.once(client, spec, other, here.clock, None)


async def test_a_feed_that_is_away_is_told(here: Civic, other: Hub) -> None:
    spec = RealtimeSpec(feeds=("http://127.0.0.1:9/x.pb",))
    async with httpx.AsyncClient() as client:
        with pytest.raises(Unavailable):
            await transit.once(client, spec, other, here.clock, None)


async def test_a_broken_timetable_stops_nothing(
    here: Civic, other: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "gtfs.zip").write_bytes(b"PK torn")
    spec = RealtimeSpec(feeds=("http://127.0.0.1:9/x.pb",), timetable="gtfs.zip")
    city = replace(read(CITY), folder=tmp_path, transit=Transit(realtime=spec))
    following = asyncio.create_task(transit.follow(city, other, here.clock))
    async with asyncio.timeout(10):
        while "could not be read" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert not following.done()
    assert "gtfs.zip cannot be read, buses are read without it" in caplog.text
    following.cancel()


def test_the_folder_says_where_the_feeds_are(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    for file in CITY.rglob("*.toml"):
        if "projects" not in file.parts:
            (folder / file.relative_to(CITY)).parent.mkdir(exist_ok=True)
            (folder / file.relative_to(CITY)).write_bytes(file.read_bytes())
    for name in ("places.geojson", "districts.geojson"):
        if (CITY / name).exists():
            (folder / name).write_bytes((CITY / name).read_bytes())
    said = '[realtime]\nfeeds = ["https://example.org/vp.pb"]\n'
    (folder / "transit.toml").write_text(said)
    city: City = read(folder)
    assert city.transit is not None and city.transit.realtime.feeds == ("https://example.org/vp.pb",)
    (folder / "transit.toml").write_text(said.replace("https://", "ftp://") + 'timetable = "gtfs.zip"\n')
    with pytest.raises(CityInvalid) as wrong:
        read(folder)
    assert "no address" in wrong.value.detail and "gtfs.zip" in wrong.value.detail
