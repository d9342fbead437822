"""Which movements of a signal cross each other's way, read from the network file for the monitor alone.

A second reading on purpose: the monitor must not inherit a mistake of the layout that the controller works with. SUMO
writes for each junction one `<request>` a movement, in the order of `intLanes`; the bits of `foes` count from the right
(https://sumo.dlr.de/docs/Networks/SUMO_Road_Networks.html#requests).
"""

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from madang.errors import BadRequestData

Foes = tuple[frozenset[int], ...]
"""By link index, the link indices that cross its way."""


def foes_of_network(net: Path) -> dict[str, Foes]:
    """The foes of every signal, by signal id. Raises BadRequestData where the file is not a SUMO network."""
    places: dict[str, tuple[str, int]] = {}
    rows: dict[tuple[str, int], str] = {}
    links: list[tuple[str, int, str]] = []
    onward: dict[str, str] = {}
    sizes: dict[str, int] = {}
    try:
        for element in _elements(net):
            _take(element, places, rows, links, onward, sizes)
    except (ElementTree.ParseError, OSError, KeyError, ValueError) as error:
        raise BadRequestData(f"{net.name} is not a SUMO network that can be read: {error}") from error
    return _matrix(places, rows, links, onward, sizes)


def crossings_of_network(net: Path) -> dict[str, dict[int, float]]:
    """By signal and link how far people walk over the street, m. Raises BadRequestData as `foes_of_network`."""
    length_m: dict[str, float] = {}
    links: list[tuple[str, int, str]] = []
    try:
        with gzip.open(net) if net.suffix == ".gz" else net.open("rb") as file:
            for _, element in ElementTree.iterparse(file):
                if element.tag == "edge":
                    if element.get("function") == "crossing":
                        lanes = [float(lane.attrib["length"]) for lane in element.iter("lane")]
                        length_m[element.attrib["id"]] = max(lanes, default=0.0)
                    element.clear()
                elif element.tag == "connection" and "tl" in element.attrib:
                    links.append((element.attrib["tl"], int(element.attrib["linkIndex"]), element.attrib["to"]))
    except (ElementTree.ParseError, OSError, KeyError, ValueError) as error:
        raise BadRequestData(f"{net.name} is not a SUMO network that can be read: {error}") from error
    found: dict[str, dict[int, float]] = {}
    for signal, link, edge in links:
        if edge in length_m:
            found.setdefault(signal, {})[link] = length_m[edge]
    return found


def _elements(net: Path) -> Iterator[ElementTree.Element]:
    with gzip.open(net) if net.suffix == ".gz" else net.open("rb") as file:
        for _, element in ElementTree.iterparse(file):
            if element.tag in ("junction", "connection", "tlLogic"):
                yield element
                element.clear()
            elif element.tag == "edge":
                element.clear()


def _take(
    element: ElementTree.Element,
    places: dict[str, tuple[str, int]],
    rows: dict[tuple[str, int], str],
    links: list[tuple[str, int, str]],
    onward: dict[str, str],
    sizes: dict[str, int],
) -> None:
    if element.tag == "tlLogic":
        sizes[element.attrib["id"]] = max((len(p.attrib["state"]) for p in element.iter("phase")), default=0)
    elif element.tag == "junction":
        if element.get("type") == "internal":
            return  # a waiting place inside another junction: its lanes are those of that junction's requests
        junction = element.attrib["id"]
        for index, lane in enumerate(element.attrib.get("intLanes", "").split()):
            places[lane] = (junction, index)
        for request in element.iter("request"):
            rows[junction, int(request.attrib["index"])] = request.attrib["foes"]
    else:
        _connect(element.attrib, links, onward)


def _connect(attributes: Mapping[str, str], links: list[tuple[str, int, str]], onward: dict[str, str]) -> None:
    """A connection: the way of a controlled link, and where a way that waits inside the junction goes on."""
    # A pedestrian crossing is itself the lane inside the junction: it has no `via`.
    inside = attributes.get("via") or f"{attributes['to']}_{attributes['toLane']}"
    if "tl" in attributes:
        links.append((attributes["tl"], int(attributes["linkIndex"]), inside))
    if attributes["from"].startswith(":") and "via" in attributes:
        onward[f"{attributes['from']}_{attributes['fromLane']}"] = attributes["via"]


def _matrix(
    places: Mapping[str, tuple[str, int]],
    rows: Mapping[tuple[str, int], str],
    links: list[tuple[str, int, str]],
    onward: Mapping[str, str],
    sizes: Mapping[str, int],
) -> dict[str, Foes]:
    at: dict[str, dict[tuple[str, int], set[int]]] = {}
    for signal, link, inside in links:
        lane = inside
        # A way that waits inside the junction is in the requests under its last part.
        while lane not in places and lane in onward:
            lane = onward[lane]
        if lane in places:
            at.setdefault(signal, {}).setdefault(places[lane], set()).add(link)
    return {signal: _rows(at.get(signal, {}), rows, size) for signal, size in sizes.items()}


def _rows(at: Mapping[tuple[str, int], set[int]], rows: Mapping[tuple[str, int], str], size: int) -> Foes:
    found: list[set[int]] = [set() for _ in range(size)]
    for (junction, request), links in at.items():
        bits = rows.get((junction, request), "")
        for other, bit in enumerate(reversed(bits)):
            if bit != "1":
                continue
            for link in links:
                for foe in at.get((junction, other), set[int]()) - {link}:
                    # Written from both sides; one side is enough to be a foe.
                    found[link].add(foe)
                    found[foe].add(link)
    return tuple(frozenset(row) for row in found)
