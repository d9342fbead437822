"""Which entity types there are, over HTTP (ETSI GS CIM 009 v1.8.1, 6.25)."""

from typing import Any, Final

from litestar import Response, get

from madang.api.answer import JSON, LD, in_body, negotiate, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms

PATH: Final = "/ngsi-ld/v1/types"
_EXAMPLE: Final = {"id": "urn:ngsi-ld:EntityTypeList:madang", "type": "EntityTypeList", "typeList": ["TrafficSignal"]}


@get(PATH, operation_class=documented("Types", query=("local",), example=_EXAMPLE, media=(JSON, LD)))
async def list_types(request: Call) -> Response[bytes]:
    """List the entity types in use (5.7.5)."""
    media = negotiate(request, (JSON, LD))
    Arguments(request, ("local",))
    context = await link_context(request)
    available = await rooms(request).hub.types.available(reader(request))
    names = sorted(context.compact(name) for name in available)
    body: dict[str, Any] = {**_EXAMPLE, "typeList": names}
    if media == LD:
        body["@context"] = in_body(context)
    return reply(body, media, context)
