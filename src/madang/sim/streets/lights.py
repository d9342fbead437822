"""The signals as devices: what each shows, since when, and who controls it; every second."""

from collections.abc import Callable, Mapping
from datetime import datetime

from madang.model.entity import Attribute, Entity, Kind, observed, point
from madang.sim.streets.cabinet import Cabinet
from madang.sim.streets.device import Fixed, urn

Times = Callable[[float], str]
"""A second of the simulation as the city's time in ISO 8601."""


_Written = tuple[str, str, list[str | None], list[str | None]]
"""The lamps, since when the stage shows, and by link since when it is green and red."""


AGAIN_S = 10.0
"""A controller reports what it shows when that changes, and at least this often."""


class Lights(Fixed):
    """The entities TrafficSignal. `greenSince` and `redSince` have one time or null a link."""

    def __init__(
        self, cabinets: Mapping[str, Cabinet], locations: Mapping[str, tuple[float, float]], iso: Times
    ) -> None:
        """`locations` are (longitude, latitude) by signal."""
        self._cabinets = cabinets
        self._locations = locations
        self._iso = iso
        self._ids = {id: urn("TrafficSignal", id) for id in cabinets}
        # Times are written out only when the lamps change: most seconds they do not.
        self._written: dict[str, _Written] = {}
        self._epoch = iso(0.0)
        self._named: dict[str, float] = {}
        self._told: dict[str, tuple[tuple[object, ...], float]] = {}

    def installed(self, at: datetime) -> list[Entity]:
        """Where the signals are and what they are called, with what they show."""
        entities: list[Entity] = []
        for id, cabinet in self._cabinets.items():
            entity = self._entity(id, cabinet, at)
            still = {"name": cabinet.layout.name, "location": point(*self._locations[id])}
            fixed = observed(entity.id, "TrafficSignal", at, still)
            entities.append(
                Entity(id=entity.id, types=entity.types, attributes={**fixed.attributes, **entity.attributes})
            )
        return entities

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """What those signals show that changed, or that have not reported for `AGAIN_S`."""
        if (epoch := self._iso(0.0)) != self._epoch:
            # The world goes on from another time: what is written down is off by that much.
            self._epoch = epoch
            self._written.clear()
            self._told.clear()
        return [
            self._entity(id, cabinet, at) for id, cabinet in self._cabinets.items() if self._is_due(id, cabinet, now_s)
        ]

    def _is_due(self, id: str, cabinet: Cabinet, now_s: float) -> bool:
        state = (cabinet.lamps.shown, cabinet.stage, cabinet.since_s, cabinet.control, cabinet.reason)
        told = self._told.get(id)
        if told is not None and told[0] == state and now_s - told[1] < AGAIN_S:
            return False
        self._told[id] = (state, now_s)
        return True

    def _entity(self, id: str, cabinet: Cabinet, at: datetime) -> Entity:
        lamps, since, greens, reds = self._times(id, cabinet)
        attributes = {
            "lamps": (Attribute(value=lamps, observed_at=at),),
            "stage": (Attribute(value=cabinet.stage, observed_at=at),),
            "since": (Attribute(value=since, observed_at=at),),
            "control": (Attribute(value=cabinet.control, observed_at=at),),
            "controlReason": (Attribute(value=cabinet.reason, observed_at=at),),
            "greenSince": (Attribute(kind=Kind.JSON, value=greens, observed_at=at),),
            "redSince": (Attribute(kind=Kind.JSON, value=reds, observed_at=at),),
        }
        return Entity(id=self._ids[id], types=("TrafficSignal",), attributes=attributes)

    def _times(self, id: str, cabinet: Cabinet) -> _Written:
        lamps, written = cabinet.lamps, self._written.get(id)
        # The stage's name may come a moment after its lamps.
        if written is None or written[0] != lamps.shown or self._named.get(id) != cabinet.since_s:
            # Most links share their moments with others.
            moments = {*lamps.green_since_s, *lamps.red_since_s}
            said = {since: None if since is None else self._iso(since) for since in moments}
            greens, reds = [said[each] for each in lamps.green_since_s], [said[each] for each in lamps.red_since_s]
            written = self._written[id] = (lamps.shown, self._iso(cabinet.since_s), greens, reds)
            self._named[id] = cabinet.since_s
        return written
