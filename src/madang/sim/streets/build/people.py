"""People on foot: pavements and signalised crossings guessed by netconvert, and walks over them.

Nobody counted them: so many an hour set out at each signal, from one of its streets to another, at random by a fixed
seed. Options: https://sumo.dlr.de/docs/Simulation/Pedestrians.html.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

from madang.sim.streets.build import tool
from madang.sim.streets.layout import Layout, layouts
from madang.sim.streets.network import Network

DEFAULT_PER_HOUR = 100.0
"""People an hour who set out at one signal: a guess, and said to be one."""
WALKS = "people.rou.xml"
NEAR_M = 40.0
"""They set out, and arrive, so near to the signal."""

_GUESS = ("--sidewalks.guess", "--crossings.guess", "--walkingareas", "--no-warnings")
_ADVICE = "Does netconvert by itself read this network? Without --crossings it is taken as it is."
_WALK_ADVICE = "Are there pavements that join? Look at the network with sumo-gui or netedit."
_SEED = 7
_HEAD = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def add_crossings(net: Path, *, told: tool.Told) -> None:
    """Give the network pavements and crossings; its signals' plans get their walks. Raises StepFailed, MissingExtra."""
    told("netconvert guesses pavements and crossings")
    made, log = net.with_suffix(".walk"), net.with_suffix(".log")
    tool.program("netconvert", ["-s", net, "-o", made, *_GUESS], log=log, told=told, advice=_ADVICE)
    made.replace(net)
    log.unlink()


def walks(streets: Network, net: Path, window: tuple[float, float], *, per_hour: float, told: tool.Told) -> str:
    """Write who walks beside the network; the file's name. `window` is in seconds. Raises StepFailed, MissingExtra."""
    folder = net.parent
    asked, log = folder / "people.trips.xml", folder / "people.log"
    rows = sorted(_walks(streets, window, per_hour), key=lambda row: row[0])
    lines = [_person(number, *row) for number, row in enumerate(rows)]
    asked.write_text("<routes>\n" + "\n".join(lines) + "\n</routes>\n", encoding="utf-8")
    told(f"  {len(lines):,} people on foot")
    arguments = ["-n", net, "-r", asked, "-o", folder / WALKS, "--ignore-errors", "--no-warnings"]
    arguments += ["-b", f"{window[0]:g}", "-e", f"{window[1]:g}", "--named-routes", "false"]
    tool.program("duarouter", arguments, log=log, told=told, advice=_WALK_ADVICE)
    found = (folder / WALKS).read_text(encoding="utf-8")
    # Its head names the time and the folders of this machine: the same walks shall be the same file.
    (folder / WALKS).write_text(_HEAD.sub("", found), encoding="utf-8")
    for file in (asked, log, folder / WALKS.replace(".rou.", ".rou.alt.")):
        file.unlink(missing_ok=True)
    return WALKS


def _person(number: int, depart_s: float, way: tuple[str, str], at_m: tuple[float, float]) -> str:
    start, end = map(quoteattr, way)
    walk = f'<walk from={start} to={end} arrivalPos="{at_m[1]:.1f}"/>'
    return f'<person id="walk{number}" depart="{depart_s:.1f}" departPos="{at_m[0]:.1f}">{walk}</person>'


def _walks(
    streets: Network, window: tuple[float, float], per_hour: float
) -> Iterator[tuple[float, tuple[str, str], tuple[float, float]]]:
    """Who sets out when (s), from which edge to which, and where on them (m)."""
    begin_s, end_s = window
    draw = random.Random(_SEED)
    paved = {lane.edge: lane.length_m for lane in streets.lanes.values() if lane.allow == frozenset(["pedestrian"])}
    for layout in layouts(streets).values():
        ends = _ends(layout, paved)
        if len(ends) < 2 or not layout.clear_s:
            continue
        for _ in range(round(per_hour * (end_s - begin_s) / 3600)):
            (start, start_m), (end, end_m) = draw.sample(ends, 2)
            yield draw.uniform(begin_s, end_s), (start, end), (start_m, end_m)


def _ends(layout: Layout, paved: dict[str, float]) -> list[tuple[str, float]]:
    """The edges with pavements at a signal, and where on them somebody is near it (m)."""
    found: dict[str, float] = {}
    for link in layout.links:
        start, end = (lane.rpartition("_")[0] for lane in (link.from_lane, link.to_lane))
        if start in paved:
            found[start] = max(0.1, paved[start] - NEAR_M)
        if end in paved:
            found.setdefault(end, min(NEAR_M, paved[end] - 0.1))
    return sorted(found.items())
