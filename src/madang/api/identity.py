"""Who this hub is, over HTTP (ETSI GS CIM 009 v1.9.1, 5.15, 6.33)."""

from typing import Any, Final

from litestar import Response, get

import madang
from madang.api.answer import JSON, LD, in_body, negotiate, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.model import time as times

PATH: Final = "/ngsi-ld/v1/info/sourceIdentity"
_EXAMPLE: Final = {
    "id": "urn:ngsi-ld:ContextSourceIdentity:madang-0123456789abcdef",
    "type": "ContextSourceIdentity",
    "contextSourceAlias": "madang-0123456789abcdef",
    "contextSourceUptime": "P1DT2H3M4S",
    "contextSourceTimeAt": "2026-03-01T07:30:00Z",
    "contextSourceExtras": {"software": "madang", "version": "0.1.0", "city": "ingolstadt"},
}


@get(PATH, operation_class=documented("Sources", example=_EXAMPLE, media=(JSON, LD)))
async def source_identity(request: Call) -> Response[bytes]:
    """Retrieve the hub's identity (5.15.1): its alias in a federation, how long it has been up, its time."""
    media = negotiate(request, (JSON, LD))
    Arguments(request, ())
    context = await link_context(request)
    found = await rooms(request).hub.identity.retrieve(reader(request))
    body: dict[str, Any] = {
        "id": found.id,
        "type": "ContextSourceIdentity",
        "contextSourceAlias": found.alias,
        "contextSourceUptime": duration(found.uptime_s),
        "contextSourceTimeAt": times.text(found.at),
        "contextSourceExtras": {
            "software": "madang",
            "version": madang.__version__,
            "city": rooms(request).city.id,
        },
    }
    if media == LD:
        body["@context"] = in_body(context)
    return reply(body, media, context)


def duration(seconds: float) -> str:
    """Whole seconds as an ISO 8601 duration of days, hours, minutes and seconds."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"P{days}DT{hours}H{minutes}M{rest}S" if days else f"PT{hours}H{minutes}M{rest}S"
