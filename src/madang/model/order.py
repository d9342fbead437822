"""In which order entities come (ETSI GS CIM 009 v1.9.1, 4.23): the one meaning, for every store.

Values of different kinds rank as 4.23.2 says: numbers, texts, objects, arrays, booleans, times, dates, date-times,
null; last, whatever the direction, entities that have no such value. Dates and times are values that say so
(``{"@type": "DateTime", "@value": …}``) and the temporal members; a plain string is a text. Of several instances the
default one counts, else the first. Ties are in the order of ids.

Choices where the standard is open: texts are compared by code point unless a collation is asked for (4.23.1 names the
ICU root collation as the default, and lets a broker have its own: code points are what every database sorts by without
being told); objects and arrays are compared as JSON texts.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar, cast

import msgspec

from madang.model import geometry
from madang.model import time as times
from madang.model.collation import Collation, collation
from madang.model.entity import Attribute, Entity
from madang.model.query import MEMBERS, Order, Path

Rank = tuple[int, Any]
"""The kind's place, then the value; a smaller one comes first."""

T = TypeVar("T")
Found = tuple[tuple[Rank | None, ...], str, T]
"""What is ordered: its rank by each key, its id, and anything that goes with it."""

_NUMBER, _TEXT, _OBJECT, _ARRAY, _BOOLEAN, _TIME, _DATE, _MOMENT, _NULL = range(9)
_GEO = -1
_SYSTEM = {"createdAt", "modifiedAt", "expiresAt"}


def ranks(orders: tuple[Order, ...]) -> Callable[[Entity], tuple[Rank | None, ...]]:
    """What an entity is ordered by: for each key its rank, None where it has no such value. Raises BadRequestData for
    an unknown collation or a wrong geometry."""
    keys = [_key(order) for order in orders]
    return lambda entity: tuple(key(entity) for key in keys)


def arrange(found: list[Found[T]], orders: tuple[Order, ...]) -> list[Found[T]]:
    """What was found, in order."""
    found = sorted(found, key=lambda one: one[1])
    for place in range(len(orders) - 1, -1, -1):
        have = [one for one in found if one[0][place] is not None]
        have.sort(key=lambda one: cast(Rank, one[0][place]), reverse=orders[place].descending)
        found = have + [one for one in found if one[0][place] is None]
    return found


def _key(order: Order) -> Callable[[Entity], Rank | None]:
    text = collation(order.collation) if order.collation is not None else None
    if order.origin is None:
        return lambda entity: _rank(_value(entity, order.path), text)
    apart_m = geometry.distance_from(order.origin)

    def key(entity: Entity) -> Rank | None:
        value = _value(entity, order.path)
        metres = apart_m(value)
        return _rank(value, text) if metres is None else (_GEO, metres)

    return key


_NOTHING = object()


def _value(entity: Entity, path: Path) -> Any:
    first = path.names[0]
    if len(path.names) == 1 and first in ("id", "type", "scope", *_SYSTEM):
        return _of_entity(entity, first)
    member = path.names[-1] if len(path.names) > 1 and path.names[-1] in MEMBERS else None
    instance: Attribute | None = None
    attributes = entity.attributes
    for name in path.names[:-1] if member else path.names:
        instance = _default(attributes.get(name, ()))
        if instance is None:
            return _NOTHING
        attributes = instance.attributes
    if instance is None:
        return _NOTHING
    return _of_instance(instance, member) if member else _follow(instance.value, path.trail)


def _of_entity(entity: Entity, name: str) -> Any:
    match name:
        case "id":
            return entity.id
        case "type":
            return entity.types[0] if len(entity.types) == 1 else list(entity.types)
        case "scope":
            return (entity.scopes[0] if len(entity.scopes) == 1 else list(entity.scopes)) if entity.scopes else _NOTHING
        case "createdAt":
            value = entity.created_at
        case "modifiedAt":
            value = entity.modified_at
        case _:
            value = entity.expires_at
    return _NOTHING if value is None else value


def _of_instance(instance: Attribute, member: str) -> Any:
    value = {
        "observedAt": instance.observed_at,
        "createdAt": instance.created_at,
        "modifiedAt": instance.modified_at,
        "expiresAt": instance.expires_at,
        "unitCode": instance.unit_code,
        "datasetId": instance.dataset_id,
    }.get(member)
    return _NOTHING if value is None else value


def _default(instances: tuple[Attribute, ...]) -> Attribute | None:
    return next((one for one in instances if one.dataset_id is None), instances[0] if instances else None)


def _follow(value: Any, trail: tuple[str, ...]) -> Any:
    for name in trail:
        if not isinstance(value, Mapping) or name not in value:
            return _NOTHING
        value = cast(Mapping[str, Any], value)[name]
    return value


def _rank(value: Any, text: Collation | None) -> Rank | None:
    if value is _NOTHING:
        return None
    if isinstance(value, bool):
        return _BOOLEAN, value
    if isinstance(value, int | float):
        return _NUMBER, value
    if isinstance(value, str):
        return _TEXT, text(value) if text else value
    if isinstance(value, datetime):
        return _MOMENT, value
    if isinstance(value, list):
        return _ARRAY, msgspec.json.encode(value)
    if isinstance(value, Mapping):
        return _typed(cast(Mapping[str, Any], value)) or (_OBJECT, msgspec.json.encode(value, order="sorted"))
    return _NULL, 0


def _typed(value: Mapping[str, Any]) -> Rank | None:
    """A JSON-LD typed value: a date-time, a date or a time of the day."""
    text = value.get("@value")
    if not isinstance(text, str):
        return None
    found: datetime | date | time | None = times.read(text)
    if found is not None:
        return _MOMENT, found
    found = times.read_date(text)
    if found is not None:
        return _DATE, found
    found = times.read_time(text)
    return None if found is None else (_TIME, found.isoformat())
