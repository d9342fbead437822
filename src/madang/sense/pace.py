"""The source of a city on real streets: its devices write to the hub by themselves, so all that is left to report is
the passing of the seconds, and what the controllers in the field say of themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from madang.clock import Clock, monotonic_s
from madang.model.entity import Entity
from madang.model.world import Hello, Tick

EVERY_S = 1.0

Report = Callable[[datetime], Sequence[Entity]]
"""What there is to report at a time, observed then."""


class Pace:
    """A tick a second by the wall. `report` is asked for each and must not block."""

    def __init__(self, report: Report, clock: Clock) -> None:
        self._report = report
        self._clock = clock

    @property
    def connected(self) -> bool:
        """The real streets are always there."""
        return True

    async def observations(self) -> AsyncIterator[Hello | Tick]:
        """An introduction without streets, then a tick a second for ever. A second that was missed is not made up."""
        at = self._clock.now()
        none = {"type": "FeatureCollection", "features": list[object]()}
        yield Hello(scenario="field", scenario_hash="", seed=0, at=at, speed=1.0, entities=(), streets=none)
        due_s = monotonic_s() + EVERY_S
        while True:
            await asyncio.sleep(max(0.0, due_s - monotonic_s()))
            due_s = max(due_s, monotonic_s() - EVERY_S) + EVERY_S
            at = self._clock.now()
            yield Tick(at=at, entities=tuple(self._report(at)))
