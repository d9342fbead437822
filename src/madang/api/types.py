"""Which entity types there are, over HTTP (ETSI GS CIM 009 v1.9.1, 6.25, 6.26; 5.2.24 to 5.2.26)."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from madang.api.answer import JSON, LD, in_body, negotiate, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.entities import address_id
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.hub.types import by_name
from madang.model.context import Context, full
from madang.ports import Census

PATH: Final = "/ngsi-ld/v1/types"
_LIST: Final = {"id": "urn:ngsi-ld:EntityTypeList:madang", "type": "EntityTypeList", "typeList": ["TrafficSignal"]}
_INFO: Final = {
    "id": "https://uri.etsi.org/ngsi-ld/default-context/TrafficSignal",
    "type": "EntityTypeInfo",
    "typeName": "TrafficSignal",
    "entityCount": 16,
    "attributeDetails": [
        {
            "id": "https://uri.etsi.org/ngsi-ld/default-context/stage",
            "type": "Attribute",
            "attributeName": "stage",
            "attributeTypes": ["Property"],
        }
    ],
}


@get(PATH, operation_class=documented("Types", query=("details", "local"), example=_LIST, media=(JSON, LD)))
async def list_types(request: Call) -> Response[bytes]:
    """List the entity types in use (5.7.5); with `details` their attributes too (5.7.6)."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, ("details", "local"))
    context = await link_context(request)
    hub, caller = rooms(request).hub.types, reader(request)
    available = await hub.available(caller)
    if given.flag("details"):
        census = await hub.attributes(caller)
        return described([_type(type, census, context) for type in sorted(available)], media, context)
    names = sorted(context.compact(name) for name in available)
    return described({**_LIST, "typeList": names}, media, context)


@get(PATH + "/{name:str}", operation_class=documented("Types", query=("local",), example=_INFO, media=(JSON, LD)))
async def retrieve_type(request: Call, name: FromPath[str]) -> Response[bytes]:
    """What there is of an entity type: how many entities, with which attributes (5.7.7)."""
    media = negotiate(request, (JSON, LD))
    Arguments(request, ("local",))
    context = await link_context(request)
    type = context.expand(address_id(name))
    count, census = await rooms(request).hub.types.type(reader(request), type)
    details = [
        {**named(attribute, context), "attributeTypes": sorted({one.kind.value for one in found})}
        for attribute, found in by_name(census).items()
    ]
    body = {
        "id": full(type),
        "type": "EntityTypeInfo",
        "typeName": context.compact(type),
        "entityCount": count,
        "attributeDetails": details,
    }
    return described(body, media, context)


def named(attribute: str, context: Context) -> dict[str, Any]:
    """What every description of an attribute begins with (5.2.28)."""
    return {"id": full(attribute), "type": "Attribute", "attributeName": context.compact(attribute)}


def described(body: Any, media: str, context: Context) -> Response[bytes]:
    """The answer; in JSON-LD each of its objects has the @context."""
    if media == LD:
        for one in body if isinstance(body, list) else [body]:  # pyright: ignore[reportUnknownVariableType]
            one["@context"] = in_body(context)
    return reply(body, media, context)


def _type(type: str, census: Sequence[Census], context: Context) -> dict[str, Any]:
    attributes = dict.fromkeys(one.name for one in census if type in one.types)
    return {
        "id": full(type),
        "type": "EntityType",
        "typeName": context.compact(type),
        "attributeNames": sorted(context.compact(name) for name in attributes),
    }
