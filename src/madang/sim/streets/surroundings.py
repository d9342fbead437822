"""What a vehicle's report needs to know of its world."""

from collections.abc import Callable, Mapping

import msgspec

from madang.sim.streets.roadmap import Road


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """The roads, the lane at the stop line by signal and link, and a
    second of the simulation as the city's time in ISO 8601."""

    roads: Mapping[str, Road]
    from_lanes: Mapping[tuple[str, int], str]
    iso: Callable[[float], str]
