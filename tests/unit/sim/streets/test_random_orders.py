"""Whatever is commanded, at every junction of every network there is: no conflict, nothing shorter than it must be.

Random commands, sound and absurd, go through the service's guards to the cabinet, others past the guards, with silences
in between that end the lease. The monitor judges, which reads its foes from the network file by itself.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madang.model.city import WorldSpec
from madang.model.entity import Attribute, Entity, Kind
from madang.model.service import Command, View
from madang.services.signals import SERVICE
from madang.sim.streets import network, scenario
from madang.sim.streets.cabinet import Cabinet
from madang.sim.streets.device import urn
from madang.sim.streets.layout import Layout, describe, layouts
from madang.sim.streets.lights import Lights
from madang.sim.streets.monitor import Monitor
from madang.sim.streets.network import Network

START = datetime(2026, 5, 4, 7, tzinfo=UTC)
SECONDS = 1200


class Junction:
    """One junction under random orders: what became of them is in `told`."""

    def __init__(self, layout: Layout, plan: Network, draw: random.Random) -> None:
        self.cabinet = Cabinet(layout, now_s=0.0)
        self.told: Counter[str] = Counter()
        self._draw = draw
        self._id = urn("TrafficSignal", layout.id)
        self._lights = Lights({layout.id: self.cabinet}, {layout.id: (0.0, 0.0)}, self._iso)
        described = Attribute(kind=Kind.JSON, value=describe(layout, plan))
        self._layout = Entity(
            id=urn("SignalLayout", layout.id), types=("SignalLayout",), attributes={"layout": (described,)}
        )
        self._camera = urn("ApproachObserved", layout.id)
        self._lanes = {link.from_lane for link in layout.links}
        self._lamps = self._lights.installed(START)[0]
        self._silent_until_s = -1.0

    def _iso(self, second: float) -> str:
        return (START + timedelta(seconds=second)).isoformat()

    def second(self, now_s: float) -> str:
        """Let a second pass: perhaps a command, perhaps silence; the lamps that then show."""
        for lamps in self._lights.report(now_s, START + timedelta(seconds=now_s)):
            self._lamps = lamps
        if self._draw.random() < 0.01:
            self._silent_until_s = now_s + self._draw.randint(1, 40)
        if now_s >= self._silent_until_s:
            self.cabinet.renew(now_s)
            if self._draw.random() < 0.3:
                self._command(now_s)
        return self.cabinet.tick(now_s)

    def _command(self, now_s: float) -> None:
        action, parameters = self._words()
        command = Command(target=self._id, action=action, parameters=parameters, rule="random", reason="")
        if self._draw.random() < 0.5:
            view = self._view(now_s)
            if any(guard(view, command) is not None for guard in SERVICE.guards):
                self.told["guards"] += 1
                return
            self.told["through"] += 1
        refused = self.cabinet.order(action, parameters, now_s)
        self.told["done" if refused is None else "refused"] += 1

    def _words(self) -> tuple[str, dict[str, object]]:
        kind = self._draw.random()
        if kind < 0.05:
            return "release", {}
        if kind < 0.1:
            return self._draw.choice(["lamps", "stage", ""]), {"stage": self._draw.choice([None, "s999", 7, ["s1"]])}
        return "stage", {"stage": self._draw.choice(self.cabinet.layout.stages).id}

    def _view(self, now_s: float) -> View:
        at = START + timedelta(seconds=now_s)
        seen: dict[str, list[object]] = {lane: [] for lane in self._lanes}
        attributes = {"vehicles": (Attribute(kind=Kind.JSON, value=seen, observed_at=at),)}
        camera = Entity(id=self._camera, types=("ApproachObserved",), attributes=attributes)
        return View(at=at, entities={entity.id: entity for entity in (self._layout, self._lamps, camera)})


@pytest.mark.parametrize("name", sorted(scenario.ATTRIBUTIONS))
def test_no_order_makes_a_junction_unsafe(name: str) -> None:
    _never_unsafe(name, scenario.resolve(WorldSpec(scenario=name)).net)


def test_no_order_cuts_a_walk(walked: Path) -> None:
    """With crossings: whoever set out at the end of a walk is over the street before anybody who crosses starts."""
    assert any(link.crossing_m > 12 for layout in layouts(network.read(walked)).values() for link in layout.links)
    _never_unsafe("walked", walked)


def _never_unsafe(name: str, net: Path) -> None:
    plan, monitor = network.read(net), Monitor.of_network(net)
    junctions = {id: Junction(layout, plan, random.Random(f"{name} {id}")) for id, layout in layouts(plan).items()}
    for second in range(SECONDS):
        lamps = {id: junction.second(float(second)) for id, junction in junctions.items()}
        served = [id for id, junction in junctions.items() if junction.cabinet.served]
        monitor.step(float(second), lamps, controlled=served)
    assert [finding for finding in monitor.findings if finding.service] == []
    assert (monitor.conflicts, monitor.guards_broken) == (0, 0)
    for id, junction in junctions.items():
        # Each way was taken: commands that the guards and the cabinet refused, and some that were carried out.
        wanted = {"guards", "through", "done", "refused"} if len(junction.cabinet.layout.stages) > 1 else {"done"}
        assert wanted <= junction.told.keys(), f"{id}: {dict(junction.told)}"
