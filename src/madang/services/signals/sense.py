"""What the service reads: per junction its layout (static), its lamps and what its camera sees.

The entities are those of the city (`SignalLayout`, `TrafficSignal`, `ApproachObserved`); everything in them comes from
outside, so it is checked here once and nowhere else. What is missing, stale or malformed costs that one junction its
control: `Missing` says why, in words that go into the decision.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from madang.errors import Unavailable
from madang.model.entity import Attribute
from madang.model.service import Read, View
from madang.services.signals.junction import Junction, LayoutInvalid, compiled
from madang.services.signals.room import NO_PLACES, Places
from madang.services.signals.settings import Settings

LAYOUT, SIGNAL, CAMERA = "SignalLayout", "TrafficSignal", "ApproachObserved"
READS = (
    Read(type=LAYOUT, attributes=("layout",)),
    Read(type=SIGNAL, attributes=("lamps", "stage", "since", "control", "redSince", "greenSince")),
    Read(type=CAMERA, attributes=("vehicles", "exits")),
)

Vehicle = tuple[float, float, int, str, float]
"""One vehicle as the camera reports it: metres to the stop line, m/s, link index or -1, kind, seconds waited."""


Exit = tuple[float, float, float, float]
"""What is on a lane beyond the junction: vehicles, halted vehicles, mean speed in m/s, occupancy from 0 to 1."""

Favour = tuple[float, float]
"""What a vehicle that goes first counts in cars, and how many seconds before it comes it is to have green."""


class _Report(msgspec.Struct, frozen=True):
    """What comes from outside, of one junction; one type of its own, for msgspec makes up its mind about such once."""

    vehicles: dict[str, list[Vehicle]]
    exits: dict[str, Exit]
    red_since: list[str | None]
    green_since: list[str | None]


class Missing(Unavailable):
    """Why a junction cannot be decided now."""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One junction at one moment. Times are POSIX seconds; `stage` is empty while the cabinet changes stages.

    `vehicles` is by approach lane, nearest first, `exits` by lane. `red_since` is by link the time since when it is
    red, None where it is not; `green_since` the same for green. `favour` are those in `vehicles` that go first,
    `announced` by queue those that go first and are not seen: seconds until they come, link, weight (`priority.py`);
    `places` is the room in the streets behind, as the junctions there told (`room.py`).
    """

    junction: Junction
    lamps: str
    vehicles: Mapping[str, Sequence[Vehicle]]
    at_s: float
    stage: str
    since_s: float
    red_since: Sequence[str | None]
    green_since: Sequence[str | None]
    control: str
    exits: Mapping[str, Exit]
    favour: Mapping[Vehicle, Favour] = {}
    announced: Mapping[str, Sequence[tuple[float, int, float]]] = {}
    places: Places = NO_PLACES

    def red_s(self) -> list[float]:
        """By link, seconds at red; 0 where it is not red. A cabinet that does not say since when it shows red is taken
        to have shown it for ever."""
        if len(self.red_since) != len(self.lamps):
            return [1e9 if lamp == "r" else 0.0 for lamp in self.lamps]
        return [0.0 if since is None else self.at_s - _seconds(since) for since in self.red_since]

    def green_s(self) -> list[float]:
        """By link, seconds at green; 0 where it is not green. A cabinet that does not say since when it shows green is
        taken to have shown it as long as the stage."""
        if len(self.green_since) != len(self.lamps):
            return [self.at_s - self.since_s if lamp in "Gg" else 0.0 for lamp in self.lamps]
        return [0.0 if since is None else self.at_s - _seconds(since) for since in self.green_since]


@lru_cache(maxsize=100_000)
def name_of(entity: str) -> str:
    """The junction's own name: ``urn:ngsi-ld:TrafficSignal:360082`` -> ``360082``."""
    return entity.rsplit(":", 1)[-1] if entity.count(":") < 4 else entity.split(":", 3)[3]


def targets(view: View) -> list[str]:
    """The ids of the signals that the view knows, sorted: from their layouts, their lamps or their cameras."""
    found = {name_of(entity.id) for kind in (LAYOUT, SIGNAL, CAMERA) for entity in view.of(kind)}
    return [urn(SIGNAL, name) for name in sorted(found)]


