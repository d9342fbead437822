"""A SUMO network file as frozen values: lanes, junctions with their right of way, signalised connections, programs.

Format: https://sumo.dlr.de/docs/Networks/SUMO_Road_Networks.html. Only what the city needs is read.
"""

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path

import msgspec

from madang.errors import BadRequestData

Point = tuple[float, float]
"""Metres in the network's own plane."""


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """`shape` runs in the direction of travel. `allow` and `disallow` are SUMO vehicle classes, empty: no rule."""

    id: str
    edge: str
    index: int
    speed_mps: float
    length_m: float
    width_m: float
    allow: frozenset[str]
    disallow: frozenset[str]
    shape: tuple[Point, ...]

    def admits(self, kind: str) -> bool:
        """Whether vehicles of that SUMO class may use the lane."""
        return kind in self.allow if self.allow else kind not in self.disallow


class Junction(msgspec.Struct, frozen=True, kw_only=True):
    """`foes` and `yields` by request index: the requests that cross or merge with it, and those that it yields to."""

    id: str
    kind: str
    centre: Point
    shape: tuple[Point, ...]
    incoming: tuple[str, ...]
    foes: Mapping[int, frozenset[int]]
    yields: Mapping[int, frozenset[int]]


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A way from lane to lane; `signal` and `link` where a signal controls it, `request` its index at `junction`.
    `inside_m` is how long the way to its waiting place within the junction is, 0 where it has none; `crossing_m` how
    far people walk over the street, 0 where no people cross."""

    from_lane: str
    to_lane: str
    direction: str
    signal: str
    link: int
    junction: str
    request: int
    inside_m: float = 0.0
    crossing_m: float = 0.0


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A signal program: phases of (lamps, duration in seconds), shifted by `offset_s`."""

    signal: str
    id: str
    offset_s: float
    phases: tuple[tuple[str, float], ...]


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. `projection` is a PROJ string, empty where the network lies nowhere on the globe; `inner` are the
    lanes inside junctions."""

    projection: str
    offset: Point
    edges: Mapping[str, str]
    lanes: Mapping[str, Lane]
    inner: Mapping[str, Lane]
    junctions: Mapping[str, Junction]
    connections: tuple[Connection, ...]
    programs: Mapping[str, tuple[Program, ...]]


def read(file: Path) -> Network:
    """Read a .net.xml. Raises BadRequestData where it is no XML, no network, or contradicts itself."""
    try:
        root = ElementTree.parse(file).getroot()
        if root.tag != "net":
            raise BadRequestData(f"{file.name} is no SUMO network: its root is <{root.tag}>, not <net>.")
        return _network(root)
    except ElementTree.ParseError as error:
        raise BadRequestData(f"{file.name} is no well-formed XML: {error}.") from error
    except (KeyError, ValueError) as error:
        what = f"an element lacks the attribute {error}" if isinstance(error, KeyError) else error
        raise BadRequestData(f"{file.name} is a malformed network: {what}. Check it with netconvert.") from error


def _network(root: ElementTree.Element) -> Network:
    location = root.find("location")
    projection = "!" if location is None else location.get("projParameter", "!")
    offset = (0.0, 0.0) if location is None else _points(location.get("netOffset", "0,0"))[0]
    edges = [edge for edge in root.iter("edge") if edge.get("function", "normal") in ("normal", "connector")]
    inner = [edge for edge in root.iter("edge") if edge.get("function") == "internal"]
    junctions = {node.attrib["id"]: _junction(node) for node in root.iter("junction") if node.get("type") != "internal"}
    programs: dict[str, list[Program]] = {}
    for logic in root.iter("tlLogic"):
        program = _program(logic)
        programs.setdefault(program.signal, []).append(program)
    connections = tuple(_connections(root, _lengths(root, inner), junctions))
    _check_links(connections, programs)
    return Network(
        projection="" if projection == "!" else projection,
        offset=offset,
        # netconvert escapes the names that it takes from a map twice.
        edges={edge.attrib["id"]: unescape(edge.get("name", "")) for edge in edges},
        lanes={lane.id: lane for edge in edges for lane in _lanes(edge)},
        inner={lane.id: lane for edge in inner for lane in _lanes(edge)},
        junctions=junctions,
        connections=connections,
        programs={signal: tuple(found) for signal, found in programs.items()},
    )


def _check_links(connections: Iterable[Connection], programs: Mapping[str, Sequence[Program]]) -> None:
    for one in connections:
        for program in programs.get(one.signal, ())[-1:]:
            if not 0 <= one.link < (width := len(program.phases[0][0])):
                name = f"program '{program.id}' of signal '{one.signal}'"
                raise ValueError(
                    f"the {name} has phases of {width} links, and a connection has the linkIndex {one.link}"
                )


def _lanes(edge: ElementTree.Element) -> Iterator[Lane]:
    for lane in edge.iter("lane"):
        yield Lane(
            id=lane.attrib["id"],
            edge=edge.attrib["id"],
            index=int(lane.attrib["index"]),
            speed_mps=float(lane.attrib["speed"]),
            length_m=float(lane.attrib["length"]),
            width_m=float(lane.get("width", "3.2")),
            allow=frozenset(lane.get("allow", "").split()),
            disallow=frozenset(lane.get("disallow", "").split()),
            shape=_points(lane.attrib["shape"]),
        )


def _junction(node: ElementTree.Element) -> Junction:
    requests = [(int(r.attrib["index"]), r) for r in node.iter("request")]
    return Junction(
        id=node.attrib["id"],
        kind=node.get("type", ""),
        centre=(float(node.attrib["x"]), float(node.attrib["y"])),
        shape=_points(node.get("shape", "")),
        incoming=tuple(node.get("incLanes", "").split()),
        foes={index: _bits(request.attrib["foes"]) for index, request in requests},
        yields={index: _bits(request.attrib["response"]) for index, request in requests},
    )


def _connections(
    root: ElementTree.Element, length_m: Mapping[str, float], junctions: Mapping[str, Junction]
) -> Iterator[Connection]:
    """Connections between lanes, numbered as the right of way numbers them: by incoming lane, then by order in the
    file; pedestrian crossings follow the vehicles' (https://sumo.dlr.de/docs/Networks/SUMO_Road_Networks.html#requests)."""
    by_lane: dict[str, list[ElementTree.Element]] = {}
    for item in root.iter("connection"):
        by_lane.setdefault(f"{item.attrib['from']}_{item.attrib['fromLane']}", []).append(item)
    for junction in junctions.values():
        # From a pavement people step onto a place where they wait: that is no way over the junction.
        ways = (item for lane in junction.incoming if lane[0] != ":" for item in by_lane.get(lane, ()))
        vehicles = (item for item in ways if item.attrib["to"][0] != ":")
        crossings = sorted(
            (item for items in by_lane.values() for item in items if _crosses(item, junction.id)),
            key=lambda item: int(item.attrib["to"].rpartition("_c")[2]),
        )
        for request, item in enumerate([*vehicles, *crossings]):
            yield _connection(item, junction.id, request, length_m)


