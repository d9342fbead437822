"""The decision: for each sensitive place which measure is in force, and the terms that follow from it.

A command is a word on record, to nobody's lamp or wheel: it says which terms the place gets, and why. The terms
themselves are an entity that signals and buses read; while they are in force they are renewed at every decision.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.service import Command, Decision, Memory, View
from madang.services.air import effect, reason, sense, series
from madang.services.air import level as course_of
from madang.services.air.act import RELEASE, TERMS
from madang.services.air.area import Area, area
from madang.services.air.judge import Verdict, verdicts
from madang.services.air.level import Course
from madang.services.air.publish import gates, terms
from madang.services.air.sense import Place, Station, distance_m
from madang.services.air.settings import Settings, settings_of


def decide(view: View, memory: Memory) -> Decision:
    """Decide on every sensitive place in the view. Pure."""
    settings = settings_of(view.settings)
    at_s = view.at.timestamp()
    stations, places = sense.stations(view, settings), sense.places(view, settings)
    histories = _histories(stations, places, memory, settings)
    commands: list[Command] = []
    published: list[Entity] = []
    kept: dict[str, Any] = {}
    for place in places:
        before = course_of.recalled(memory.get(place.id))
        found = verdicts(place, stations, histories, at_s=at_s, settings=settings)
        after, rule = course_of.step(before, found[0].share if found else None, at_s, settings)
        kept[place.id] = msgspec.to_builtins(after)
        if not rule and not after.level:
            continue
        here = area(view, place, settings)
        measure = settings.measures[after.level - 1] if after.level else None
        told = reason.standing(place, found, measure, settings)
        if rule:
            told = reason.of_step(place, found, measure, rule, settings)
            commands.append(_command(place, here, stations, after, found, rule=rule, reason=told, settings=settings))
        published.append(terms(view, place, here, course=after, verdicts=found, reason=told, settings=settings))
    for id, pollutant in sorted(histories):
        kept.setdefault(id, {})[pollutant] = msgspec.to_builtins(histories[id, pollutant])
    return Decision(commands=tuple(commands), memory=kept, published=tuple(published))


def _histories(
    stations: Sequence[Station], places: Sequence[Place], memory: Memory, settings: Settings
) -> dict[tuple[str, str], series.Series]:
    """What each station has said, with what it says now. Only of those near a place the hours before are kept."""
    found: dict[tuple[str, str], series.Series] = {}
    for station in stations:
        keep = any(distance_m(station.spot, place.spot) <= settings.near_m for place in places)
        for name in settings.pollutants:
            known = series.recalled(memory.get(station.id), name)
            known = series.read(known, station.readings.get(name), settings=settings, keep=keep)
            if known.readings:
                found[station.id, name] = known
    return found


def _command(
    place: Place,
    here: Area,
    stations: Sequence[Station],
    course: Course,
    found: Sequence[Verdict],
    *,
    rule: str,
    reason: str,
    settings: Settings,
) -> Command:
    measure = settings.measures[course.level - 1] if course.level else None
    ids = [station.id for station in stations]
    worst = found[0] if found else None
    parameters: Mapping[str, object] = {}
    if measure is not None:
        parameters = {
            "level": measure.name,
            "inflow": measure.inflow,
            "stopWeight": measure.stop_weight,
            "avoidDiesel": measure.avoid_diesel,
            "inside": list(here.inside),
            "gates": gates(here, measure),
        }
    return Command(
        target=place.id,
        action=TERMS if measure else RELEASE,
        parameters=parameters,
        rule=rule,
        reason=reason,
        inputs=(
            *((place.id, name) for name in ("name", "category", "location")),
            *sense.station_inputs(ids, settings),
            *((id, name) for id in here.layouts for name in ("layout", "location")),
        ),
        alternatives=effect.alternatives(worst, settings) if worst else (),
        score_unit=effect.UNIT if worst else "",
        expected=effect.expected(worst, measure, settings) if worst else {},
        memory_keys=tuple(ids),
    )