def urn(kind: str, name: str) -> str:
    """The entity id of that kind for a junction."""
    return f"urn:ngsi-ld:{kind}:{name}"


def inputs(target: str) -> tuple[tuple[str, str], ...]:
    """Everything in the view that a command for the target rests on: (entity id, attribute)."""
    name = name_of(target)
    return tuple((urn(read.type, name), attribute) for read in READS for attribute in read.attributes)


def control_of(view: View, target: str) -> str:
    """Who controls the signal now (``service``, ``plan``, ``override``), or empty where nobody says."""
    entity = view.entities.get(target)
    value = entity.value("control", "") if entity else ""
    return value if isinstance(value, str) else ""


def read(view: View, target: str, settings: Settings) -> Scene:
    """The junction's scene. Raises `Missing` with the reason where something is not there, stale or malformed."""
    junction = junction_of(view, target, settings)
    lamps = _text(view, target, "lamps")
    if len(lamps) != junction.size:
        raise Missing(f"the lamps report {len(lamps)} links, the layout has {junction.size}")
    seen = _attribute(view, urn(CAMERA, name_of(target)), "vehicles", "the camera")
    _fresh(seen, view.at.timestamp(), settings)
    report = _report(view, target, seen.value)
    strange = [row[2] for rows in report.vehicles.values() for row in rows if row[2] >= junction.size]
    if strange:
        raise Missing(f"the camera reports a vehicle for link {strange[0]}, which the junction does not have")
    return Scene(
        junction=junction,
        lamps=lamps,
        vehicles=report.vehicles,
        at_s=view.at.timestamp(),
        stage=_text(view, target, "stage"),
        since_s=_seconds(_text(view, target, "since")),
        red_since=report.red_since,
        green_since=report.green_since,
        control=control_of(view, target),
        exits=report.exits,
    )


def junction_of(view: View, target: str, settings: Settings) -> Junction:
    """The target's layout, compiled. Raises `Missing`."""
    layout = _attribute(view, urn(LAYOUT, name_of(target)), "layout", "the layout of the junction")
    try:
        return compiled(target, layout.value, settings)
    except LayoutInvalid as error:
        raise Missing(f"the layout of the junction is not usable: {error}") from error


def _attribute(view: View, id: str, attribute: str, what: str) -> Attribute:
    entity = view.entities.get(id)
    found = entity.attribute(attribute) if entity else None
    if found is None:
        raise Missing(f"{what} does not report ({id}, {attribute})")
    return found


def _text(view: View, target: str, attribute: str) -> str:
    value = _attribute(view, target, attribute, "the signal").value
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise Missing(f"the signal reports no text as {attribute}")
    return value


def _seconds(since: str) -> float:
    try:
        return datetime.fromisoformat(since).timestamp()
    except ValueError as error:
        raise Missing(f"the signal reports no time as since: {since[:40]!r}") from error


def _fresh(seen: Attribute, at_s: float, settings: Settings) -> None:
    if seen.observed_at is None:
        raise Missing("the camera does not say when it looked")
    age_s = at_s - seen.observed_at.timestamp()
    if age_s > settings.stale_s:
        raise Missing(f"the camera's last picture is {age_s:.0f} s old (at most {settings.stale_s:.0f} s)")


def _report(view: View, target: str, vehicles: Any) -> _Report:
    """What the signal and its camera report, checked. Not every camera sees what stands beyond the junction: then
    nothing is known to stand there."""
    signal, camera = view.entities[target], view.entities.get(urn(CAMERA, name_of(target)))
    reported: dict[str, Any] = {
        "vehicles": vehicles,
        "exits": camera.value("exits", {}) if camera else {},
        "red_since": signal.value("redSince", []),
        "green_since": signal.value("greenSince", []),
    }
    try:
        return msgspec.convert(reported, _Report)
    except msgspec.ValidationError as error:
        raise Missing(f"the camera's report is malformed: {error}") from error
