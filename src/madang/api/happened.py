"""How long vehicles stood at a junction in a stretch of time, here and in the twin that runs the fixed plan: from the
running accounts `ApproachWaits` (``sim/streets/waits``), whose history the hub keeps for hours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, cast

from madang.api.caller import reader
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import MadangError
from madang.model.query import EntityQuery, TemporalQuery, Timerel

WORLDS: Final = ("signals", "fixed")
"""This city, and its twin under the fixed plan."""
_AROUND: Final = timedelta(seconds=30)
"""Accounts come every 10 s; one may be late."""

Totals = dict[str, float]
"""By approach, the seconds that vehicles have stood since the account was begun."""


async def stood(request: Call, target: str, start: datetime, length_s: float) -> dict[str, Any]:
    """By world, the vehicle-seconds that stood at each approach of the target in that time; None where it is not over
    or the history does not have it."""
    end, name = start + timedelta(seconds=length_s), target.rpartition(":")[2]
    if rooms(request).clock.now() < end:
        return dict.fromkeys(WORLDS)
    found = {
        world: await _accounts(request, f"urn:ngsi-ld:ApproachWaits:{world}:{name}", start, end) for world in WORLDS
    }
    return {world: between(accounts, start, end) for world, accounts in found.items()}


async def _accounts(request: Call, id: str, start: datetime, end: datetime) -> list[tuple[datetime, Totals]]:
    """The accounts around that time, oldest first, as far as the caller may see them."""
    span = TemporalQuery(relation=Timerel.BETWEEN, at=start - _AROUND, end=end + _AROUND, last=100)
    query = EntityQuery(attributes=("waits",))
    try:
        past = await rooms(request).hub.evolution.retrieve(reader(request), id, span, query)
    except MadangError:
        return []
    told = ((one.observed_at, one.value) for one in past.attributes.get("waits", ()))
    return sorted((at, dict(_totals(value))) for at, value in told if at is not None)


def _totals(value: object) -> Iterator[tuple[str, float]]:
    """Anybody may have written it: what is no account is left out."""
    sums: Totals = {}
    for lane, row in (cast("dict[str, Any]", value) if isinstance(value, dict) else {}).items():
        if isinstance(row, list) and len(cast("list[Any]", row)) > 1 and isinstance(row[1], (int, float)):
            edge = lane.rpartition("_")[0]
            sums[edge] = sums.get(edge, 0.0) + float(row[1])
    yield from sums.items()


def between(accounts: list[tuple[datetime, Totals]], start: datetime, end: datetime) -> Totals | None:
    """By approach, what was added between two moments; None where the accounts do not reach over both, or were begun
    anew."""
    first, last = _at(accounts, start), _at(accounts, end)
    if first is None or last is None or any(last.get(edge, 0.0) < total for edge, total in first.items()):
        return None
    return {edge: round(total - first.get(edge, 0.0), 1) for edge, total in last.items()}


def _at(accounts: list[tuple[datetime, Totals]], at: datetime) -> Totals | None:
    """The account of a moment between two of them, in proportion."""
    for (before, old), (after, new) in pairwise(accounts):
        if before <= at <= after:
            share = (at - before) / (after - before) if after > before else 0.0
            return {edge: old.get(edge, 0.0) + share * (total - old.get(edge, 0.0)) for edge, total in new.items()}
    return None
