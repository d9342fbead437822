"""Where a city's buses on real streets are told of: its ``transit.toml``."""

from typing import Annotated

import msgspec
from msgspec import Meta


class RealtimeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Feeds of GTFS Realtime, by address, and how often they are read. `timetable` is a GTFS feed in the city's folder
    (``gtfs.zip``): it gives lines their names."""

    feeds: Annotated[tuple[str, ...], Meta(min_length=1, max_length=16)]
    every_s: Annotated[float, Meta(ge=1, le=3600)] = 15.0
    timetable: str = ""


class Transit(msgspec.Struct, frozen=True, kw_only=True):
    """The file."""

    realtime: RealtimeSpec
