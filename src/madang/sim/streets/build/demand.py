"""A demand of SUMO read once as a stream: when it departs, which edges and types it names, what keeps it from running.

Formats: https://sumo.dlr.de/docs/Definition_of_Vehicles%2C_Vehicle_Types%2C_and_Routes.html and
https://sumo.dlr.de/docs/Specification/Persons.html.
"""

import math
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from madang.errors import BadRequestData
from madang.sim.streets.build import elements

_EDGE_ATTRIBUTES = ("edges", "from", "to", "via", "edge")
_DEPARTING = frozenset({"vehicle", "trip", "person", "container"})
_FLOWING = frozenset({"flow", "personFlow", "containerFlow"})
_WITHOUT_TIME = frozenset({"triggered", "containerTriggered", "now", "split", "begin"})
_BETWEEN_JUNCTIONS = frozenset({"fromJunction", "toJunction", "viaJunctions"})
_HOURLY = ("vehsPerHour", "perHour", "personsPerHour")
_SHOWN = 5


class Demand:
    """What the files of a demand hold. Times are seconds of the simulation."""

    def __init__(self, edges: Collection[str]) -> None:
        """`edges` are the network's."""
        self.departures = array("d")
        self.flows: list[tuple[float, float, float]] = []
        self.endless: list[str] = []
        self.missing: dict[str, int] = {}
        self.broken = 0
        self.types: dict[str, str] = {}
        self.known_types: set[str] = set()
        self.unordered: dict[str, str] = {}
        self._edges = edges
        self._last_s = -math.inf
        self._file = ""
        self._bearer = ""
        self._bearer_broken = False

    def read(self, file: Path, *, ordered: bool = True) -> None:
        """Add a file. `ordered` is what SUMO asks of a route file: later departures stand below earlier ones. Where
        they do not, `unordered` has by the file's name who comes too late.

        Raises BadRequestData where it is no demand, or sends the reader to another file.
        """
        self._file, self._last_s = file.name, -math.inf if ordered else math.nan
        elements.read(file, self._started, self._ended)

    def _started(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "include":
            raise BadRequestData(
                f"{self._file} includes {attributes.get('href', 'another file')}: name that file among the routes or "
                "with --additional, and take the <include> out."
            )
        if name in ("vType", "vTypeDistribution"):
            self.known_types.add(attributes.get("id", ""))
        if _BETWEEN_JUNCTIONS.intersection(attributes):
            raise BadRequestData(
                f"{self._file} has trips from junction to junction ('{attributes.get('id', '?')}'): make routes of "
                "them first, by SUMO's duarouter --junction-taz."
            )
        if name in _DEPARTING or name in _FLOWING:
            self._depart(name, attributes)
        if name != "param":
            self._look(attributes)

    def _ended(self, name: str) -> None:
        if name in _DEPARTING or name in _FLOWING or (name == "route" and not self._bearer):
            self.broken += self._bearer_broken
            self._bearer, self._bearer_broken = "", False

    def _depart(self, name: str, attributes: Mapping[str, str]) -> None:
        self._bearer = attributes.get("id", "?")
        self.types.setdefault(attributes.get("type", ""), self._bearer)
        flowing = name in _FLOWING
        text = departure(name, attributes) or "0"
        if text in _WITHOUT_TIME:
            return
        begin_s = self._seconds(text)
        if begin_s < self._last_s:
            self.unordered.setdefault(self._file, self._bearer)
        self._last_s = max(self._last_s, begin_s) if not math.isnan(self._last_s) else math.nan
        if flowing:
            self._flow(begin_s, attributes)
        else:
            self.departures.append(begin_s)

    def _flow(self, begin_s: float, attributes: Mapping[str, str]) -> None:
        rate = _rate(attributes, self._number)
        number = self._number(attributes["number"]) if "number" in attributes else math.inf
        if "end" in attributes:
            end_s = self._seconds(attributes["end"])
        elif rate and math.isfinite(number):
            end_s = begin_s + number / rate
        else:
            self.endless.append(self._bearer)
            end_s = math.inf
        if math.isinf(number) and math.isfinite(end_s):
            number = rate * (end_s - begin_s)
        if end_s == begin_s and number:
            # All of them set out in that one second.
            end_s += 1.0
        self.flows.append((begin_s, end_s, number))

    def _look(self, attributes: Mapping[str, str]) -> None:
        for key in _EDGE_ATTRIBUTES:
            for edge in attributes.get(key, "").split():
                if edge not in self._edges and not edge.startswith(":"):
                    self.missing[edge] = self.missing.get(edge, 0) + 1
                    self._bearer_broken = True

    def _seconds(self, text: str) -> float:
        return self._finite(seconds(text), text)

    def _number(self, text: str) -> float:
        return self._finite(_float(text), text)

    def _finite(self, found: float, text: str) -> float:
        if not math.isfinite(found):
            raise BadRequestData(f"{self._file}: '{text[:40]}' of '{self._bearer}' is no number.")
        return found

    def window(self, *, whole: bool) -> tuple[float, float]:
        """The whole seconds from the first departure to just after the last. Raises BadRequestData where there is none,
        or, if the `whole` is asked for, where a flow has no end."""
        if not self.departures and not self.flows:
            raise BadRequestData("There is no vehicle in the routes: no <vehicle>, <trip> or <flow>.")
        if whole and self.endless:
            raise BadRequestData(
                f"{len(self.endless)} flows have no end ({_first(self.endless)}): say with --end when the demand ends."
            )
        begins = [min(self.departures, default=math.inf), *(begin_s for begin_s, _, _ in self.flows)]
        last_s = max(self.departures, default=-math.inf)
        ends = [math.floor(last_s) + 1.0 if math.isfinite(last_s) else last_s, *(end_s for _, end_s, _ in self.flows)]
        last_s = max(ends)
        return float(math.floor(min(begins))), float(math.ceil(last_s)) if math.isfinite(last_s) else last_s

    def within(self, begin_s: float, end_s: float) -> int:
        """How many depart in the window, as far as flows tell."""
        single = sum(begin_s <= depart_s < end_s for depart_s in self.departures)
        return single + math.ceil(sum(_share(flow, begin_s, end_s) for flow in self.flows))

    def check(self, names: Sequence[str]) -> None:
        """Raises BadRequestData where edges or types are missing; `names` are the files'."""
        if self.missing:
            raise BadRequestData(
                f"{self.broken:,} vehicles, flows, persons or routes of {', '.join(names)} name {len(self.missing):,} "
                f"edges that the network lacks ({_first(self.missing)}): routes and network are not of the same model."
            )
        unknown = [f"{type} (of '{bearer}')" for type, bearer in self.types.items() if self._unknown(type)]
        if unknown:
            raise BadRequestData(
                f"{len(unknown)} vehicle types are defined nowhere: {_first(unknown)}. Name the file with their "
                "<vType> by --additional."
            )

    def _unknown(self, type: str) -> bool:
        return bool(type) and not type.startswith("DEFAULT_") and type not in self.known_types


def departure(name: str, attributes: Mapping[str, str]) -> str | None:
    """What an element says of when it (first) departs, None where it is none that departs."""
    if name in _FLOWING:
        return attributes.get("begin", "0")
    return attributes.get("depart", "0") if name in _DEPARTING else None


def seconds(text: str) -> float:
    """Seconds, or ``[D:]HH:MM:SS`` as SUMO writes times for people; not a number where it is no time."""
    parts = text.split(":")
    if len(parts) in (3, 4):
        weights = (86400.0, 3600.0, 60.0, 1.0)[-len(parts) :]
        return sum(weight * _float(part) for weight, part in zip(weights, parts, strict=True))
    return _float(text)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _rate(attributes: Mapping[str, str], number: Callable[[str], float]) -> float:
    """Vehicles per second on average; 0 where the flow says how many and not how often."""
    if "period" in attributes:
        text = attributes["period"]
        if text.startswith("exp("):
            return number(text[4:].rstrip(")"))
        return 1 / max(1e-9, number(text))
    if "probability" in attributes:
        return number(attributes["probability"])
    return sum(number(attributes[key]) / 3600 for key in _HOURLY if key in attributes)


def _share(flow: tuple[float, float, float], begin_s: float, end_s: float) -> float:
    """How many of a flow depart in the window, spread evenly."""
    first_s, last_s, number = flow
    overlap_s = min(last_s, end_s) - max(first_s, begin_s)
    if overlap_s <= 0:
        return 0.0
    if math.isinf(last_s):
        return 1.0
    return number * overlap_s / (last_s - first_s)


def _first(names: Collection[str]) -> str:
    shown = ", ".join(list(names)[:_SHOWN])
    return shown + (", …" if len(names) > _SHOWN else "")
