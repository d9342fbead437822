"""The streets as a process of their own: paced by the wall's clock, in touch with the hub, never dependent on it.

A paced world goes on at its speed whether the hub listens or not; the cabinets fall back by themselves. When the
demand's window ends the next one begins with the next seed: the city's time goes on without a break, the streets start
empty, the figures start anew, and the world introduces itself again.
"""

import logging
from datetime import datetime
from pathlib import Path

import msgspec

from madang.clock import Clock, WallClock, monotonic_s
from madang.model.city import WorldSpec
from madang.model.world import Hello, Tick
from madang.sim.streets import device
from madang.sim.streets.twin import Day, Twin
from madang.sim.streets.uplink import Uplink
from madang.sim.streets.world import Options, StreetsWorld

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""How long a world that goes as fast as it goes waits for the orders that answer a tick."""


class Live:
    """A world that runs for ever. `speed` is simulated seconds per wall second; 0 is as fast as the hub answers."""

    def __init__(
        self,
        spec: WorldSpec,
        *,
        socket: Path,
        speed: float,
        seed: int,
        folder: Path | None = None,
        centre: tuple[float, float] = (0.0, 0.0),
        twin: bool = True,
        clock: Clock | None = None,
    ) -> None:
        """`socket` is where the hub listens; `clock` gives the time at which the city's day begins."""
        self._options = Options(devices=device.ALL, centre=centre, record=False, speed=speed)
        self._speed = speed
        self._with_twin = twin
        start = (clock or WallClock()).now().replace(microsecond=0)
        self._day = Day(spec=spec, seed=seed, start=start, folder=folder, options=self._options)
        self._world = self._day.world()
        self._twin = Twin(self._day) if twin else None
        self._uplink = Uplink(socket, self._hello)
        self._due_s = monotonic_s()

    @property
    def world(self) -> StreetsWorld:
        """The world of the present day."""
        return self._world

    def run(self, seconds: float | None = None) -> None:
        """Run for ever, or for so many seconds of the world. Raises Unavailable when SUMO ends the run by itself."""
        try:
            passed = 0
            while seconds is None or passed < seconds:
                self._second()
                passed += 1
        finally:
            self.close()

    def close(self) -> None:
        """End the world, its twin and the line."""
        self._uplink.close()
        if self._twin is not None:
            self._twin.close()
        self._world.close()

    def _hello(self, at: datetime | None) -> Hello:
        if at is not None and at > self._world.at:
            # The hub has heard a world before this one: the city's time does not go back.
            self._world.resume(at)
        return self._world.hello()

    def _second(self) -> None:
        if self._world.now_s >= self._world.scenario.end_s:
            self._next_day()
        tick = self._world.step()
        if self._twin is not None:
            tick = msgspec.structs.replace(tick, entities=(*tick.entities, *self._twin.follow(tick.at)))
        self._uplink.tell(tick)
        self._listen(tick.at)

    def _listen(self, at: datetime) -> None:
        now_s = monotonic_s()
        if self._speed > 0:
            # A world that fell behind does not race to make up for it.
            self._due_s = max(self._due_s + 1.0 / self._speed, now_s)
            heard = self._uplink.hear(self._due_s)
        else:
            heard = self._uplink.hear(now_s + PATIENCE_S, awaited=at)
        for orders in heard:
            self._world.order(orders)

    def _next_day(self) -> None:
        at, seed = self._world.at, self._day.seed + 1
        log.info("the demand's window is over: the next begins with seed %s", seed)
        self._uplink.tell(Tick(at=at, entities=(), gone=tuple(self._world.leaving())))
        self._world.close()
        if self._twin is not None:
            self._twin.close()
        self._day = msgspec.structs.replace(self._day, seed=seed, start=at)
        self._twin = Twin(self._day) if self._with_twin else None
        self._world = self._day.world()
        self._uplink.introduce()
        self._due_s = monotonic_s()
