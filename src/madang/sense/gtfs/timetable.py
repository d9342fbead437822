"""A timetable as values: stops, trips with their calls, and on which days they run."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from madang.model.entity import Entity, observed, point

STOP = "PublicTransportStop"


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """`lon` and `lat` in degrees, WGS 84."""

    id: str
    name: str
    lon: float
    lat: float


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A trip at a stop: arrival and departure in seconds after noon minus twelve hours of the service day (which is how
    a day on which the clocks change has them, too); more than 86,400 is the night after. `timed` where the operator
    gave the times, else they are interpolated between those that it gave."""

    stop: str
    sequence: int
    arrival_s: float
    departure_s: float
    timed: bool = True


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """A journey of a line: `days` names its calendar, `calls` are in order."""

    id: str
    line: str
    days: str
    direction: str
    headsign: str
    calls: tuple[Call, ...]


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """On which days a service runs: weekdays (Monday is 0) between two dates, and single days added or removed."""

    weekdays: frozenset[int] = frozenset()
    since: date = date.max
    until: date = date.min
    added: frozenset[date] = frozenset()
    removed: frozenset[date] = frozenset()

    def include(self, day: date) -> bool:
        """Whether the service runs on that day."""
        if day in self.removed:
            return False
        return day in self.added or (self.since <= day <= self.until and day.weekday() in self.weekdays)


class Timetable(msgspec.Struct, frozen=True, kw_only=True):
    """A whole feed; `time_zone` is the operator's."""

    time_zone: str
    stops: Mapping[str, Stop]
    trips: Mapping[str, Trip]
    days: Mapping[str, Days]

    def begin(self, day: date) -> datetime:
        """What the times of that service day count from, in UTC."""
        noon = datetime.combine(day, time(12), ZoneInfo(self.time_zone)).astimezone(UTC)
        return noon - timedelta(hours=12)

    def trips_on(self, day: date) -> Iterator[Trip]:
        """The trips of that service day, in the feed's order."""
        runs = {name for name, days in self.days.items() if days.include(day)}
        return (trip for trip in self.trips.values() if trip.days in runs)

    def service_day(self, trip: Trip, at: datetime) -> date | None:
        """Of which service day the trip is under way at `at`, or next to it: the day whose run of it is nearest, within
        twelve hours; None where it runs on neither of them."""
        local = at.astimezone(ZoneInfo(self.time_zone)).date()
        days = [local + timedelta(days=shift) for shift in (-1, 0, 1)]
        runs = [day for day in days if self.days[trip.days].include(day)]
        distances = [(self._away_s(trip, day, at), day) for day in runs]
        near = [found for found in distances if found[0] <= 43_200]
        return min(near)[1] if near else None

    def _away_s(self, trip: Trip, day: date, at: datetime) -> float:
        at_s = (at - self.begin(day)).total_seconds()
        return max(trip.calls[0].departure_s - at_s, at_s - trip.calls[-1].arrival_s, 0.0)

    def headways(self, line: str, stop: str, day: date) -> list[float]:
        """Seconds between the planned departures of the line from the stop on that day."""
        departures = sorted(
            call.departure_s
            for trip in self.trips_on(day)
            if trip.line == line
            for call in trip.calls
            if call.stop == stop
        )
        return [later - earlier for earlier, later in itertools.pairwise(departures)]


def stop_id(id: str) -> str:
    """The entity id of a stop."""
    return f"urn:ngsi-ld:{STOP}:{''.join(c if c.isalnum() or c in '-_.:' else '_' for c in id)}"


def stop_entities(timetable: Timetable) -> list[Entity]:
    """The entities PublicTransportStop of all stops that a trip calls at."""
    used = {call.stop for trip in timetable.trips.values() for call in trip.calls}
    return [
        observed(stop_id(stop.id), STOP, None, {"name": stop.name, "location": point(stop.lon, stop.lat)})
        for stop in timetable.stops.values()
        if stop.id in used
    ]
