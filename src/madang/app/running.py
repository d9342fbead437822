"""``madang up``: a city's hub and its simulated streets as processes that are kept running."""

import asyncio
import tempfile
from pathlib import Path

import msgspec

from madang import city as cities
from madang.announce import announce, say
from madang.app.identity import check_exposure
from madang.app.people import new_link
from madang.app.scenarios import scenarios
from madang.listen import check_port, free_port
from madang.model.city import City
from madang.settings import Settings, from_environment
from madang.supervise import Part, supervise


async def up(folder: Path, settings: Settings, *, speed: float | None, seed: int | None, browser: bool) -> int:
    """Run the city in the folder until a signal; the exit code. Raises CityInvalid."""
    city = cities.read(folder, scenarios=scenarios())
    settings = msgspec.structs.replace(settings, port=settings.port or free_port(settings.host))
    check_exposure(settings)
    # Before anything is said: on a taken port another city's answer would be taken for this one's.
    await check_port(settings.host, settings.port)
    with tempfile.TemporaryDirectory(prefix="madang-") as private:
        parts = _parts(city, settings, Path(private) / "world.sock", speed=speed, seed=seed)
        link = new_link(city.id, settings)
        telling = asyncio.create_task(announce(city.name["en"], settings, link=link, browser=browser))
        try:
            return await supervise(parts, told=say)
        finally:
            telling.cancel()


def _parts(city: City, settings: Settings, socket: Path, *, speed: float | None, seed: int | None) -> list[Part]:
    where: tuple[str, ...] = ("--host", settings.host, "--port", str(settings.port), "--data", str(settings.data))
    if settings.store != from_environment().store:
        # What the environment says, and perhaps a password in it, the hub finds there as well.
        where = (*where, "--store", settings.store)
    hub = ("serve", str(city.folder), *where, "--supervised")
    if settings.dry_run:
        hub = (*hub, "--dry-run")
    if city.world is None:
        return [Part(name="the hub", arguments=hub)]
    world = ["world", "run", str(city.folder), "--socket", str(socket), "--supervised"]
    if speed is not None:
        world += ["--speed", f"{speed:g}" if speed else "max"]
    if seed is not None:
        world += ["--seed", str(seed)]
    return [
        Part(name="the hub", arguments=(*hub, "--world", str(socket))),
        Part(name="the world", arguments=tuple(world)),
    ]