def _crosses(item: ElementTree.Element, junction: str) -> bool:
    return bool(item.get("tl")) and item.attrib["to"].startswith(f":{junction}_c")


def _lengths(root: ElementTree.Element, inner: Iterable[ElementTree.Element]) -> dict[str, float]:
    """The lanes inside junctions that end at a waiting place there, and the crossings, with their lengths in metres."""
    length_m = {lane.attrib["id"]: float(lane.attrib["length"]) for edge in inner for lane in edge.iter("lane")}
    ways = (item.attrib for item in root.iter("connection") if item.get("via") and item.attrib["from"][0] == ":")
    lanes = (f"{way['from']}_{way['fromLane']}" for way in ways)
    found = {lane: length_m[lane] for lane in lanes if lane in length_m}
    crossings = (edge for edge in root.iter("edge") if edge.get("function") == "crossing")
    return found | {lane.attrib["id"]: float(lane.attrib["length"]) for edge in crossings for lane in edge.iter("lane")}


def _connection(item: ElementTree.Element, junction: str, request: int, length_m: Mapping[str, float]) -> Connection:
    to_lane = f"{item.attrib['to']}_{item.attrib['toLane']}"
    return Connection(
        from_lane=f"{item.attrib['from']}_{item.attrib['fromLane']}",
        to_lane=to_lane,
        direction=item.get("dir", "s"),
        signal=item.get("tl", ""),
        link=int(item.get("linkIndex", "-1")),
        junction=junction,
        request=request,
        inside_m=length_m.get(item.get("via", ""), 0.0),
        crossing_m=length_m.get(to_lane, 0.0) if _crosses(item, junction) else 0.0,
    )


def _program(logic: ElementTree.Element) -> Program:
    phases = tuple((phase.attrib["state"], float(phase.attrib["duration"])) for phase in logic.iter("phase"))
    name = f"program '{logic.get('programID', '0')}' of signal '{logic.attrib['id']}'"
    if not phases:
        raise ValueError(f"the {name} has no phases")
    if len({len(lamps) for lamps, _ in phases}) > 1:
        raise ValueError(f"the {name} has phases of different width, but each has one letter a link")
    if any(duration_s <= 0 for _, duration_s in phases):
        raise ValueError(f"the {name} has a phase of 0 s or less")
    return Program(
        signal=logic.attrib["id"],
        id=logic.get("programID", "0"),
        offset_s=float(logic.get("offset", "0")),
        phases=phases,
    )


def _bits(text: str) -> frozenset[int]:
    # The rightmost digit is request 0.
    return frozenset(index for index, digit in enumerate(reversed(text)) if digit == "1")


def _points(text: str) -> tuple[Point, ...]:
    points = tuple((float(x), float(y)) for x, y, *_ in (pair.split(",") for pair in text.split()))
    if any(not math.isfinite(x) or not math.isfinite(y) for x, y in points):
        raise ValueError("a shape with a coordinate that is no finite number")
    return points
