"""Is an expanded body a registration? (ETSI GS CIM 009 v1.9.1, 5.2.9, 5.2.10, 5.2.22, 5.2.34, 4.3.6.3, 4.3.6.6)

Every message names the member and what it takes. Members that 5.2.9 does not define are Context Source Properties:
any JSON value, or a Property.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from madang.errors import BadRequestData
from madang.model import geometry, match
from madang.model import time as times
from madang.model.context import is_uri
from madang.model.document.value import check_json
from madang.model.query.types import is_scope
from madang.model.registration import TYPE, RegistrationMode
from madang.model.registration.operations import GROUPS, OPERATIONS, single

GEOMETRIES: Final = ("location", "observationSpace", "operationSpace")
_INFO: Final = frozenset(("entities", "propertyNames", "relationshipNames"))
_ENTITY: Final = frozenset(("id", "type", "idPattern"))
_MANAGEMENT: Final = frozenset(("cacheDuration", "cooldown", "localOnly", "timeout"))
_MEDIA: Final = ("application/json", "application/ld+json")
_MANY: Final = 1000
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}")


def is_member(name: str) -> bool:
    """5.2.9 defines the member: its name is no user's, so no @context changes it."""
    return name in _MEMBERS or name in ("id", "type")


def check(body: Mapping[str, Any]) -> None:
    """Raises BadRequestData for the first member that is wrong or missing."""
    if not is_uri(body.get("id")):
        raise BadRequestData(f"id: {str(body.get('id'))[:80]!r} is not a URI; write it as urn:ngsi-ld:…")
    if body.get("type") != TYPE:
        raise BadRequestData(f"type: has to be {TYPE}, found {str(body.get('type'))[:60]!r}")
    for name in ("endpoint", "information"):
        if name not in body:
            raise BadRequestData(f"{name} is missing; a registration needs it")
    for name, value in body.items():
        test = _MEMBERS.get(name)
        if test is not None:
            test(value, name)
        elif not is_member(name):
            _source_property(value, name)
    _check_mode(body)


def _check_mode(body: Mapping[str, Any]) -> None:
    mode, operations = body.get("mode"), body.get("operations")
    if (
        mode == RegistrationMode.AUXILIARY
        and operations is not None
        and not single(operations) <= single(["retrieveOps"])
    ):
        raise BadRequestData("operations: an auxiliary source offers retrieveOps, retrieveEntity or queryEntity only")
    if mode == RegistrationMode.EXCLUSIVE:
        _check_exclusive(body["information"])


def _check_exclusive(information: list[dict[str, Any]]) -> None:
    """4.3.6.3: attributes of single entities. A group by pattern is let pass beside an entity with an id, as the
    published test suite registers one; it never excludes anything, since only ids are compared."""
    if any("propertyNames" not in info and "relationshipNames" not in info for info in information):
        raise BadRequestData("information: an exclusive registration names attributes (propertyNames …) everywhere")
    if not any("id" in one for info in information for one in info.get("entities", ())):
        raise BadRequestData("information: an exclusive registration names an entity by its id, not a type or pattern")


def _endpoint(value: Any, name: str) -> None:
    if not is_uri(value) or not str(value).lower().startswith(("http://", "https://")):
        raise BadRequestData(f"{name}: has to be an http or https address, found {str(value)[:80]!r}")


def _information(value: Any, name: str) -> None:
    for number, info in enumerate(_items(value, name)):
        where = f"{name}[{number}]"
        members = _object(info, where, _INFO)
        if not members:
            raise BadRequestData(f"{where}: needs entities, propertyNames or relationshipNames")
        for names in ("propertyNames", "relationshipNames"):
            if names in members:
                _texts(members[names], f"{where}.{names}")
        for place, one in enumerate(_items(members["entities"], f"{where}.entities") if "entities" in members else ()):
            _entity(one, f"{where}.entities[{place}]")


def _entity(given: Any, where: str) -> None:
    one = _object(given, where, _ENTITY)
    types = one.get("type")
    if not isinstance(types, str) or not types:
        _texts(types, f"{where}.type")
    if "id" in one and not is_uri(one["id"]):
        raise BadRequestData(f"{where}.id: {str(one['id'])[:80]!r} is not a URI")
    if "idPattern" in one:
        _text(one["idPattern"], f"{where}.idPattern")
        match.pattern(one["idPattern"])


