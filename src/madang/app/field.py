"""What a city acts on, composed: a simulated world at a socket, the controllers of its field.toml, or nobody (dry)."""

import asyncio
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from madang.act.controller import Controller
from madang.act.dry import DryRun
from madang.act.field import FieldActuator
from madang.act.mqtt import MqttLine
from madang.act.ntcip import NtcipController
from madang.act.snmp import Agent
from madang.act.world import WorldActuator
from madang.clock import Clock
from madang.decide.loop import Loop
from madang.decide.pump import Pump
from madang.errors import BadRequestData
from madang.model.city import City
from madang.model.field import Act, FieldSpec, Junction, Speaks
from madang.ports import Actuator, Source
from madang.sense.pace import Pace
from madang.sense.world import WorldSource
from madang.settings import Settings

Secrets = Mapping[str, str]


class Acting(NamedTuple):
    """The pump of a city that acts, and its field where it has one. In a dry run the field is read, not ordered."""

    pump: Pump
    dry: bool
    field: FieldActuator | None

    @property
    def ready(self) -> bool:
        """Whether what the city acts on is there."""
        return self.pump.pulse.status == "running"

    async def run(self) -> None:
        """Pump, and serve the field, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.pump.run())
            if self.field is not None:
                group.create_task(self.field.run())

    def parts(self) -> dict[str, Any]:
        """How it is, for ``GET /health``: the world or each controller of the field, and where orders go."""
        place = "world" if self.field is None else "field"
        found: dict[str, Any] = {place: {**msgspec.to_builtins(self.pump.pulse), "failures": self.pump.failures}}
        if self.field is not None:
            for id, condition in self.field.conditions().items():
                found[f"controller:{id}"] = msgspec.to_builtins(condition)
        reason = "orders are recorded and not sent" if self.dry else ""
        found["act"] = {"status": "dry run" if self.dry else "running", "reason": reason, "sends": place}
        return found


def acting(city: City, settings: Settings, loop: Loop, *, socket: Path | None, clock: Clock) -> Acting | None:
    """What the city acts on; None where it has neither a world at a socket nor a field.

    Raises BadRequestData (a secret that is not there), MissingExtra (NTCIP without the extra `field`).
    """
    dry = settings.dry_run or (city.field is not None and city.field.act is Act.DRY)
    if socket is not None:
        world = WorldSource(socket)
        return _pumped(loop, world, WorldActuator(world.send), clock=clock, dry=dry)
    if city.field is None:
        return None
    field = actuator(city.field, secrets(settings.field_secrets))
    return _pumped(loop, Pace(field.report, clock), field, clock=clock, dry=dry, field=field)


def _pumped(
    loop: Loop, source: Source, sends: Actuator, *, clock: Clock, dry: bool, field: FieldActuator | None = None
) -> Acting:
    pump = Pump(loop, source=source, actuator=DryRun() if dry else sends, clock=clock)
    return Acting(pump=pump, dry=dry, field=field)


def actuator(spec: FieldSpec, known: Secrets) -> FieldActuator:
    """The field's actuator. Raises BadRequestData, MissingExtra."""
    line = None
    if spec.mqtt is not None:
        line = MqttLine(spec.mqtt, password=_secret(spec.mqtt.secret, known))
    controllers = {id: _controller(id, each, spec, line, known) for id, each in spec.junctions.items()}
    return FieldActuator(controllers, lines=() if line is None else (line.run,))


def _controller(id: str, junction: Junction, spec: FieldSpec, line: MqttLine | None, known: Secrets) -> Controller:
    if junction.speaks is Speaks.MQTT:
        if line is None:
            raise BadRequestData(f"the controller {id} speaks MQTT, and field.toml names no broker")
        return line.controller(id, lease_s=spec.lease_s)
    community = _secret(junction.secret, known) or junction.community
    agent = Agent(junction.host, junction.port, community=community, version=junction.version)
    return NtcipController(agent, junction, lease_s=spec.lease_s)


def secrets(file: str) -> Secrets:
    """The installation's secrets by name. Raises BadRequestData where the file is none of names and texts."""
    if not file:
        return {}
    try:
        return msgspec.convert(tomllib.loads(Path(file).read_text("utf-8")), dict[str, str])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        # Never the content: this ends in a log.
        raise BadRequestData(
            f"MADANG_FIELD_SECRETS is no TOML file of names and texts: {type(error).__name__}"
        ) from None


def _secret(name: str, known: Secrets) -> str:
    if name and name not in known:
        raise BadRequestData(f"field.toml names the secret {name!r}, which MADANG_FIELD_SECRETS does not have")
    return known[name] if name else ""
