"""What signals, buses and people get: the terms of an area."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from madang.model.entity import Attribute, Entity, Kind, observed
from madang.model.service import View
from madang.services.air import effect
from madang.services.air.area import Area
from madang.services.air.judge import Verdict
from madang.services.air.level import Course
from madang.services.air.sense import PLACE, Place
from madang.services.air.settings import Measure, Settings

TERMS = "AirTerms"
JSON = ("pollutants", "inside", "gates", "roads", "alternatives", "expected")


def terms_id(place: Place) -> str:
    """The entity of the place's terms."""
    return place.id.replace(f":{PLACE}:", f":{TERMS}:", 1)


def terms(
    view: View,
    place: Place,
    area: Area,
    *,
    course: Course,
    verdicts: Sequence[Verdict],
    reason: str,
    settings: Settings,
) -> Entity:
    """The entity AirTerms, for whoever controls signals or buses.

    - `refPlace`, `level` (the measure's name, or ``none``), `since`, `reason`.
    - `pollutants`: JSON, by limit {pollutant, present, mean (or null), limit (µg/m³), averagingS, source, stations,
      modelled}.
    - `area`: its outline. `inside`: the signals in it; `stopWeight`: what a stop counts there.
    - `standing`: vehicles that stand on a lane inside, of the last two minutes. `gates`: JSON, while the area is full
      the movements into it, each {refSignal, movement, greenShare}: the share of time that it is green at most.
    - `roads`: the edges at the signals inside; `avoidDiesel`: diesel buses are to be led around them.
    - `alternatives`, `expected`: what else could be done, and what it is expected to change (µg/m³).
    - `validUntil`, the same as expiresAt: terms that are not renewed have ended.
    """
    measure = settings.measures[course.level - 1] if course.level else None
    until = view.at + timedelta(seconds=settings.valid_s)
    worst, full = verdicts[0] if verdicts else None, course.standing >= settings.full
    values: dict[str, Any] = {
        "level": measure.name if measure else "none",
        "since": iso(datetime.fromtimestamp(course.since_s, UTC)),
        "reason": reason,
        "pollutants": [_pollutant(verdict) for verdict in verdicts],
        "area": {"type": "Polygon", "coordinates": [[list(corner) for corner in area.outline]]},
        "inside": list(area.inside),
        "stopWeight": measure.stop_weight if measure else 1.0,
        "gates": gates(area, measure, course),
        "standing": round(course.standing, 2),
        "roads": list(area.roads),
        "avoidDiesel": measure.avoid_diesel if measure else False,
        "alternatives": msgspec.to_builtins(effect.alternatives(worst, settings, full=full)) if worst else [],
        "expected": effect.expected(worst, measure, settings, metering=course.metering) if worst else {},
        "validUntil": iso(until),
    }
    found = observed(terms_id(place), TERMS, view.at, values, json=JSON)
    place_ref = Attribute(kind=Kind.RELATIONSHIP, value=place.id, observed_at=view.at)
    attributes = {**found.attributes, "refPlace": (place_ref,)}
    return msgspec.structs.replace(found, attributes=attributes, expires_at=until)


def gates(area: Area, measure: Measure | None, course: Course) -> list[dict[str, object]]:
    """The movements that are metered, each with the share of time that it is green at most."""
    if measure is None or not course.metering:
        return []
    return [
        {
            "refSignal": gate.signal,
            "movement": gate.movement,
            "greenShare": round(gate.usual * measure.inflow, 4),
        }
        for gate in area.gates
    ]


def _pollutant(verdict: Verdict) -> dict[str, object]:
    limit = verdict.limit
    return {
        "pollutant": limit.pollutant,
        "present": round(verdict.present, 2),
        "mean": None if verdict.mean is None else round(verdict.mean, 2),
        "limit": limit.ugm3,
        "averagingS": limit.averaging_s,
        "source": limit.source,
        "stations": list(verdict.used),
        "modelled": verdict.modelled,
    }


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
