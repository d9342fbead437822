"""The simulated streets as a world: hello, step, order, results (``ports.World``).

A second of the world is: the cabinets show their lamps, SUMO moves everybody, the devices report. Orders that come
between two steps are in force from the next second on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from madang.model.city import WorldSpec
from madang.model.entity import Entity, observed, point
from madang.model.world import Answer, Hello, Order, Orders, Tick
from madang.sim.streets import network, scenario, trips
from madang.sim.streets.cabinet import Cabinet
from madang.sim.streets.camera import Cameras
from madang.sim.streets.layout import Layout, layout_entity, layouts
from madang.sim.streets.monitor import Monitor
from madang.sim.streets.projection import projection
from madang.sim.streets.simulation import Simulation
from madang.sim.streets.traffic import Traffic

DRAIN_S = 1800.0
_SIGNAL = "urn:ngsi-ld:TrafficSignal:"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a world runs. `hours` shortens the demand window (0: as the scenario has it). `drain_s` is how long the world
    goes on after it, so that the trips under way can end."""

    hours: float = 0.0
    drain_s: float = DRAIN_S
    speed: float = 0.0
    centre: tuple[float, float] = (0.0, 0.0)


class StreetsWorld:
    """The streets of one scenario for one demand window. One at a time in a process."""

    def __init__(
        self,
        spec: WorldSpec,
        *,
        seed: int,
        start: datetime,
        folder: Path | None = None,
        options: Options | None = None,
    ) -> None:
        """`start` is the city's time (UTC) at the begin of the demand. Raises as ``scenario.resolve``, ``network.read``
        and ``Simulation`` do."""
        self.options = options or Options()
        self.scenario = _window(scenario.resolve(spec, folder=folder), self.options.hours)
        self.network = network.read(self.scenario.net)
        self.layouts = layouts(self.network)
        self._seed = seed
        self._start = start
        self._place = projection(self.network, centre=self.options.centre)
        self._simulation = Simulation(self.scenario, seed=seed)
        sumo = self._simulation.sumo
        self._set_lamps = sumo.trafficlight.setRedYellowGreenState
        self.cabinets = {id: Cabinet(layout, now_s=self.now_s) for id, layout in self.layouts.items()}
        self._lamps: dict[str, str] = {}
        self.traffic = Traffic(sumo, _from_lanes(self.layouts))
        self._cameras = Cameras(sumo, self.layouts, range_m=spec.sensor_range_m, missed=spec.missed, seed=seed)
        self.monitor = Monitor.of_network(self.scenario.net)
        self._halted_within_m = spec.sensor_range_m
        self._answers: list[Answer] = []
        self._results: dict[str, Any] | None = None

    @property
    def now_s(self) -> float:
        """The simulation's second, as the scenario counts."""
        return self._simulation.now_s

    @property
    def at(self) -> datetime:
        """The city's time."""
        return self._start + timedelta(seconds=self.now_s - self.scenario.begin_s)

    def hello(self) -> Hello:
        entities = [layout_entity(layout, self.network, self._place) for layout in self.layouts.values()]
        entities += [self._signal(cabinet, full=True) for cabinet in self.cabinets.values()]
        return Hello(
            scenario=self.scenario.name,
            scenario_hash=self.scenario.hash,
            seed=self._seed,
            at=self.at,
            speed=self.options.speed,
            entities=tuple(entities),
            streets={"type": "FeatureCollection", "features": []},
        )

    def step(self) -> Tick:
        """Let one second pass. Raises Unavailable when SUMO ends the run by itself."""
        for id, cabinet in self.cabinets.items():
            lamps = cabinet.tick(self.now_s)
            if self._lamps.get(id) != lamps:
                self._lamps[id] = lamps
                self._set_lamps(id, lamps)
        controlled = [id for id, cabinet in self.cabinets.items() if cabinet.served]
        halted = self.traffic.halted(self._halted_within_m)
        self.monitor.step(self.now_s, self._lamps, controlled=controlled, halted=halted)
        self._simulation.step()
        self.traffic.update()
        at = self.at
        entities = [self._signal(cabinet) for cabinet in self.cabinets.values()]
        entities += self._cameras.see(self.traffic.vehicles.values(), at)
        answers, self._answers = self._answers, []
        return Tick(at=at, entities=tuple(entities), answers=tuple(answers))

    def order(self, orders: Orders) -> None:
        for target in orders.leased:
            cabinet = self.cabinets.get(target.removeprefix(_SIGNAL))
            if cabinet is not None:
                cabinet.renew(self.now_s)
        self._answers += [
            Answer(decision=order.decision, target=order.target, refused=self._carry_out(order))
            for order in orders.orders
        ]

    def _carry_out(self, order: Order) -> str | None:
        cabinet = self.cabinets.get(order.target.removeprefix(_SIGNAL))
        if cabinet is None or not order.target.startswith(_SIGNAL):
            return f"no device {order.target} on these streets"
        return cabinet.order(order.action, order.parameters, self.now_s)

    def finished(self) -> bool:
        over_s = self.now_s - self.scenario.end_s
        return over_s >= 0 and (over_s >= self.options.drain_s or self._simulation.empty())

    def results(self) -> Mapping[str, Any]:
        """The measures of ``trips`` over all trips so far. Ends the run: nothing steps after it."""
        if self._results is None:
            now_s = self.now_s
            window = self.scenario
            buses = self._bus_types()
            self._simulation.close()
            found = trips.read(self._simulation.trips_file, begin_s=window.begin_s, end_s=window.end_s, now_s=now_s)
            self._results = {
                **trips.measures(found, buses),
                "longest_wait_s": self.traffic.longest_wait_s,
                "teleports": self._simulation.teleports,
                **self.monitor.counts(),
                "duration_s": now_s - window.begin_s,
            }
        return self._results

    def _bus_types(self) -> frozenset[str]:
        types = self._simulation.sumo.vehicletype
        return frozenset(id for id in types.getIDList() if types.getVehicleClass(id) in ("bus", "coach"))

    def close(self) -> None:
        self._simulation.discard()

    def _signal(self, cabinet: Cabinet, *, full: bool = False) -> Entity:
        layout = cabinet.layout
        values: dict[str, Any] = {
            "lamps": cabinet.lamps.shown,
            "stage": cabinet.stage,
            "since": self._time(cabinet.since_s),
            "control": cabinet.control,
            "controlReason": cabinet.reason,
            "greenSince": [None if s is None else self._time(s) for s in cabinet.lamps.green_since_s],
            "redSince": [None if s is None else self._time(s) for s in cabinet.lamps.red_since_s],
        }
        if full:
            values["name"] = layout.name
            values["location"] = point(*self._location(layout))
        return observed(_SIGNAL + layout.id, "TrafficSignal", self.at, values, json=("greenSince", "redSince"))

    def _location(self, layout: Layout) -> tuple[float, float]:
        entity = layout_entity(layout, self.network, self._place)
        lon, lat = entity.value("location")["coordinates"]
        return lon, lat

    def _time(self, second: float) -> str:
        return (self._start + timedelta(seconds=second - self.scenario.begin_s)).isoformat().replace("+00:00", "Z")


def _window(found: scenario.Scenario, hours: float) -> scenario.Scenario:
    end_s = found.begin_s + hours * 3600 if hours > 0 else found.end_s
    return msgspec.structs.replace(found, end_s=min(end_s, found.end_s))


def _from_lanes(layouts: Mapping[str, Layout]) -> dict[tuple[str, int], str]:
    # Where one link index serves two lanes the first stands for both: the camera cannot tell them apart by index.
    return {(id, link.link): link.from_lane for id, layout in layouts.items() for link in reversed(layout.links)}
