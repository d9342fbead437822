"""What everybody gets: the requests for priority, the proposals for people, and how each line does."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from madang.model.entity import Entity, observed
from madang.model.service import Command, View
from madang.services.buses.priority import REQUEST
from madang.services.buses.sense import PROPOSAL, Bus

LINE = "BusLine"
PUBLISHES = (REQUEST, PROPOSAL, LINE)
PROPOSAL_S = 120.0
"""A proposal that is not made again ends."""
APPROVED = "approved"


class Tally(msgspec.Struct, kw_only=True):
    """Counts of a line since the service started: requests made and declined (one a bus and signal), holds, detours."""

    requests: int = 0
    declined: int = 0
    holds: int = 0
    detours: int = 0


def proposal_id(command: Command, bus: Bus) -> str:
    """The proposal of exactly this: another stop, or another way, is another proposal, and needs another yes.

    A hold is proposed for a bus; a detour and priority for all buses of the line.
    """
    given = command.parameters
    subject = bus.id.split(":", 3)[-1] if command.action == "hold" else tame(bus.line)
    what = [given.get(name) for name in ("stop", "around", "skipped")]
    digest = hashlib.sha256(repr(what).encode()).hexdigest()[:12]
    return f"urn:ngsi-ld:{PROPOSAL}:{subject}:{command.action}:{digest}"


def proposal(view: View, command: Command, bus: Bus, mode: str) -> Entity:
    """The entity BusProposal: what the service would do, and why. A person who approves writes ``approved`` as its
    attribute `approval`; the service never writes that one."""
    values = {
        "refVehicle": command.target,
        "line": bus.line,
        "action": command.action,
        "parameters": dict(command.parameters),
        "rule": command.rule,
        "reason": command.reason,
        "mode": mode,
        "expected": dict(command.expected),
    }
    found = observed(proposal_id(command, bus), PROPOSAL, view.at, values, json=("parameters", "expected"))
    return msgspec.structs.replace(found, expires_at=view.at + timedelta(seconds=PROPOSAL_S))


def approved(view: View, command: Command, bus: Bus) -> bool:
    """Whether a person has approved it."""
    entity = view.entities.get(proposal_id(command, bus))
    return entity is not None and entity.value("approval") == APPROVED


def tame(name: str) -> str:
    """The name as part of a URN."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name) or "_"


def line_entity(
    name: str, at: datetime, *, buses: Sequence[Bus], headways: Sequence[Mapping[str, float]], tally: Tally
) -> Entity:
    """The entity BusLine: its buses on the road, their mean lateness in seconds, the headways of the last departures at
    its stops (planned and actual, means, seconds), and the line's counts since the service started."""
    late = [bus.lateness_s for bus in buses]
    values: dict[str, Any] = {"name": name, "buses": len(buses), **msgspec.to_builtins(tally)}
    if late:
        values["lateness"] = round(sum(late) / len(late), 1)
    if headways:
        for key, field in (("plannedHeadway", "planned_headway_s"), ("headway", "headway_s")):
            values[key] = round(sum(each[field] for each in headways) / len(headways), 1)
    units = {"lateness": "SEC", "plannedHeadway": "SEC", "headway": "SEC"}
    return observed(f"urn:ngsi-ld:{LINE}:{tame(name)}", LINE, at, values, units=units)
