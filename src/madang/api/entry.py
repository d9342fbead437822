"""Where the NGSI-LD interface begins: ``/ngsi-ld/v1``, the address that the catalogue gives to programs."""

from typing import Final

from litestar import Response, get

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.catalogue import address
from madang.api.docs import documented
from madang.api.problem import Call

PATH: Final = "/ngsi-ld/v1"
_PARTS: Final = ("entities", "temporal/entities", "types", "attributes", "subscriptions", "jsonldContexts")
_TITLE: Final = "NGSI-LD API"
_SAID: Final = "ETSI GS CIM 009 v1.9.1"


@get(PATH, operation_class=documented("Open data", named=False, example={"title": _TITLE, "specification": _SAID}))
async def enter(request: Call) -> Response[bytes]:
    """Say what this interface is and where it goes on. The standard has nothing at its own address; a catalogue has to
    name one, and who opens that should not stand before nothing."""
    Arguments(request, ())
    here = address(request)
    body = {
        "title": _TITLE,
        "specification": _SAID,
        "documentation": f"{here}/docs",
        "description": f"{here}/openapi.json",
        "catalogue": f"{here}/catalog",
        **{name.rpartition("/")[0] or name: f"{here}{PATH}/{name}" for name in _PARTS},
    }
    return plain(body)
