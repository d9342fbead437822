"""What a report draws and no evidence file keeps: emissions by street, and an arterial's minutes."""

from collections.abc import Mapping, Sequence

import msgspec

from madang.model.recording import Diagram, Recording

Line = tuple[tuple[float, float], ...]


class Emissions(msgspec.Struct, frozen=True, kw_only=True):
    """NOx (g) and CO2 (kg) let out on an edge in a run, means over seeds, without and with the service."""

    name: str
    nox_before_g: float
    nox_g: float
    co2_before_kg: float
    co2_kg: float


class Drawings(msgspec.Struct, frozen=True, kw_only=True):
    """`streets` and `emissions` by edge; the `diagrams` are of the first seed, without and with the service (None where
    the network has no arterial)."""

    streets: Mapping[str, Line]
    emissions: Mapping[str, Emissions]
    diagrams: tuple[Diagram, Diagram] | None


def drawings(pairs: Sequence[tuple[Recording, Recording]]) -> Drawings | None:
    """Of each seed's recordings without the service and with it; None where nothing was recorded."""
    if not pairs:
        return None
    streets: dict[str, Line] = {}
    names: dict[str, str] = {}
    for side in (side for pair in pairs for side in pair):
        streets.update(side.streets)
        names.update(side.names)
    before, after = ([pair[place] for pair in pairs] for place in (0, 1))
    sums = _sums(before), _sums(after)
    nobody = (0.0, 0.0)
    emissions = {
        edge: Emissions(
            name=names.get(edge, ""),
            nox_before_g=sums[0].get(edge, nobody)[0],
            nox_g=sums[1].get(edge, nobody)[0],
            co2_before_kg=sums[0].get(edge, nobody)[1],
            co2_kg=sums[1].get(edge, nobody)[1],
        )
        for edge in streets
    }
    one, other = pairs[0][0].diagram, pairs[0][1].diagram
    return Drawings(streets=streets, emissions=emissions, diagrams=(one, other) if one and other else None)


def _sums(sides: Sequence[Recording]) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for side in sides:
        for each in side.emissions:
            nox_g, co2_kg = found.get(each.edge, (0.0, 0.0))
            found[each.edge] = (nox_g + each.nox_g / len(sides), co2_kg + each.co2_kg / len(sides))
    return found
