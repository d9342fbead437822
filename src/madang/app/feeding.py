"""Runs the sources that a city names in ``sources.toml``: the entry points of group ``madang.sources``.

What they yield is written as any other source's reports are: each entity against its declaration. A source that fails
is opened again, ever more seldom, and takes nothing down with it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from madang.clock import monotonic_s
from madang.errors import BadRequestData
from madang.govern import SYSTEM
from madang.hub import Hub
from madang.model.city import City
from madang.ports import Feed

log = logging.getLogger(__name__)

GROUP: Final = "madang.sources"
FIRST_S: Final = 5.0
LONGEST_S: Final = 300.0

Opens = Callable[[Mapping[str, Any], Path], Feed]


def load(name: str) -> Opens:
    """What opens the source of that name. Raises BadRequestData that lists those there are."""
    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in points:
        raise BadRequestData(f"no source '{name}' is installed; there are: {', '.join(sorted(points)) or 'none'}")
    try:
        found: Opens = points[name].load()
    except (ImportError, AttributeError, SyntaxError) as error:
        raise BadRequestData(f"the source '{name}' ({points[name].value}) cannot be loaded: {error}") from error
    return found


async def feed(city: City, hub: Hub) -> None:
    """Run all of them, for as long as the hub runs."""
    async with asyncio.TaskGroup() as group:
        for name, settings in city.sources.items():
            group.create_task(_run(name, settings, city.folder, hub))


async def _run(name: str, settings: Mapping[str, Any], folder: Path, hub: Hub) -> None:
    pause_s = FIRST_S
    while True:
        begun_s = monotonic_s()
        try:
            async for batch in load(name)(settings, folder).observations():
                await _write(name, hub, batch)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - it is others' code, and the hub must outlive it
            log.warning("the source '%s' failed, it is opened again in %.0f s: %s", name, pause_s, error)
        else:
            log.warning("the source '%s' ended, it is opened again in %.0f s", name, pause_s)
        await asyncio.sleep(pause_s)
        pause_s = FIRST_S if monotonic_s() - begun_s > LONGEST_S else min(2 * pause_s, LONGEST_S)


async def _write(name: str, hub: Hub, batch: Any) -> None:
    if not batch:
        return
    result = await hub.batch.observe(SYSTEM, batch)
    if result.errors:
        id, error = result.errors[0]
        log.warning("of the source '%s' %d entities were refused; %s: %s", name, len(result.errors), id, error.detail)
