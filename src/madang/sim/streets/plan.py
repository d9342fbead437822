"""A fixed plan: the cycle that a controller runs by itself, bound to the time of day as SUMO binds static programs."""

from collections.abc import Iterator

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


def green_until(program: Program, phase: Phase, link: int) -> float:
    """Until when a link that is green in the phase stays green as the plan goes on; one cycle ahead at most."""
    end_s = phase.end_s
    for lamps, duration_s in _after(program, phase):
        if lamps[link] not in "Gg":
            break
        end_s += duration_s
    return end_s


def _after(program: Program, phase: Phase) -> Iterator[tuple[str, float]]:
    position_s = 0.0
    cycle_s = sum(duration_s for _, duration_s in program.phases)
    at_s = (phase.begin_s - program.offset_s) % cycle_s
    for number, (_, duration_s) in enumerate(program.phases):
        if position_s >= at_s - 1e-6:
            yield from (program.phases[number + 1 :] + program.phases[:number])
            return
        position_s += duration_s