def _source_info(value: Any, name: str) -> None:
    for number, pair in enumerate(_items(value, name)):
        where = f"{name}[{number}]"
        found = _object(pair, where, frozenset(("key", "value")))
        key, text = found.get("key"), found.get("value")
        if not isinstance(key, str) or not key or not isinstance(text, str):
            raise BadRequestData(f"{where}: has to be {{key, value}}, both texts")
        if key in ("accept", "contentType") and text not in _MEDIA:
            raise BadRequestData(f"{where}: {key} is one of {', '.join(_MEDIA)} (4.3.6.6)")
        if key == "jsonldContext" and not is_uri(text):
            raise BadRequestData(f"{where}: jsonldContext is the address of an @context (4.3.6.6)")
        if key == "ngsildConformance" and not _VERSION.fullmatch(text):
            raise BadRequestData(f"{where}: ngsildConformance is written as 1.8 (4.3.6.6)")


def _management(value: Any, name: str) -> None:
    found = _object(value, name, _MANAGEMENT)
    if "cacheDuration" in found:
        _duration(found["cacheDuration"], f"{name}.cacheDuration")
    if not isinstance(found.get("localOnly", False), bool):
        raise BadRequestData(f"{name}.localOnly: is true or false")
    for member in ("cooldown", "timeout"):
        number = found.get(member, 1)
        if isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
            raise BadRequestData(f"{name}.{member}: has to be a number of milliseconds above 0")


def _interval(value: Any, name: str) -> None:
    found = _object(value, name, frozenset(("startAt", "endAt")))
    if "startAt" not in found:
        raise BadRequestData(f"{name}: startAt is missing")
    times_found = [times.parse(_text(found[member], name), what=f"{name}.{member}") for member in ("startAt", "endAt")
                   if member in found]  # fmt: skip
    if len(times_found) > 1 and times_found[1] < times_found[0]:
        raise BadRequestData(f"{name}: endAt is before startAt")


def _geometry(value: Any, name: str) -> None:
    if not isinstance(value, dict):
        raise BadRequestData(f"{name}: has to be a GeoJSON geometry")
    problem = geometry.wrong(cast(dict[str, Any], value))
    if problem:
        raise BadRequestData(f"{name}: {problem}")


def _operations(value: Any, name: str) -> None:
    unknown = sorted(set(_texts(value, name)) - OPERATIONS - set(GROUPS))
    if unknown:
        raise BadRequestData(f"{name}: {', '.join(unknown)[:80]} is no operation or group of operations (4.20)")


def _mode(value: Any, name: str) -> None:
    if value not in set(RegistrationMode):
        raise BadRequestData(f"{name}: {str(value)[:40]!r} is not one of {', '.join(RegistrationMode)}")


def _datasets(value: Any, name: str) -> None:
    if not all(one == "@none" or is_uri(one) for one in _texts(value, name)):
        raise BadRequestData(f"{name}: holds URIs, or @none for instances without a datasetId")


def _scope(value: Any, name: str) -> None:
    if not all(is_scope(one) for one in ([value] if isinstance(value, str) else _texts(value, name))):
        raise BadRequestData(f"{name}: has to be a path such as /campus/building, or a list of them (4.18)")


def _expires(value: Any, name: str) -> None:
    times.parse(_text(value, name), what=name)


def _duration(value: Any, name: str) -> None:
    times.duration(_text(value, name), what=name)


def _source_property(value: Any, name: str) -> None:
    if value is None:
        raise BadRequestData(f"{name}: null is no value; leave it out")
    check_json(value, name)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadRequestData(f"{name}: has to be a text that is not empty, found {str(value)[:40]!r}")
    return value


def _texts(value: Any, name: str) -> list[str]:
    return [_text(one, name) for one in _items(value, name)]


def _items(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise BadRequestData(f"{name}: has to be a list that is not empty")
    items = cast(list[Any], value)
    if len(items) > _MANY:
        raise BadRequestData(f"{name}: has {len(items)} items; the limit is {_MANY}")
    return items


def _object(value: Any, where: str, members: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequestData(f"{where}: has to be an object of {', '.join(sorted(members))}")
    found = cast(dict[str, Any], value)
    unknown = sorted(set(found) - members)
    if unknown:
        raise BadRequestData(
            f"{where}: {', '.join(unknown)[:80]} not known here; there are {', '.join(sorted(members))}"
        )
    return found


_MEMBERS: Final[Mapping[str, Callable[[Any, str], object]]] = {
    "endpoint": _endpoint,
    "information": _information,
    "contextSourceInfo": _source_info,
    "contextSourceAlias": _text,
    "registrationName": _text,
    "description": _text,
    "tenant": _text,
    "datasetId": _datasets,
    "expiresAt": _expires,
    "management": _management,
    "observationInterval": _interval,
    "managementInterval": _interval,
    "mode": _mode,
    "operations": _operations,
    "refreshRate": _duration,
    "scope": _scope,
    **dict.fromkeys(GEOMETRIES, _geometry),
}
