"""A release of flows between cells and of presence in them, made of the past of people's positions."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from madang.account.budgets import Budgets
from madang.errors import BadRequestData
from madang.govern import noise
from madang.govern.mobility import Flows, Grid, Position, flows, grid, journey
from madang.hub import Hub
from madang.model import time as times
from madang.model.dataset import Dataset
from madang.model.entity import Attribute
from madang.model.release import Mobility, ReleaseSpec
from madang.publish.material import Material, access
from madang.publish.noisy import spent
from madang.publish.sheet import Made
from madang.publish.table import Column

COLUMNS: Final = (
    Column("kind", "text"),
    Column("from", "text"),
    Column("to", "text"),
    Column("since", "timestamp"),
    Column("count", "numeric"),
    Column("within95", "numeric"),
)


async def mobile(
    hub: Hub, budgets: Budgets, dataset: Dataset, spec: ReleaseSpec, wish: Mobility, now: datetime
) -> Material:
    """The flows of the last window. Raises BudgetSpent, MissingExtra, BadRequestData for too many cells."""
    noise.check()
    over, begin = grid(wish.box, wish.cell_m), times.duration(wish.window).before(now)
    every, periods = _periods(wish, begin, now)
    told = await spent(budgets, dataset, wish)
    stay = times.duration(wish.stay)
    ways: dict[str, list[Position]] = {}
    async for row in hub.rows.past(dataset, access(hub, dataset, spec), wish.of, begin):
        if len(row.subjects) == 1 and row.subjects[0]:
            ways.setdefault(row.subjects[0], []).extend(_positions(row.seen.attributes[wish.of]))
    make = partial(journey, over=over, begin=begin, every=every, periods=periods, stay=stay.after(begin) - begin)
    found = await asyncio.to_thread(
        lambda: flows(
            map(make, ways.values()),
            over,
            periods=periods,
            epsilon=wish.epsilon,
            most=wish.contributions,
            minimum=wish.minimum,
        )
    )
    starts = [begin + every * number for number in range(periods)]
    cells, places = table(found, over, starts)
    guarantee = {
        "kind": "mobility",
        **told,
        "contributions": wish.contributions,
        "minimum": wish.minimum,
        "least": {"flow": found.least[0], "presence": found.least[1]},
        "window": {"since": times.text(begin), "until": times.text(now), "every": wish.every},
    }
    gate = partial(_enough, least=dict(zip(("flow", "presence"), found.least, strict=True)))
    return Material(Made(COLUMNS, cells, places), len(cells), f"the release, for {spec.purpose}", guarantee, gate)


def table(found: Flows, over: Grid, starts: Sequence[datetime]) -> tuple[list[Sequence[Any]], list[Any]]:
    """The flows as rows of `COLUMNS`, and a line or a cell for each."""
    cells: list[Sequence[Any]] = []
    places: list[Any] = []
    for one in found.flows:
        ends = over.name(one.start), over.name(one.end)
        cells.append(("flow", *ends, times.text(starts[0]), one.trips, found.within))
        places.append(over.line(one.start, one.end))
    for one in found.presence:
        here = over.name(one.cell)
        cells.append(("presence", here, here, times.text(starts[one.period]), one.people, found.within))
        places.append(over.outline(one.cell))
    return cells, places


def _periods(wish: Mobility, begin: datetime, now: datetime) -> tuple[Any, int]:
    """How long a period is, and how many there are."""
    every = times.duration(wish.every).after(begin) - begin
    count = -((begin - now) // every) if every else 0
    if count < 1:
        raise BadRequestData(f"the window {wish.window} has no period of {wish.every}")
    return every, count


def _positions(samples: Sequence[Attribute]) -> list[Position]:
    found: list[Position] = []
    for one in samples:
        value: Any = one.value
        place = cast(dict[str, Any], value) if isinstance(value, dict) else {}
        if one.observed_at is not None and place.get("type") == "Point":
            longitude, latitude = place["coordinates"][:2]
            found.append(Position(one.observed_at, longitude, latitude))
    return found


def _enough(file: Path, *, least: Mapping[str, int]) -> Mapping[str, Any]:
    """No count in the file is below the least that may be told."""
    smallest: dict[str, int] = {}
    with file.open("rb") as stream:
        for line in stream:
            said = msgspec.json.decode(line)["properties"]
            smallest[said["kind"]] = min(said["count"], smallest.get(said["kind"], said["count"]))
    for kind, count in smallest.items():
        if count < least[kind]:
            raise BadRequestData(f"not released: a {kind} of {count}, and the least to be told is {least[kind]}")
    return {"smallest": smallest}
