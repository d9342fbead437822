"""What every device on the streets has in common: it is installed somewhere, and it reports now and then."""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from madang.model.entity import Entity

CAMERAS, SIGNALS, LOOPS, BUSES, AIR, FIGURES = ("cameras", "signals", "loops", "buses", "air", "figures")
TRANSIT = "transit"
"""Bus stops, and the roads that buses drive."""
RESPONDERS = "responders"
"""Vehicles with right of way."""
ALL = frozenset((CAMERAS, SIGNALS, LOOPS, BUSES, AIR, FIGURES, TRANSIT, RESPONDERS))
CONTROL = frozenset((CAMERAS, SIGNALS))
"""What the signal control needs; the devices of an evaluation."""


def needed(types: Container[str]) -> frozenset[str]:
    """The devices of an evaluation for services that read these types: the signals', and the vehicles' and stations'
    that they do."""
    buses = frozenset((BUSES, TRANSIT)) if "Vehicle" in types else frozenset[str]()
    stations = frozenset((AIR,)) if "AirQualityObserved" in types else frozenset[str]()
    return CONTROL | buses | stations | (frozenset((RESPONDERS,)) if "EmergencyVehicle" in types else frozenset[str]())


class Device(Protocol):
    """A kind of device, all of that kind on these streets."""

    def installed(self, at: datetime) -> Sequence[Entity]:
        """The devices' entities with what does not change: for the world's introduction."""
        ...

    def report(self, now_s: float, at: datetime) -> Sequence[Entity]:
        """What they report for the second that has passed; `now_s` is the simulation's, `at` the city's time."""
        ...

    def gone(self) -> Sequence[str]:
        """Ids of entities that left the world since this was asked last."""
        ...


def urn(type: str, id: str) -> str:
    """The entity id of a thing of the network. SUMO splits edges with '#', which would start a fragment in a URI."""
    return f"urn:ngsi-ld:{type}:{quote(id.replace('#', '.'), safe=':@!$&()*+,;=')}"


class Fixed:
    """For devices that never leave the streets."""

    def gone(self) -> Sequence[str]:
        """None ever."""
        return ()
