"""Buses for the world's travel planners: GTFS Realtime, as protobuf and as JSON."""

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import ResourceNotFound
from madang.publish import realtime

_FEEDS: Final = {"vehicle-positions": realtime.positions, "trip-updates": realtime.updates}
_EXAMPLE: Final[dict[str, Any]] = {"header": {"gtfs_realtime_version": "2.0"}, "entity": []}


@get("/gtfs-rt/{name:str}", operation_class=documented("Open data", named=False, example=_EXAMPLE))
async def gtfs_realtime(request: Call, name: FromPath[str]) -> Response[bytes]:
    """Read where buses are and when they come, as GTFS Realtime: `vehicle-positions` or `trip-updates`, with ``.pb`` or
    ``.json``."""
    Arguments(request, ())
    word, _, form = name.partition(".")
    if word not in _FEEDS or form not in ("pb", "json"):
        raise ResourceNotFound("/gtfs-rt has vehicle-positions and trip-updates, each as .pb and .json")
    here = rooms(request)
    feed = _FEEDS[word](await realtime.buses(here.hub), here.clock.now())
    if form == "json":
        return plain(realtime.as_json(feed))
    return Answer(feed.SerializeToString(), status_code=200, media_type=realtime.MEDIA)
