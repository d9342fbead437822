"""From JSON to the instances of an attribute: normalized, concise or simplified (ETSI GS CIM 009 v1.8.1, 4.5)."""

from typing import Any, cast

import msgspec

from madang.errors import BadRequestData
from madang.model import time as times
from madang.model.context import Context
from madang.model.document import MEMBER, NULL
from madang.model.document.members import GENERATED, MEMBERS, PROHIBITED, check_member, read_member, read_uri
from madang.model.document.value import read_value
from madang.model.entity import Attribute, Kind

_MAX_NESTED = 8
_SMALL = 2**53
_KINDS = {kind.value: kind for kind in Kind}
_INFERRED = {member: kind for kind, member in MEMBER.items() if kind is not Kind.GEO}
_GEOMETRIES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


class Mode(msgspec.Struct, frozen=True, kw_only=True):
    """How a body is meant.

    `fragment`: a part of an entity, where the NGSI-LD Null deletes. `merge`: a fragment where the Null may stand inside
    a value too (5.5.12). `partial`: an attribute without a value keeps the stored one (5.6.4); its `value` is None.
    `simplified`: key-value pairs, no attribute has members of its own. `temporal`: several instances of one dataset,
    each with its time (4.5.6).
    """

    fragment: bool = False
    merge: bool = False
    partial: bool = False
    simplified: bool = False
    temporal: bool = False


WHOLE = Mode()


def read_instances(given: Any, context: Context, mode: Mode, *, where: str, depth: int = 0) -> tuple[Attribute, ...]:
    """The instances that a member says. Raises BadRequestData that begins with `where`."""
    if depth > _MAX_NESTED:
        raise BadRequestData(f"{where}: attributes of attributes more than {_MAX_NESTED} levels deep")
    if isinstance(given, dict):
        parts = cast(dict[str, Any], given)
        dataset = parts.get("dataset")
        if len(parts) == 1 and isinstance(dataset, dict):
            return _datasets(cast(dict[str, Any], dataset), context, mode, where)
        return (_instance(parts, context, mode, where, depth),)
    if isinstance(given, list) and not mode.simplified:
        items = cast(list[Any], given)
        if items and all(_is_instance(item) for item in items):
            found = tuple(_instance(item, context, mode, where, depth) for item in items)
            return found if mode.temporal else _distinct(found, where)
    return (
        Attribute(
            value=read_value(Kind.PROPERTY, given, context, where=where, fragment=mode.fragment, merge=mode.merge)
        ),
    )


def _is_instance(item: Any) -> bool:
    """Whether an item of an array is an instance of an attribute, not an item of an array that is the value."""
    if not isinstance(item, dict):
        return False
    parts = cast(dict[str, Any], item)
    return parts.get("type") in _KINDS or ("type" not in parts and not _INFERRED.keys().isdisjoint(parts))


def _distinct(instances: tuple[Attribute, ...], where: str) -> tuple[Attribute, ...]:
    if len({each.dataset_id for each in instances}) < len(instances):
        raise BadRequestData(f"{where}: two instances have the same datasetId (or none); each needs its own (4.5.5)")
    return instances


def _datasets(given: dict[str, Any], context: Context, mode: Mode, where: str) -> tuple[Attribute, ...]:
    """The simplified form of several instances (4.5.4): values by datasetId, ``@none`` for the default one."""
    found: list[Attribute] = []
    for dataset, value in given.items():
        one = read_instances(value, context, mode, where=where, depth=_MAX_NESTED)[0]
        id = None if dataset == "@none" else read_uri(dataset, f"{where}.datasetId")
        found.append(msgspec.structs.replace(one, dataset_id=id))
    return tuple(found)


