"""Files of SUMO copied into a city: unpacked where the city reads them itself, and without what no world wants."""

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from madang.errors import BadRequestData
from madang.sim.streets.build import elements

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
            given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if key != "output")
            element.append(f"<{escape(name)}{given}>")
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


def install(programs: list[str], net: Path) -> None:
    """Put signal programs at the end of the network: the last program of a signal is the one that it runs."""
    text = net.read_bytes()
    place = text.rfind(b"</net>")
    if programs and place >= 0:
        net.write_bytes(text[:place] + "\n".join([*programs, "</net>\n"]).encode())
