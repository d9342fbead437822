"""Keeps a live city beating: takes messages from its world, sends its orders, and notices when the world falls silent.

One of the two loops that must survive (architecture, 6): whatever a message causes is logged and the next one is taken.
"""

import asyncio
import logging

import msgspec

from madang.clock import Clock, monotonic_s
from madang.decide.loop import Loop
from madang.model.world import Hello, Tick
from madang.ports import Actuator, Source

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
SILENCE_S = 5.0
"""A world that has not spoken for this long, in wall seconds, is gone: as long as the leases of its devices. A city
that works on one of its messages for so long has left its devices alone as well."""
GONE = "the world is gone: its signals run their own plan"
BUSY = "the city is busy, or a service is starting: the signals run their own plan until it answers"


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """How the world is: ``starting`` (not heard yet), ``running`` or ``gone``; `since` in the city's time, ISO 8601."""

    status: str
    since: str


class Pump:
    """One world's messages into one loop."""

    def __init__(self, loop: Loop, *, source: Source, actuator: Actuator, clock: Clock) -> None:
        self._loop = loop
        self._source = source
        self._actuator = actuator
        self._clock = clock
        self._heard_s: float | None = None
        self._taking = False
        self._told_busy = False
        self.failures = 0
        self.pulse = self._pulse("starting")

    async def run(self) -> None:
        """Pump until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            async for message in self._source.observations():
                self._heard_s = monotonic_s()
                if self.pulse.status != "running" and self._source.connected:
                    self.pulse = self._pulse("running")
                await self._take(message)

    async def _take(self, message: Hello | Tick) -> None:
        self._taking, self._told_busy = True, False
        try:
            self._loop.refused(await self._actuator.send(await self._loop.take(message)))
        except Exception:  # the next message may be well, and the field has its own plan meanwhile
            self.failures += 1
            log.exception("a message of the world could not be worked on")
        finally:
            # What the world has said meanwhile is read only now.
            self._taking, self._heard_s = False, monotonic_s()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            silent = self._heard_s is not None and monotonic_s() - self._heard_s > SILENCE_S
            if self.pulse.status == "running" and (not self._source.connected or (silent and not self._taking)):
                self.pulse = self._pulse("gone")
                log.warning("the world is gone")
                await self._silence(GONE)
            elif silent and self._taking and not self._told_busy:
                self._told_busy = True
                log.warning(BUSY)
                await self._silence(BUSY)

    async def _silence(self, reason: str) -> None:
        try:
            await self._loop.silent(self._clock.now(), reason)
        except Exception:
            log.exception("the services' status could not be written")

    def _pulse(self, status: str) -> Pulse:
        since = self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
        return Pulse(status=status, since=since)
