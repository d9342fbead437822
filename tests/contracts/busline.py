"""A town with a bus line, for tests: four by four streets with signals, six stops and a bus every two minutes.

netgenerate makes the streets, this file the line, its timetable and the cars. `python busline.py FOLDER` writes it.
"""

import subprocess
import sys
from pathlib import Path

import sumo

from madang.model.city import WorldSpec

ROUTE = ("A1B1", "B1C1", "C1D1", "D1D2", "D2C2", "C2B2", "B2A2")
STOPS = {"market": "A1B1", "school": "B1C1", "station": "C1D1", "park": "D2C2", "hall": "C2B2", "mill": "B2A2"}
RIDERS = {"market": 60, "school": 20, "station": 200, "park": 40, "hall": 80}
EVERY_S, DWELL_S, LEG_S = 120, 16, 75
FILES = ("town.net.xml", "town.rou.xml", "town.add.xml")


def build(folder: Path, *, buses: int = 12, minutes: int = 30, late_s: tuple[int, ...] = (0, 70, 10)) -> WorldSpec:
    """Write the town into the folder. Bus number n sets out late by the n-th of `late_s`, and again from the first:
    the next one then catches up with it. Stops have planned departures that leave no slack."""
    program = Path(sumo.SUMO_HOME) / "bin" / "netgenerate"
    grid = ["--grid", "--grid.number", "4", "--grid.length", "250", "--default.lanenumber", "2"]
    signals = ["--tls.guess", "true", "--tls.guess.threshold", "0", "--no-turnarounds", "true"]
    command = [str(program), *grid, *signals, "--seed", "1", "-o", FILES[0]]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / FILES[1]).write_text(_demand(buses, minutes * 60, late_s), encoding="utf-8")
    (folder / FILES[2]).write_text(_stops(), encoding="utf-8")
    return WorldSpec(net=FILES[0], routes=(FILES[1],), additional=(FILES[2],), begin_s=0, end_s=minutes * 60)


def _stops() -> str:
    stops = [
        f'<busStop id="{id}" name="{id.title()}" lane="{edge}_0" startPos="120" endPos="150">'
        + (f'<param key="riders" value="{RIDERS[id]}"/>' if id in RIDERS else "")
        + "</busStop>"
        for id, edge in STOPS.items()
    ]
    return "<additional>" + "\n".join(stops) + "</additional>"


def _demand(buses: int, end_s: int, late_s: tuple[int, ...]) -> str:
    lines = [
        '<routes><vType id="bus" vClass="bus"/><vType id="car" vClass="passenger"/>',
        f'<route id="ring" edges="{" ".join(ROUTE)}"/>',
    ]
    for start, end in (("A0B0", "C3D3"), ("D0C0", "B3A3"), ("A3B3", "C0D0"), ("D3D2", "A1A0")):
        hourly = f'begin="0" end="{end_s}" vehsPerHour="160"'
        lines.append(f'<flow id="{start}" type="car" {hourly} from="{start}" to="{end}"/>')
    trips = sorted((5 + n * EVERY_S + late_s[n % len(late_s)], n) for n in range(buses))
    for depart_s, number in trips:
        calls = "".join(
            f'<stop busStop="{stop}" duration="{DWELL_S}" arrival="{at}"/>'
            for stop, at in zip(STOPS, range(5 + number * EVERY_S + 20, 10**6, LEG_S), strict=False)
        )
        lines.append(f'<vehicle id="1.{number}" type="bus" route="ring" line="1" depart="{depart_s}">{calls}</vehicle>')
    return "\n".join([*lines, "</routes>"])


if __name__ == "__main__":
    build(Path(sys.argv[1]))
