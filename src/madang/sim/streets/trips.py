"""What became of every trip: the simulator's trip file, summed into the measures of an evaluation.

Conventions, which go into the evidence: a vehicle counts when its planned departure lies in the demand window. Its
delay is timeLoss + departDelay (time lost on the way against its own free speed, and time that it waited to enter the
network), the measure of RESCO. Vehicles still under way, or never inserted, at the end count with what they had lost
by then. Emissions are HBEFA 3 (SUMO's default classes) of the counted vehicles.
"""

import statistics
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle's trip so far; `inserted` and `arrived` say how far it came, `way_s` is how long it took from when it
    was to set out."""

    id: str
    kind: str
    planned_s: float
    delay_s: float
    waiting_s: float
    stops: int
    co2_kg: float
    fuel_kg: float
    nox_g: float
    pmx_g: float
    inserted: bool
    arrived: bool
    way_s: float = 0.0


def read(file: Path, *, begin_s: float, end_s: float, now_s: float) -> list[Trip]:
    """The trips of a closed trip file whose planned departure lies in [begin, end) and not after now."""
    with file.open("rb") as stream:
        return [trip for trip in _trips(stream, now_s) if begin_s <= trip.planned_s < min(end_s, now_s)]


def _trips(stream: Any, now_s: float) -> Iterator[Trip]:
    for _, element in ElementTree.iterparse(stream):
        if element.tag == "tripinfo":
            yield _trip(element, now_s)
            element.clear()


def on_foot(file: Path, *, begin_s: float, end_s: float) -> dict[str, float | None]:
    """What those on foot lost, who set out in [begin, end) and arrived: the mean time lost on the way (s), waiting at
    crossings above all, and how many they were. None where nobody walked."""
    lost: list[float] = []
    with file.open("rb") as stream:
        for _, element in ElementTree.iterparse(stream):
            if element.tag == "personinfo":
                walks = element.findall("walk")
                arrived = all(float(walk.get("arrival", "-1")) >= 0 for walk in walks)
                if walks and arrived and begin_s <= float(element.attrib["depart"]) < end_s:
                    lost.append(sum(float(walk.get("timeLoss", "0")) for walk in walks))
                element.clear()
    return {"pedestrian_delay_s": _mean(lost), "pedestrians": len(lost)}


def _trip(element: ElementTree.Element, now_s: float) -> Trip:
    depart_s, wait_s = float(element.attrib["depart"]), float(element.get("departDelay", "0"))
    inserted = depart_s >= 0
    emissions = element.find("emissions")
    return Trip(
        id=element.attrib["id"],
        kind=element.get("vType", ""),
        planned_s=(depart_s if inserted else now_s) - wait_s,
        delay_s=float(element.get("timeLoss", "0")) + wait_s if inserted else wait_s,
        waiting_s=float(element.get("waitingTime", "0")),
        stops=int(element.get("waitingCount", "0")),
        co2_kg=_milligrams(emissions, "CO2_abs") / 1e6,
        fuel_kg=_milligrams(emissions, "fuel_abs") / 1e6,
        nox_g=_milligrams(emissions, "NOx_abs") / 1e3,
        pmx_g=_milligrams(emissions, "PMx_abs") / 1e3,
        inserted=inserted,
        arrived=float(element.get("arrival", "-1")) >= 0 and not element.get("vaporized"),
        way_s=max(0.0, float(element.get("duration", "0"))) + wait_s,
    )


def _milligrams(emissions: ElementTree.Element | None, name: str) -> float:
    return 0.0 if emissions is None else float(emissions.get(name, "0"))


def measures(
    trips: Sequence[Trip], buses: frozenset[str], emergency: frozenset[str] = frozenset()
) -> dict[str, float | None]:
    """The sums; `buses` are the vehicle types that are buses, `emergency` those with right of way, cars all others.
    None where there was nothing to measure."""
    delays = sorted(trip.delay_s for trip in trips)
    return {
        "delay_s": _mean(delays),
        "delay_median_s": statistics.median(delays) if delays else None,
        "delay_p95_s": delays[min(len(delays) - 1, int(0.95 * len(delays)))] if delays else None,
        "waiting_s": _mean([trip.waiting_s for trip in trips]),
        "stops": _mean([float(trip.stops) for trip in trips if trip.inserted]),
        "co2_kg": sum(trip.co2_kg for trip in trips),
        "fuel_kg": sum(trip.fuel_kg for trip in trips),
        "nox_g": sum(trip.nox_g for trip in trips),
        "pmx_g": sum(trip.pmx_g for trip in trips),
        "car_delay_s": _mean([trip.delay_s for trip in trips if trip.kind not in buses | emergency]),
        "bus_delay_s": mean_delay_s(trips, buses),
        "emergency_delay_s": mean_delay_s(trips, emergency),
        "emergency_way_s": _mean([trip.way_s for trip in trips if trip.kind in emergency and trip.arrived]),
        "vehicles": len(trips),
        "arrived": sum(trip.arrived for trip in trips),
        "never_inserted": sum(not trip.inserted for trip in trips),
    }


def mean_delay_s(trips: Sequence[Trip], kinds: frozenset[str]) -> float | None:
    """Of the trips of these vehicle types; None where there is none."""
    return _mean([trip.delay_s for trip in trips if trip.kind in kinds])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
