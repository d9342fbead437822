"""From a command to its record: what was known when it was given."""

from collections.abc import Mapping
from typing import Any

from madang.model.decision import DecisionRecord, Input, Permission
from madang.model.entity import Entity
from madang.model.service import Command, Service, View

STATE = ("stage", "since", "lamps", "control")
"""Attributes of a target that say its state; those that it has are the record's ``previous``."""


def draft(
    service: Service,
    view: View,
    command: Command,
    *,
    permission: Permission | None,
    refused: str | None,
    memory: Mapping[str, Any],
) -> DecisionRecord:
    """The record of a command, still without an id: the ledger gives it."""
    return DecisionRecord(
        id="",
        service=service.name,
        version=service.version,
        at=view.at,
        target=command.target,
        action=command.action,
        parameters=command.parameters,
        rule=command.rule,
        reason=command.reason,
        previous=_state(view.entities.get(command.target)),
        inputs=tuple(_input(view, entity, attribute) for entity, attribute in command.inputs),
        alternatives=command.alternatives,
        score_unit=command.score_unit,
        expected=command.expected,
        permission=permission,
        memory=memory,
        settings=view.settings,
        refused=refused,
    )


def _input(view: View, entity_id: str, name: str) -> Input:
    entity = view.entities.get(entity_id)
    attribute = None if entity is None else entity.attribute(name)
    type_ = "" if entity is None else entity.types[0]
    if attribute is None:
        return Input(entity=entity_id, type=type_, attribute=name, withheld="not known at the time")
    return Input(
        entity=entity_id,
        type=type_,
        attribute=name,
        kind=attribute.kind,
        value=attribute.value,
        observed_at=attribute.observed_at,
    )


def _state(entity: Entity | None) -> dict[str, Any]:
    if entity is None:
        return {}
    return {name: value for name in STATE if (value := entity.value(name)) is not None}
