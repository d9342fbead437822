"""Files of SUMO copied into a city: unpacked where the city reads them itself, and without what no world wants."""

import gzip
import math
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from madang.errors import BadRequestData
from madang.sim.streets.build import elements
from madang.sim.streets.build.demand import departure, seconds

_WORDS = (
    "vType vTypeDistribution route routeDistribution vehicle trip flow person personFlow container containerFlow "
    "busStop trainStop containerStop chargingStation parkingArea taz tazs rerouter tlLogic"
)
KEPT = frozenset(_WORDS.split())
"""What is taken from an additional file. Detectors and outputs write files, and the city has its own detectors."""


def network(source: Path, target: Path) -> None:
    """Copy a network, unpacked. Raises BadRequestData where it is no network of SUMO."""
    depth = 0

    def started(name: str, _: Mapping[str, str]) -> None:
        nonlocal depth
        if not depth and name != "net":
            raise BadRequestData(
                f"{source.name} is no SUMO network: its root is <{name}>, not <net>. A .sumocfg names the network as "
                "its net-file; netconvert makes one from other formats."
            )
        depth += 1

    elements.read(source, started)
    with elements.opened(source) as stream, target.open("wb") as copy:
        shutil.copyfileobj(stream, copy, elements.CHUNK)


def additional(source: Path, target: Path, programs: list[str]) -> Counter[str]:
    """Copy what is in `KEPT`; signal programs go to `programs`, as XML, instead. How many were left out, by name."""
    left: Counter[str] = Counter()
    copied: list[str] = []
    element: list[str] = []
    depth, wanted, logic = 0, False, False

    def started(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth, wanted, logic
        if depth == 1:
            wanted, logic = name in KEPT, name == "tlLogic"
            if not wanted:
                left[name] += 1
        if depth and wanted:
            element.append(_tag(name, {key: value for key, value in attributes.items() if key != "output"}))
        depth += 1

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        if depth and wanted:
            element.append(f"</{name}>")
        if depth == 1 and wanted:
            (programs if logic else copied).append("".join(element))
            element.clear()

    elements.read(source, started, ended)
    target.write_text("<additional>\n" + "\n".join(copied) + "\n</additional>\n", encoding="utf-8")
    return left


def sorted_routes(source: Path, target: Path) -> None:
    """Copy routes, packed, in the order of their departures; what has none of its own (types, routes, who waits for a
    vehicle) stands before. All of it is held in memory."""
    timed: list[tuple[float, str]] = []
    untimed: list[str] = []
    element: list[str] = []
    at_s, depth = math.nan, 0

    def started(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal at_s, depth
        if depth == 1:
            at_s = seconds(departure(name, attributes) or "")
        if depth:
            element.append(_tag(name, attributes))
        depth += 1

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        if depth:
            element.append(f"</{name}>")
        if depth == 1:
            text = "".join(element)
            if math.isnan(at_s):
                untimed.append(text)
            else:
                timed.append((at_s, text))
            element.clear()

    elements.read(source, started, ended)
    # Stable: who sets out in the same second stays in the order of the file.
    timed.sort(key=lambda row: row[0])
    with gzip.GzipFile(target, "wb", mtime=0) as packed:
        lines = ["<routes>", *untimed, *(text for _, text in timed), "</routes>"]
        packed.writelines(f"{line}\n".encode() for line in lines)


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    return f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>"


def install(programs: list[str], net: Path) -> None:
    """Put signal programs at the end of the network: the last program of a signal is the one that it runs."""
    text = net.read_bytes()
    place = text.rfind(b"</net>")
    if programs and place >= 0:
        net.write_bytes(text[:place] + "\n".join([*programs, "</net>\n"]).encode())
