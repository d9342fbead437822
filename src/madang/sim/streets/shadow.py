"""What the signals of a twin show: beside the city's own, they say how its green times lie under the fixed plan."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from madang.model.entity import Entity, observed
from madang.sim.streets.device import Fixed, urn

TYPE = "SignalTwin"
AGAIN_S = 10.0
"""Reported when it changes, and at least this often."""


class Shadow(Fixed):
    """The entities SignalTwin: `lamps` as of a TrafficSignal. They are no devices of the city; nobody orders them."""

    def __init__(self, lamps: Mapping[str, str], signals: Sequence[str]) -> None:
        """`lamps` are those that the twin shows now, by signal; it changes under way."""
        self._lamps = lamps
        self._ids = {signal: urn(TYPE, signal) for signal in signals}
        self._told: dict[str, tuple[str, float]] = {}

    def installed(self, at: datetime) -> list[Entity]:
        """Nothing stands on the street for this."""
        return []

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """The signals whose lamps have changed, or that have not been told for `AGAIN_S`."""
        found: list[Entity] = []
        for signal, id in self._ids.items():
            lamps = self._lamps.get(signal, "")
            told, told_s = self._told.get(signal, ("", -AGAIN_S))
            if lamps and (lamps != told or now_s - told_s >= AGAIN_S):
                self._told[signal] = (lamps, now_s)
                found.append(observed(id, TYPE, at, {"lamps": lamps}))
        return found
