"""The scope query over the past (ETSI GS CIM 009 v1.9.1, 4.18, 5.7.4.4, C.5.16): a scope is valid from when it was set
until the next was, and what is told of an entity is what was while a scope that is wanted was valid.

An entity whose past has no scope has the one that it has now.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, cast

import msgspec

from madang.hub.traces import SCOPE
from madang.model import match
from madang.model.document import NULL
from madang.model.entity import Attribute, Entity
from madang.model.query import AnyOfAll, EntityQuery, TemporalQuery, Timerel

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


class Valid(NamedTuple):
    """From when (inclusive) until when (exclusive) a wanted scope was valid, and the instance that set it (None: it is
    that of the current state)."""

    start: datetime
    end: datetime
    instance: Attribute | None


def valid(
    instances: Sequence[Attribute], current: tuple[str, ...], wanted: AnyOfAll, past: TemporalQuery
) -> list[Valid]:
    """When, in the range, a scope that is wanted was valid; `instances` are those of the scope, oldest first."""
    holds = match.test(EntityQuery(scopes=wanted))
    low, high = _range(past)
    if not instances:
        return [Valid(low, high, None)] if holds(Entity(id="", types=(), scopes=current)) else []
    times = [(moment(one, past), one) for one in instances]
    found: list[Valid] = []
    for place, (start, one) in enumerate(times):
        end = times[place + 1][0] if place + 1 < len(times) else _END
        if start < high and end > low and holds(Entity(id="", types=(), scopes=_scopes(one))):
            found.append(Valid(max(start, low), min(end, high), one))
    return found


def scoped(entity: Entity, times: Sequence[Valid], past: TemporalQuery) -> Entity:
    """Of the entity what was while a wanted scope was valid, and these scopes."""
    attributes = {
        name: kept
        for name, instances in entity.attributes.items()
        if (kept := tuple(one for one in instances if _while(moment(one, past), times))) and name != SCOPE
    }
    scopes = tuple(one.instance for one in times if one.instance is not None)
    if scopes and attributes:
        attributes[SCOPE] = scopes
    return msgspec.structs.replace(entity, attributes=attributes)


def moment(instance: Attribute, past: TemporalQuery) -> datetime:
    """The time of an instance that the query is about; when it was reported, where it has none."""
    at = instance.observed_at if past.property == "observedAt" else None
    return at or instance.modified_at or _BEGINNING


def _while(at: datetime, times: Sequence[Valid]) -> bool:
    return any(one.start <= at < one.end for one in times)


def _scopes(one: Attribute) -> tuple[str, ...]:
    if one.value == NULL:
        return ()
    return (one.value,) if isinstance(one.value, str) else tuple(cast(list[str], one.value))


def _range(past: TemporalQuery) -> tuple[datetime, datetime]:
    if past.relation is None or past.at is None:
        return _BEGINNING, _END
    if past.relation is Timerel.BEFORE:
        return _BEGINNING, past.at
    return past.at, _END if past.relation is Timerel.AFTER else past.end or _END
