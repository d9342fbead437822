"""When a junction must be green for a vehicle with right of way."""

import msgspec

from madang.model.ahead import Ahead


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When a junction must be green for the vehicle, in seconds from now, and what that costs in vehicle-seconds."""

    ahead: Ahead
    arrival_s: float
    from_s: float
    until_s: float
    cost: float
