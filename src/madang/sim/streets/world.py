"""The simulated streets as a world: hello, step, order, results (``ports.World``).

A second of the world is: the cabinets show their lamps, SUMO moves everybody, the devices report. Orders that come
between two steps are in force from the next second on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from madang.errors import BadRequestData, Unavailable
from madang.model.city import WorldSpec
from madang.model.world import Answer, Hello, Order, Orders, Tick
from madang.sim.streets import actuated, air, arterial, device, geojson, loops, network, recorder, scenario, trips
from madang.sim.streets.alarms import Alarms
from madang.sim.streets.buses import Buses
from madang.sim.streets.cabinet import Cabinet
from madang.sim.streets.camera import Cameras
from madang.sim.streets.device import Device
from madang.sim.streets.figures import Figures
from madang.sim.streets.fleet import Fleet
from madang.sim.streets.layout import Layout, centre, layout_entity, layouts
from madang.sim.streets.lights import Lights
from madang.sim.streets.monitor import Monitor
from madang.sim.streets.pedestrians import Pedestrians
from madang.sim.streets.places import Places
from madang.sim.streets.places import read as read_places
from madang.sim.streets.projection import projection
from madang.sim.streets.responders import TYPE as RESPONDER
from madang.sim.streets.responders import Responders, dispatch
from madang.sim.streets.roadmap import roadmap
from madang.sim.streets.roads import Roads
from madang.sim.streets.shadow import Shadow
from madang.sim.streets.simulation import Simulation
from madang.sim.streets.stops import Stops
from madang.sim.streets.surroundings import Surroundings
from madang.sim.streets.traffic import Traffic
from madang.sim.streets.waits import Waits

DRAIN_S = 1800.0


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a world runs.

    `hours` shortens the demand window (0: as the scenario has it). `drain_s` is how long the world goes on after it, so
    that the trips under way can end. `centre` (longitude, latitude) is where a network lies that has no projection.
    `actuated` leaves the lamps to SUMO's own actuated control (see ``actuated``): no order reaches them.
    `devices` are those that report (see ``device``): an evaluation needs the control's only. `record` keeps every trip
    for `results`; a world that runs for ever does without. `figures` names its TrafficKpi. `speed` is told to the city.
    `detail` adds a `recording` (``model/recording``) to the results, with the arterial through the signals `arterial`
    (empty: the straight road with the most signals).
    """

    hours: float = 0.0
    drain_s: float = DRAIN_S
    centre: tuple[float, float] = (0.0, 0.0)
    devices: frozenset[str] = device.CONTROL
    record: bool = True
    figures: str = "signals"
    speed: float = 0.0
    actuated: bool = False
    detail: bool = False
    arterial: tuple[str, ...] = ()


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
        self.scenario = scenario.resolve(spec, folder=folder).shortened(self.options.hours)
        places = read_places(spec.places, folder)
        self.network = network.read(self.scenario.net)
        self.layouts = layouts(self.network)
        self.monitor = Monitor.of_network(self.scenario.net)
        self._spec = spec
        self._seed = seed
        self._start = start
        self._place = projection(self.network, centre=self.options.centre)
        detectors = [loops.additional(self.layouts, self.network)] if device.LOOPS in self.options.devices else []
        if self.options.actuated:
            detectors.append(actuated.additional(self.network.programs))
        if self.options.detail:
            detectors.append(recorder.additional())
        self._simulation = Simulation(self.scenario, seed=seed, additional=detectors, record=self.options.record)
        self._set_lamps = self._simulation.sumo.trafficlight.setRedYellowGreenState
        self._lamps: dict[str, str] = {}
        self.cabinets = {id: Cabinet(layout, now_s=self.now_s) for id, layout in self.layouts.items()}
        self._by_target = {device.urn("TrafficSignal", id): cabinet for id, cabinet in self.cabinets.items()}
        self._from_lanes = _from_lanes(self.layouts)
        self.traffic = Traffic(self._simulation.sumo, self._from_lanes)
        self.pedestrians = Pedestrians(self._simulation.sumo, self.layouts)
        self._roads = roadmap(self.network)
        self.fleet = Fleet(self._simulation.sumo, self.traffic, self._roads)
        lanes = [*self.network.lanes.values(), *self.network.inner.values()]
        self.places = Places(self._simulation.sumo, places, lanes, self._place)
        self._recorder = self._record() if self.options.detail else None
        self._devices = self._install()
        window = (self.scenario.begin_s, self.scenario.end_s)
        approaches = {lane.rpartition("_")[0] for lane in self._from_lanes.values()}
        per_hour, sumo = spec.alarms_per_hour, self._simulation.sumo
        self.alarms = Alarms(sumo, self._roads, approaches, per_hour=per_hour, window=window, seed=seed)
        self._answers: list[Answer] = []
        self._results: dict[str, Any] | None = None

    def _record(self) -> recorder.Recorder:
        named, plan = self.options.arterial, (self.network, self.layouts)
        road = arterial.through(named, *plan) if named else arterial.longest(*plan)
        window = (self.scenario.begin_s, self.scenario.end_s)
        return recorder.Recorder(self._simulation.sumo, self.traffic, self.network, road, window)

    def _install(self) -> list[Device]:
        sumo, traffic, place = self._simulation.sumo, self.traffic, self._place
        plan = list(self.layouts.values())
        points = place([centre(layout, self.network) for layout in plan])
        locations = {layout.id: (lon, lat) for layout, (lon, lat) in zip(plan, points, strict=True)}
        wanted = self.options.devices
        devices: list[Device] = []
        if device.SIGNALS in wanted:
            devices.append(Lights(self.cabinets, locations, self._iso))
        if device.CAMERAS in wanted:
            seen = {"range_m": self._spec.sensor_range_m, "missed": self._spec.missed}
            people = self.pedestrians
            devices.append(Cameras(sumo, traffic, self.layouts, locations, people=people, seed=self._seed, **seen))
        if device.LOOPS in wanted:
            devices.append(loops.Loops(sumo, self.layouts, self.network, place, begin_s=self.scenario.begin_s))
        around = Surroundings(roads=self._roads, from_lanes=self._from_lanes, iso=self._iso)
        if device.RESPONDERS in wanted:
            devices.append(Responders(sumo, traffic, place=place, world=around))
        if device.BUSES in wanted:
            devices.append(Buses(sumo, traffic, self.fleet, place=place, world=around))
        if device.TRANSIT in wanted:
            devices.append(Stops(sumo, place))
            devices.append(Roads(sumo, self.network, self.fleet, roads=self._roads, iso=self._iso))
        if device.AIR in wanted:
            devices.append(air.Air(sumo, self.layouts, self.network, place))
        devices.append(self.places)
        if device.FIGURES in wanted:
            devices.append(Figures(sumo, traffic, self.options.figures, self._broken))
            devices.append(Waits(traffic, self.layouts, self.options.figures))
            if device.SIGNALS not in wanted:
                devices.append(Shadow(self._lamps, list(self.layouts)))
        return devices

    @property
    def now_s(self) -> float:
        """The simulation's second, as the scenario counts."""
        return self._simulation.now_s

    @property
    def at(self) -> datetime:
        """The city's time."""
        return self._start + timedelta(seconds=self.now_s - self.scenario.begin_s)

    def resume(self, at: datetime) -> None:
        """Go on from that time of the city's: it is that time now."""
        self._start += at - self.at

    def hello(self) -> Hello:
        """The layouts, what is installed, and the map."""
        at = self.at
        entities = [layout_entity(layout, self.network, self._place) for layout in self.layouts.values()]
        entities += [entity for devices in self._devices for entity in devices.installed(at)]
        return Hello(
            scenario=self.scenario.name,
            scenario_hash=self.scenario.hash,
            seed=self._seed,
            at=at,
            speed=self.options.speed,
            entities=tuple(entities),
            streets=geojson.draw(self.network, self.layouts, self._place),
            transient=("Vehicle", RESPONDER),
        )

    def step(self) -> Tick:
        """Let one second pass. Raises Unavailable when SUMO ends the run by itself, or after `results`."""
        now_s = self.now_s
        if self.options.actuated:
            shown = self._simulation.sumo.trafficlight.getRedYellowGreenState
            self._lamps = {id: str(shown(id)) for id in self.cabinets}
        else:
            self._show(now_s)
        self._watch(now_s)
        self.alarms.send(now_s)
        self._simulation.step()
        self.traffic.update()
        self.pedestrians.update()
        at, now_s = self.at, self.now_s
        if self._recorder is not None:
            self._recorder.update(now_s, self._lamps)
        self.fleet.update(now_s)
        entities = [entity for devices in self._devices for entity in devices.report(now_s, at)]
        gone = [id for devices in self._devices for id in devices.gone()]
        answers, self._answers = self._answers, []
        return Tick(at=at, entities=tuple(entities), answers=tuple(answers), gone=tuple(gone))

    def _show(self, now_s: float) -> None:
        for id, cabinet in self.cabinets.items():
            lamps = cabinet.tick(now_s)
            if self._lamps.get(id) != lamps:
                self._lamps[id] = lamps
                self._set_lamps(id, lamps)

    def _watch(self, now_s: float) -> None:
        controlled = [id for id, cabinet in self.cabinets.items() if cabinet.served]
        halted = self.traffic.halted(self._spec.sensor_range_m)
        for signal, links in self.pedestrians.halted().items():
            halted.setdefault(signal, set()).update(links)
        self.monitor.step(now_s, self._lamps, controlled=controlled, halted=halted)

    def order(self, orders: Orders) -> None:
        """Renew the leases, then hand each order to its cabinet or bus; what it says is in the next tick's answers."""
        for target in orders.leased:
            cabinet = self._by_target.get(target)
            if cabinet is not None:
                cabinet.renew(self.now_s)
            else:
                self.fleet.renew(target, self.now_s)
        self._answers += [
            Answer(decision=order.decision, target=order.target, refused=self._carry_out(order))
            for order in orders.orders
        ]

    def _carry_out(self, order: Order) -> str | None:
        if self.fleet.knows(order.target):
            return self.fleet.order(order.target, order.action, order.parameters, self.now_s)
        cabinet = self._by_target.get(order.target)
        if self.options.actuated:
            return "these streets run SUMO's actuated control: nothing else reaches the lamps"
        if cabinet is None:
            return f"no device {order.target} on these streets"
        return cabinet.order(order.action, order.parameters, self.now_s)

    def dispatch(self, id: str, *, start: str, end: str) -> None:
        """Send out an emergency vehicle from one edge to another: a what-if. Raises BadRequestData."""
        try:
            dispatch(self._simulation.sumo, id, start=start, end=end)
        except self._simulation.sumo.TraCIException as error:
            raise BadRequestData(f"no emergency vehicle can drive from {start!r} to {end!r}: {error}") from error

    def close_road(self, edge: str, *, closed: bool = True) -> None:
        """Close the edge to buses, or open it again: roadworks, a what-if. Cars go on. Raises BadRequestData for an
        edge that buses do not drive."""
        if edge not in self._roads:
            raise BadRequestData(f"no road {edge!r} for buses on these streets")
        (self.fleet.closed.add if closed else self.fleet.closed.discard)(edge)

    def finished(self) -> bool:
        """The window is over, and the streets are empty or the drain is over, too."""
        over_s = self.now_s - self.scenario.end_s
        return over_s >= 0 and (over_s >= self.options.drain_s or self._simulation.empty())

    def results(self) -> Mapping[str, Any]:
        """The measures over all trips so far, with the conventions of ``trips``. Ends the run: nothing steps after it.

        To those of ``trips.measures`` it adds `delays` (s, by vehicle), `departures` (planned, s after the begin of the
        demand, by vehicle), `longest_wait_s` (the longest that any vehicle
        stood, in all, on its way to one signal), `teleports`, the monitor's counts (`conflicts`, `guards_broken`, ...)
        and `duration_s`. Raises Unavailable in a world that keeps no record.
        """
        if not self.options.record:
            raise Unavailable("this world keeps no record of its trips: start it with Options(record=True)")
        if self._results is None:
            now_s, window, buses = self.now_s, self.scenario, self._types("bus", "coach")
            emergency = self._types("emergency")
            self._simulation.close()
            file = self._simulation.trips_file
            found = trips.read(file, begin_s=window.begin_s, end_s=window.end_s, now_s=now_s)
            self._results = {
                **trips.measures(found, buses, emergency),
                **trips.on_foot(file, begin_s=window.begin_s, end_s=window.end_s),
                "delays": {trip.id: round(trip.delay_s, 1) for trip in found},
                "departures": {trip.id: round(trip.planned_s - window.begin_s, 1) for trip in found},
                **self.fleet.measures(),
                **self.places.measures(),
                "longest_wait_s": self.traffic.longest_wait_s,
                "teleports": self._simulation.teleports,
                "gridlocked": int(self._simulation.teleports > 0 or not all(trip.arrived for trip in found)),
                "duration_s": now_s - window.begin_s,
                **self.monitor.counts(),
            }
            if self._recorder is not None:
                self._results["recording"] = msgspec.to_builtins(self._recorder.recording(file.parent))
        return self._results

    def leaving(self) -> list[str]:
        """Ids of the entities that leave the world when it ends: the vehicles that report."""
        self.traffic.vehicles = {}
        return [id for devices in self._devices for id in devices.gone()]

    def close(self) -> None:
        """End the run and delete its files."""
        self._simulation.discard()

    def _types(self, *classes: str) -> frozenset[str]:
        types = self._simulation.sumo.vehicletype
        return frozenset(id for id in types.getIDList() if types.getVehicleClass(id) in classes)

    def _broken(self) -> dict[str, int]:
        return {"conflicts": self.monitor.conflicts, "guardsBroken": self.monitor.guards_broken}

    def _iso(self, second: float) -> str:
        at = self._start + timedelta(seconds=second - self.scenario.begin_s)
        return at.isoformat().replace("+00:00", "Z")


def _from_lanes(layouts: Mapping[str, Layout]) -> dict[tuple[str, int], str]:
    # Where one link index serves two lanes the first stands for both: the index does not tell them apart.
    return {(id, link.link): link.from_lane for id, layout in layouts.items() for link in reversed(layout.links)}
