"""Which attributes there are, over HTTP (ETSI GS CIM 009 v1.9.1, 6.27, 6.28; 5.2.27, 5.2.28)."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from madang.api.answer import JSON, LD, negotiate
from madang.api.arguments import Arguments
from madang.api.body import link_context
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.entities import address_id
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.types import described, named
from madang.hub.types import by_name
from madang.model.context import Context
from madang.ports import Census

PATH: Final = "/ngsi-ld/v1/attributes"
_LIST: Final = {"id": "urn:ngsi-ld:AttributeList:madang", "type": "AttributeList", "attributeList": ["stage"]}
_ONE: Final = {
    "id": "https://uri.etsi.org/ngsi-ld/default-context/stage",
    "type": "Attribute",
    "attributeName": "stage",
    "attributeCount": 16,
    "attributeTypes": ["Property"],
    "typeNames": ["TrafficSignal"],
}


@get(PATH, operation_class=documented("Types", query=("details", "local"), example=_LIST, media=(JSON, LD)))
async def list_attributes(request: Call) -> Response[bytes]:
    """List the attributes in use (5.7.8); with `details` the types of entities that have them (5.7.9)."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, ("details", "local"))
    context = await link_context(request)
    found = by_name(await rooms(request).hub.types.attributes(reader(request)))
    if given.flag("details"):
        bodies = [{**named(name, context), "typeNames": _types(one, context)} for name, one in sorted(found.items())]
        return described(bodies, media, context)
    return described({**_LIST, "attributeList": sorted(map(context.compact, found))}, media, context)


@get(PATH + "/{name:str}", operation_class=documented("Types", query=("local",), example=_ONE, media=(JSON, LD)))
async def describe_attribute(request: Call, name: FromPath[str]) -> Response[bytes]:
    """What there is of an attribute: how many entities have it, of which types, and as what (5.7.10)."""
    media = negotiate(request, (JSON, LD))
    Arguments(request, ("local",))
    context = await link_context(request)
    attribute = context.expand(address_id(name))
    found = await rooms(request).hub.types.attribute(reader(request), attribute)
    body: dict[str, Any] = {
        **named(attribute, context),
        "attributeCount": sum(one.entities for one in found),
        "attributeTypes": sorted({one.kind.value for one in found}),
        "typeNames": _types(found, context),
    }
    return described(body, media, context)


def _types(census: Sequence[Census], context: Context) -> list[str]:
    return sorted({context.compact(type) for one in census for type in one.types})
