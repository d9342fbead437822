"""``madang world``: a city's simulated streets, in this process."""

from pathlib import Path

import msgspec

from madang.app.scenarios import world_spec
from madang.model.city import City
from madang.sim.streets.process import Live


def world(city: City, *, socket: Path, speed: float | None, seed: int | None) -> None:
    """Run the city's simulated streets until the end of time, and report at `socket`."""
    spec = world_spec(city)
    given = msgspec.structs.replace(
        spec, speed=spec.speed if speed is None else speed, seed=spec.seed if seed is None else seed
    )
    live = Live(given, socket=socket, speed=given.speed, seed=given.seed, folder=city.folder, centre=city.centre)
    live.run()
