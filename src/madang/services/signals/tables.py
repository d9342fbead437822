"""A junction as the arrays that the plan's arithmetic works on; made once for each layout."""

from collections.abc import Sequence

import msgspec
import numpy as np

from madang.services.signals.change import GREEN
from madang.services.signals.junction import Junction, Stage
from madang.services.signals.packed import Fixed, packed
from madang.services.signals.shapes import AT_ONCE, CLOSED, LATE, OPEN, Array, Tables

_LAMP = {"g": 1, "G": 2}
CAR_M, QUEUED_M = 5.0, 7.5
"""How long a car is, and what it takes up in a queue."""


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """The arrays, packed and named, and the queues' names in the order of their numbers, each with how many lanes it
    has."""

    tables: Tables
    packed: Fixed
    names: tuple[tuple[str, int], ...]


_known: dict[str, tuple[Junction, Compiled]] = {}


def of(junction: Junction) -> Compiled:
    """The junction's arrays, remembered for as long as it is the same junction (see ``junction.compiled``)."""
    known = _known.get(junction.target)
    if known is not None and known[0] is junction:
        return known[1]
    found = _compile(junction)
    if len(_known) >= 10_000:
        _known.clear()
    _known[junction.target] = (junction, found)
    return found


def _compile(junction: Junction) -> Compiled:
    names = tuple(junction.queues)
    number = {name: place for place, name in enumerate(names)}
    stages = junction.stages
    rows = [[number[name] for name in stage.queues] for stage in stages]
    tables = Tables(
        lamp=np.array([[_LAMP.get(lamp, 0) for lamp in stage.lamps] for stage in stages], np.int8),
        change=_changes(junction),
        between_s=np.array([[way.length_s for way in row] for row in junction.ways], np.float64),
        rival=_rivals(junction),
        queues=np.array([q for row in rows for q in row], np.int64),
        first=np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64),
        yielding=np.array([len(stage.open - stage.protected) for stage in stages], np.int64),
        room=np.array([_room(inside_m) for inside_m in junction.inside_m], np.float64),
        usable=np.array([_usable(stage, stages) for stage in stages], np.int8),
    )
    return Compiled(
        tables=tables, packed=packed(tables), names=tuple((name, len(junction.queues[name].lanes)) for name in names)
    )


def _changes(junction: Junction) -> Array:
    found = np.zeros((len(junction.stages), len(junction.stages), junction.size), np.int8)
    for a, old in enumerate(junction.stages):
        for b, new in enumerate(junction.stages):
            way = junction.ways[a][b]
            for link in range(junction.size):
                if new.lamps[link] not in GREEN:
                    found[a, b, link] = CLOSED
                elif link in way.ending:
                    found[a, b, link] = LATE
                elif old.lamps[link] in GREEN:
                    found[a, b, link] = OPEN
                else:
                    found[a, b, link] = LATE if link in way.late else AT_ONCE
    return found


def _room(inside_m: float) -> float:
    """How many vehicles can wait for their gap within the junction."""
    return 0.0 if inside_m < CAR_M else float(max(1, int(inside_m // QUEUED_M)))


def _rivals(junction: Junction) -> Array:
    """For a movement with permissive green: its foes with protected green, and those with permissive green to which it
    has to yield."""
    found = np.zeros((len(junction.stages), junction.size, junction.size), np.int8)
    for s, stage in enumerate(junction.stages):
        for link in stage.open - stage.protected:
            for foe in junction.foes[link] & stage.open:
                if foe in stage.protected or (foe in junction.yields[link] and link not in junction.yields[foe]):
                    found[s, link, foe] = 1
    return found


def _usable(stage: Stage, stages: Sequence[Stage]) -> bool:
    """Whether the stage may be shown and no other one shows all that it does, and more."""
    if stage.conflict is not None:
        return False
    return not any(
        other.conflict is None
        and other is not stage
        and stage.open <= other.open
        and stage.protected <= other.protected
        and (stage.open, stage.protected) != (other.open, other.protected)
        for other in stages
    )
