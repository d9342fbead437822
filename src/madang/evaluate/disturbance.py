"""What may go wrong during a run, from one second of the simulated time on and for good.

- ``controller``: the service gives no answer any more, as if its process were killed and never came back. Its runner
  falls back, and the leases go.
- ``detectors``: no camera and no loop reports any more.
- ``hub``: nobody hears the world any more, and nobody orders anything.
- ``world``: the world runs ahead of the line to the hub. It is heard every `SLOW_S` seconds only, and what the city
  then wants reaches the streets `SLOW_S` later, decided on what was true before.

The wrappers here are the city's side of a run: the world and its cabinets do not know that anything is wrong.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from madang.decide.thinking import Mind, ServiceError
from madang.errors import BadRequestData
from madang.evaluate.city import City
from madang.model.entity import Entity
from madang.model.service import Decision, Memory, View
from madang.model.world import Answer, Hello, Orders, Tick

KINDS: Final = ("controller", "detectors", "hub", "world")
SENSORS: Final = frozenset(("ApproachObserved", "TrafficFlowObserved"))
SLOW_S: Final = 3


class Disturbance(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong (one of `KINDS`), and from which second after the demand's begin on."""

    kind: str
    at_s: float

    @property
    def name(self) -> str:
        """As it is written on the command line: ``hub@1800``."""
        return f"{self.kind}@{self.at_s:g}"


def parse(text: str) -> Disturbance:
    """Read ``KIND@SECOND``. Raises BadRequestData that says what is allowed."""
    kind, _, second = text.partition("@")
    try:
        at_s = float(second or 1800)
    except ValueError:
        at_s = -1.0
    if kind not in KINDS or not 0 <= at_s < 1e6:
        raise BadRequestData(f"'{text}' is no disturbance: write {', '.join(KINDS)}, then @ and a second: hub@1800")
    return Disturbance(kind=kind, at_s=at_s)


def disturbed(city: City, found: Disturbance | None) -> City:
    """The city's side of a run that the disturbance befalls; a dead controller is the mind's matter (`Mortal`)."""
    if found is None or found.kind == "controller":
        return city
    return {"hub": _Gone, "detectors": _Blind, "world": _Slow}[found.kind](city, found.at_s)


class Mortal:
    """A mind that never answers again from `dies` (city's time) on."""

    def __init__(self, mind: Mind, dies: datetime) -> None:
        self._mind = mind
        self._dies = dies

    async def decide(self, view: View, memory: Memory) -> Decision:
        """The mind's decision while it lives. Raises ServiceError afterwards."""
        if view.at >= self._dies:
            raise ServiceError("its process ended")
        return await self._mind.decide(view, memory)

    async def close(self) -> None:
        """Stop thinking."""
        await self._mind.close()


def mortal(found: Disturbance | None, start: datetime) -> Callable[[Mind], Mind]:
    """What makes a mind die where the disturbance is its controller's death; `start` is the demand's begin."""
    if found is None or found.kind != "controller":
        return lambda mind: mind
    dies = start + timedelta(seconds=found.at_s)
    return lambda mind: Mortal(mind, dies)


class _Since:
    """Knows whether the time has come; counts from the world's introduction."""

    def __init__(self, city: City, at_s: float) -> None:
        self._city = city
        self._at_s = at_s
        self._begin: datetime | None = None

    def _is_due(self, message: Hello | Tick) -> bool:
        if self._begin is None:
            self._begin = message.at
        return (message.at - self._begin).total_seconds() >= self._at_s


class _Gone(_Since):
    async def take(self, message: Hello | Tick) -> Orders:
        return Orders(at=message.at) if self._is_due(message) else await self._city.take(message)


class _Blind(_Since):
    async def take(self, message: Hello | Tick) -> Orders:
        if self._is_due(message) and isinstance(message, Tick):
            left = tuple(entity for entity in message.entities if not SENSORS.intersection(entity.types))
            message = msgspec.structs.replace(message, entities=left)
        return await self._city.take(message)


class _Slow(_Since):
    """What the world says between two hearings is kept, the newest of each entity, as the real line keeps it."""

    def __init__(self, city: City, at_s: float) -> None:
        super().__init__(city, at_s)
        self._entities: dict[str, Entity] = {}
        self._answers: list[Answer] = []
        self._gone: dict[str, None] = {}
        self._heard: datetime | None = None
        self._under_way: list[tuple[datetime, Orders]] = []

    async def take(self, message: Hello | Tick) -> Orders:
        if not self._is_due(message) or isinstance(message, Hello):
            return await self._city.take(message)
        self._keep(message)
        if self._heard is None or (message.at - self._heard).total_seconds() >= SLOW_S:
            self._heard = message.at
            self._under_way.append((message.at + timedelta(seconds=SLOW_S), await self._city.take(self._told(message))))
        if self._under_way and self._under_way[0][0] <= message.at:
            return self._under_way.pop(0)[1]
        return Orders(at=message.at)

    def _keep(self, tick: Tick) -> None:
        self._entities.update((entity.id, entity) for entity in tick.entities)
        self._answers += tick.answers
        for id in tick.gone:
            self._entities.pop(id, None)
            self._gone[id] = None

    def _told(self, tick: Tick) -> Tick:
        entities, answers, gone = tuple(self._entities.values()), tuple(self._answers), tuple(self._gone)
        self._entities, self._answers, self._gone = {}, [], {}
        return Tick(at=tick.at, entities=entities, answers=answers, gone=gone)
