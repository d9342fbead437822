"""The city and its streets, for the map."""

from typing import Any, Final

import msgspec
from litestar import Response, get

from madang.api.answer import plain
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import ResourceNotFound, Unavailable
from madang.model.world import Hello

_EXAMPLE: Final = {
    "id": "ingolstadt",
    "name": {"en": "Ingolstadt"},
    "centre": [11.4257, 48.7651],
    "languages": ["de", "en"],
    "time_zone": "Europe/Berlin",
    "speed": 1.0,
    "scenario": "ingolstadt21",
    "attribution": "© OpenStreetMap contributors",
}
_KEPT: Final = 4
_STREETS: Final[dict[str, Any]] = {"type": "FeatureCollection", "features": []}


@get("/city", operation_class=documented("The city", named=False, example=_EXAMPLE))
async def city(request: Call) -> Response[bytes]:
    """The city: its name, centre, languages and time zone, and which world it runs."""
    here = rooms(request)
    told, told_of = here.city, here.world()
    body: dict[str, Any] = {
        "id": told.id,
        "name": told.name,
        "jurisdiction": told.jurisdiction,
        "population": told.population,
        "centre": told.centre,
        "languages": told.languages,
        "time_zone": told.time_zone,
        "speed": told_of.speed if told_of is not None else None,
        "scenario": told_of.scenario if told_of is not None else None,
        "attribution": here.attribution,
    }
    return plain(body)


@get(
    "/streets.geojson",
    operation_class=documented("The city", named=False, example=_STREETS, media=("application/geo+json",)),
)
async def streets(request: Call) -> Response[bytes]:
    """The streets as GeoJSON lines, one a lane. They do not change while a world runs."""
    hello = rooms(request).world()
    if hello is None and "world" not in rooms(request).status()["parts"]:
        raise ResourceNotFound("this hub runs without a world, so it has no streets; 'madang up' runs one")
    if hello is None:
        raise Unavailable("the world has not started yet; ask again in a few seconds")
    tag = f'"{hello.scenario_hash[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    body = _encoded(rooms(request).kept, hello, tag)
    return Response(body, media_type="application/geo+json", headers=headers)


def _encoded(kept: dict[str, bytes], hello: Hello, tag: str) -> bytes:
    """The streets as bytes; made once, since a city's are about a megabyte and every page asks for them."""
    if tag not in kept:
        if len(kept) > _KEPT:
            kept.clear()
        kept[tag] = msgspec.json.encode(hello.streets)
    return kept[tag]
