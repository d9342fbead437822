"""What every city service owes, whoever wrote it: these run on each one that is installed, unasked (architecture, 4).

The views are recorded in a simulated city by another process, not made up.
"""

import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from madang.decide import registry
from madang.model.entity import Entity
from madang.model.service import Command, Decision, Service, View

RECORDER = Path(__file__).with_name("recording.py")
SECONDS = 240

NAMES = registry.names()


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """As the recorder writes it."""

    view: View
    memory: Mapping[str, Any]
    decision: Decision
    refused: tuple[str, ...] = ()


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """As the recorder writes it."""

    moments: tuple[Moment, ...]
    counts: Mapping[str, Any]
    answers: tuple[str, ...]


@cache
def recorded(name: str, *arguments: str) -> Recording:
    """A recording by another process."""
    ran = subprocess.run(
        [sys.executable, str(RECORDER), name, *arguments], capture_output=True, timeout=200, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    return msgspec.msgpack.decode(ran.stdout, type=Recording)


def scenario(service: Service) -> str:
    """Where it has something to do: a service that commands vehicles, in a town with a bus line; one that protects
    places, at a junction with a school."""
    if "PointOfInterest" in service.writes:
        return "school"
    return "busline" if "Vehicle" in service.writes else "cologne3"


@pytest.fixture(params=NAMES)
def service(request: pytest.FixtureRequest) -> Service:
    return registry.load(request.param)


@pytest.fixture
def recording(service: Service) -> Recording:
    found = recorded(service.name, scenario(service), str(480 if scenario(service) == "busline" else SECONDS))
    shown = any(moment.decision.commands for moment in found.moments)
    assert shown == bool(service.writes), "the recording shows no command: record longer"
    return found


def commands(recording: Recording) -> list[tuple[Moment, Command]]:
    return [(moment, command) for moment in recording.moments for command in moment.decision.commands]


def sliced(view: View, command: Command) -> View:
    """What a record keeps of the view: the attributes that the command names as its inputs."""
    entities: dict[str, Entity] = {}
    for id, name in command.inputs:
        entity = view.entities.get(id)
        if entity is None or name not in entity.attributes:
            continue
        before = entities.get(id, msgspec.structs.replace(entity, attributes={}))
        attributes = {**before.attributes, name: entity.attributes[name]}
        entities[id] = msgspec.structs.replace(before, attributes=attributes)
    return View(at=view.at, entities=entities, settings=view.settings)


def same(one: object, other: object) -> bool:
    """Equal as JSON: a record goes through JSON."""
    return msgspec.json.decode(msgspec.json.encode(one)) == msgspec.json.decode(msgspec.json.encode(other))


def test_a_service_is_registered_under_its_own_name(service: Service) -> None:
    assert service.name in NAMES
    assert service.version
    assert service.title
    assert service.every_s > 0
    assert bool(service.guards) == bool(service.writes), "who commands has guards"
    assert len({kpi.name for kpi in service.kpis}) == len(service.kpis) > 0
    assert same(service.settings, dict(service.settings)), "settings are JSON"


def test_the_same_view_and_memory_give_the_same_decision(service: Service, recording: Recording) -> None:
    for moment in recording.moments:
        assert same(service.decide(moment.view, moment.memory), moment.decision)


def test_a_decision_leaves_view_and_memory_as_they_were(service: Service, recording: Recording) -> None:
    moment = recording.moments[-1]
    before = msgspec.json.encode((moment.view, moment.memory))
    service.decide(moment.view, moment.memory)
    assert msgspec.json.encode((moment.view, moment.memory)) == before


def test_a_decision_does_not_depend_on_the_order_of_entities(service: Service, recording: Recording) -> None:
    for moment in recording.moments:
        turned = msgspec.structs.replace(moment.view, entities=dict(reversed(moment.view.entities.items())))
        found = service.decide(turned, moment.memory)
        assert same(
            sorted(found.commands, key=lambda command: command.target),
            sorted(moment.decision.commands, key=lambda command: command.target),
        )


def test_each_command_follows_from_its_declared_inputs_and_memory(service: Service, recording: Recording) -> None:
    for moment, command in commands(recording):
        keys = {command.target, *command.memory_keys}
        memory = {key: value for key, value in moment.memory.items() if key in keys}
        again = service.decide(sliced(moment.view, command), memory).commands
        found = next((each for each in again if each.target == command.target), None)
        assert same(found, command), "declare every input that the decision used"


def test_each_command_says_why(service: Service, recording: Recording) -> None:
    reads = {(read.type, attribute) for read in service.reads for attribute in read.attributes}
    for moment, command in commands(recording):
        assert command.rule
        assert len(command.reason.split()) >= 3
        assert command.inputs
        for id, attribute in command.inputs:
            entity = moment.view.entities.get(id)
            assert entity is None or (entity.types[0], attribute) in reads
        assert not command.alternatives or command.score_unit
        assert set(moment.view.entities[command.target].types) & set(service.writes)


def test_what_is_published_is_declared(service: Service, recording: Recording) -> None:
    for moment in recording.moments:
        for entity in moment.decision.published:
            assert set(entity.types) <= set(service.publishes)


def test_its_own_guards_let_its_commands_pass_and_the_field_takes_them(recording: Recording) -> None:
    assert [why for moment in recording.moments for why in moment.refused] == []
    assert list(recording.answers) == []
    assert recording.counts["conflicts"] == recording.counts["guards_broken"] == 0


def test_random_commands_through_the_guards_break_nothing(service: Service) -> None:
    """The monitor sees no conflict, no short green, yellow or all-red, and the field has nothing left to refuse."""
    found = recorded(service.name, scenario(service), str(SECONDS), "7")
    broken = {kind: count for kind, count in found.counts["broken"].items() if kind != "max_red"}
    assert set(broken.values()) == {0}
    assert list(found.answers) == []


def test_guards_refuse_what_the_service_does_not_know(service: Service, recording: Recording) -> None:
    if not service.writes:
        pytest.skip("it commands nothing")
    moment, command = commands(recording)[0]
    strange = [
        msgspec.structs.replace(command, action="explode"),
        msgspec.structs.replace(command, target="urn:ngsi-ld:Nothing:1"),
        msgspec.structs.replace(command, parameters={"stage": None}),
    ]
    for each in strange:
        assert any(guard(moment.view, each) for guard in service.guards), each


def test_the_fallback_is_always_safe(service: Service, recording: Recording) -> None:
    for moment in recording.moments:
        targets = [entity.id for type in service.writes for entity in moment.view.of(type)]
        found = service.fallback(moment.view, targets)
        assert [command.target for command in found] == targets
        for command in found:
            assert command.reason
            assert [why for guard in service.guards if (why := guard(moment.view, command))] == []


def test_the_fallback_needs_nothing_to_be_known(service: Service, recording: Recording) -> None:
    moment = recording.moments[0]
    targets = [entity.id for type in service.writes for entity in moment.view.of(type)]
    empty = View(at=moment.view.at, entities={}, settings=service.settings)
    assert [command.target for command in service.fallback(empty, targets)] == targets


def test_nothing_to_see_is_no_failure(service: Service, recording: Recording) -> None:
    empty = View(at=recording.moments[0].view.at, entities={}, settings=service.settings)
    assert service.decide(empty, {}).commands == ()


def test_one_missing_entity_costs_no_other_target_its_control(service: Service, recording: Recording) -> None:
    """A neighbour may weigh things differently without it, but what falls back is at most the entity's own target."""
    moment = next((moment for moment, _ in commands(recording)), recording.moments[-1])
    whole = {c.target for c in service.decide(moment.view, moment.memory).commands if c.action == "release"}
    for id in moment.view.entities:
        rest = {key: entity for key, entity in moment.view.entities.items() if key != id}
        found = service.decide(msgspec.structs.replace(moment.view, entities=rest), moment.memory)
        assert len({c.target for c in found.commands if c.action == "release"} - whole) <= 1
