"""Holding at a stop: a bus that follows too close on the one before, or is ahead of its timetable, waits a little.

A line with many buses is kept at even headways: nobody reads its timetable, and a bus that has caught up with the one
before drives empty behind a full one. A line with few is kept on its timetable: who comes in time must not have missed
it. The decision falls when the bus is about to leave, for that is when the headway is known.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from madang.model.service import Alternative, Command, Memory, View
from madang.services.buses import sense
from madang.services.buses.sense import Bus, Call
from madang.services.buses.settings import Settings

HOLD = "hold"
LAST_S, FIRST_S = 8.0, 2.0
"""A bus is told to stay between so many seconds before it leaves."""
FORGET_S = 7200.0
UNIT = "seconds off the plan"


class Leader(msgspec.Struct, frozen=True, kw_only=True):
    """The bus that left a stop before: when it left or will, and when it should have (POSIX seconds); how many seconds
    after the one before it, and how many were planned (0: there was none)."""

    bus: str
    at_s: float
    planned_s: float
    headway_s: float = 0.0
    planned_headway_s: float = 0.0


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A bus at a stop, who left there before it, and whether a hold was asked for already."""

    stop: str
    leader: Leader | None = None
    asked: bool = False


def stop_key(bus: Bus) -> str:
    """Under which key the last departure of the bus's line from its stop is kept in memory."""
    return f"{bus.line} {bus.way.at}"


def call_of(bus: Bus) -> Call | None:
    """The call that the bus is making, where it stands at a stop."""
    return next((call for call in bus.way.stops if call.stop == bus.way.at), None) if bus.way.at else None


def visit_of(bus: Bus, memory: Memory) -> Visit:
    """What is remembered of the bus at this stop; a bus that has just come finds who was there last."""
    known = _converted(memory.get(bus.id), Visit)
    if known is not None and known.stop == bus.way.at:
        return known
    last = _converted(memory.get(stop_key(bus)), Leader)
    return Visit(stop=bus.way.at, leader=last if last is not None and last.bus != bus.id else None)


def departures(view: View, buses: Sequence[Bus], memory: Memory) -> dict[str, Any]:
    """By line and stop the last departure, those of the buses that stand there now included."""
    now_s = view.at.timestamp()
    known = {key: found for key, value in memory.items() if (found := _converted(value, Leader)) is not None}
    kept = {key: leader for key, leader in known.items() if now_s - leader.at_s < FORGET_S}
    for bus in buses:
        call = call_of(bus)
        if call is None:
            continue
        planned_s, actual_s = _headway(view, bus, call, visit_of(bus, memory))
        mine = Leader(
            bus=bus.id,
            at_s=_leaves(view, bus).timestamp(),
            planned_s=call.departs.timestamp(),
            headway_s=actual_s,
            planned_headway_s=planned_s,
        )
        last = kept.get(stop_key(bus))
        if last is None or last.bus == bus.id or last.at_s <= mine.at_s:
            kept[stop_key(bus)] = mine
    return {key: msgspec.to_builtins(leader) for key, leader in kept.items()}


def hold(view: View, bus: Bus, visit: Visit, settings: Settings) -> Command | None:
    """The command to hold the bus, or None where it should leave."""
    call = call_of(bus)
    left_s = bus.way.dwell - bus.age_s
    early = settings.hold == "approve"  # a person needs the time that is left to say yes
    if call is None or visit.asked or bus.way.held or left_s < FIRST_S or (left_s > LAST_S and not early):
        return None
    if bus.lateness_s >= settings.very_late_s:
        return None
    planned_s, actual_s = _headway(view, bus, call, visit)
    if 0 < planned_s <= settings.frequent_s:
        # Not the whole planned headway: what is given to the next bus is taken from those who sit in this one.
        wanted_s, rule = settings.bunched * planned_s - actual_s, "headway"
    else:
        wanted_s, rule = (call.departs - _leaves(view, bus)).total_seconds(), "timetable"
        if wanted_s < settings.early_s:
            return None
    seconds = float(int(min(wanted_s, settings.max_hold_s)))
    if seconds < max(1.0, settings.least_hold_s):
        return None
    reason = _reason(view, bus, rule, planned_s, actual_s, wanted_s)
    return _command(bus, rule=rule, reason=reason, seconds=seconds, wanted_s=wanted_s)


def _headway(view: View, bus: Bus, call: Call, visit: Visit) -> tuple[float, float]:
    """Planned and actual seconds behind the bus before; 0 and 0 where none is known."""
    if visit.leader is None:
        return 0.0, 0.0
    planned_s = call.departs.timestamp() - visit.leader.planned_s
    return planned_s, _leaves(view, bus).timestamp() - visit.leader.at_s


def _leaves(view: View, bus: Bus) -> datetime:
    at_s = view.at.timestamp() + max(0.0, bus.way.dwell - bus.age_s)
    return datetime.fromtimestamp(at_s, UTC)


def _reason(view: View, bus: Bus, rule: str, planned_s: float, actual_s: float, wanted_s: float) -> str:
    stop = sense.name(view, bus.way.at)
    if rule == "headway":
        return (
            f"At {stop} line {bus.line} would follow the bus before it after {actual_s:.0f} s; "
            f"planned are {planned_s:.0f} s."
        )
    return f"At {stop} line {bus.line} would leave {wanted_s:.0f} s before its time."


def _command(bus: Bus, *, rule: str, reason: str, seconds: float, wanted_s: float) -> Command:
    return Command(
        target=bus.id,
        action=HOLD,
        parameters={"stop": bus.way.at, "seconds": seconds},
        rule=rule,
        reason=f"{reason} It stays {seconds:.0f} s longer.",
        inputs=(*bus.inputs, (bus.way.at, "name")),
        alternatives=(
            Alternative(label=f"hold for {seconds:.0f} s", score=round(wanted_s - seconds, 1)),
            Alternative(label="leave at once", score=round(wanted_s, 1)),
        ),
        score_unit=UNIT,
        expected={"held_s": seconds},
        memory_keys=(stop_key(bus),),
    )


def _converted(value: Any, type: Any) -> Any:
    try:
        return msgspec.convert(value, type) if isinstance(value, Mapping) else None
    except msgspec.ValidationError:
        return None