def _reading(parts: dict[str, Any]) -> Attribute | None:
    """A sensor's reading: a number or a short text, perhaps with time and unit. None for anything else, which the long
    way reads, or says what is wrong with it. Half of all that is ever written comes by here, in a quarter of the time.
    """
    value: Any = parts.get("value")
    shape = value.__class__
    if parts.get("type") != "Property" or not (
        shape is float or (shape is int and -_SMALL < value < _SMALL) or (shape is str and value != NULL)
    ):
        return None
    known, observed_at, unit, written = 2, None, None, None
    if "observedAt" in parts:
        text = parts["observedAt"]
        observed_at = times.read(text) if text.__class__ is str and text[-1:] == "Z" else None
        if observed_at is not None:
            known, written = known + 1, times.peculiar(text)
    if "unitCode" in parts:
        unit = parts["unitCode"]
        known += unit.__class__ is str and unit not in ("", NULL)
    if known != len(parts):
        return None
    return Attribute(value=value, observed_at=observed_at, unit_code=unit, observed_text=written)


def _instance(parts: dict[str, Any], context: Context, mode: Mode, where: str, depth: int) -> Attribute:
    reading = _reading(parts)
    if reading is not None:
        return reading
    kind, geometry = _kind(parts, mode, where)
    if geometry or kind is None:
        # The object itself is the value: the concise form of a property without members.
        kind = kind or Kind.PROPERTY
        return Attribute(
            kind=kind, value=read_value(kind, parts, context, where=where, fragment=mode.fragment, merge=mode.merge)
        )
    member = MEMBER[kind]
    value = None
    if member in parts:
        value = read_value(kind, parts[member], context, where=where, fragment=mode.fragment, merge=mode.merge)
    elif not mode.partial:
        raise BadRequestData(f"{where}: a {kind} needs the member {member!r}")
    rest = {name: given for name, given in parts.items() if name not in ("type", member)}
    if not rest:
        return Attribute(kind=kind, value=value)
    return _with_members(Attribute(kind=kind, value=value), rest, context, mode, where, depth)


def _kind(parts: dict[str, Any], mode: Mode, where: str) -> tuple[Kind | None, bool]:
    """The kind that the members say (None: the object is a value), and whether the object itself is a geometry."""
    named = parts.get("type", parts.get("@type") if "value" not in parts else None)
    if isinstance(named, str) and named in _KINDS:
        return _KINDS[named], False
    if isinstance(named, str) and named in _GEOMETRIES and "coordinates" in parts:
        return Kind.GEO, True
    if "type" in parts and not mode.simplified:
        raise BadRequestData(f"{where}: the attribute type {str(named)[:40]!r} is not one of {', '.join(_KINDS)}")
    found = [kind for member, kind in _INFERRED.items() if member in parts]
    if len(found) > 1:
        raise BadRequestData(f"{where}: {' and '.join(MEMBER[kind] for kind in found)} exclude each other")
    if found and (not mode.simplified or (len(parts) == 1 and found[0] in (Kind.LANGUAGE, Kind.JSON, Kind.VOCAB))):
        value: Any = parts.get("value")
        shape: Any = cast(dict[str, Any], value).get("type") if isinstance(value, dict) else None
        return (Kind.GEO if isinstance(shape, str) and shape in _GEOMETRIES else found[0]), False
    return (Kind.PROPERTY if mode.partial else None), False


def _with_members(
    bare: Attribute, rest: dict[str, Any], context: Context, mode: Mode, where: str, depth: int
) -> Attribute:
    """The instance with what is beside its value: time, unit, dataset, attributes of its own."""
    found: dict[str, Any] = {}
    nested: dict[str, tuple[Attribute, ...]] = {}
    for name, given in rest.items():
        if name in MEMBERS:
            check_member(name, bare.kind, where)
            found[MEMBERS[name]] = read_member(
                name, given, context, where=where, kind=bare.kind, fragment=mode.fragment
            )
        elif name in PROHIBITED or name in _INFERRED:
            raise BadRequestData(f"{where}: a {bare.kind} cannot have the member {name!r}")
        elif name not in GENERATED:
            key = context.expand(name)
            nested[key] = read_instances(given, context, mode, where=f"{where}.{name}", depth=depth + 1)
    if "observedAt" in rest:
        found["observed_text"] = times.peculiar(rest["observedAt"])
    return Attribute(kind=bare.kind, value=bare.value, attributes=nested, **found)
