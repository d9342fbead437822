"""A service small enough to see through: it switches a lamp on when more than `threshold` wait."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from madang.model.city import City, Committee, Mandate, ServiceSpec
from madang.model.entity import observed
from madang.model.service import Alternative, Command, Decision, Memory, Read, Service, View

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
LAMP = "urn:ngsi-ld:Lamp:1"


def decide(view: View, memory: Memory) -> Decision:
    commands: list[Command] = []
    kept: dict[str, Any] = {}
    for lamp in view.of("Lamp"):
        waiting, before = lamp.value("waiting"), memory.get(lamp.id, 0)
        kept[lamp.id] = before + 1
        if waiting < 0:
            raise ValueError("nobody can wait less than nobody")
        if waiting > view.settings["threshold"]:
            commands.append(
                Command(
                    target=lamp.id,
                    action="stage",
                    parameters={"stage": "on", "count": before},
                    rule="lamps.waiting",
                    reason=f"{waiting} wait",
                    inputs=((lamp.id, "waiting"),),
                    alternatives=(Alternative(label="off", score=0.0),),
                )
            )
    return Decision(commands=tuple(commands), memory=kept)


def not_broken(view: View, command: Command) -> str | None:
    return "the lamp is broken" if view.entities[command.target].value("broken") else None


def fallback(view: View, targets: Sequence[str]) -> tuple[Command, ...]:
    return tuple(
        Command(target=target, action="release", parameters={}, rule="lamps.fallback", reason="fallback")
        for target in targets
    )


@pytest.fixture
def lamps() -> Service:
    return Service(
        name="lamps",
        title="Lamps",
        version="1",
        reads=(Read(type="Lamp", attributes=("waiting", "broken")),),
        writes=("Lamp",),
        every_s=1,
        decide=decide,
        guards=(not_broken,),
        fallback=fallback,
        kpis=(),
        publishes=(),
        settings={"threshold": 2},
    )


@pytest.fixture
def town(tmp_path: Path) -> City:
    mandate = Mandate(committee="board", resolution="2026-1", since=date(2026, 1, 1), until=date(2026, 12, 31))
    return City(
        id="town",
        folder=tmp_path,
        name={"en": "Town"},
        jurisdiction="DE",
        time_zone="Europe/Berlin",
        languages=("en",),
        population=1,
        centre=(11.4, 48.7),
        world=None,
        datasets=(),
        services={"lamps": ServiceSpec(mandate=mandate)},
        committees={"board": Committee(title={"en": "Board"}, members=("a", "b", "c"), quorum=2)},
    )


@pytest.fixture
def view_of() -> Any:
    def make(at: datetime = AT, settings: Mapping[str, Any] | None = None, **values: Any) -> View:
        lamp = observed(LAMP, "Lamp", at, values)
        return View(at=at, entities={LAMP: lamp}, settings=settings or {"threshold": 2})

    return make
