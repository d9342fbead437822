"""Who waits where, in this world or its twin: an account for each lane at a stop line, so that both can be compared."""

from collections.abc import Mapping
from datetime import datetime

from madang.model.entity import Entity, observed
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.layout import Layout
from madang.sim.streets.traffic import HALTED_MPS, Traffic

EVERY_S = 10
TYPE = "ApproachWaits"


class Waits(Fixed):
    """The entities ``ApproachWaits:<world>:<junction>``.

    `waits` is JSON, by lane at the stop line: [vehicles that stand on their way to it now, seconds that vehicles have
    stood on their way to it, vehicles that have passed it], the latter two from the begin of the demand on. `since` is
    that begin: where it changes the account was begun anew. All vehicles count, not only those that a camera sees.
    """

    def __init__(self, traffic: Traffic, layouts: Mapping[str, Layout], world: str) -> None:
        """`world` names the world, as ``Figures`` names it."""
        self._traffic = traffic
        self._world = world
        self._lanes = {
            signal: tuple(dict.fromkeys(link.from_lane for link in layout.links if link.from_lane[0] != ":"))
            for signal, layout in layouts.items()
        }
        self._ids = {signal: urn(TYPE, f"{world}:{signal}") for signal in layouts}
        self._ahead: dict[str, tuple[str, str]] = {}
        self._stood: dict[str, int] = {}
        self._passed: dict[str, int] = {}
        self._begun: datetime | None = None

    def installed(self, at: datetime) -> list[Entity]:
        """Nothing stands on the street for this."""
        return []

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Keep account every second; report every ten."""
        halted = self._account()
        if self._begun is None:
            self._begun = at
        if int(now_s) % EVERY_S:
            return []
        return [self._entity(signal, halted, at) for signal in self._ids]

    def _account(self) -> dict[str, int]:
        """Take down the second that has passed; who stands now, by lane."""
        ahead: dict[str, tuple[str, str]] = {}
        halted: dict[str, int] = {}
        for id, vehicle in self._traffic.vehicles.items():
            before = self._ahead.get(id)
            if vehicle.from_lane:
                ahead[id] = (vehicle.signal, vehicle.from_lane)
                if vehicle.speed_mps < HALTED_MPS:
                    halted[vehicle.from_lane] = halted.get(vehicle.from_lane, 0) + 1
            # Another lane of the same junction is a change of lanes, not a passage.
            if before is not None and before[0] != vehicle.signal:
                self._passed[before[1]] = self._passed.get(before[1], 0) + 1
        for lane, count in halted.items():
            self._stood[lane] = self._stood.get(lane, 0) + count
        self._ahead = ahead
        return halted

    def _entity(self, signal: str, halted: Mapping[str, int], at: datetime) -> Entity:
        waits = {
            lane: [halted.get(lane, 0), self._stood.get(lane, 0), self._passed.get(lane, 0)]
            for lane in self._lanes[signal]
        }
        since = self._begun or at
        values = {
            "world": self._world,
            "refSignal": urn("TrafficSignal", signal),
            "waits": waits,
            "since": since.isoformat().replace("+00:00", "Z"),
        }
        return observed(self._ids[signal], TYPE, at, values, json=("waits",))
