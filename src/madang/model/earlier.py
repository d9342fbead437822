"""Entities as an earlier version of the standard would write them (ETSI GS CIM 009 v1.9.1, 4.3.6.8): for who asks for
one, with ``Prefer: ngsi-ld=1.6`` or with the ngsildConformance of a subscription.

It works on the JSON of entities, of one moment or of their past, in any of their forms. What an earlier version does
not know is left out; kinds of attributes that it does not know become Properties and Relationships.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

Version = tuple[int, int]
"""Major and minor."""

OWN: Final[Version] = (1, 9)
"""The version that the hub writes itself."""
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?")
_Json = dict[str, Any]

_ONE: Final[Version] = (1, 3)
"""Before it there was one type, and one instance of an attribute; no datasetId, observedAt and unitCode."""
_ENTITY: Final[Mapping[str, Version]] = {"expiresAt": (1, 9), "scope": (1, 4)}
_ATTRIBUTE: Final[Mapping[str, Version]] = {
    "expiresAt": (1, 9),
    "valueType": (1, 9),
    "objectType": (1, 8),
    "datasetId": _ONE,
    "observedAt": _ONE,
    "unitCode": _ONE,
}
_KINDS: Final[Mapping[str, tuple[Version, str]]] = {
    "LanguageProperty": ((1, 4), "Property"),
    "JsonProperty": ((1, 8), "Property"),
    "VocabProperty": ((1, 8), "Property"),
    "ListProperty": ((1, 8), "Property"),
    "ListRelationship": ((1, 8), "Relationship"),
}
_VALUES: Final[Mapping[str, tuple[Version, str]]] = {
    "languageMap": ((1, 4), "value"),
    "json": ((1, 8), "value"),
    "vocab": ((1, 8), "value"),
    "valueList": ((1, 8), "value"),
    "objectList": ((1, 8), "object"),
    "languageMaps": ((1, 4), "values"),
    "jsons": ((1, 8), "values"),
    "vocabs": ((1, 8), "values"),
    "valueLists": ((1, 8), "values"),
    "objectLists": ((1, 8), "objects"),
}
_BARE: Final = frozenset({"languageMap", "json", "vocab"})
"""What stands around the value of such a kind where values are written alone."""
_TIMES: Final = frozenset(("createdAt", "modifiedAt", "deletedAt"))
_ENTITY_MEMBERS: Final = _TIMES | {"id", "type", "@context", *_ENTITY}
_INSTANCE_MEMBERS: Final = (
    _TIMES
    | {"type", "instanceId", "value", "object", "values", "objects", "dataset"}
    | {"previousValue", "previousObject", "previousLanguageMap", *_ATTRIBUTE, *_VALUES}
)
_JOINED: Final = ("entity", "entityList")
"""Linked entities within a relationship."""


def read_version(text: Any) -> Version | None:
    """The version that a text such as 1.6 or 1.6.1 says."""
    found = _VERSION.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found else None


def print_version(version: Version) -> str:
    """As major.minor."""
    return f"{version[0]}.{version[1]}"


def as_of(body: Any, version: Version, *, bare: bool = False, past: bool = False) -> Any:
    """The JSON of entities (one, a list, a GeoJSON collection) as that version has it. `bare`: values are written
    alone; `past`: an attribute's list is of its samples, not of its instances."""
    if version >= OWN:
        return body
    if isinstance(body, list):
        return [as_of(one, version, bare=bare, past=past) for one in cast(list[Any], body)]
    if not isinstance(body, dict):
        return body
    found = cast(_Json, body)
    for inner in ("features", "properties"):
        # GeoJSON: a collection of features, each with its entity in the properties.
        if isinstance(found.get(inner), list | dict) and found.get("type") in ("FeatureCollection", "Feature"):
            return {**found, inner: as_of(found[inner], version, bare=bare, past=past)}
    return _entity(found, version, bare=bare, past=past)


def _entity(body: _Json, version: Version, *, bare: bool, past: bool) -> _Json:
    found: _Json = {}
    for name, value in body.items():
        if name in _ENTITY and version < _ENTITY[name]:
            continue
        if name == "type" and version < _ONE and isinstance(value, list):
            found[name] = value[0]
        elif name in _ENTITY_MEMBERS:
            found[name] = value
        elif bare and not past:
            found[name] = _alone(value, version)
        else:
            found[name] = _attribute(value, version, past=past)
    return found


def _alone(value: Any, version: Version) -> Any:
    if not isinstance(value, dict):
        return value
    found = cast(_Json, value)
    if len(found) == 1:
        ((name, inner),) = found.items()
        if name in _BARE and version < _VALUES[name][0]:
            return inner
        if name == "dataset" and isinstance(inner, dict) and inner:
            instances = {key: _alone(one, version) for key, one in cast(_Json, inner).items()}
            return {name: instances} if version >= _ONE else instances.get("@none", next(iter(instances.values())))
    return found


def _attribute(value: Any, version: Version, *, past: bool = False) -> Any:
    """One instance, or the list of them."""
    if isinstance(value, list):
        instances = cast(list[Any], value)
        if past or version >= _ONE:
            return [_attribute(one, version) for one in instances]
        default = (one for one in cast(list[_Json], instances) if "datasetId" not in one)
        return _attribute(next(default, instances[0]), version)
    return _instance(cast(_Json, value), version) if isinstance(value, dict) else value


def _instance(body: _Json, version: Version) -> _Json:
    found: _Json = {}
    for name, value in body.items():
        if name in _ATTRIBUTE and version < _ATTRIBUTE[name]:
            continue
        if name in _VALUES and version < _VALUES[name][0]:
            found[_VALUES[name][1]] = _objects(value) if name == "objectList" else value
        elif name == "type" and value in _KINDS and version < _KINDS[value][0]:
            found[name] = _KINDS[value][1]
        elif name in _INSTANCE_MEMBERS:
            found[name] = value
        elif name in _JOINED:
            found[name] = as_of(value, version)
        else:
            found[name] = _attribute(value, version)
    return found


def _objects(value: Any) -> Any:
    """The URIs of a list of ``{"object": …}``."""
    if not isinstance(value, list):
        return value
    items = cast(list[Any], value)
    return [cast(_Json, one).get("object", one) if isinstance(one, dict) else one for one in items]
