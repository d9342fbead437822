"""Reads GTFS Realtime: real buses become entities Vehicle, as the simulated ones are.

Whatever a feed says is from outside: what is no place, number or time is left out; what is no feed is refused.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2 as gtfs

from madang.errors import BadRequestData
from madang.model import time as times
from madang.model.entity import Entity, observed, point
from madang.sense.gtfs.timetable import Timetable, stop_id

BUS: Final = "Vehicle"
STAYS: Final = timedelta(minutes=3)
"""A bus that no feed speaks of any more is gone after that."""

_MOST_CALLS: Final = 200
_UNITS: Final = {"speed": "MTS", "heading": "DD", "lateness": "SEC"}


class Told(msgspec.Struct, kw_only=True):
    """What the feeds say of one bus; `at` is when it was seen."""

    id: str
    at: datetime
    trip: str = ""
    line: str = ""
    values: dict[str, Any] = {}


def entities(feeds: Iterable[bytes], at: datetime, timetable: Timetable | None = None) -> list[Entity]:
    """The buses of all feeds together (positions and trip updates are usually two), read at `at`. Raises BadRequestData
    for one that is no feed."""
    buses: dict[str, Told] = {}
    for text in feeds:
        for item in _parsed(text).entity:
            if item.HasField("vehicle"):
                _position(buses, item, at)
            if item.HasField("trip_update"):
                _update(buses, item, at)
    return [_entity(one, at, timetable) for one in buses.values()]


def _parsed(text: bytes) -> Any:
    feed: Any = gtfs.FeedMessage()
    try:
        feed.ParseFromString(text)
    except DecodeError as error:
        raise BadRequestData(f"this is no GTFS Realtime feed: {error}") from error
    if not feed.header.gtfs_realtime_version:
        raise BadRequestData("this is no GTFS Realtime feed: its header says no version")
    return feed


def _position(buses: dict[str, Told], item: Any, at: datetime) -> None:
    told = item.vehicle
    longitude, latitude = told.position.longitude, told.position.latitude
    if not told.HasField("position") or not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        return
    bus = _bus(buses, told.vehicle.id or told.trip.trip_id or item.id, told.trip, _time(told.timestamp, at))
    # A feed has them with 32 bits: about a metre, and more digits would only look exact.
    bus.values["location"] = point(round(longitude, 5), round(latitude, 5))
    for name, value in (("speed", told.position.speed), ("heading", told.position.bearing)):
        own = {"speed": "speed", "heading": "bearing"}[name]
        if told.position.HasField(own) and math.isfinite(value):
            bus.values[name] = round(value, 1)


def _update(buses: dict[str, Told], item: Any, at: datetime) -> None:
    told = item.trip_update
    bus = _bus(buses, told.vehicle.id or told.trip.trip_id or item.id, told.trip, _time(told.timestamp, at))
    calls: list[dict[str, Any]] = []
    for one in list(told.stop_time_update)[:_MOST_CALLS]:
        event = one.arrival if one.HasField("arrival") else one.departure
        call: dict[str, Any] = {"stop": stop_id(one.stop_id)} if one.stop_id else {}
        if one.HasField("stop_sequence"):
            call["sequence"] = one.stop_sequence
        if event.HasField("time"):
            call["arrival"] = times.text(_time(event.time, at))
        if event.HasField("delay"):
            call["delay"] = event.delay
        calls.append(call)
    bus.values["calls"] = calls
    late = told.delay if told.HasField("delay") else next((call["delay"] for call in calls if "delay" in call), None)
    if late is not None:
        bus.values["lateness"] = float(late)


def _bus(buses: dict[str, Told], name: str, trip: Any, at: datetime) -> Told:
    bus = buses.setdefault(name, Told(id=name, at=at, values={}))
    bus.at = max(bus.at, at)
    bus.trip = trip.trip_id or bus.trip
    bus.line = trip.route_id or bus.line
    return bus


def _entity(bus: Told, at: datetime, timetable: Timetable | None) -> Entity:
    trips: Mapping[str, Any] = timetable.trips if timetable is not None else {}
    line = trips[bus.trip].line if bus.trip in trips else bus.line
    said = {"vehicleType": "bus", **({"line": line} if line else {}), **({"trip": bus.trip} if bus.trip else {})}
    tame = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in bus.id) or "_"
    made = observed(f"urn:ngsi-ld:{BUS}:{tame}", BUS, bus.at, {**said, **bus.values}, json=("calls",), units=_UNITS)
    return msgspec.structs.replace(made, expires_at=at + STAYS)


def _time(seconds: int, at: datetime) -> datetime:
    """A time as feeds have it, in seconds since 1970; where it says nothing, or nonsense, the time of reading."""
    if not 0 < seconds < 32_503_680_000:
        return at
    return datetime.fromtimestamp(seconds, UTC)
