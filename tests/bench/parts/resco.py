"""One hour of a network as the RESCO benchmark runs it, under SUMO through TraCI: prints the mean delay in seconds.

Runs in an environment of its own (``tests/bench/anchor.py`` makes it) and knows nothing of Madang. The protocol is that
of J. Ault and G. Sharon, "Reinforcement Learning Benchmarks for Traffic Signal Control", NeurIPS 2021, Datasets and
Benchmarks: a decision every 10 s with 3 s of yellow in it and no all-red, vehicles seen 200 m from the stop line, no
teleports, the mean of timeLoss + departDelay over all vehicles that were inserted. Re-derived from the paper and its
published protocol; of the greedy controls the movements of a phase are read from the network here, where the benchmark
has them in a table by hand.
"""

import argparse
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STEP_S, YELLOW_S, SEEN_M = 10, 3, 200.0


def halted(traci: Any, lane: str) -> int:
    """Vehicles that stand on the lane, within sight of the next signal."""
    return sum(traci.vehicle.getWaitingTime(id) > 0 for id in seen(traci, lane))


def seen(traci: Any, lane: str) -> list[str]:
    """Vehicles on the lane whose next signal is within sight."""
    ids = traci.lane.getLastStepVehicleIDs(lane)
    ahead = {id: traci.vehicle.getNextTLS(id) for id in ids}
    return [id for id in ids if ahead[id] and ahead[id][0][2] <= SEEN_M]


class Signal:
    """A signal that shows the greens of its own program in any order."""

    def __init__(self, traci: Any, id: str) -> None:
        self._traci = traci
        self._id = id
        phases = [phase.state for phase in traci.trafficlight.getAllProgramLogics(id)[0].phases]
        self.greens = [state for state in dict.fromkeys(phases) if "y" not in state and set(state) & set("Gg")]
        self._ways = [{(way[0], way[1]) for way in ways} for ways in traci.trafficlight.getControlledLinks(id)]
        self.shown = self.greens[0]

    def lanes(self, green: str) -> tuple[set[str], set[str]]:
        """The lanes from which and to which the green lets go."""
        ways = {way for lamp, found in zip(green, self._ways, strict=True) if lamp in "Gg" for way in found}
        return {start for start, _ in ways}, {end for _, end in ways}

    def yellow(self, wanted: str) -> None:
        """Show yellow where the wanted green ends what shows."""
        lamps = ("y" if now in "Gg" and then in "rs" else now for now, then in zip(self.shown, wanted, strict=True))
        self._traci.trafficlight.setRedYellowGreenState(self._id, "".join(lamps))

    def show(self, wanted: str) -> None:
        self._traci.trafficlight.setRedYellowGreenState(self._id, wanted)
        self.shown = wanted


def greedy(traci: Any, signal: Signal, green: str) -> float:
    """All vehicles in sight that the green would let go."""
    return sum(len(seen(traci, lane)) for lane in signal.lanes(green)[0])


def pressure(traci: Any, signal: Signal, green: str) -> float:
    """Vehicles that stand before the green, less those that stand before the next signals behind it."""
    before, behind = signal.lanes(green)
    return sum(halted(traci, lane) for lane in before) - sum(halted(traci, lane) for lane in behind)


def drive(traci: Any, end_s: float, score: Callable[[Any, Signal, str], float] | None) -> None:
    """Run to the end under the fixed plans, or under the greens that score best."""
    if score is None:
        while traci.simulation.getTime() < end_s:
            traci.simulationStep()
        return
    signals = [Signal(traci, id) for id in traci.trafficlight.getIDList()]
    while traci.simulation.getTime() < end_s:
        wanted = [max(signal.greens, key=lambda green, s=signal: score(traci, s, green)) for signal in signals]
        for signal, green in zip(signals, wanted, strict=True):
            signal.yellow(green)
        for _ in range(YELLOW_S):
            traci.simulationStep()
        for signal, green in zip(signals, wanted, strict=True):
            signal.show(green)
        for _ in range(STEP_S - YELLOW_S):
            traci.simulationStep()


def delay_s(trips: Path) -> float:
    """Mean of timeLoss + departDelay over the trips."""
    found = [
        float(trip.attrib["timeLoss"]) + float(trip.attrib["departDelay"])
        for trip in ElementTree.parse(trips).getroot()
        if trip.tag == "tripinfo"
    ]
    return sum(found) / len(found)


def options(given: argparse.Namespace, trips: Path) -> Sequence[str]:
    """How SUMO is started."""
    command = [given.sumo, "-n", given.net, "-r", given.routes, "-b", str(given.begin_s), "--seed", str(given.seed)]
    command += ["--time-to-teleport", "-1", "--no-step-log", "true", "--no-warnings", "true"]
    return [*command, "--tripinfo-output", str(trips), "--tripinfo-output.write-unfinished", "true"]


def main() -> None:
    import traci  # noqa: PLC0415 its version is this environment's

    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--sumo", "--net", "--routes"):
        parser.add_argument(name, required=True)
    parser.add_argument("--begin-s", type=float, required=True)
    parser.add_argument("--end-s", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--control", choices=("fixed", "greedy", "max-pressure"), required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trips = Path(folder) / "trips.xml"
        traci.start(list(options(given, trips)))
        drive(traci, given.end_s, {"fixed": None, "greedy": greedy, "max-pressure": pressure}[given.control])
        traci.close()
        print(delay_s(trips))


if __name__ == "__main__":
    main()
