"""What an approach to a junction is called: its street's name, or where it comes from, as a person would say it."""

import math

from madang.sim.streets.network import Network, Point

QUARTERS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")

LOOK_BACK_M = 50.0
"""How far back from the stop line the direction is taken: the last metres of a lane often bend."""


def called(lane: str, network: Network) -> str:
    """The name of the lane's street; without one "the approach from the north-east", by the compass of the network."""
    found = network.lanes.get(lane)
    if found is None:
        return lane
    return network.edges.get(found.edge, "") or f"the approach from the {_quarter(found.shape)}"


def _quarter(shape: tuple[Point, ...]) -> str:
    """Where a vehicle comes from that follows the shape to its end. y points north in a SUMO network."""
    end, start = shape[-1], shape[-1]
    for point in reversed(shape):
        start = point
        if math.dist(point, end) >= LOOK_BACK_M:
            break
    clockwise = math.degrees(math.atan2(start[0] - end[0], start[1] - end[1])) % 360
    return QUARTERS[round(clockwise / 45) % 8]
