"""From a JSON body to a registration (ETSI GS CIM 009 v1.9.1, 5.2.9, 5.5.4, 5.5.8): expand, merge, check, read.

A body is expanded first (its names become canonical), a fragment is merged into the stored body, and what comes of it
is checked as a whole: so an update can leave behind nothing that a registration could not have begun with.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from madang.errors import BadRequestData
from madang.model import time as times
from madang.model.context import Context
from madang.model.document import NULL
from madang.model.registration import (
    TYPE,
    EntityInfo,
    Interval,
    Registration,
    RegistrationInfo,
    RegistrationMode,
)
from madang.model.registration.check import GEOMETRIES, check, is_member
from madang.model.registration.operations import DEFAULT, single

GENERATED: Final = frozenset(
    ("createdAt", "modifiedAt", "lastFailure", "lastSuccess", "status", "timesFailed", "timesSent", "@context")
)
"""Members that the hub makes; given ones are ignored (table 5.2.9-2)."""
_ALIASES: Final = {"@id": "id", "@type": "type"}


def expand(given: Any, context: Context) -> dict[str, Any]:
    """The body with its names in the canonical short form, without what the hub generates. Whatever has not the form
    it should have is left for `check` to refuse."""
    if not isinstance(given, dict):
        raise BadRequestData("a registration is a JSON object with type, endpoint and information")
    body = {
        _ALIASES.get(name) or (name if is_member(name) else context.expand(name)): value
        for name, value in cast(dict[str, Any], given).items()
        if name not in GENERATED
    }
    if "information" in body:
        body["information"] = renamed(body["information"], context.expand)
    return body


def renamed(information: Any, name: Callable[[str], str]) -> Any:
    """The `information` with each name of a type or an attribute replaced."""
    if not isinstance(information, list):
        return information
    return [_renamed_info(info, name) for info in cast(list[Any], information)]


def _renamed_info(info: Any, name: Callable[[str], str]) -> Any:
    if not isinstance(info, dict):
        return info
    found = dict(cast(dict[str, Any], info))
    for member in ("propertyNames", "relationshipNames"):
        if member in found:
            found[member] = _each(found[member], name)
    if isinstance(found.get("entities"), list):
        found["entities"] = [
            {**cast(dict[str, Any], one), "type": _each(one["type"], name)}
            if isinstance(one, dict) and "type" in one
            else one
            for one in cast(list[Any], found["entities"])
        ]
    return found


def _each(value: Any, name: Callable[[str], str]) -> Any:
    if isinstance(value, str) and value:
        return name(value)
    if isinstance(value, list):
        return [_each(one, name) for one in cast(list[Any], value)]
    return value


def merge(body: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """The body after a partial update (5.5.8): each member of the fragment replaces the stored one, null (or the
    NGSI-LD Null) removes it; the id stays."""
    own = fragment.get("id", body["id"])
    if own != body["id"]:
        raise BadRequestData(f"the id of a registration stays: {body['id']!r}, not {str(own)[:80]!r}")
    merged = dict(body)
    for name, value in fragment.items():
        if value is None or value == NULL:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def registration(body: Mapping[str, Any], *, created_at: datetime, modified_at: datetime) -> Registration:
    """The registration that an expanded body says. Raises BadRequestData for everything that 5.2.9 does not allow."""
    check(body)
    return stored(body, created_at=created_at, modified_at=modified_at)


def stored(body: Mapping[str, Any], *, created_at: datetime, modified_at: datetime) -> Registration:
    """The registration of a body that was checked when it came."""
    mode = RegistrationMode(body.get("mode", "inclusive"))
    # An auxiliary source is asked to retrieve and to query only (4.3.6.2), whatever the default says.
    operations = body.get("operations", ["retrieveOps" if mode is RegistrationMode.AUXILIARY else DEFAULT])
    expires = body.get("expiresAt")
    return Registration(
        id=body["id"],
        body={**body, "type": TYPE},
        information=tuple(_info(info) for info in body["information"]),
        mode=mode,
        operations=single(operations),
        created_at=created_at,
        modified_at=modified_at,
        expires_at=times.parse(expires, what="expiresAt") if expires is not None else None,
        observation=_interval(body.get("observationInterval")),
        management=_interval(body.get("managementInterval")),
        geometries={name: body[name] for name in GEOMETRIES if name in body},
        scopes=_scopes(body.get("scope", [])),
        datasets=tuple(body.get("datasetId", ())),
    )


def _info(info: Mapping[str, Any]) -> RegistrationInfo:
    names = (*info.get("propertyNames", ()), *info.get("relationshipNames", ()))
    return RegistrationInfo(tuple(_entity(one) for one in info.get("entities", ())), frozenset(names))


def _entity(one: Mapping[str, Any]) -> EntityInfo:
    types = one["type"]
    id = one.get("id")
    return EntityInfo((types,) if isinstance(types, str) else tuple(types), id, None if id else one.get("idPattern"))


def _interval(given: Mapping[str, Any] | None) -> Interval | None:
    if given is None:
        return None
    end = given.get("endAt")
    return Interval(times.parse(given["startAt"]), times.parse(end) if end is not None else None)


def _scopes(given: Any) -> tuple[str, ...]:
    items = cast(list[str], given if isinstance(given, list) else [given])
    return tuple(one if one.startswith("/") else "/" + one for one in items)
