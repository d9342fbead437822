"""A fixed plan: the cycle that a controller runs by itself, bound to the time of day as SUMO binds static programs."""

import msgspec

from madang.sim.streets.network import Program


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A phase as it runs at some time: its lamps, and when (in world seconds) it began and ends."""

    lamps: str
    begin_s: float
    end_s: float


def phase_at(program: Program, now_s: float) -> Phase:
    """The phase of the program at a world's second.

    The cycle starts at multiples of its length plus the offset, as in SUMO (Simulation/Traffic_Lights, "offset").
    """
    cycle_s = sum(duration_s for _, duration_s in program.phases)
    begin_s = now_s - (now_s - program.offset_s) % cycle_s
    for lamps, duration_s in program.phases:
        if now_s < begin_s + duration_s:
            return Phase(lamps=lamps, begin_s=begin_s, end_s=begin_s + duration_s)
        begin_s += duration_s
    # Only rounding comes here: the cycle has just ended.
    lamps, duration_s = program.phases[0]
    return Phase(lamps=lamps, begin_s=begin_s, end_s=begin_s + duration_s)
