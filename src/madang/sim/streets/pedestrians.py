"""Who waits to cross on foot, once a second: people on the pavement whose next way is a signalised crossing."""

from collections.abc import Mapping
from typing import Any

import msgspec

from madang.sim.streets.layout import Layout
from madang.sim.streets.traffic import HALTED_MPS


class Waiting(msgspec.Struct, frozen=True):
    """Somebody who waits for a link of a signal, at the crossing `lane`, for `waited_s`."""

    id: str
    signal: str
    link: int
    lane: str
    waited_s: float


class Pedestrians:
    """`waiting` is everybody who waits now, after `update`. Costs nothing where no signal has a crossing."""

    def __init__(self, sumo: Any, layouts: Mapping[str, Layout]) -> None:
        self.waiting: tuple[Waiting, ...] = ()
        self._sumo = sumo
        self._crossings = {
            link.to_lane.rpartition("_")[0]: (signal, link.link, link.to_lane)
            for signal, layout in layouts.items()
            for link in layout.links
            if link.crossing_m
        }

    def update(self) -> None:
        """Look at everybody; once after each step of one second."""
        if not self._crossings:
            return
        person = self._sumo.person
        found: list[Waiting] = []
        for id in person.getIDList():
            crossing = self._crossings.get(person.getNextEdge(id))
            if crossing is not None and person.getSpeed(id) < HALTED_MPS and person.getRoadID(id)[:1] == ":":
                found.append(Waiting(id, *crossing, person.getWaitingTime(id)))
        self.waiting = tuple(found)

    def halted(self) -> dict[str, set[int]]:
        """By signal the links for which somebody waits."""
        links: dict[str, set[int]] = {}
        for each in self.waiting:
            links.setdefault(each.signal, set()).add(each.link)
        return links
