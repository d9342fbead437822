"""The decision: for each sensitive place which measure is in force, and the terms that follow from it.

A command is a word on record, to nobody's lamp or wheel: it says which terms the place gets, and why. The terms
themselves are an entity that signals and buses read; while they are in force they are renewed at every decision.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.service import Command, Decision, Memory, View
from madang.services.air import level as course_of
from madang.services.air import sense, series
from madang.services.air.area import area
from madang.services.air.case import Case
from madang.services.air.judge import verdicts
from madang.services.air.publish import terms
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
        found = verdicts(place, stations, histories, at_s=at_s, settings=settings)
        before = course_of.recalled(memory.get(place.id))
        after, rule = course_of.step(before, found[0].share if found else None, at_s, settings)
        if not rule and not after.level:
            kept[place.id] = msgspec.to_builtins(after)
            continue
        here = area(view, place, settings)
        after, toggled = course_of.metered(after, here.standing, at_s, settings)
        kept[place.id] = msgspec.to_builtins(after)
        case = Case(place=place, area=here, course=after, found=tuple(found), settings=settings)
        told = " ".join(case.reason(each) for each in (rule, toggled) if each) or case.reason("")
        if rule or toggled:
            commands.append(case.command(rule or toggled, told, [station.id for station in stations]))
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
