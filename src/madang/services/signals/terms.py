"""What the signals keep of an area's terms for its air (`AirTerms`): fewer vehicles in, fewer stops inside.

A movement that leads into the area is metered: while it was green for more than its share of the last minutes, the plan
does as if nobody could go there. That gives it no green of its own; what a stage shows it for the sake of others it
has. It is not metered while its queue fills the street, or while a bus that asked or a vehicle under blue light comes.
Maximum red, minimum green and intergreens hold as ever. Inside, bringing a vehicle to a stop costs more in the plan.

The terms are an entity of another service, or of whoever may write it: nothing in it is trusted. What has expired or is
malformed is left aside, with the reason; of several terms the strictest counts.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from madang.model import time
from madang.model.ahead import converted
from madang.model.entity import Entity
from madang.model.service import Read, View
from madang.services.signals.calls import Calls
from madang.services.signals.change import GREEN
from madang.services.signals.claims import Heard
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

TERMS = "AirTerms"
KEPT = ("level", "inside", "stopWeight", "gates", "validUntil")
READ = Read(type=TERMS, attributes=KEPT, optional=True)
LEAST_GREEN, MOST_STOP_WEIGHT = 0.05, 5.0
LONGEST_VALID_S = 600.0
"""Terms that would last longer than this without being renewed are no terms."""
WINDOW_S = 180.0
"""The share of green is that of about so long."""
HALTED_MPS = 1.0
CAR_M, SEEN_M, FULL = 7.5, 200.0, 0.8
"""A queue that fills so much of its street, as far as it is seen, is not metered."""


class Gate(msgspec.Struct, frozen=True):
    """A movement into the area, and the share of time that it is green at most."""

    refSignal: str  # noqa: N815 (the entity's own names)
    movement: int
    greenShare: float  # noqa: N815


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a junction is asked to keep: `shares` by link the most green, `stop_weight` what a stop counts; the names of
    the `areas`, (entity id, why) of terms left aside, and the inputs of them all."""

    shares: Mapping[int, float] = {}
    stop_weight: float = 1.0
    areas: tuple[str, ...] = ()
    aside: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of them now: `greens` by link the share of green of the last minutes, the links that are
    `metered`."""

    terms: Terms
    greens: Mapping[int, float] = {}
    metered: frozenset[int] = frozenset()


NOTHING = Kept(terms=Terms())


def heard(view: View) -> dict[str, list[Entity]]:
    """The terms by the signals that they name, each list in the order of the entities' ids."""
    found: dict[str, list[Entity]] = {}
    for entity in sorted(view.of(TERMS), key=lambda entity: entity.id):
        gates = converted(entity.value("gates"), list[Gate]) or []
        inside = converted(entity.value("inside"), list[str]) or []
        for signal in dict.fromkeys((*inside, *(gate.refSignal for gate in gates))):
            found.setdefault(signal, []).append(entity)
    return found


def kept(entities: Sequence[Entity], view: View, scene: Scene, asked: Heard, slice: Any) -> Kept:
    """What the junction keeps of these terms now; `slice` is its memory, `asked` who goes first."""
    found = _terms(entities, view, scene)
    before: Mapping[str, float] = converted(slice.get("air"), dict[str, float]) or {} if slice else {}
    fade = math.exp(-1.0 / WINDOW_S)
    greens = {
        link: round(before.get(str(link), share) * fade + (1.0 - fade) * (scene.lamps[link] in GREEN), 4)
        for link, share in found.shares.items()
    }
    free = {claim.link for claim in asked.taken}
    metered = frozenset(
        link
        for link, share in found.shares.items()
        if greens[link] > share and link not in free and not _is_full(scene, link)
    )
    return Kept(terms=found, greens=greens, metered=metered)


