"""The twin of a live world: the same streets, demand and seed under the fixed plan, in a process of its own.

It reports its figures only (``TrafficKpi:fixed``). It follows the live world second by second without being waited for,
but is not left behind: libsumo holds one simulation a process, so the comparison costs a process, not the city's pace.
"""

import multiprocessing
import multiprocessing.connection
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from madang.model.city import WorldSpec
from madang.model.entity import Entity
from madang.sim.streets import device
from madang.sim.streets.world import Options, StreetsWorld

BEHIND = 30
"""Seconds of the world that the twin may lag before it is waited for..."""
WAIT_S = 0.2
"""...this long a second, on the wall."""

Connection = multiprocessing.connection.Connection


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What a world is made of: its spec, its seed, when it starts, the city's folder, its options."""

    spec: WorldSpec
    seed: int
    start: datetime
    folder: Path | None
    options: Options

    def world(self) -> StreetsWorld:
        """The world itself. Raises as ``StreetsWorld`` does."""
        return StreetsWorld(self.spec, seed=self.seed, start=self.start, folder=self.folder, options=self.options)


class Twin:
    """A handle on the twin's process. A twin that died is simply silent: the city needs no comparison to run."""

    def __init__(self, day: Day) -> None:
        options = msgspec.structs.replace(
            day.options, devices=frozenset((device.FIGURES,)), figures="fixed", record=False
        )
        # Not forked: the parent holds libsumo's state.
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        twin = msgspec.structs.replace(day, options=options)
        self._process = context.Process(target=_live, args=(theirs, twin), name="madang-twin", daemon=True)
        self._process.start()
        theirs.close()
        self._asked = self._answered = 0

    def follow(self, at: datetime) -> Sequence[Entity]:
        """Let one more second pass there, which ends at that time; the figures that have come since the last call."""
        heard: list[Entity] = []
        try:
            self._line.send(at)
            self._asked += 1
            while self._line.poll(WAIT_S if self._asked - self._answered > BEHIND else 0.0):
                heard += self._line.recv()
                self._answered += 1
        except (EOFError, OSError):
            return heard
        return heard

    def close(self) -> None:
        """End the twin."""
        self._line.close()
        self._process.terminate()
        self._process.join()


def _live(line: Connection, day: Day) -> None:
    """The twin's process: a second for each word; it ends when the line does, which is when its parent ends."""
    world = day.world()
    try:
        while True:
            at: datetime = line.recv()
            world.resume(at - timedelta(seconds=1))
            line.send(list(world.step().entities))
    except (EOFError, OSError):
        world.close()
