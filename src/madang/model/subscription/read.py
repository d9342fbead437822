"""From the JSON of a Subscription to its members with canonical names (ETSI GS CIM 009 v1.9.1, 5.2.12 to 5.2.15).

Members that the standard does not know are left out, and so are those that it calls read-only (table 5.2.12-2): they
shall be ignored. In a fragment null deletes a member (5.5.8); `notification` and `endpoint` are merged member by
member, everything else is replaced.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from madang.errors import BadRequestData
from madang.model import match
from madang.model.context import CORE, Context
from madang.model.document import NULL
from madang.model.geoquery import parse_geo
from madang.model.query.project import NOT_ATTRIBUTES, parse_projection
from madang.model.query.types import parse_scopes, parse_types
from madang.model.subscription import values
from madang.model.subscription.endpoint import read_endpoint
from madang.model.subscription.kept import Phrase, read_text

TRIGGERS: Final = (
    "entityCreated",
    "entityUpdated",
    "entityDeleted",
    "attributeCreated",
    "attributeUpdated",
    "attributeDeleted",
)
FORMATS: Final = ("normalized", "concise", "simplified", "keyValues")

_TYPE = re.compile(r"[^()|,;\s]+")
_MEMBER = re.compile(r"[^{}|,\s]+")
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}(?:\.\d{1,3})?")


def read_members(body: Any, context: Context, *, fragment: bool = False) -> tuple[dict[str, Any], dict[str, Phrase]]:
    """The members, names canonical, and what the names in q and csf stand for. Raises BadRequestData.

    Only each member by itself is checked: `rules.check_whole` checks what they are together.
    """
    if not isinstance(body, dict):
        raise BadRequestData('the body is an object such as {"type": "Subscription", "notification": {…}}')
    parts = values.members("the body", body)
    kind = parts.get("type")
    if kind != "Subscription" and (kind is not None or not fragment):
        raise BadRequestData("type has to be Subscription")
    found: dict[str, Any] = {}
    for name, value in parts.items():
        if value is None or value == NULL:
            if not fragment:
                raise BadRequestData(f"{name} is null; leave it out")
            if name not in ("id", "type"):
                found[name] = None
        elif name in _NAMED:
            found[name] = _NAMED[name](name, value, context)
        elif name in _PLAIN:
            found[name] = _PLAIN[name](name, value)
        elif name == "notification":
            found[name] = _notification(value, context, fragment=fragment)
    return found, _phrases(found, parts.get("expandValues"), context)


def _phrases(found: dict[str, Any], terms: Any, context: Context) -> dict[str, Phrase]:
    phrases: dict[str, Phrase] = {}
    written = tuple(one.strip() for one in values.words("expandValues", terms).split(",")) if terms else ()
    for name in ("q", "csf"):
        if found.get(name) is not None:
            names: dict[str, str] = {}

            def expand(word: str, names: dict[str, str] = names) -> str:
                names[word] = context.expand(word)
                return names[word]

            linked = name == "q"
            read_text(found[name], expand, terms=written, linked=linked)
            phrases[name] = Phrase(context.source, names, written, linked)
    return phrases


def merged(document: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """The document after the fragment (5.5.8)."""
    after = dict(document)
    for name, value in fragment.items():
        if value is None:
            after.pop(name, None)
        elif name in ("notification", "endpoint"):
            after[name] = merged(after.get(name) or {}, value)
        else:
            after[name] = value
    return after


def _notification(given: Any, context: Context, *, fragment: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.members("notification", given).items():
        where = f"notification.{name}"
        if value is None or value == NULL:
            if not fragment:
                raise BadRequestData(f"{where} is null; leave it out")
            found[name] = None
        elif name == "endpoint":
            found[name] = read_endpoint(value, fragment=fragment)
        elif name == "attributes":
            found[name] = _attributes(where, value, context)
        elif name in ("pick", "omit"):
            found[name] = _projection(where, value, context)
        elif name in _TOLD:
            found[name] = _TOLD[name](where, value)
    return found


def _names(name: str, value: Any, context: Context) -> list[str]:
    return [context.expand(one) for one in values.texts(name, value)]


def _attributes(name: str, value: Any, context: Context) -> list[str]:
    found = _names(name, value, context)
    if not NOT_ATTRIBUTES.isdisjoint(found):
        raise BadRequestData(f"{name} names attributes only: for id, type and scope there is pick (table 5.2.14.1-1)")
    return found


def _projection(name: str, value: Any, context: Context) -> list[str]:
    """Items of the projection language (4.21), such as ``name`` and ``owner{name,age}``."""
    found = values.texts(name, value)
    parse_projection(",".join(found), what=name)
    return [rename_members(one, context.expand) for one in found]


def rename_members(item: str, name: Callable[[str], str]) -> str:
    """The item of a projection with each name of an attribute changed."""
    return _MEMBER.sub(lambda one: one.group() if one.group() in NOT_ATTRIBUTES else name(one.group()), item)


def _entities(name: str, value: Any, context: Context) -> list[dict[str, Any]]:
    return [_selector(item, context) for item in values.items(name, value)]


def _selector(given: dict[str, Any], context: Context) -> dict[str, Any]:
    """An EntitySelector (5.2.33)."""
    type_ = values.text("entities.type", given.get("type"))
    parse_types(type_, context.expand)
    found: dict[str, Any] = {"type": rename(type_, context.expand)}
    if given.get("id") is not None:
        ids = given["id"]
        found["id"] = (
            [values.uri("entities.id", one) for one in values.texts("entities.id", ids)]
            if isinstance(ids, list)
            else values.uri("entities.id", ids)
        )
    if given.get("idPattern") is not None:
        found["idPattern"] = values.text("entities.idPattern", given["idPattern"])
        match.pattern(found["idPattern"])
    return found


def rename(expression: str, name: Callable[[str], str]) -> str:
    """The type expression with each of its names changed, everything else as it was written."""
    if expression.strip() == "*":
        return expression
    return _TYPE.sub(lambda found: name(found.group()), expression)


def _geo(name: str, value: Any, context: Context) -> dict[str, Any]:
    """A GeoQuery (5.2.13)."""
    given = values.members(name, value)
    geometry = values.text("geoQ.geometry", given.get("geometry"))
    georel = values.text("geoQ.georel", given.get("georel"))
    coordinates: Any = given.get("coordinates")
    if not isinstance(coordinates, list | str):
        raise BadRequestData("geoQ.coordinates is an array of coordinates")
    found: dict[str, Any] = {"geometry": geometry, "coordinates": coordinates, "georel": georel}
    if given.get("geoproperty") is not None:
        found["geoproperty"] = context.expand(values.text("geoQ.geoproperty", given["geoproperty"]))
    parse_geo(georel, geometry, cast(list[Any] | str, coordinates), "location", CORE.expand)
    return found


def _expanded(name: str, value: Any, context: Context) -> str:
    return ",".join(context.expand(one.strip()) for one in values.words(name, value).split(","))


def _scope(name: str, value: Any) -> str:
    parse_scopes(values.text(name, value))
    return value


def _triggers(name: str, value: Any) -> list[str]:
    check = values.one_of(TRIGGERS)
    return [check(name, one) for one in values.texts(name, value)]


def _datasets(name: str, value: Any) -> list[str]:
    found = values.texts(name, [value] if isinstance(value, str) else value)
    return [one if one == "@none" else values.uri(name, one) for one in found]


def _version(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise BadRequestData(f"{name} is a version such as 1.8")
    return value


_NAMED: Final[Mapping[str, Callable[[str, Any, Context], Any]]] = {
    "entities": _entities,
    "watchedAttributes": _names,
    "geoQ": _geo,
    "expandValues": _expanded,
    "jsonKeys": _expanded,
}
_PLAIN: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "subscriptionName": values.text,
    "description": values.text,
    "notificationTrigger": _triggers,
    "timeInterval": values.positive,
    "throttling": values.positive,
    "q": values.text,
    "csf": values.text,
    "scopeQ": _scope,
    "lang": values.text,
    "datasetId": _datasets,
    "expiresAt": values.moment,
    "isActive": values.truth,
    "jsonldContext": values.uri,
    "localOnly": values.truth,
    "splitEntities": values.truth,
    "ngsildConformance": _version,
}
_TOLD: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "format": values.one_of(FORMATS),
    "showChanges": values.truth,
    "sysAttrs": values.truth,
    "join": values.one_of(("flat", "inline", "@none")),
    "joinLevel": values.whole,
}
