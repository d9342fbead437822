"""The area around a place: its outline, the signals inside, the movements that lead into it, and the roads at them."""

import math
from collections.abc import Mapping

import msgspec

from madang.model.ahead import queues as queues_of
from madang.model.service import View
from madang.services.air.sense import (
    CAMERA,
    LAYOUT,
    METRES_PER_DEGREE,
    SIGNAL,
    Layout,
    Place,
    distance_m,
    layout,
    layouts,
    urn,
)
from madang.services.air.settings import Settings

CORNERS = 24
LEAST_SHARE = 0.25
"""A movement of which fewer vehicles come into the area is not metered for it."""
GREEN = frozenset("Gg")


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """A movement of a signal outside that leads into the area; `usual` is the share of time that the signal's fixed
    plan shows it green."""

    signal: str
    movement: int
    usual: float


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """`outline` is a closed ring of (longitude, latitude); `inside` are the ids of the signals within it, `gates` the
    movements that lead in, `roads` the edges before and behind the signals inside. `standing` is how many vehicles
    stand on a lane before these signals, in the mean, None where no camera says so; `layouts` and `cameras` are the
    entities that this is read from."""

    outline: tuple[tuple[float, float], ...]
    inside: tuple[str, ...]
    gates: tuple[Gate, ...]
    roads: tuple[str, ...]
    standing: float | None
    layouts: tuple[str, ...]
    cameras: tuple[str, ...]


def area(view: View, place: Place, settings: Settings) -> Area:
    """The area of the place as the signals' layouts have it now."""
    near = [name for name, spot in layouts(view) if distance_m(spot, place.spot) <= settings.area_m]
    found = {name: known for name in near if (known := layout(view, name)) is not None}
    gates: dict[tuple[str, int], Gate] = {}
    outside: set[str] = set()
    for known in found.values():
        for feeder in (each for feeding in known.feeders.values() for each in feeding):
            if feeder.signal in near or feeder.share < LEAST_SHARE:
                continue
            outside.add(feeder.signal)
            usual = plan_share(layout(view, feeder.signal), feeder.link)
            if usual is not None:
                signal = urn(SIGNAL, feeder.signal)
                gates[signal, feeder.link] = Gate(signal=signal, movement=feeder.link, usual=usual)
    return Area(
        outline=outline(place, settings.area_m),
        inside=tuple(urn(SIGNAL, name) for name in sorted(found)),
        gates=tuple(gates[key] for key in sorted(gates)),
        roads=roads(list(found.values())),
        standing=_standing(view, found),
        layouts=tuple(urn(LAYOUT, name) for name in sorted({*near, *outside})),
        cameras=tuple(urn(CAMERA, name) for name in sorted(found)),
    )


def _standing(view: View, found: Mapping[str, Layout]) -> float | None:
    """Vehicles that stand on a lane before these signals, in the mean over the lanes that are seen."""
    counts: list[float] = []
    for name, known in found.items():
        queues = queues_of(view, urn(SIGNAL, name))
        counts += [queues[lane] for lane in {link.from_lane for link in known.links} & queues.keys()]
    return sum(counts) / len(counts) if counts else None


def plan_share(known: Layout | None, link: int) -> float | None:
    """The share of its cycle that the fixed plan shows the link green; None where there is no plan, or no such link."""
    cycle_s = sum(phase.duration_s for phase in known.plan) if known else 0.0
    if known is None or cycle_s <= 0 or any(not 0 <= link < len(phase.state) for phase in known.plan):
        return None
    return sum(phase.duration_s for phase in known.plan if phase.state[link] in GREEN) / cycle_s


def roads(found: list[Layout]) -> tuple[str, ...]:
    """The edges of the lanes before and behind these signals, sorted."""
    lanes = {lane for known in found for link in known.links for lane in (link.from_lane, link.to_lane)}
    return tuple(sorted({lane.rpartition("_")[0] for lane in lanes if not lane.startswith(":")} - {""}))


def outline(place: Place, radius_m: float) -> tuple[tuple[float, float], ...]:
    """A circle as a closed ring, counterclockwise (RFC 7946, 3.1.6)."""
    lon, lat = place.spot
    up = radius_m / METRES_PER_DEGREE
    across = up / max(0.01, math.cos(math.radians(lat)))
    turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
    ring = [(round(lon + across * math.cos(turn), 6), round(lat + up * math.sin(turn), 6)) for turn in turns]
    return (*ring, ring[0])