def _terms(entities: Sequence[Entity], view: View, scene: Scene) -> Terms:
    shares: dict[int, float] = {}
    aside: list[tuple[str, str]] = []
    areas: list[str] = []
    weight = 1.0
    for entity in entities:
        if why := _wrong(entity, view):
            aside.append((entity.id, why))
            continue
        own = dict(_own(entity, scene))
        shares |= {link: min(share, shares.get(link, 1.0)) for link, share in own.items()}
        stops = converted(entity.value("stopWeight"), float) or 1.0
        inside = scene.junction.target in (converted(entity.value("inside"), list[str]) or [])
        if inside:
            weight = max(weight, min(stops, MOST_STOP_WEIGHT))
        if own or inside:
            areas.append(entity.id.split(":", 3)[-1])
    inputs = tuple((entity.id, name) for entity in entities for name in KEPT)
    return Terms(shares=shares, stop_weight=weight, areas=tuple(areas), aside=tuple(aside), inputs=inputs)


def _wrong(entity: Entity, view: View) -> str:
    """Why the terms do not hold, or nothing."""
    until = entity.value("validUntil")
    found = time.read(until) if isinstance(until, str) else None
    if found is None:
        return "its validUntil is no time"
    left_s = (found - view.at).total_seconds()
    if left_s < 0:
        return f"expired {-left_s:.0f} s ago"
    return f"would be valid for {left_s:.0f} s" if left_s > LONGEST_VALID_S else ""


def _own(entity: Entity, scene: Scene) -> Iterator[tuple[int, float]]:
    """The junction's own metered links with their shares."""
    for gate in converted(entity.value("gates"), list[Gate]) or []:
        known = gate.refSignal == scene.junction.target and 0 <= gate.movement < scene.junction.size
        if known and LEAST_GREEN <= gate.greenShare <= 1:
            yield gate.movement, gate.greenShare


def _is_full(scene: Scene, link: int) -> bool:
    """Whether a queue for the link fills its street as far as it is seen."""
    for lane, links in scene.junction.lane_links.items():
        if link not in links:
            continue
        halted = sum(1 for row in scene.vehicles.get(lane, ()) if row[1] < HALTED_MPS)
        if halted * CAR_M >= FULL * min(scene.junction.length_m.get(lane, SEEN_M), SEEN_M):
            return True
    return False


def metering(calls: Calls, found: Kept, at_s: float) -> Calls:
    """The calls with the metered movements marked as blocked, for this second."""
    if not found.metered:
        return calls
    marks = {link: max(calls.mark.get(link, 0.0), at_s + 0.5) for link in found.metered}
    return msgspec.structs.replace(calls, mark={**calls.mark, **marks})


def costs(settings: Settings, found: Kept) -> Settings:
    """The settings with what a stop costs here."""
    if found.terms.stop_weight == 1.0:
        return settings
    return msgspec.structs.replace(settings, stop_cost=settings.stop_cost * found.terms.stop_weight)


def remembered(found: Kept) -> dict[str, Any]:
    """What the junction's slice of memory keeps: ``{"air": {link: share of green}}``."""
    return {"air": {str(link): share for link, share in found.greens.items()}} if found.greens else {}


def words(found: Kept, settings: Settings) -> str:
    """What the reason says of the terms."""
    terms = found.terms
    told: list[str] = []
    if terms.areas:
        parts = [_metered(found)] if terms.shares else []
        if terms.stop_weight > 1:
            plan = settings.method == "plan"
            parts.append(f"a stop counts {terms.stop_weight:g} times" if plan else "the method weighs no stops")
        told.append(f"Terms for the air of {', '.join(terms.areas)[:80]}: {'; '.join(parts) or 'nothing here'}.")
    if terms.aside:
        id, why = terms.aside[0]
        told.append(f"Left aside: {id.split(':', 3)[-1][:40]} ({why}).")
    return "".join(f" {each}" for each in told)


def _metered(found: Kept) -> str:
    if not found.metered:
        return "nobody is metered now"
    some = [
        f"movement {link} green {found.greens[link]:.0%} of the time, at most {found.terms.shares[link]:.0%}"
        for link in sorted(found.metered)
    ]
    return f"metered: {', '.join(some[:2])}" + (f" and {len(some) - 2} more" if len(some) > 2 else "")
