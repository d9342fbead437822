"""The temporal representations of an entity: instances, values with times, aggregates (ETSI GS CIM 009 v1.9.1, 4.5.6 to
4.5.9, 4.5.19); and the first of them read."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData
from madang.model.context import Context
from madang.model.document import MEMBER, NULL
from madang.model.document.attribute import Mode, read_instances
from madang.model.document.entity import read_entity
from madang.model.document.output import Form, write_instance
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import Aggregate
from madang.model.query.types import is_scope

_PLURAL = {
    "value": "values",
    "object": "objects",
    "languageMap": "languageMaps",
    "json": "jsons",
    "vocab": "vocabs",
    "valueList": "valueLists",
    "objectList": "objectLists",
}
_WRAPPED = frozenset({"languageMap", "json", "vocab"})
"""Members whose values stand in an object of their own in the pairs (4.5.9)."""

_SCOPE = "scope"
_INSTANCES = Mode(temporal=True, fragment=True)
"""The NGSI-LD Null may stand for a value: then the instance is a deletion (4.5.7, 5.5.4)."""

_GONE: dict[Kind, Any] = {Kind.LANGUAGE: {"@none": NULL}, Kind.LIST: [NULL], Kind.LIST_RELATIONSHIP: [NULL]}
"""The NGSI-LD Null as values of these kinds say it; all others by the URI itself."""


def read_past(given: Any, context: Context, *, id: str | None = None) -> tuple[Entity, tuple[Attribute, ...]]:
    """The temporal representation that a body says: the entity with its instances, and the instances of its scope
    (4.5.6). `id` as in `read_entity`. Raises BadRequestData."""
    if not isinstance(given, dict):
        raise BadRequestData("a temporal representation is a JSON object with id, type and arrays of instances")
    parts = cast(dict[str, Any], given)
    rest = {name: value for name, value in parts.items() if name != _SCOPE}
    if parts.get("expiresAt") == NULL:
        raise BadRequestData(f"expiresAt: {NULL!r} deletes, and is allowed in a fragment only (5.5.4)")
    entity = read_entity(rest, context, _INSTANCES, id=id)
    return entity, read_scopes(parts[_SCOPE], context) if _SCOPE in parts else ()


def read_scopes(given: Any, context: Context) -> tuple[Attribute, ...]:
    """The instances of a scope: each a Property; a bare scope, or a list of some, was set now. Raises
    BadRequestData."""
    items = cast(list[Any], given) if isinstance(given, list) else [given]
    if not any(isinstance(item, dict) for item in items):
        return (Attribute(value=_scope(given)),)
    found = read_instances(given, context, _INSTANCES, where=_SCOPE)
    for one in found:
        if one.kind is not Kind.PROPERTY or one.attributes or one.unit_code or one.dataset_id:
            raise BadRequestData("scope: an instance is a Property with a value and times only (4.5.6)")
    return tuple(msgspec.structs.replace(one, value=_scope(one.value)) for one in found)


def read_instance(given: Any, context: Context, name: str) -> Attribute:
    """The one instance that a body says, alone, in an array, or under the attribute's name (5.6.14). Raises
    BadRequestData."""
    if isinstance(given, dict):
        given = {key: value for key, value in cast(dict[str, Any], given).items() if key != "@context"}
        if len(given) == 1 and name in given:
            given = given[name]
    found = read_scopes(given, context) if name == _SCOPE else read_instances(given, context, _INSTANCES, where=name)
    if len(found) != 1:
        raise BadRequestData(f"{name}: the body has to say exactly one instance (5.6.14)")
    return found[0]


def write_past(
    entity: Entity, form: Form, context: Context, *, values: bool, time: str = "observedAt"
) -> dict[str, Any]:
    """The temporal representation: each attribute an array of its instances.

    With `values` the simplified one: for each dataset the pairs of value and time (4.5.9); `time` is the temporal
    property that the query named.
    """
    body = _head(entity, context)
    for name, instances in entity.attributes.items():
        key = name if name == _SCOPE else context.compact(name)
        if values:
            body[key] = _alone(_series(instances, form, context, time, scope=name == _SCOPE))
        else:
            body[key] = [_instance(one, form, context, time, scope=name == _SCOPE) for one in instances]
    return body


def write_totals(entity: Entity, found: Sequence[Aggregate], context: Context) -> dict[str, Any]:
    """The aggregated temporal representation (4.5.19): for each dataset of an attribute the methods' values, each with
    the start and the end of its period."""
    body = _head(entity, context)
    by_name: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        series: dict[str, Any] = {"type": one.kind.value}
        if one.dataset_id is not None:
            series["datasetId"] = one.dataset_id
        series.update((method.value, values) for method, values in one.values.items())
        by_name.setdefault(one.name, []).append(series)
    body.update((context.compact(name), _alone(series)) for name, series in by_name.items())
    return body


def _head(entity: Entity, context: Context) -> dict[str, Any]:
    types = [context.compact(type) for type in entity.types]
    return {"id": entity.id, "type": types[0] if len(types) == 1 else types}


def _alone(series: list[dict[str, Any]]) -> Any:
    return series[0] if len(series) == 1 else series


def _instance(one: Attribute, form: Form, context: Context, time: str, *, scope: bool) -> dict[str, Any]:
    if one.value == NULL:
        kind = Kind.PROPERTY if scope else one.kind
        gone: dict[str, Any] = {"type": kind.value, MEMBER[kind]: _gone(kind, scope=scope)}
        if one.observed_at is not None:
            gone["observedAt"] = one.observed_at
        if one.dataset_id is not None:
            gone["datasetId"] = one.dataset_id
        body = gone
    else:
        body = write_instance(one, form, context)
    body["instanceId"] = one.instance_id
    if time in ("createdAt", "modifiedAt"):
        body[time] = one.created_at if time == "createdAt" else one.modified_at
    if one.value == NULL:
        body["deletedAt"] = one.modified_at
    return body


def _series(
    instances: Sequence[Attribute], form: Form, context: Context, time: str, *, scope: bool
) -> list[dict[str, Any]]:
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for one in instances:
        kind, value = _pair(one, form, context, scope=scope)
        member = _PLURAL[MEMBER[kind]]
        series = found.setdefault((kind.value, one.dataset_id), {"type": kind.value})
        if one.dataset_id is not None:
            series["datasetId"] = one.dataset_id
        series.setdefault(member, []).append((value, _time(one, time)))
    return list(found.values())


def _pair(one: Attribute, form: Form, context: Context, *, scope: bool) -> tuple[Kind, Any]:
    """The kind and the value as it stands in a pair. A text in the wanted language is a Property."""
    member, kind = MEMBER[one.kind], one.kind
    if one.value == NULL:
        value = _gone(kind, scope=scope)
    elif kind is Kind.PROPERTY or kind is Kind.LIST_RELATIONSHIP:
        return kind, one.value
    else:
        written = write_instance(one, Form(language=form.language), context)
        kind = Kind(written["type"])
        member = MEMBER[kind]
        value = written[member]
    return kind, {member: value} if member in _WRAPPED else value


def _gone(kind: Kind, *, scope: bool) -> Any:
    return list[Any]() if scope else _GONE.get(kind, NULL)


def _time(one: Attribute, name: str) -> Any:
    match name:
        case "createdAt":
            return one.created_at
        case "observedAt":
            return one.observed_at or one.modified_at
        case _:
            return one.modified_at


def _scope(given: Any) -> Any:
    """A scope or several as they are stored: each with a slash before it."""
    if given in (NULL, []):
        return NULL
    items = cast(list[Any], given) if isinstance(given, list) else [given]
    if not all(isinstance(item, str) and is_scope(item) for item in items):
        raise BadRequestData("scope has to be a path such as /campus/building, or a list of them (4.18)")
    scopes = list(dict.fromkeys(item if item.startswith("/") else "/" + item for item in items))
    return scopes[0] if len(scopes) == 1 else scopes
