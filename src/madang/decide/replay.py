"""Compute a recorded command again, from nothing but its record: proof that the reason given is the reason it had."""

import msgspec

from madang.account.ledger import Account
from madang.decide.acts import OVERRIDE
from madang.decide.registry import load
from madang.decide.thinking import Question, think
from madang.errors import BadRequestData
from madang.model.decision import DecisionRecord
from madang.model.entity import Attribute, Entity
from madang.model.service import Command, Service, View


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """The record, what the service computes from it now, and whether that is the same command.

    `difference` says in words where they differ, or what stood in the way; `version` is the service's version now.
    """

    record: DecisionRecord
    computed: Command | None
    same: bool
    version: str
    difference: str = ""


async def replay(account: Account, id: str) -> Replay:
    """Recompute the decision with that id.

    Raises ResourceNotFound, or BadRequestData where its service is not installed.
    """
    _, record = await account.record(id)
    return compute(load(record.service), record)


def compute(service: Service, record: DecisionRecord) -> Replay:
    """Recompute a record whose inputs are filled in. Raises BadRequestData for one that no service computed."""
    if record.rule == OVERRIDE:
        raise BadRequestData(f"{record.id} is an operator's override, no service's: {record.reason}")
    view = View(at=record.at, entities=entities(record), settings=record.settings)
    targets = (record.target,) if record.permission is None and record.refused is None else None
    reply = think(service, Question(view=view, memory=record.memory, targets=targets))
    if reply.decision is None:
        return _replay(service, record, None, f"the service failed: {reply.failed}")
    commands = [command for command in reply.decision.commands if command.target == record.target]
    if not commands:
        return _replay(service, record, None, "the service now commands nothing here")
    return _replay(service, record, commands[0], difference(record, commands[0]))


def _replay(service: Service, record: DecisionRecord, computed: Command | None, difference: str) -> Replay:
    if difference and service.version != record.version:
        difference += f" (decided by version {record.version}, computed by {service.version})"
    return Replay(record=record, computed=computed, same=not difference, version=service.version, difference=difference)


def difference(record: DecisionRecord, command: Command) -> str:
    """Where what is computed now is not what was recorded, in words; "" where it is the same."""
    # Through JSON and back, as the record went: a tuple is a list there.
    now = msgspec.to_builtins((command.action, command.parameters, command.rule, command.reason))
    then = msgspec.to_builtins((record.action, record.parameters, record.rule, record.reason))
    words = ("action", "parameters", "rule", "reason")
    return "; ".join(
        f"{word}: recorded {old!r}, computed {new!r}"
        for word, old, new in zip(words, then, now, strict=True)
        if _plain(old) != _plain(new)
    )


def _plain(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(value))


def entities(record: DecisionRecord) -> dict[str, Entity]:
    """The view as far as the command rests on it."""
    types: dict[str, str] = {}
    attributes: dict[str, dict[str, tuple[Attribute, ...]]] = {}
    for given in record.inputs:
        types[given.entity] = given.type
        found = attributes.setdefault(given.entity, {})
        if given.withheld is None:
            attribute = Attribute(kind=given.kind, value=given.value, observed_at=given.observed_at)
            found[given.attribute] = (attribute,)
    return {id: Entity(id=id, types=(types[id],), attributes=values) for id, values in attributes.items() if types[id]}
