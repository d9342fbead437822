"""From a JSON body to an `Entity`; errors name the attribute and what is wrong (ETSI GS CIM 009, 4.5.1, 5.5.4)."""

import unicodedata
from datetime import datetime
from typing import Any, cast

from madang.errors import BadRequestData
from madang.model.context import Context, is_uri
from madang.model.document import NULL
from madang.model.document.attribute import WHOLE, Mode, read_instances
from madang.model.document.members import REMOVED, RESERVED, read_time
from madang.model.document.proof import PROOF, read_proof
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query.types import is_scope

_GENERATED = frozenset({"@context", "createdAt", "modifiedAt", "deletedAt"})
_OWN = frozenset({"id", "@id", "type", "@type", "scope", "expiresAt"})
_PLACES = frozenset({"location", "observationSpace", "operationSpace"})
"""GeoProperties by the core @context (4.7.1)."""
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Cs", "Zs", "Zl", "Zp"})
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def read_entity(given: Any, context: Context, mode: Mode = WHOLE, *, id: str | None = None) -> Entity:
    """The entity that the body says; names in the canonical short form.

    `id` is the entity's id where the address gives it: then the body may leave it and the type out (a fragment; no type
    is an empty tuple). Raises BadRequestData.
    """
    if not isinstance(given, dict):
        raise BadRequestData("an entity is a JSON object with id, type and its attributes")
    parts = cast(dict[str, Any], given)
    own = parts.get("id", parts.get("@id", id))
    _check_id(own, id)
    types = next((read_types(parts[name], context) for name in ("type", "@type") if name in parts), ())
    if not types and id is None:
        raise BadRequestData(f"the entity {str(own)[:80]!r} has no type")
    return Entity(
        id=str(own),
        types=types,
        attributes=_attributes(parts, context, mode),
        scopes=_scopes(parts["scope"], mode) if "scope" in parts else (),
        expires_at=_expiry(parts["expiresAt"], mode) if "expiresAt" in parts else None,
    )


def read_types(given: Any, context: Context) -> tuple[str, ...]:
    """The type or types (4.6.2), expanded, each once."""
    items = cast(list[Any], given) if isinstance(given, list) else [given]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise BadRequestData("type has to be a name or a list of names")
    wrong = next((item for item in items if item in _OWN), None)
    if wrong is not None:
        raise BadRequestData(f"{wrong!r} is a member of every entity, and names no type")
    if NULL in items:
        raise BadRequestData(f"{NULL!r} names no type; an entity keeps its types (5.5.8)")
    return tuple(dict.fromkeys(context.expand(item) for item in items))


def is_visible(id: str) -> bool:
    """Whether every character can be seen: an id that looks like another one names nothing that people can tell
    apart."""
    return id.isascii() or not any(
        unicodedata.category(sign) in _UNSEEN or sign in _BLANKS or "\ufe00" <= sign <= "\ufe0f" or sign >= "\U000e0000"
        for sign in id
    )


def _attributes(parts: dict[str, Any], context: Context, mode: Mode) -> dict[str, tuple[Attribute, ...]]:
    attributes: dict[str, tuple[Attribute, ...]] = {}
    for name, value in parts.items():
        if name in _GENERATED or name in _OWN:
            continue
        if name in RESERVED:
            raise BadRequestData(f"{name!r} is a term of the core @context and names no attribute (4.5.1)")
        key = context.expand(name)
        if key in attributes:
            raise BadRequestData(f"the attribute {name!r} is there twice under different names")
        if key == PROOF and not mode.temporal:
            attributes[key] = read_proof(value, context, mode)
        else:
            attributes[key] = read_instances(value, context, mode, where=f"attribute {name!r}")
        if key in _PLACES:
            _check_place(name, attributes[key])
    return attributes


def _check_place(name: str, instances: tuple[Attribute, ...]) -> None:
    for one in instances:
        if one.kind is not Kind.GEO and one.value is not None and one.value != NULL:
            raise BadRequestData(f"attribute {name!r} is a GeoProperty by the core @context (4.7.1), not a {one.kind}")


def _check_id(own: Any, id: str | None) -> None:
    if own is None:
        raise BadRequestData("the entity has no id")
    if not is_uri(own) or own == NULL or not is_visible(own):
        raise BadRequestData(f"the id {ascii(own)[:80]} is not a URI; write it as urn:ngsi-ld:Type:name")
    if id is not None and own != id:
        raise BadRequestData(f"the body's id {own!r} is not the address's {id!r}")


def _expiry(given: Any, mode: Mode) -> datetime:
    return REMOVED if given == NULL and mode.fragment else read_time(given, "expiresAt")


def _scopes(given: Any, mode: Mode) -> tuple[str, ...]:
    if given == NULL and mode.fragment:
        return (NULL,)
    items = cast(list[Any], given) if isinstance(given, list) else [given]
    if not items or not all(isinstance(item, str) and is_scope(item) for item in items):
        raise BadRequestData("scope has to be a path such as /campus/building, or a list of them (4.18)")
    return tuple(dict.fromkeys(item if item.startswith("/") else "/" + item for item in items))
