"""Which simulated streets there are, and which a city has: known without loading the simulator."""

from madang.errors import BadRequestData
from madang.model.city import City, WorldSpec
from madang.sim.streets import scenario


def scenarios() -> tuple[str, ...]:
    """The names of the scenarios that a world may give."""
    return tuple(sorted(scenario.ATTRIBUTIONS))


def world_spec(city: City) -> WorldSpec:
    """The city's world. Raises BadRequestData where it has none."""
    if city.world is None:
        raise BadRequestData(f"{city.folder / 'city.toml'} has no [world]: there is nothing to simulate")
    return city.world


def attribution(city: City) -> str:
    """Whose data the streets are; empty where the city has no simulated world."""
    return scenario.resolve(city.world, folder=city.folder).attribution if city.world is not None else ""
