"""Who asks a junction to go first: late buses (`SignalPriorityRequest`), and vehicles under blue light
(`EmergencyCorridor`).

Both are entities of other services, or of whoever may write them: nothing in them is trusted. What has expired, is
malformed, names a movement that the junction does not have or asks for too much is left aside, with the reason, and
costs nobody else anything. It stays among the inputs of the record all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from madang.model import time
from madang.model.ahead import converted
from madang.model.entity import Entity
from madang.model.service import Read, View
from madang.services.signals.junction import Junction
from madang.services.signals.settings import Settings

REQUEST, CORRIDOR = "SignalPriorityRequest", "EmergencyCorridor"
ASKED = ("refVehicle", "line", "refSignal", "movement", "arrivalAt", "distance", "latenessS", "weight", "validUntil")
LED = ("refVehicle", "junctions", "validUntil")
READS = (
    Read(type=REQUEST, attributes=ASKED, optional=True),
    Read(type=CORRIDOR, attributes=LED, optional=True),
)
MOST = 12
"""So many claims of a junction are weighed, those who come first; more at once are no traffic but a mistake."""
LARGEST = 50
"""So many entities are looked at, and kept in the record, by id; a flood of them is nobody's traffic either."""
LONGEST_VALID_S = 60.0
"""Who asks for longer than this would go on asking when nobody renews it any more."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle that asks to go first over a movement (`link`): in `arrival_s` at the stop line and `distance_m`
    before it, as of `age_s` ago; `weight` is what it counts in cars, `corridor` whether it is under blue light."""

    vehicle: str
    link: int
    arrival_s: float
    distance_m: float
    age_s: float
    weight: float
    corridor: bool = False
    line: str = ""
    lateness_s: float = 0.0


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a junction was asked: the claims that count, soonest first; (entity id, why) of those left aside; and the
    inputs (entity id, attribute) of them all."""

    taken: tuple[Claim, ...] = ()
    aside: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def corridor(self) -> bool:
        """Whether a vehicle under blue light comes."""
        return any(claim.corridor for claim in self.taken)


NOTHING = Heard()


class _Request(msgspec.Struct, frozen=True):
    """A request as it has to be."""

    refVehicle: str  # noqa: N815 (the entity's own names)
    movement: int
    arrivalAt: str  # noqa: N815
    distance: float
    weight: float
    validUntil: str  # noqa: N815
    line: str = ""
    latenessS: float = 0.0  # noqa: N815


class _Stop(msgspec.Struct, frozen=True):
    """One junction of a corridor."""

    refSignal: str  # noqa: N815
    movement: int
    arrivalAt: str  # noqa: N815
    distance: float


class _Aside(Exception):
    """Why a claim does not count."""


def heard(view: View) -> dict[str, list[Entity]]:
    """The requests and corridors by the signal that they name, each list in the order of the entities' ids."""
    found: dict[str, list[Entity]] = {}
    for entity in sorted((*view.of(REQUEST), *view.of(CORRIDOR)), key=lambda entity: entity.id):
        for signal in _signals(entity):
            found.setdefault(signal, []).append(entity)
    return found


def claims(entities: Sequence[Entity], view: View, junction: Junction, settings: Settings) -> Heard:
    """What these entities ask of the junction."""
    taken: dict[str, tuple[Claim, str]] = {}
    aside: list[tuple[str, str]] = []
    for entity in entities[:LARGEST]:
        try:
            claim = _claim(entity, view, junction, settings)
            if claim.vehicle in taken:
                raise _Aside("its vehicle has asked already")
        except _Aside as why:
            aside.append((entity.id, str(why)))
            continue
        if claim.arrival_s < settings.horizon_s:
            taken[claim.vehicle] = claim, entity.id
    order = sorted(taken.values(), key=lambda each: (not each[0].corridor, each[0].arrival_s, each[0].vehicle))
    aside += [(id, f"{MOST} others come before") for _, id in order[MOST:]]
    inputs = tuple(
        (entity.id, name) for entity in entities[:LARGEST] for name in (ASKED if REQUEST in entity.types else LED)
    )
    return Heard(
        taken=tuple(_bounded([claim for claim, _ in order[:MOST]], settings)), aside=tuple(aside), inputs=inputs
    )


