"""The bus stops of the network: where they are, who waits there, how many use them."""

from datetime import datetime
from typing import Any

from madang.model.entity import Entity, observed, point
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.projection import Projection

EVERY_S = 10
TYPE = "PublicTransportStop"
RIDERS = "riders"
"""The parameter of a SUMO busStop that says how many people use it in an hour: ``<param key="riders" value="80"/>``."""


class Stops(Fixed):
    """The entities PublicTransportStop. `waiting` are the people there now, `ridership` those who use it in an hour,
    where somebody said so."""

    def __init__(self, sumo: Any, place: Projection) -> None:
        self._stops: Any = sumo.busstop
        self._place = place
        self._sumo = sumo
        self._waiting: dict[str, int] = {}

    def installed(self, at: datetime) -> list[Entity]:
        """Every stop of the network."""
        return [self._entity(id, at) for id in self._stops.getIDList()]

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Stops where the number of people has changed."""
        if int(now_s) % EVERY_S:
            return []
        now = {id: int(self._stops.getPersonCount(id)) for id in self._stops.getIDList()}
        changed = [id for id, waiting in now.items() if waiting != self._waiting.get(id, 0)]
        self._waiting = now
        return [
            observed(urn(TYPE, id), TYPE, at, {"waiting": now[id]}, units={"waiting": "IE"}) for id in sorted(changed)
        ]

    def _entity(self, id: str, at: datetime) -> Entity:
        lane = self._stops.getLaneID(id)
        edge, _, index = lane.rpartition("_")
        spot = self._sumo.simulation.convert2D(edge, self._stops.getEndPos(id), int(index))
        values: dict[str, Any] = {
            "name": self._stops.getName(id) or id,
            "location": point(*self._place([spot])[0]),
            "edge": edge,
            "waiting": 0,
        }
        riders = self._stops.getParameter(id, RIDERS)
        if riders.replace(".", "", 1).isdigit():
            values["ridership"] = float(riders)
        return observed(urn(TYPE, id), TYPE, at, values, units={"waiting": "IE", "ridership": "IE"})
