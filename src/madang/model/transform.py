"""How an attribute is made coarser for a reader who may not see it as it is: a pseudonym, a cell of a grid, a rounded
number, an earlier time. What comes out says nothing that the transformed value does not say: the attribute's own
attributes and the times when it was written are left out.
"""

import hashlib
import hmac
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

import msgspec

from madang.errors import BadRequestData
from madang.model import geometry
from madang.model.entity import Attribute, Kind

Alter = Callable[[Attribute], Attribute | None]
"""An instance as it may be seen, or None where nothing of it may."""

PSEUDONYM: Final = "urn:madang:pseudonym:"
"""Before the pseudonym of a relationship's object, which has to be a URI."""

METRES_PER_DEGREE: Final = 111_320.0
"""Of latitude; of longitude times the cosine of the latitude (WGS 84, to 0.6 %: a cell need not be exact)."""

Period = Literal["hour", "day", "month", "year"]
_PERIODS: Final = ("hour", "day", "month", "year")
_STEPS: Final = re.compile(r"(grid|round) +(\d+(?:\.\d+)?)(?: *m)?")


class Transform(msgspec.Struct, frozen=True):
    """One step: `kind` and, for a grid, the cell's side in metres, for rounding the step in the attribute's unit."""

    kind: Literal["pseudonym", "grid", "round"] | Period
    step: float = 0.0


def parse(text: str) -> tuple[Transform, ...]:
    """The steps that a dataset declares, as ``grid 500 m, hour``. Raises BadRequestData."""
    steps: list[Transform] = []
    for part in (part.strip() for part in text.split(",")):
        found = _STEPS.fullmatch(part)
        if found is not None and float(found[2]) > 0:
            steps.append(Transform(cast(Literal["grid", "round"], found[1]), float(found[2])))
        elif part == "pseudonym" or part in _PERIODS:
            steps.append(Transform(cast(Period, part)))
        else:
            known = "pseudonym, grid 500 m, round 10, hour, day, month, year"
            raise BadRequestData(f"{part!r} is no transform; known are {known}")
    return tuple(steps)


def alter(steps: tuple[Transform, ...], key: bytes) -> Alter:
    """What makes an instance as coarse as these steps ask; `key` is the secret of its pseudonyms. Where a step has no
    meaning for a value (a grid for a number), nothing is left: what cannot be made coarser is not shown."""

    def altered(instance: Attribute) -> Attribute | None:
        value, at = instance.value, instance.observed_at
        for step in steps:
            if step.kind in _PERIODS:
                at = _earlier(at, step.kind) if at is not None else None
                value = _earlier_text(value, step.kind)
            else:
                value = _STEP[step.kind](value, step.step, key=key, kind=instance.kind)
            if value is None:
                return None
        return Attribute(
            kind=instance.kind,
            value=value,
            observed_at=at,
            unit_code=instance.unit_code,
            dataset_id=instance.dataset_id,
            value_type=instance.value_type,
            object_type=instance.object_type,
            expires_at=instance.expires_at,
        )

    return altered


def _pseudonym(value: Any, step: float, *, key: bytes, kind: Kind) -> Any:
    """HMAC-SHA-256 under the key, its first 128 bits (NIST SP 800-107 r1, 5.1): the same value has the same name, and
    only who has the key can tell which it was."""
    if isinstance(value, list):
        return [_pseudonym(one, step, key=key, kind=kind) for one in cast(list[Any], value)]
    name = hmac.new(key, msgspec.json.encode(value), hashlib.sha256).hexdigest()[:32]
    return PSEUDONYM + name if kind in (Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP) else name


def _grid(value: Any, step: float, *, key: bytes, kind: Kind) -> Any:
    """The middle of the cell that the geometry's centroid is in."""
    shape = geometry.read(value) if kind is Kind.GEO else None
    if shape is None or shape.is_empty:
        return None
    longitude, latitude = shape.centroid.x, shape.centroid.y
    rows = step / METRES_PER_DEGREE
    middle = min(90.0, max(-90.0, (math.floor(latitude / rows) + 0.5) * rows))
    columns = min(360.0, rows / max(1e-6, math.cos(math.radians(middle))))
    return {
        "type": "Point",
        "coordinates": [round((math.floor(longitude / columns) + 0.5) * columns, 7), round(middle, 7)],
    }


def _round(value: Any, step: float, *, key: bytes, kind: Kind) -> Any:
    if isinstance(value, list):
        found = [_round(one, step, key=key, kind=kind) for one in cast(list[Any], value)]
        return None if None in found else found
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    near = math.floor(value / step + 0.5) * step
    return int(near) if near == int(near) else round(near, 9)


_STEP: Final = {"pseudonym": _pseudonym, "grid": _grid, "round": _round}


def _earlier(at: datetime, period: Period) -> datetime:
    """The beginning of the period that the time is in, UTC."""
    at = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if period != "hour":
        at = at.replace(hour=0)
    if period in ("month", "year"):
        at = at.replace(day=1)
    return at.replace(month=1) if period == "year" else at


def _earlier_text(value: Any, period: Period) -> Any:
    """A value that is itself a time is made earlier, too; any other stays."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
        return value
    try:
        return _earlier(datetime.fromisoformat(value), period).isoformat().replace("+00:00", "Z")
    except ValueError:
        return None