def _signals(entity: Entity) -> Iterator[str]:
    if REQUEST in entity.types:
        signal = entity.value("refSignal")
        if isinstance(signal, str):
            yield signal
        return
    rows = converted(entity.value("junctions"), list[dict[str, Any]]) or []
    yield from dict.fromkeys(signal for row in rows if isinstance(signal := row.get("refSignal"), str))


def _claim(entity: Entity, view: View, junction: Junction, settings: Settings) -> Claim:
    """The claim, checked. Raises _Aside."""
    now_s = view.at.timestamp()
    until = entity.attribute("validUntil")
    left_s = _seconds(None if until is None else until.value, "validUntil") - now_s
    if left_s < 0:
        raise _Aside(f"it expired {-left_s:.0f} s ago")
    if left_s > LONGEST_VALID_S:
        raise _Aside(f"it would be valid for {left_s:.0f} s (at most {LONGEST_VALID_S:.0f} s)")
    seen = until.observed_at if until is not None else None
    age_s = 0.0 if seen is None else max(0.0, now_s - seen.timestamp())
    found = _asked(entity, settings) if REQUEST in entity.types else _led(entity, junction, settings)
    if not 0 <= found.link < junction.size or not junction.stages_of[found.link]:
        raise _Aside(f"the junction has no movement {found.link} that it could give green")
    if not 0 <= found.distance_m < 1e5:
        raise _Aside("it is malformed: its distance is impossible")
    return msgspec.structs.replace(found, arrival_s=max(0.0, found.arrival_s - now_s), age_s=age_s)


def _asked(entity: Entity, settings: Settings) -> Claim:
    """A bus's claim, its arrival still as a POSIX time."""
    if not settings.priority:
        raise _Aside("this city gives buses no priority")
    row = _checked({name: entity.value(name) for name in ASKED if entity.value(name) is not None}, _Request)
    if not 0 < row.weight <= settings.heaviest_request:
        raise _Aside(f"it asks to count as {row.weight:g} cars (more than 0, at most {settings.heaviest_request:g})")
    return Claim(
        vehicle=row.refVehicle,
        link=row.movement,
        arrival_s=_seconds(row.arrivalAt, "arrivalAt"),
        distance_m=row.distance,
        age_s=0.0,
        weight=row.weight,
        line=row.line,
        lateness_s=row.latenessS,
    )


def _led(entity: Entity, junction: Junction, settings: Settings) -> Claim:
    """The claim of a vehicle under blue light at this junction, its arrival still as a POSIX time."""
    if not settings.corridors:
        raise _Aside("this city gives no corridors")
    rows = converted(entity.value("junctions"), list[dict[str, Any]]) or []
    mine = next(row for row in rows if row.get("refSignal") == junction.target)
    row = _checked(mine, _Stop)
    return Claim(
        vehicle=str(entity.value("refVehicle") or entity.id),
        link=row.movement,
        arrival_s=_seconds(row.arrivalAt, "arrivalAt"),
        distance_m=row.distance,
        age_s=0.0,
        weight=settings.corridor_weight,
        corridor=True,
    )


def _bounded(found: Sequence[Claim], settings: Settings) -> Iterator[Claim]:
    """The claims with their weights kept within what a junction gives in all, so that they starve nobody: buses share
    one sum, vehicles under blue light another."""
    for corridor, most in ((True, settings.corridor_weight), (False, settings.most_priority)):
        some = [claim for claim in found if claim.corridor == corridor]
        share = min(1.0, most / max(sum(claim.weight for claim in some), 1e-9))
        for claim in some:
            yield claim if share == 1.0 else msgspec.structs.replace(claim, weight=max(1.0, share * claim.weight))


def _checked(value: Mapping[str, Any], type: type[Any]) -> Any:
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError as error:
        raise _Aside(f"it is malformed: {error}") from error


def _seconds(value: object, name: str) -> float:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.timestamp()
    found = time.read(value) if isinstance(value, str) else None
    if found is None:
        raise _Aside(f"it is malformed: its {name} is no time")
    return found.timestamp()
