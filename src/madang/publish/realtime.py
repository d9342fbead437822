"""Buses as GTFS Realtime 2.0 (https://gtfs.org/documentation/realtime/reference/): where they are, when they come.

Made of what the public may read of them. A bus of the simulated streets runs by no published timetable: its trip is
marked as added, with the name that the bus has.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from google.protobuf.json_format import MessageToDict
from google.transit import gtfs_realtime_pb2 as gtfs

from madang.govern import PUBLIC
from madang.hub import Hub
from madang.model import time as times
from madang.model.entity import Entity
from madang.model.query import Compare, EntityQuery, Operator, Path

MEDIA: Final = "application/x-protobuf"
_VERSION: Final = "2.0"
_MOST: Final = 10_000
_BUSES: Final = EntityQuery(
    types=(("Vehicle",),), where=Compare(Path(("vehicleType",)), Operator.EQUAL, "bus"), limit=_MOST
)


async def buses(hub: Hub) -> list[Entity]:
    """The buses as everybody sees them."""
    return list((await hub.entities.query(PUBLIC, _BUSES)).entities)


def positions(found: Iterable[Entity], at: datetime) -> Any:
    """The feed of VehiclePosition, as of `at`."""
    feed = _feed(at)
    for bus in found:
        place = bus.attribute("location")
        coordinates = _mapping(place.value).get("coordinates") if place is not None else None
        if place is None or coordinates is None:
            continue
        longitude, latitude = coordinates[:2]
        item = feed.entity.add(id=_short(bus.id))
        told = item.vehicle
        _trip(told.trip, bus)
        told.vehicle.id = _short(bus.id)
        told.position.longitude, told.position.latitude = longitude, latitude
        _number(told.position, "bearing", bus.value("heading"))
        _number(told.position, "speed", bus.value("speed"))
        told.timestamp = int((place.observed_at or at).timestamp())
    return feed


def updates(found: Iterable[Entity], at: datetime) -> Any:
    """The feed of TripUpdate: for each bus the stops to come, when it will be there and how late that is."""
    feed = _feed(at)
    for bus in found:
        calls = list(_calls(bus))
        if not calls:
            continue
        item = feed.entity.add(id=_short(bus.id))
        told = item.trip_update
        _trip(told.trip, bus)
        told.vehicle.id = _short(bus.id)
        seen = bus.attribute("itinerary") or bus.attribute("calls")
        told.timestamp = int(((seen.observed_at if seen else None) or at).timestamp())
        for stop, sequence, arrives, planned in calls:
            call = told.stop_time_update.add(stop_id=stop)
            if sequence is not None:
                call.stop_sequence = sequence
            call.arrival.time = int(arrives.timestamp())
            if planned is not None:
                call.arrival.delay = round((arrives - planned).total_seconds())
    return feed


def as_json(feed: Any) -> dict[str, Any]:
    """The feed in protobuf's JSON, with the names that the reference has."""
    return MessageToDict(feed, preserving_proto_field_name=True)


def _feed(at: datetime) -> Any:
    feed: Any = gtfs.FeedMessage()
    feed.header.gtfs_realtime_version = _VERSION
    feed.header.incrementality = gtfs.FeedHeader.FULL_DATASET
    feed.header.timestamp = int(at.timestamp())
    return feed


def _trip(trip: Any, bus: Entity) -> None:
    known, line = bus.value("trip"), bus.value("line")
    if isinstance(known, str) and known:
        trip.trip_id = known
    else:
        trip.trip_id = _short(bus.id)
        trip.schedule_relationship = gtfs.TripDescriptor.ADDED
    if isinstance(line, str) and line:
        trip.route_id = line


def _calls(bus: Entity) -> Iterable[tuple[str, int | None, datetime, datetime | None]]:
    """Stop, its place in the trip, when the bus will be there, when it was to be."""
    own = bus.attribute("itinerary")
    if own is not None and own.observed_at is not None:
        for one in _list(_mapping(own.value).get("stops")):
            seconds, planned = one.get("seconds"), times.read(str(one.get("planned")))
            if isinstance(seconds, int | float) and one.get("stop"):
                yield _short(str(one["stop"])), None, own.observed_at + timedelta(seconds=seconds), planned
        return
    for one in _list(bus.value("calls")):
        arrives = times.read(str(one.get("arrival")))
        delay, sequence = one.get("delay"), one.get("sequence")
        if arrives is not None and one.get("stop"):
            late = timedelta(seconds=delay) if isinstance(delay, int | float) else None
            planned = arrives - late if late is not None else None
            yield _short(str(one["stop"])), sequence if isinstance(sequence, int) else None, arrives, planned


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [_mapping(one) for one in cast(list[Any], value)] if isinstance(value, list) else []


def _number(target: Any, name: str, value: Any) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        setattr(target, name, float(value))


def _short(id: str) -> str:
    return id.rsplit(":", 1)[-1]
