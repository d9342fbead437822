"""For developers outside: keys that anybody makes for themselves, for public data, with a quota; what is where."""

from functools import partial
from typing import Final

import msgspec
from litestar import Response, delete, get, post

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.catalogue import address, shelf
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import ResourceNotFound, Unauthorized
from madang.govern.developing import Developers
from madang.model.dataset import text_of

_documented = partial(documented, "Developers", named=False)
_USE: Final = {
    "name": "dev-0123456789ab",
    "made_at": "2026-11-23T18:00:00Z",
    "expires_at": "2027-11-23T18:00:00Z",
    "daily": 20000,
    "used": 3,
}
_PAUSE_S: Final = 300.0


@post("/developers/keys", status_code=201, operation_class=_documented(answers=(201, 429)))
async def make_key(request: Call) -> Response[bytes]:
    """Make yourself a key for public data, without an account: with it you subscribe to changes (webhooks). It opens
    nothing that is closed to the public, and is shown this once."""
    Arguments(request, ())
    here = rooms(request)
    made = _developers(request)
    here.limits.take(request, "developer key", burst=3, every_s=_PAUSE_S)
    use, text = made.make()
    return plain({"key": text, **msgspec.to_builtins(use)}, status=201)


@get("/developers/keys", operation_class=_documented(example=_USE))
async def use_of_key(request: Call) -> Response[bytes]:
    """Tell how the key that you send (`Authorization: Bearer KEY`) is used: requests of today, and how many it has."""
    Arguments(request, ())
    return plain(_developers(request).use(_text(request)))


@delete("/developers/keys", status_code=204, operation_class=_documented(answers=(204,)))
async def end_key(request: Call) -> None:
    """End the key that you send: it opens nothing any more."""
    Arguments(request, ())
    _developers(request).end(_text(request))


@get("/llms.txt", operation_class=_documented(media=("text/markdown",)))
async def llms(request: Call) -> Response[bytes]:
    """Read what this hub has, in one page of plain Markdown for programs that read text (llmstxt.org)."""
    Arguments(request, ())
    here, city = address(request), rooms(request).city
    datasets = "\n".join(
        f"- [{text_of(one.title)}]({here}/data/{one.id}.csv): {text_of(one.description) or one.type}"
        for one in shelf(request).all()
    )
    text = _LLMS.format(past=_PAST, city=text_of(city.name), here=here, datasets=datasets or "- nothing is published")
    return Response(text.encode(), media_type="text/markdown")


_PAST: Final = "/ngsi-ld/v1/temporal/entities?type=TrafficKpi&timerel=after&timeAt=2026-01-01T00:00:00Z"
_LLMS: Final = """# {city}

> The open city platform Madang of {city}: its data, each decision with its reasons, and what people resolved,
> objected to and proposed. Reading needs no account. Errors are problem details (RFC 9457): `detail` says what to do.

## API

- [OpenAPI]({here}/openapi.json): every operation
- [Entities]({here}/ngsi-ld/v1/entities?type=AirQualityObserved&options=keyValues): NGSI-LD (ETSI GS CIM 009)
- [History]({here}{past}): the past of attributes
- [Live changes]({here}/events?type=TrafficSignal): server-sent events
- [Decisions]({here}/decisions?limit=10): what the services decided, why, and what else they could have done
- [Features]({here}/ogc): OGC API Features with CQL2 filters
- [Catalogue]({here}/catalog): DCAT-AP 3
- [Buses]({here}/gtfs-rt/vehicle-positions.pb): GTFS Realtime
- [Committees]({here}/committees), [proposals]({here}/proposals): who decides, what residents propose
- Keys: POST {here}/developers/keys makes one; with it webhooks are made: POST {here}/ngsi-ld/v1/subscriptions

## Data

{datasets}
"""


def _developers(request: Call) -> Developers:
    found = rooms(request).developers
    if found is None:
        raise ResourceNotFound("this hub makes no keys for developers; its operator does: 'madang key add'")
    return found


def _text(request: Call) -> str:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Unauthorized("send the key that you mean: Authorization: Bearer KEY")
    return text.strip()
