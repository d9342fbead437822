"""One run of SUMO in this process: started with our conventions, stepped by a second, closed with its trips on disk."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from madang.errors import BadRequestData, Unavailable
from madang.sim.streets import sumo
from madang.sim.streets.scenario import Scenario

TELEPORT_S = 300
"""A vehicle that stands this long is moved on by SUMO: counted, and to be read as a failure of the control."""

# libsumo holds one simulation in global state.
_running: list["Simulation"] = []


class Simulation:
    """`sumo` is libsumo itself, for those who read from it. At most one at a time in a process."""

    def __init__(self, scenario: Scenario, *, seed: int, additional: Sequence[str] = (), record: bool = True) -> None:
        """`additional` are texts of SUMO additional files (detectors); `record` writes every trip to disk.

        Raises Unavailable while another runs here, and BadRequestData where SUMO does not take the scenario.
        """
        if _running:
            raise Unavailable("A simulation runs in this process already; libsumo holds one: close it first.")
        self.sumo: Any = sumo.load()
        self.scenario = scenario
        self.teleports = 0
        self._folder = tempfile.TemporaryDirectory(prefix="madang-streets-")
        self.trips_file = Path(self._folder.name) / "trips.xml"
        try:
            self.sumo.start(["sumo", *self._options(seed, additional, record=record)])
        except (self.sumo.TraCIException, self.sumo.FatalTraCIError) as error:
            self._folder.cleanup()
            raise BadRequestData(f"SUMO does not take the scenario '{scenario.name}': {error}") from error
        if not record:
            # Nothing is left behind by a process that gets killed.
            self._folder.cleanup()
        _running.append(self)
        self.now_s = float(self.sumo.simulation.getTime())

    def _options(self, seed: int, additional: Sequence[str], *, record: bool) -> list[str]:
        scenario = self.scenario
        options = ["-n", str(scenario.net), "-r", ",".join(map(str, scenario.routes)), "-b", str(scenario.begin_s)]
        options += ["--seed", str(seed), "--step-length", "1", "--time-to-teleport", str(TELEPORT_S)]
        # Always, also where nobody reads it: equipping vehicles draws random numbers, and a seed is to be one traffic.
        options += ["--device.emissions.probability", "1"]
        if record:
            options += ["--tripinfo-output", str(self.trips_file), "--tripinfo-output.write-unfinished", "true"]
            options += ["--tripinfo-output.write-undeparted", "true"]
        options += ["--no-step-log", "true", "--no-warnings", "true", "--duration-log.disable", "true"]
        files = [str(file) for file in scenario.additional]
        for number, text in enumerate(additional):
            file = Path(self._folder.name) / f"additional{number}.xml"
            file.write_text(text, encoding="utf-8")
            files.append(str(file))
        return options + (["-a", ",".join(files)] if files else [])

    def step(self) -> None:
        """One second passes. Raises Unavailable when SUMO ends the run by itself."""
        try:
            self.sumo.simulationStep()
        except (self.sumo.TraCIException, self.sumo.FatalTraCIError) as error:
            raise Unavailable(f"SUMO ended the run: {error}") from error
        self.now_s = float(self.sumo.simulation.getTime())
        self.teleports += int(self.sumo.simulation.getStartingTeleportNumber())
        if self.now_s >= self.scenario.end_s:
            self._hold_back()

    def _hold_back(self) -> None:
        """After the demand window nobody sets out any more: those loaded ahead of their time are taken back."""
        vehicle = self.sumo.vehicle
        ahead = set(vehicle.getLoadedIDList()) - set(vehicle.getIDList())
        for id in ahead - set(self.sumo.simulation.getPendingVehicles()):
            # Who is being teleported is on no road either, and to take that one away breaks SUMO.
            if vehicle.getDeparture(id) < 0:
                vehicle.remove(id)

    def empty(self) -> bool:
        """Nobody is under way or waits to set out."""
        return int(self.sumo.simulation.getMinExpectedNumber()) == 0

    def close(self) -> None:
        """End the run; the trip file is complete afterwards, until `discard`."""
        if self in _running:
            self.sumo.close()
            _running.remove(self)

    def discard(self) -> None:
        """Close and delete the files."""
        self.close()
        self._folder.cleanup()
