"""Reads a city's feeds of GTFS Realtime and writes its buses into the hub, for as long as the hub runs."""

import asyncio
import logging
from typing import Final

import httpx

from madang.clock import Clock
from madang.errors import MadangError, Unavailable
from madang.govern import SYSTEM
from madang.hub import Hub
from madang.model.city import City
from madang.model.transit import RealtimeSpec
from madang.sense.gtfs import read as gtfs
from madang.sense.gtfs import realtime
from madang.sense.gtfs.timetable import Timetable

log = logging.getLogger(__name__)

LARGEST: Final = 20_000_000
"""Bytes of a feed."""

_WAIT_S: Final = 10.0
_LONGEST_S: Final = 300.0


async def follow(city: City, hub: Hub, clock: Clock) -> None:
    """Read them every so often, for ever; a feed that fails is asked again, ever more seldom, up to five minutes."""
    spec = city.transit.realtime if city.transit is not None else None
    if spec is None:
        return
    timetable = await _timetable(city, spec)
    pause_s = spec.every_s
    async with httpx.AsyncClient(timeout=_WAIT_S, follow_redirects=True) as client:
        while True:
            try:
                await once(client, spec, hub, clock, timetable)
                pause_s = spec.every_s
            except MadangError as error:
                pause_s = min(max(pause_s * 2, spec.every_s), max(_LONGEST_S, spec.every_s))
                log.warning("the buses' feeds could not be read, again in %.0f s: %s", pause_s, error.detail)
            await asyncio.sleep(pause_s)


async def _timetable(city: City, spec: RealtimeSpec) -> Timetable | None:
    """The timetable, or none where its file is broken: a city does not stand still because of one."""
    try:
        return await asyncio.to_thread(gtfs.read, city.folder / spec.timetable) if spec.timetable else None
    except MadangError as error:
        log.warning("the timetable %s cannot be read, buses are read without it: %s", spec.timetable, error.detail)
        return None


async def once(
    client: httpx.AsyncClient, spec: RealtimeSpec, hub: Hub, clock: Clock, timetable: Timetable | None
) -> int:
    """Read all feeds once; how many buses were written. Raises Unavailable, BadRequestData."""
    texts = await asyncio.gather(*(fetch(client, address) for address in spec.feeds))
    buses = realtime.entities(texts, clock.now(), timetable)
    if not buses:
        return 0
    result = await hub.batch.observe(SYSTEM, buses)
    if result.errors:
        id, error = result.errors[0]
        log.warning("%d of %d buses were refused; %s: %s", len(result.errors), len(buses), id, error.detail)
    return len(result.success)


async def fetch(client: httpx.AsyncClient, address: str) -> bytes:
    """What is at the address. Raises Unavailable."""
    body = bytearray()
    try:
        async with client.stream("GET", address) as answer:
            if answer.status_code != 200:
                raise Unavailable(f"{address} answers {answer.status_code}")
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > LARGEST:
                    raise Unavailable(f"{address} has more than {LARGEST} bytes")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"{address}: {error}") from error
    return bytes(body)
