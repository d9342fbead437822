"""From a JSON body to an `Entity`; errors name the attribute and what is wrong (ETSI GS CIM 009 v1.8.1, 5.5.4)."""

from typing import Any, cast

from madang.errors import BadRequestData, OperationNotSupported
from madang.model.context import Context, is_uri
from madang.model.document import NULL
from madang.model.document.attribute import WHOLE, Mode, read_instances
from madang.model.entity import Attribute, Entity
from madang.model.query.types import is_scope

_GENERATED = frozenset({"@context", "createdAt", "modifiedAt", "deletedAt"})


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
    attributes: dict[str, tuple[Attribute, ...]] = {}
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    for name, value in parts.items():
        if name in ("type", "@type"):
            types = read_types(value, context)
        elif name == "scope":
            scopes = _scopes(value, mode)
        elif name == "expiresAt":
            raise OperationNotSupported("expiresAt (4.22) is not supported yet")
        elif name not in _GENERATED and name not in ("id", "@id"):
            key = context.expand(name)
            if key in attributes:
                raise BadRequestData(f"the attribute {name!r} is there twice under different names")
            attributes[key] = read_instances(value, context, mode, where=f"attribute {name!r}")
    if not types and id is None:
        raise BadRequestData(f"the entity {str(own)[:80]!r} has no type")
    return Entity(id=str(own), types=types, attributes=attributes, scopes=scopes)


def read_types(given: Any, context: Context) -> tuple[str, ...]:
    """The type or types (4.6.2), expanded, each once."""
    items = cast(list[Any], given) if isinstance(given, list) else [given]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise BadRequestData("type has to be a name or a list of names")
    return tuple(dict.fromkeys(context.expand(item) for item in items))


def _check_id(own: Any, id: str | None) -> None:
    if own is None:
        raise BadRequestData("the entity has no id")
    if not is_uri(own):
        raise BadRequestData(f"the id {str(own)[:80]!r} is not a URI; write it as urn:ngsi-ld:Type:name")
    if id is not None and own != id:
        raise BadRequestData(f"the body's id {own!r} is not the address's {id!r}")


def _scopes(given: Any, mode: Mode) -> tuple[str, ...]:
    if given == NULL and mode.fragment:
        return (NULL,)
    items = cast(list[Any], given) if isinstance(given, list) else [given]
    if not items or not all(isinstance(item, str) and is_scope(item) for item in items):
        raise BadRequestData("scope has to be a path such as /campus/building, or a list of them (4.18)")
    return tuple(dict.fromkeys(item if item.startswith("/") else "/" + item for item in items))
