"""What a world and the city say to each other: a description once, then a tick a second one way and orders the other.

The same messages cross a socket between processes (msgspec MessagePack, one frame a message) and a function call inside
one process.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from madang.model.entity import Entity


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One command on its way to the street. The field device refuses what its own safety rules forbid."""

    decision: str
    target: str
    action: str
    parameters: Mapping[str, Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the field device did with an order: `refused` says why not."""

    decision: str
    target: str
    refused: str | None = None


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """A world introduces itself: its scenario, its clock, the entities that do not change (layouts, devices), and its
    streets as GeoJSON for the map.

    `transient` are the types that come and go with it (vehicles): what the hub still has of an earlier world is gone.
    """

    scenario: str
    scenario_hash: str
    seed: int
    at: datetime
    speed: float
    entities: tuple[Entity, ...]
    streets: Mapping[str, Any]
    transient: tuple[str, ...] = ()


class Tick(msgspec.Struct, frozen=True, kw_only=True, tag="tick"):
    """A second has passed: what the city's devices report now. `gone` are ids of entities that left the world."""

    at: datetime
    entities: tuple[Entity, ...]
    answers: tuple[Answer, ...] = ()
    gone: tuple[str, ...] = ()


class Orders(msgspec.Struct, frozen=True, kw_only=True, tag="orders"):
    """The city's answer to a tick; an empty one renews the lease of what was ordered before.

    `leased` names the targets whose control the city keeps; any other goes back to its own plan when its lease ends.
    """

    at: datetime
    orders: tuple[Order, ...] = ()
    leased: tuple[str, ...] = ()


Message = Hello | Tick | Orders
